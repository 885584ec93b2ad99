"""How bodies are read at the API's door."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StrictJSONParser(JSONParser):
    """JSON without what no column can keep: nested beyond reading, or text with half a surrogate pair."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            content = super().parse(stream, media_type, parser_context)
            _must_be_text(content)
        except RecursionError:
            raise ParseError("JSON parse error - nested too deep") from None
        return content


def _must_be_text(content: Any) -> None:
    """Pass when every text, names included, can be written as UTF-8.

    :raises ParseError: one cannot.
    """
    if isinstance(content, str):
        try:
            content.encode()
        except UnicodeEncodeError as error:
            raise ParseError(f"JSON parse error - no text: {error.reason}") from None
    elif isinstance(content, dict):
        for name, value in content.items():
            _must_be_text(name)
            _must_be_text(value)
    elif isinstance(content, list):
        for value in content:
            _must_be_text(value)
