"""From Asterisk's rows to contacts: pure, deterministic, repeatable.

``derive`` takes every row of one call (a group of linkedids that share channels) and says what the
citizen experienced. Step by step: ``channels`` (who took part), ``bridges`` (who talked to whom),
``visits`` (what the queues wrote), ``contacts`` (what it amounts to). ``promises`` says which
numbers are to be called back.
"""

from ccops.domain.derive.callbacks import promises
from ccops.domain.derive.contacts import Rules, derive

__all__ = ["Rules", "derive", "promises"]
