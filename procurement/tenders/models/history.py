"""Imports of tenders that were opened elsewhere."""

from __future__ import annotations

from django.db import models


class BidImport(models.Model):
    """One file read by one mapping: the same pair again changes nothing."""

    file_name = models.CharField(max_length=300)
    file_sha256 = models.CharField(max_length=64)
    mapping_sha256 = models.CharField(max_length=64)
    report = models.JSONField()
    imported_by = models.CharField(max_length=80)
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file_sha256", "mapping_sha256"], name="bid_import_once")]

    def __str__(self) -> str:
        return self.file_name
