"""Why a policy makes of a handled error what it does: its explanation, made again from what is kept of the error."""

from __future__ import annotations

from policy_engine.classify.explanation import Explanation, explain_classification
from policy_engine.compile import Policy
from policy_engine.model import ErrorInfo, Occurrence


def explained(info: ErrorInfo, policy: Policy) -> Explanation:
    """Return the explanation; adjustments of the severity count as they did when the error was handled."""
    return explain_classification(
        _as_classified(info),
        policy.classifier,
        policy.document.origin,
        policy.adjustments,
        lambda adjustment: adjustment.name in info.adjusted_by,
    )


def _as_classified(info: ErrorInfo) -> Occurrence:
    """The error as the classifier saw it: scrubbed, and not yet judged."""
    return Occurrence(
        type=info.type,
        mro=info.mro,
        message=info.message,
        attributes=info.attributes,
        causes=info.causes,
        stack=info.stack,
        module=info.module,
        function=info.function,
        context=info.context,
    )
