"""Forms as our pages draw them: a label above, help below, an error beside the field it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext

from marketplace.foundation.templatetags.reader import state_word
from marketplace.kernel.state_machine import Machine


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


class SiftForm(PageForm):
    """How a list may be narrowed, read from the address: every field optional, what does not fit narrows nothing.

    workbook   whether the list may be downloaded as a workbook too (`pages.table_of`)
    """

    workbook = False

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="sift_%s")
        self.is_valid()

    def wanted(self, name: str) -> Any:
        """Return what the field says, None where it says nothing."""
        return self.cleaned_data.get(name) or None


def states_of(machine: Machine) -> Callable[[], list[tuple[str, str]]]:
    """Return the choices of a list that is narrowed by state: all, or one of the machine's, in the reader's words."""
    return lambda: [("", gettext("all")), *((state, state_word(state)) for state in machine.states())]
