"""The app, and how staff read the names of tables and columns in their own language."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy

OURS = ("marketplace", "finance", "procurement")


class FoundationConfig(AppConfig):
    name = "marketplace.foundation"
    label = "foundation"

    def ready(self) -> None:
        for app in apps.get_app_configs():
            if app.name.startswith(OURS):
                translate_labels(app)


def translate_labels(app: AppConfig) -> None:
    """Let the names of an app, its tables and their columns be translated when they are shown.

    They stay plain in models and migrations, which hold no words of a language; labels.py lists them for the
    translators (`manage.py collect_labels`).
    """
    app.verbose_name = gettext_lazy(str(app.verbose_name))
    for model in app.get_models():
        model._meta.verbose_name = gettext_lazy(str(model._meta.verbose_name))
        model._meta.verbose_name_plural = gettext_lazy(_plural(str(model._meta.verbose_name_plural)))
        for field in model._meta.fields:
            field.verbose_name = gettext_lazy(str(field.verbose_name))


def _plural(name: str) -> str:
    """Mend Django's guess at a plural: `categorys` is `categories`."""
    return f"{name[:-2]}ies" if name.endswith("ys") and name[-3] not in "aeiou" else name
