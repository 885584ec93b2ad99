"""What suppliers and staff fill in around a tender: questions, amendments, papers, bonds, complaints, shares."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from marketplace.foundation.forms import PageForm, SiftForm
from procurement.engines.auction.terms import LEAST_TURN, MOST_ROUNDS, MOST_TURN, ROUNDS
from procurement.tenders.rules.key_shares import MOST
from procurement.tenders.rules.offer_values import PRICE_PLACES
from procurement.tenders.rules.procedures import LONGEST_TEXT


class TenderSift(SiftForm):
    """Which tenders to show."""

    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        choices=[("", gettext_lazy("open for bids")), ("all", gettext_lazy("all we may look at"))],
        required=False,
    )


PAPERS = gettext_lazy("PDF, DOCX, XLSX, PPTX, PNG, JPG, TXT or CSV, at most 20 MB; no macros, no embedded files.")


LONG = forms.Textarea(attrs={"rows": 4})


class Moment(forms.DateTimeField):
    """A day and time in the market's own time."""

    def __init__(self, **more: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **more)


def _written(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST_TEXT, widget=LONG, **more)


class QuestionForm(PageForm):
    """What a supplier asks."""

    text = _written(
        gettext_lazy("Your question"),
        help_text=gettext_lazy(
            "All who may bid read it with its answer; nobody learns who asked. Leave your name out."
        ),
    )


class AnswerForm(PageForm):
    """What staff answer to all."""

    answer = _written(gettext_lazy("Answer"))
    wording = _written(
        gettext_lazy("The question as it is published"),
        required=False,
        help_text=gettext_lazy("Where the asker's own words would tell who asked. Empty: as it was asked."),
    )


class ReasonForm(PageForm):
    """Why something is declined or set aside."""

    why = forms.CharField(label=gettext_lazy("Reason"), max_length=LONGEST_TEXT)


class AmendmentForm(PageForm):
    """What changes of a published tender."""

    summary = _written(gettext_lazy("What changes, for the bidders"))
    bids_until = Moment(
        label=gettext_lazy("Bids until"), required=False, help_text=gettext_lazy("Only later. Empty: it stays.")
    )
    questions_until = Moment(label=gettext_lazy("Questions until"), required=False)
    changes_terms = forms.BooleanField(
        label=gettext_lazy("What is bid for changes: bids sealed before must be confirmed or replaced"),
        required=False,
    )
    file = forms.FileField(
        label=gettext_lazy("A paper that comes with it"), required=False, max_length=200, help_text=PAPERS
    )


class PaperForm(PageForm):
    """A paper for a draft."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    file = forms.FileField(label=gettext_lazy("File"), max_length=200, help_text=PAPERS)


class InviteForm(PageForm):
    """Whom to invite."""

    supplier = forms.CharField(label=gettext_lazy("Supplier"), max_length=40, help_text="OR-2026-0001")


class ComplaintForm(PageForm):
    """What a bidder objects to."""

    grounds = _written(gettext_lazy("What is wrong with the award, and what shows it"))


class DecisionForm(PageForm):
    """How a complaint is to be decided."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[
            ("dismiss", gettext_lazy("Dismiss: the award stands")),
            ("re_evaluate", gettext_lazy("Uphold: set the award aside and evaluate anew")),
            ("cancel", gettext_lazy("Uphold: cancel the tender")),
        ],
    )
    reasons = _written(gettext_lazy("Reasons"))
    exclude = forms.CharField(
        label=gettext_lazy("Bids that do not stand in the new evaluation"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("Refs of their suppliers, a blank between them."),
    )


class RetenderForm(PageForm):
    """Until when the new tender takes bids."""

    bids_until = Moment(label=gettext_lazy("Bids until"))
    questions_until = Moment(label=gettext_lazy("Questions until"), required=False)


class OwnKeyForm(PageForm):
    """A holder's own public key, as the holder's tool prints it."""

    name = forms.CharField(label=gettext_lazy("Name on tenders"), max_length=120)
    public_key = forms.CharField(
        label=gettext_lazy("Public key"),
        max_length=80,
        help_text=gettext_lazy("64 digits and letters a to f. The private half never leaves your machine."),
    )


class NameHoldersForm(PageForm):
    """Who holds a draft's key, and how many of them open the bids."""

    holders = forms.MultipleChoiceField(
        label=gettext_lazy("Key holders"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nobody: the platform holds the key itself."),
    )
    needed = forms.IntegerField(
        label=gettext_lazy("Shares that open the bids"),
        required=False,
        min_value=0,
        max_value=MOST,
        help_text=gettext_lazy("Two at least, and one fewer than are named, so that one may be lost."),
    )

    def __init__(self, data: Any = None, *, holders: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field: Any = self.fields["holders"]
        field.choices = [(one.ref, f"{one.name} ({one.ref})") for one in holders]


class TokenForm(PageForm):
    """The word by which a holder shows to have opened its share."""

    token = forms.CharField(
        label=gettext_lazy("Word of your tool"),
        max_length=200,
        help_text=gettext_lazy("What `check` printed behind `word`."),
    )


class HandInForm(PageForm):
    """The file that a holder's tool wrote for the opening."""

    file = forms.FileField(
        label=gettext_lazy("Share file"), max_length=200, help_text=gettext_lazy("What `share` wrote, a few lines.")
    )


class AuctionForm(PageForm):
    """What staff fix before the auction of a lot."""

    starts_at = Moment(label=gettext_lazy("Begins"))
    step = forms.DecimalField(
        label=gettext_lazy("Least step"),
        max_digits=16,
        decimal_places=PRICE_PLACES,
        min_value=Decimal(1).scaleb(-PRICE_PLACES),
        help_text=gettext_lazy("How far at least a new price lies below one's own, money a unit."),
    )
    turn_seconds = forms.IntegerField(
        label=gettext_lazy("Seconds a turn lasts at most"), min_value=LEAST_TURN, max_value=MOST_TURN, initial=120
    )
    rounds = forms.IntegerField(label=gettext_lazy("Rounds"), min_value=1, max_value=MOST_ROUNDS, initial=ROUNDS)


class AuctionBidForm(PageForm):
    """A bidder's new price."""

    price = forms.DecimalField(
        label=gettext_lazy("New unit price"), max_digits=16, decimal_places=PRICE_PLACES, min_value=0
    )
