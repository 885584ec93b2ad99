"""Give the products that stand the key by which they are found equal (`rules.match_key`)."""

from typing import Any

from django.db import migrations

from marketplace.catalogue.rules import effective, match_key


def write(apps: Any, editor: Any) -> None:
    branches = {pk: (parent, own) for pk, parent, own in rows(apps, "Category", "id", "parent_id", "attributes")}
    if not any(given.get("must_match") for _, own in branches.values() for given in own):
        return
    products = apps.get_model("catalogue", "Product").objects
    for pk, category, unit, values in rows(apps, "Product", "id", "category_id", "unit", "attributes"):
        key = match_key(category, unit, effective(chain(category, branches)), values) if values else ""
        if key:
            products.filter(pk=pk).update(match_key=key)


def rows(apps: Any, model: str, *names: str) -> Any:
    return apps.get_model("catalogue", model).objects.values_list(*names).iterator(chunk_size=2_000)


def chain(category: int, branches: Any) -> list[Any]:
    found, at = [], category
    while at is not None:
        at, own = branches[at]
        found.append(own)
    return found[::-1]


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0003_governed")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
