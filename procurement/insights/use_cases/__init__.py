"""Everything that can be done with insights."""

from procurement.insights.use_cases.estimate_savings import EstimateRefused, estimate_savings
from procurement.insights.use_cases.prove_savings import prove_savings
from procurement.insights.use_cases.publish_release import publish_release
from procurement.insights.use_cases.share_saving import share_saving

__all__ = ["EstimateRefused", "estimate_savings", "prove_savings", "publish_release", "share_saving"]
