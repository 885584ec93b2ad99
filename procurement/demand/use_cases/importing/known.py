"""Which buyer and which product the texts of a file mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from marketplace.catalogue import queries as catalogue
from marketplace.catalogue import use_cases as catalogue_
from marketplace.engines.product_match.reading import term
from marketplace.parties import queries as parties
from marketplace.parties import use_cases as parties_
from procurement.demand.use_cases.importing.rows import COUNTRY_UNKNOWN, Want
from procurement.demand.use_cases.matching.memory import remembered

REGISTER, REFUSE, TEXT = "register", "refuse", "text"
IN_USE = "reviewed"


class Buyer(NamedTuple):
    id: int
    ref: str
    region: str


class Thing(NamedTuple):
    """A product by its row id, counted in `unit`."""

    id: int
    unit: str


@dataclass(frozen=True)
class Policy:
    """What a mapping's constants say of texts that nobody knows.

    unknown_buyers     `register` them (vouched for by whoever imports), or `refuse` the row
    unknown_products   `register` them as reviewed, keep the line as `text` until somebody names the product, or
                       `refuse`
    buyer_prefix       put before a buyer's text, so that the numbers of two sources stay apart
    """

    unknown_buyers: str = REFUSE
    unknown_products: str = REFUSE
    buyer_prefix: str = ""

    @classmethod
    def of(cls, constants: Mapping[str, object], *, trusted: bool) -> Policy:
        """Return what the constants say; who is not `trusted` registers nothing."""
        buyers, products = (str(constants.get(name, REFUSE)) for name in ("unknown_buyers", "unknown_products"))
        if not trusted:
            buyers, products = REFUSE, products if products == TEXT else REFUSE
        return cls(buyers, products, str(constants.get("buyer_prefix", "")))


class Directory:
    """Remembers what the texts met so far mean; asks and registers in bulk for those that are new."""

    def __init__(self, policy: Policy, own_ref: str | None, by: str, at: datetime) -> None:
        self.policy = policy
        self.own_ref = own_ref
        self.by, self.at = by, at
        self.buyers: dict[str, Buyer | None] = {}
        self.products: dict[str, Thing | None] = {}
        self.terms: dict[tuple[int, str], Thing] = {}

    def learn(self, wants: Sequence[Want]) -> None:
        """See to it that every text of these rows has an answer, maybe None."""
        buyers: dict[str, Want] = {}
        products: dict[str, Want] = {}
        for want in wants:
            if want.buyer not in self.buyers:
                buyers.setdefault(want.buyer, want)
            if want.product not in self.products:
                products.setdefault(want.product, want)
        self._learn_buyers(buyers)
        self._learn_products(products)
        self._learn_terms(wants)

    def thing(self, text: str, buyer: Buyer) -> Thing | None:
        """Return the product that a text learnt before names, or that this buyer has confirmed to mean by it."""
        return self.products[text] or self.terms.get((buyer.id, term(text)))

    def _learn_terms(self, wants: Sequence[Want]) -> None:
        """Learn what each buyer has confirmed to mean by those texts that are no product's code."""
        texts = {want.product for want in wants if self.products[want.product] is None}
        buyers = {buyer.id for want in wants if (buyer := self.buyers[want.buyer])}
        if not texts or not buyers:
            return
        found = remembered(buyers, texts)
        views = catalogue.products_by_id(set(found.values()))
        usable = {pk: Thing(view.id, view.unit) for pk, view in views.items() if view.state == IN_USE}
        self.terms.update({key: usable[product] for key, product in found.items() if product in usable})

    def _learn_buyers(self, new: Mapping[str, Want]) -> None:
        if not new:
            return
        codes = {text: self.policy.buyer_prefix + text for text in new if text}
        refs = parties.refs_by_name(codes.values())
        unknown = {text: code for text, code in codes.items() if code not in refs}
        if self.policy.unknown_buyers == REGISTER and unknown:
            rows = [_new_organisation(code, new[text]) for text, code in unknown.items()]
            refs |= parties_.register_many(rows=rows, by=self.by, at=self.at)
        found = parties.organisations([*refs.values(), *([self.own_ref] if self.own_ref else [])])
        for text in new:
            ref = refs.get(codes.get(text, ""), "") if text else self.own_ref or ""
            view = found.get(ref)
            self.buyers[text] = Buyer(view.id, view.ref, view.region) if view and self._may_buy(view) else None

    def _may_buy(self, view: parties.OrganisationView) -> bool:
        return view.verified and "buyer" in view.roles and self.own_ref in (None, view.ref)

    def _learn_products(self, new: Mapping[str, Want]) -> None:
        if not new:
            return
        found = catalogue.products_by_code(new)
        unknown = [want for code, want in new.items() if code not in found]
        if self.policy.unknown_products == REGISTER and unknown:
            catalogue_.register_many(rows=[_new_product(want) for want in unknown], by=self.by, at=self.at)
            found |= catalogue.products_by_code(want.product for want in unknown)
        for code in new:
            view = found.get(code)
            self.products[code] = Thing(view.id, view.unit) if view else None


def _new_organisation(code: str, want: Want) -> parties_.NewOrganisation:
    country = str(want.fields.get("country") or "")
    known = len(country) == 2 and country.isascii() and country.isupper()
    name = str(want.fields.get("buyer_name") or want.buyer)
    return parties_.NewOrganisation(
        external_code=code,
        legal_name=name[:200],
        country=country if known else COUNTRY_UNKNOWN,
        region=want.region,
        roles=("buyer",),
    )


def _new_product(want: Want) -> catalogue_.NewProduct:
    pack = want.fields.get("pack_size")
    name = str(want.fields.get("product_name") or want.product)
    return catalogue_.NewProduct(
        code=want.product,
        name_en=name[:400],
        name_zh=str(want.fields.get("product_name_zh") or "")[:400],
        category_code=str(want.fields.get("category") or "")[:80],
        unit=want.unit,
        pack_size=pack if isinstance(pack, Decimal) and pack > 0 else Decimal(1),
    )
