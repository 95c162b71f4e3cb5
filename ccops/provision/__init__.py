"""From an empty machine to one that can run the hotline: Asterisk, espeak-ng and the test tools.

``python -m ccops.provision`` prepares them once, into a cache outside the checkout;
:func:`find` tells the rest of the code where they are.
"""

from __future__ import annotations

from ccops.provision.programs import prepare
from ccops.provision.toolchain import Program, Toolchain, find

__all__ = ["Program", "Toolchain", "find", "prepare"]
