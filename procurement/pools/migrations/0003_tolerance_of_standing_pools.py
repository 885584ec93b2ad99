"""Pools that stand learn the sum of their members' tolerances."""

from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery, Sum

GONE = ("left", "dropped")


def add_up(apps: Any, editor: Any) -> None:
    pools, commitments = apps.get_model("pools", "Pool"), apps.get_model("pools", "Commitment")
    live = commitments.objects.exclude(state__in=GONE).filter(pool=OuterRef("pk"), tolerance__gt=0)
    sums = live.order_by().values("pool").annotate(total=Sum("tolerance")).values("total")
    with_some = commitments.objects.exclude(state__in=GONE).filter(tolerance__gt=0).values("pool")
    pools.objects.filter(pk__in=with_some).update(tolerance_joined=Subquery(sums))


class Migration(migrations.Migration):

    dependencies = [
        ('pools', '0002_rows_compete'),
    ]

    operations = [migrations.RunPython(add_up, migrations.RunPython.noop)]
