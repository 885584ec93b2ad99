"""Everything anyone may do about settlement."""

from finance.settlement.use_cases.conclude_step import conclude_step
from finance.settlement.use_cases.plan_run import plan_again, plan_run
from finance.settlement.use_cases.record_obligations import NewObligation, finance_claim, record_obligations
from finance.settlement.use_cases.retention import agree_retention, owe_supplier
from finance.settlement.use_cases.ring import ring_overdue
from finance.settlement.use_cases.run_to_end import run_to_end
from finance.settlement.use_cases.take_step import NotFailed, retry_step, take_step

__all__ = [
    "NewObligation",
    "NotFailed",
    "agree_retention",
    "conclude_step",
    "finance_claim",
    "owe_supplier",
    "plan_again",
    "plan_run",
    "record_obligations",
    "retry_step",
    "ring_overdue",
    "run_to_end",
    "take_step",
]
