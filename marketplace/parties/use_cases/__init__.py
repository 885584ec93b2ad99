"""Everything anyone may do about the parties."""

from marketplace.parties.use_cases.apply import apply_to_trade
from marketplace.parties.use_cases.bank_accounts import (
    ChangeUnderWay,
    SameEyes,
    confirm_bank_account,
    refuse_bank_account,
    set_bank_account,
)
from marketplace.parties.use_cases.bulk import NewOrganisation, register_many
from marketplace.parties.use_cases.notices import mark_read, notify
from marketplace.parties.use_cases.organisations import (
    AlreadyRegistered,
    UnknownRole,
    add_document,
    add_site,
    leave_market,
    register_organisation,
    reinstate_organisation,
    suspend_organisation,
    verify_document,
    verify_organisation,
)
from marketplace.parties.use_cases.people import (
    AlreadyMember,
    NameTaken,
    add_member,
    end_membership,
    read_in,
    register_person,
)

__all__ = [
    "AlreadyMember",
    "AlreadyRegistered",
    "ChangeUnderWay",
    "NameTaken",
    "NewOrganisation",
    "SameEyes",
    "UnknownRole",
    "add_document",
    "add_member",
    "add_site",
    "apply_to_trade",
    "confirm_bank_account",
    "end_membership",
    "leave_market",
    "mark_read",
    "notify",
    "read_in",
    "refuse_bank_account",
    "register_many",
    "register_organisation",
    "register_person",
    "reinstate_organisation",
    "set_bank_account",
    "suspend_organisation",
    "verify_document",
    "verify_organisation",
]
