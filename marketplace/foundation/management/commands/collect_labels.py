"""List the names of our tables and columns in labels.py beside us, where the translators' tool finds them."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from marketplace.foundation.apps import OURS


def labels() -> list[str]:
    """Return every name of an app, a table or a column of ours, in English, sorted."""
    found: set[str] = set()
    with translation.override(None):
        for app in apps.get_app_configs():
            if not app.name.startswith(OURS):
                continue
            found.add(str(app.verbose_name))
            for model in app.get_models():
                names = (model._meta.verbose_name, model._meta.verbose_name_plural)
                found |= {str(name) for name in names} | {str(field.verbose_name) for field in model._meta.fields}
    return sorted(found)


class Command(BaseCommand):
    help = "List the names of tables and columns for translation"

    def handle(self, *args: Any, **options: Any) -> None:
        lines = [
            '"""Names of tables and columns, for the translators\' tool. Written by `manage.py collect_labels`."""'
        ]
        lines += ["", "from marketplace.kernel.words import gettext_noop", "", "LABELS = ("]
        lines += [f"    gettext_noop({_quoted(name)})," for name in labels()]
        path = settings.ROOT / "marketplace" / "foundation" / "labels.py"
        path.write_text("\n".join([*lines, ")"]) + "\n", encoding="utf-8")
        self.stdout.write(f"{len(lines) - 6} labels in {path.relative_to(settings.ROOT)}")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
