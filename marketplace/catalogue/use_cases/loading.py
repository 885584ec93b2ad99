"""Products as deeds find them: a merged one is the one that was kept."""

from __future__ import annotations

from marketplace.catalogue import models
from marketplace.catalogue.states import ProductState
from marketplace.kernel.refusals import NotFound, Refusal
from marketplace.kernel.words import gettext_noop


class NotInUse(Refusal):
    """A product that is not traded now."""

    code = "product_not_in_use"
    words = gettext_noop("{product} is not in use ({state}).")


def load_row(ref: str) -> models.Product:
    """Return the very product named `ref`, merged or not.

    :raises NotFound: there is none.
    """
    found = models.Product.objects.select_related("category", "merged_into__category").filter(ref=ref).first()
    if found is None:
        raise NotFound(what="product", ref=ref)
    return found


def load_product(ref: str) -> models.Product:
    """Return the product named `ref`, or the one that was kept where it was merged.

    :raises NotFound: there is none.
    """
    found = load_row(ref)
    return found.merged_into or found


def in_use(product: models.Product) -> models.Product:
    """Return `product` where it is traded.

    :raises NotInUse: it is a draft, retired or merged into another.
    """
    if product.state != ProductState.REVIEWED.value:
        raise NotInUse(product=product.ref, state=product.state)
    return product
