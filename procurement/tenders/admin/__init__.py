"""Tenders in the admin: what is asked (`asked`), what surrounds it (`around`), what came of it (`opened`)."""

from procurement.tenders.admin import around, asked, opened

__all__ = ["around", "asked", "opened"]
