"""Identifiers of firms and goods, judged by their own standards (check digits by python-stdnum).

A doubt is a warning with its reason, never a wall: the unified social credit codes of early pilot regions, for one,
break their own check digit (GB 32100-2015) and are in lawful use.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from marketplace.kernel.words import gettext_noop

# scheme: the module of python-stdnum that knows it
SCHEMES = {
    "cn.uscc": "stdnum.cn.uscc",
    "cn.ric": "stdnum.cn.ric",
    "gtin": "stdnum.ean",
    "ean": "stdnum.ean",
    "iban": "stdnum.iban",
    "bic": "stdnum.bic",
    "lei": "stdnum.lei",
}
DOUBTS = {
    "InvalidFormat": gettext_noop("a character stands where it cannot"),
    "InvalidLength": gettext_noop("the length is wrong"),
    "InvalidChecksum": gettext_noop("the check digit does not fit"),
    "InvalidComponent": gettext_noop("a part of it is unknown"),
}


@dataclass(frozen=True)
class Judgement:
    """What a standard says of a value: its compact form, and the doubt about it (empty when it holds)."""

    value: str
    doubt: str = ""

    @property
    def valid(self) -> bool:
        return not self.doubt


def judge(scheme: str, value: str) -> Judgement:
    """Judge `value` by the standard that `scheme` names.

    scheme   one of `SCHEMES`; a scheme without a standard (a firm's own numbers) is taken as it is
    value    as typed; spaces, hyphens and full-width digits are forgiven
    returns  the compact form with the doubt: `InvalidFormat`, `InvalidLength`, `InvalidChecksum` or `InvalidComponent`

    Source: GB 32100-2015 (cn.uscc), GB 11643-1999 (cn.ric), GS1 General Specifications 7.9 (gtin), ISO 13616 (iban),
    ISO 9362 (bic), ISO 17442 (lei).
    """
    if scheme not in SCHEMES:
        return Judgement(" ".join(value.split()))
    from stdnum.exceptions import ValidationError

    standard = import_module(SCHEMES[scheme])
    plain = value.strip()
    try:
        return Judgement(str(standard.validate(plain)))
    except ValidationError as error:
        return Judgement(_compact(standard, plain), type(error).__name__)


def _compact(standard: object, value: str) -> str:
    from stdnum.exceptions import ValidationError

    try:
        return str(standard.compact(value))  # type: ignore[attr-defined]
    except ValidationError:
        return value
