"""The pages of pools: lists, one pool and our part in it (`pools`), what it is worth and who gets what
(`market`), places that are offered (`places`)."""

from procurement.pools.web.lists import closing_soon

__all__ = ["closing_soon"]
