"""Days and times of the clock as words, in each language of the product.

Dialogues play them as two prompts, a day's number and then its month, an hour and then its minutes,
so each form is one that stands correctly beside the other: "второго" "января", "saat doqquz"
"otuzda". Sources: ivr-prompts/README.md.
"""

from __future__ import annotations

from ccops.config.types import Lang
from ccops.prompts.grammar import agree, cardinal, minutes_past, ordinal

BACK = "aıouаоұыу"
"""Vowels of Azerbaijani and Kazakh after which an ending has "a"."""
FRONT = "eəiöüеәіөү"
_VOICELESS = "кқпстфхцчшщһ"
"""Kazakh consonants after which an ending begins with "т"."""

_MONTHS: dict[Lang, str] = {
    "uz": "yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr",
    "kk": ("қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан"),
    "az": "yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr",
    # The genitive: "второго января".
    "ru": ("января февраля марта апреля мая июня июля августа сентября октября ноября декабря"),
    "en": ("January February March April May June July August September October November December"),
}

_RU_DAYS = (
    "первого второго третьего четвёртого пятого шестого седьмого восьмого девятого десятого "
    "одиннадцатого двенадцатого тринадцатого четырнадцатого пятнадцатого шестнадцатого "
    "семнадцатого восемнадцатого девятнадцатого двадцатого"
)


def day(language: Lang, number: int) -> str:
    """A day of the month (1–31), to be followed by :func:`month`: "второго", "ikkinchi"."""
    _check(number, 1, 31, "day")
    match language:
        case "ru":
            return _russian_day(number)
        case "az":
            return cardinal(language, number)  # "iki yanvarda"
        case "en":
            return f"on the {ordinal(language, number)}"
        case _:
            return ordinal(language, number)


def month(language: Lang, number: int) -> str:
    """A month (1–12), as it follows a day: "января", "yanvar kuni", "қаңтарда", "yanvarda"."""
    _check(number, 1, 12, "month")
    name = _MONTHS[language].split()[number - 1]
    match language:
        case "uz":
            return f"{name} kuni"
        case "kk" | "az":
            return locative(language, name)
        case "en":
            return f"of {name}"
        case _:
            return name


def hour(language: Lang, number: int) -> str:
    """When the clock strikes (0–23): "в девять часов", "soat toʻqqizda", "at nine o'clock"."""
    _check(number, 0, 23, "hour")
    match language:
        case "uz":
            return f"soat {cardinal('uz', number)}da"
        case "kk":
            return f"сағат {locative('kk', cardinal('kk', number))}"
        case "az":
            return f"saat {locative('az', cardinal('az', number))}"
        case "ru":
            return "в час" if number == 1 else _russian_hour(number)
        case "en":
            if number in (0, 12):
                return "at midnight" if number == 0 else "at noon"
            return f"at {cardinal('en', number % 12)} {_part_of_day(number)}"


def hour_and(language: Lang, number: int) -> str:
    """The hour (0–23) of a time that goes on with :func:`minute`."""
    _check(number, 0, 23, "hour")
    match language:
        case "uz":
            return f"soat {cardinal('uz', number)}dan"
        case "kk":
            return f"сағат {ablative_kazakh(cardinal('kk', number))}"
        case "az":
            return f"saat {cardinal('az', number)}"
        case "ru":
            return _russian_hour(number)
        case "en":
            return f"{_part_of_day(number)}, at {cardinal('en', number % 12 or 12)}"


def minute(language: Lang, number: int) -> str:
    """Minutes past the hour (1–59), as they follow :func:`hour_and`."""
    _check(number, 1, 59, "minute")
    match language:
        case "uz":
            return f"{cardinal('uz', number)} daqiqa oʻtganda"
        case "kk":
            return f"{cardinal('kk', number)} минут кеткенде"
        case "az":
            zero = f"{cardinal('az', 0)} " if number < 10 else ""
            return zero + locative("az", cardinal("az", number))
        case "ru":
            return minutes_past(number)
        case "en":
            return f"{'oh ' if number < 10 else ''}{cardinal('en', number)}"


def locative(language: Lang, word: str) -> str:
    """Where or when: Azerbaijani -da/-də and Kazakh -да/-де/-та/-те by the last vowel and sound."""
    back = _is_back(word)
    if language == "az":
        return word + ("da" if back else "də")
    return word + ("т" if word[-1] in _VOICELESS else "д") + ("а" if back else "е")


def ablative_kazakh(word: str) -> str:
    """From: -дан/-ден, -тан/-тен after a voiceless sound, -нан/-нен after a nasal."""
    first = "н" if word[-1] in "мнң" else "т" if word[-1] in _VOICELESS else "д"
    return f"{word}{first}{'а' if _is_back(word) else 'е'}н"


def _is_back(word: str) -> bool:
    last = next(letter for letter in reversed(word) if letter in BACK + FRONT)
    return last in BACK


def _russian_day(number: int) -> str:
    days = _RU_DAYS.split()
    if number <= len(days):
        return days[number - 1]
    if number == 30:
        return "тридцатого"
    return f"{cardinal('ru', number // 10 * 10)} {days[number % 10 - 1]}"


def _russian_hour(number: int) -> str:
    return f"в {cardinal('ru', number)} {agree(number, 'час', 'часа', 'часов')}"


def _part_of_day(number: int) -> str:
    if 0 < number < 12:
        return "in the morning"
    if number == 0:
        return "at night"
    return "in the afternoon" if number < 18 else "in the evening"


def _check(number: int, first: int, last: int, what: str) -> None:
    if not first <= number <= last:
        raise ValueError(f"there is no {what} {number}")
