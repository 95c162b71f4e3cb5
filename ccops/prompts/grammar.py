"""Numbers, ordinals and minutes as words, by tables, in each language of the product.

The voice is given words and never figures: how a synthesiser reads "5-e" or "21 минут" is its own
guess. Numbers reach 99, which is more than any sentence of the product needs. A compound is its
tens and its unit; in the four languages that agree or harmonise only the last word changes, so a
table of last words is the whole grammar. Sources: ivr-prompts/README.md.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from ccops.config.types import Lang

Case = Literal["nominative", "genitive"]


class _Words(NamedTuple):
    """Words of one language: 0–19 and then the tens from 20."""

    low: tuple[str, ...]
    tens: tuple[str, ...]
    joiner: str = " "

    def of(self, number: int, head: _Words | None = None) -> str:
        """``number`` in words; all words but the last are taken from ``head``."""
        if not 0 <= number <= 99:
            raise ValueError(f"no words for {number}: only 0 to 99 are spoken")
        if number < len(self.low):
            return self.low[number]
        ten, unit = divmod(number, 10)
        if ten == 1:
            return f"{(head or self).low[10]}{self.joiner}{self.low[unit]}"
        if unit == 0:
            return self.tens[ten - 2]
        return f"{(head or self).tens[ten - 2]}{self.joiner}{self.low[unit]}"


def _words(low: str, tens: str, joiner: str = " ") -> _Words:
    return _Words(tuple(low.split()), tuple(tens.split()), joiner)


_CARDINAL: dict[Lang, _Words] = {
    "uz": _words(
        "nol bir ikki uch toʻrt besh olti yetti sakkiz toʻqqiz oʻn",
        "yigirma oʻttiz qirq ellik oltmish yetmish sakson toʻqson",
    ),
    "kk": _words(
        "нөл бір екі үш төрт бес алты жеті сегіз тоғыз он",
        "жиырма отыз қырық елу алпыс жетпіс сексен тоқсан",
    ),
    "az": _words(
        "sıfır bir iki üç dörd beş altı yeddi səkkiz doqquz on",
        "iyirmi otuz qırx əlli altmış yetmiş səksən doxsan",
    ),
    "ru": _words(
        "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать "
        "тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать",
        "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто",
    ),
    "en": _words(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen",
        "twenty thirty forty fifty sixty seventy eighty ninety",
        joiner="-",
    ),
}

_ORDINAL: dict[Lang, _Words] = {
    "uz": _words(
        "nolinchi birinchi ikkinchi uchinchi toʻrtinchi beshinchi oltinchi yettinchi sakkizinchi "
        "toʻqqizinchi oʻninchi",
        "yigirmanchi oʻttizinchi qirqinchi ellikinchi oltmishinchi yetmishinchi saksoninchi "
        "toʻqsoninchi",
    ),
    "kk": _words(
        "нөлінші бірінші екінші үшінші төртінші бесінші алтыншы жетінші сегізінші тоғызыншы оныншы",
        "жиырмасыншы отызыншы қырқыншы елуінші алпысыншы жетпісінші сексенінші тоқсаныншы",
    ),
    "az": _words(
        "sıfırıncı birinci ikinci üçüncü dördüncü beşinci altıncı yeddinci səkkizinci doqquzuncu "
        "onuncu",
        "iyirminci otuzuncu qırxıncı əllinci altmışıncı yetmişinci səksəninci doxsanıncı",
    ),
    # Neuter: agrees with "место", the only thing that is numbered so far.
    "ru": _words(
        "нулевое первое второе третье четвёртое пятое шестое седьмое восьмое девятое десятое "
        "одиннадцатое двенадцатое тринадцатое четырнадцатое пятнадцатое шестнадцатое семнадцатое "
        "восемнадцатое девятнадцатое",
        "двадцатое тридцатое сороковое пятидесятое шестидесятое семидесятое восьмидесятое "
        "девяностое",
    ),
    "en": _words(
        "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth",
        "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth",
        joiner="-",
    ),
}

# Russian "минута" is feminine: the words for one and two agree with it.
_RU_FEMININE = _CARDINAL["ru"]._replace(
    low=("ноль", "одна", "две", *_CARDINAL["ru"].low[3:]),
)
_RU_GENITIVE = _words(
    "нуля одной двух трёх четырёх пяти шести семи восьми девяти десяти одиннадцати двенадцати "
    "тринадцати четырнадцати пятнадцати шестнадцати семнадцати восемнадцати девятнадцати",
    "двадцати тридцати сорока пятидесяти шестидесяти семидесяти восьмидесяти девяноста",
)
# Uzbek, Kazakh and Azerbaijani leave the counted noun in the singular.
_MINUTE: dict[Lang, str] = {"uz": "daqiqa", "kk": "минут", "az": "dəqiqə"}

_STAR: dict[Lang, str] = {
    "uz": "yulduzcha",
    "kk": "жұлдызша",
    "az": "ulduz",
    "ru": "звёздочку",
    "en": "star",
}


def cardinal(language: Lang, number: int) -> str:
    """``number`` (0–99) as one counts: "yigirma bir", "двадцать один"."""
    return _CARDINAL[language].of(number)


def ordinal(language: Lang, number: int) -> str:
    """``number`` (0–99) as a place in a row: "beşinci", "оныншы"; Russian agrees with "место"."""
    return _ORDINAL[language].of(number, head=_CARDINAL[language])


def minutes(language: Lang, number: int, case: Case = "nominative") -> str:
    """``number`` minutes (0–99): "21 минута", and after "до" the genitive "21 минуты".

    Only Russian has a case form here; the other languages put a suffix or a word after it.
    """
    if language == "ru":
        if case == "genitive":
            return f"{_RU_GENITIVE.of(number)} {agree(number, 'минуты', 'минут', 'минут')}"
        return f"{_RU_FEMININE.of(number)} {agree(number, 'минута', 'минуты', 'минут')}"
    if language == "en":
        return f"{cardinal('en', number)} {'minute' if number == 1 else 'minutes'}"
    return f"{cardinal(language, number)} {_MINUTE[language]}"


def minutes_past(number: int) -> str:
    """Russian minutes (0–99) after "в девять часов": the accusative, "двадцать одну минуту"."""
    words = _RU_FEMININE.of(number)
    if words.endswith("одна"):
        words = words.removesuffix("одна") + "одну"
    return f"{words} {agree(number, 'минуту', 'минуты', 'минут')}"


def key(language: Lang, pressed: str) -> str:
    """A key of the telephone as named after "press"."""
    return _STAR[language] if pressed == "*" else cardinal(language, int(pressed))


def agree(number: int, one: str, few: str, many: str) -> str:
    """The Russian noun's form after a whole number (CLDR): 1 and 21, 2 to 4, all others."""
    if number % 10 == 1 and number % 100 != 11:
        return one
    if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14:
        return few
    return many
