"""Forms as our pages draw them: a label above, help below, an error beside the field it belongs to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Draws forms by templates/parts/form.html and field.html."""

    form_template_name = "parts/form.html"
    field_template_name = "parts/field.html"


class PageForm(forms.Form):
    """A form of our pages: `{{ form }}` draws every field, `{{ form.name.as_field_group }}` one of them."""

    default_renderer = Renderer()
    required_css_class = "required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
