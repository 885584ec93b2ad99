"""What may be asked about effects."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum

from marketplace.kernel.actors import Actor
from marketplace.kernel.money import Money
from procurement.insights import models
from procurement.insights.rules import JointView, split_view


@dataclass(frozen=True)
class BuyerSaving:
    """What a buyer paid and saved in one currency against one kind of baseline, over its headline savings."""

    buyer_ref: str
    buyer: str
    baseline: str
    pools: int
    paid: Money
    saved: Money

    @property
    def percent(self) -> Decimal:
        """Saved, in per cent of what the baseline would have cost."""
        base = self.paid.amount + self.saved.amount
        return (100 * self.saved.amount / base).quantize(Decimal("0.1")) if base else Decimal("0.0")


def savings_for(actor: Actor) -> QuerySet[models.Saving]:
    """Return the actor's own savings, newest first; all for staff."""
    rows = models.Saving.objects.select_related("pool__product", "buyer").order_by("-id")
    if actor.staff:
        return rows
    return rows.filter(buyer__ref=actor.organisation) if actor.organisation else rows.none()


def savings_per_buyer(actor: Actor) -> list[BuyerSaving]:
    """Return the headline savings the actor may see, per buyer, baseline and currency, most saved first."""
    sums = (
        savings_for(actor)
        .order_by()
        .filter(headline=True)
        .values("buyer__ref", "baseline", "currency", name=F("buyer__legal_name"))
        .annotate(paid=Sum("paid_minor"), saved=Sum("saved_minor"), pools=Count("pool", distinct=True))
    )
    found = [
        BuyerSaving(
            buyer_ref=row["buyer__ref"],
            buyer=row["name"],
            baseline=row["baseline"],
            pools=row["pools"],
            paid=Money.from_minor(int(row["paid"]), row["currency"]),
            saved=Money.from_minor(int(row["saved"]), row["currency"]),
        )
        for row in sums
    ]
    return sorted(found, key=lambda saving: (-saving.saved.amount, saving.buyer_ref, saving.baseline))


def joint_savings_for(actor: Actor) -> QuerySet[models.JointShare]:
    """Return the parts of joint savings that the actor's organisation has, newest first; staff see every part."""
    rows = models.JointShare.objects.select_related("joint__pool", "buyer").order_by("-joint_id", "id")
    rows = rows.annotate(members=Count("joint__shares"))
    if actor.staff:
        return rows
    return rows.filter(buyer__ref=actor.organisation) if actor.organisation else rows.none()


def joint_view(row: models.JointShare) -> JointView:
    """Return one part of a joint saving as its member may see it: the others without name, quantity or share."""
    joint = row.joint
    alone, together = (Money.from_minor(one, joint.currency) for one in (row.alone_minor, joint.together_minor))
    members = joint.shares.count() if not hasattr(row, "members") else row.members
    me = row.buyer.ref
    return JointView(
        pool_ref=joint.pool.ref,
        source=joint.source,
        steps=[(start, price) for start, price in joint.steps],
        members=members,
        quantity=format(joint.quantity, "f"),
        own_quantity=format(row.quantity, "f"),
        all_alone=Money.from_minor(joint.alone_minor, joint.currency),
        together=together,
        alone=alone,
        splits=[split_view(split, row.shares, me, alone, together) for split in joint.splits],
        not_offered=joint.not_offered,
        brings_more=any(why["code"] == "gain_falls_above_38_percent" and why["member"] == me for why in joint.why),
    )


def verify_savings() -> list[str]:
    """Return what of the joint savings does not add up: shares that are not what was billed, by rule."""
    wrong = []
    for joint in models.JointSaving.objects.select_related("pool").prefetch_related("shares").order_by("pk"):
        for split in joint.splits:
            shared = sum(part.shares[split["rule"]] for part in joint.shares.all())
            if shared != joint.together_minor:
                wrong.append(f"{joint.pool.ref} by {split['rule']}: {shared} shared of {joint.together_minor}")
    sums = models.JointSaving.objects.annotate(
        parts=Sum("shares__alone_minor"), quantities=Sum("shares__quantity")
    ).filter(~Q(parts=F("alone_minor")) | ~Q(quantities=F("quantity")))
    return wrong + [f"{joint.pool_id}: its parts do not add up" for joint in sums]
