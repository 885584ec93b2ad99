"""What people fill in about themselves and their firms."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from marketplace.foundation.forms import PageForm

ROLES = [
    ("buyer", _("buyer")),
    ("supplier", _("supplier")),
    ("factory", _("cloud factory")),
    ("financier", _("financier")),
]


class SignInForm(PageForm, AuthenticationForm):
    """Name and password."""


class ApplicationForm(PageForm):
    """A firm asks to trade here."""

    legal_name = forms.CharField(label=_("Legal name"), max_length=200)
    country = forms.RegexField("^[A-Za-z]{2}$", label=_("Country"), initial="CN", help_text=_("Two letters, ISO 3166"))
    identifier = forms.CharField(
        label=_("Unified social credit code or register number"), max_length=40, required=False
    )
    region = forms.CharField(label=_("Region"), max_length=80, required=False)
    size_class = forms.ChoiceField(
        label=_("Size"),
        choices=[("small", _("small or medium")), ("large", _("large"))],
        help_text=_("Fixed from now on: payment law depends on it."),
    )
    roles = forms.MultipleChoiceField(label=_("Takes part as"), choices=ROLES, widget=forms.CheckboxSelectMultiple)


class BankAccountForm(PageForm):
    """Where the firm is to be paid."""

    holder = forms.CharField(label=_("Account holder"), max_length=200)
    bank_code = forms.CharField(label=_("Bank code"), max_length=20, help_text=_("BIC or CNAPS number"))
    number = forms.CharField(label=_("Account number"), max_length=40)


class MemberForm(PageForm):
    """A colleague may act for the firm."""

    username = forms.CharField(label=_("Name of the account"), max_length=150)
    roles = forms.MultipleChoiceField(
        label=_("May act as"),
        choices=[
            ("requester", _("requester")),
            ("approver", _("approver")),
            ("finance", _("finance")),
            ("sales", _("sales")),
            ("planner", _("planner")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    spending_limit = forms.DecimalField(
        label=_("Spending limit in CNY"), min_value=0, max_digits=15, decimal_places=2, required=False
    )
