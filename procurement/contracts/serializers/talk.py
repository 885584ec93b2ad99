"""Messages and documents of orders as the API takes and shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class MessageIn(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=2000)
    buyer = serializers.CharField(
        max_length=40, required=False, default="", allow_blank=True, help_text="to whom, of the supplier or staff"
    )


class _Said(serializers.Serializer[Any]):
    """Who said it, and in whose thread; no author: the platform's staff. No buyer: to all."""

    id = serializers.IntegerField()
    author = serializers.CharField(source="author.ref", default="")
    buyer = serializers.CharField(source="buyer.ref", default="")
    at = serializers.DateTimeField()


class MessageOut(_Said):
    text = serializers.CharField()


class PaperIn(serializers.Serializer[Any]):
    """A document: as multipart with `file`, or as JSON with its name and its bytes in base64."""

    file = serializers.FileField(required=False, allow_empty_file=True, max_length=200)
    file_name = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    content = serializers.CharField(required=False, trim_whitespace=False, help_text="base64")
    buyer = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)


class PaperOut(_Said):
    file_name = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
