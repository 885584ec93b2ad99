"""What every table of the house has to keep to, read from the registry of models."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models.fields import NOT_PROVIDED

from marketplace.foundation.fields import ExactDecimalField, MoneyMinorField
from marketplace.foundation.models import Stateful

ROOT = Path(__file__).resolve().parents[2]
LAID = re.compile(r"""make_append_only\(\s*["'](\w+)["']""")
ORDER = [
    "marketplace.events",
    "marketplace.foundation",
    "marketplace.parties",
    "marketplace.catalogue",
    "finance.ledger",
    "finance.credit",
    "finance.invoicing",
    "finance.treasury",
    "finance.settlement",
    "procurement.demand",
    "procurement.pools",
    "procurement.tenders",
    "procurement.contracts",
    "procurement.capacity",
    "procurement.delivery",
    "procurement.insights",
]


def ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if app_of(model) in ORDER]


def app_of(model: type[models.Model]) -> str:
    return apps.get_app_config(model._meta.app_label).name


def test_every_app_of_the_house_stands_in_the_order() -> None:
    packages = ("marketplace.", "finance.", "procurement.")
    ours_installed = {config.name for config in apps.get_app_configs() if config.name.startswith(packages)}

    assert ours_installed == set(ORDER)


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_foreign_keys_point_only_down(model: type[models.Model]) -> None:
    for field in model._meta.get_fields():
        if isinstance(field, models.ForeignKey) and app_of(field.related_model) in ORDER:
            target = app_of(field.related_model)
            assert ORDER.index(target) <= ORDER.index(app_of(model)), f"{field} points up to {target}"
            if target != app_of(model):
                assert field.remote_field.related_name == "+", f"{field} can be walked from {target}"


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_money_and_quantities_are_never_floats_nor_plain_decimals(model: type[models.Model]) -> None:
    wrong = {f.name for f in model._meta.get_fields() if isinstance(f, models.FloatField | models.DecimalField)}

    assert wrong == LIKELIHOODS.get(model._meta.label, set())


# Columns that are neither money nor quantity but how likely a model holds something to be.
LIKELIHOODS: dict[str, set[str]] = {"demand.MatchSuggestion": {"confidence"}}


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_each_column_of_money_or_quantity_has_a_check(model: type[models.Model]) -> None:
    checks = " ".join(str(c.condition) for c in model._meta.constraints if isinstance(c, models.CheckConstraint))
    columns = [f.name for f in model._meta.get_fields() if isinstance(f, ExactDecimalField | MoneyMinorField)]
    signed = SIGNED.get(model._meta.label, set())

    assert {name for name in columns if f"'{name}" not in checks} == signed & set(columns)


# Columns that may be negative, zero or positive, so that no sign is impossible.
SIGNED: dict[str, set[str]] = {"insights.Saving": {"saved_minor"}}


@pytest.mark.parametrize("model", [m for m in ours() if issubclass(m, Stateful)], ids=lambda model: model._meta.label)
class TestStateful:
    def test_the_database_knows_the_states_of_the_machine(self, model: type[Stateful]) -> None:
        wanted = str(models.Q(state__in=model.machine.states()))
        found = [str(c.condition) for c in model._meta.constraints if isinstance(c, models.CheckConstraint)]

        assert wanted in found

    def test_the_first_state_is_one_of_the_machine(self, model: type[Stateful]) -> None:
        default = model._meta.get_field("state").default

        assert default is NOT_PROVIDED or (default in model.machine.states() and type(default) is str)


@pytest.mark.django_db
def test_no_migration_has_lost_the_triggers_of_an_append_only_table() -> None:
    laid = {table for file in ROOT.glob("*/*/migrations/*.py") for table in LAID.findall(file.read_text())}
    on_postgres = "SELECT event_object_table FROM information_schema.triggers WHERE trigger_name LIKE 'append_only_%'"
    on_sqlite = "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'append_only_%'"

    with connection.cursor() as cursor:
        cursor.execute(on_postgres if connection.vendor == "postgresql" else on_sqlite)
        standing = {table for (table,) in cursor.fetchall()}

    assert laid <= standing
