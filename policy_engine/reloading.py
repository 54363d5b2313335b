"""How an engine comes to another policy: at once for what reads it, then for each mechanism, and never twice at a time.

Knows when a policy changes and what is told of it, not what it says. The first thread that brings one brings the
mechanisms to it, and to each one that others bring meanwhile: no lock is held while they publish.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from policy_engine.compile import Policy, load_policy_layers
from policy_engine.errors import DiagnosticLike, PolicyError, UnknownNameError
from policy_engine.forks import ForkSafeLock
from policy_engine.model import Event, PolicyChanged
from policy_engine.status import PolicyStatus
from policy_engine.watching import PolicyWatch

_log = logging.getLogger("policy_engine")


class Owner(Protocol):
    """What a change of policy needs of its engine."""

    @property
    def policy(self) -> Policy:
        """The policy that is active now."""

    def missing_from(self, policy: Policy) -> tuple[DiagnosticLike, ...]:
        """What code needs and ``policy`` does not define."""

    def activate(self, policy: Policy) -> None:
        """Let everything that reads the policy read this one; in one step."""

    def follow(self, policy: Policy) -> None:
        """Bring the mechanisms that have state to the policy."""

    def publish(self, event: Event) -> None:
        """Tell the subscribers."""

    def fault(self, where: str, error: BaseException) -> None:
        """Report that the engine itself met an error."""


class PolicyChanges:
    """The changes of one engine's policy; ``status`` tells of the last one."""

    def __init__(self, owner: Owner, now: Callable[[], float], *, dry: bool = False) -> None:
        """``now`` gives seconds since 1970; ``dry``: no service runs the policy, whose log would tell of warnings."""
        self._owner = owner
        self._now = now
        self._dry = dry
        self._lock = ForkSafeLock()
        self._under_way = False
        self.status = PolicyStatus(now(), now())
        self._log_warnings(owner.policy)

    def adopt(self, policy: Policy) -> None:
        """Let the engine run ``policy`` from now on.

        Raises:
            PolicyError: it lacks what code needs; the active one stays.
        """
        missing = self._owner.missing_from(policy)
        if missing:
            self.refuse(missing)
            raise PolicyError(missing)
        with self._lock:
            self._owner.activate(policy)
            self.status = self.status.activated(self._now())
            if self._under_way:
                return
            self._under_way = True
        while not self._followed():
            pass  # another policy became active meanwhile

    def reload(self) -> PolicyStatus:
        """Load the active policy's files again; a policy with an error is refused as a whole."""
        active = self._owner.policy
        try:
            policy = load_policy_layers(active.layers, loaded=active.plugins)
        except PolicyError as refused:
            self.refuse(refused.diagnostics)
            return self.status
        with suppress(PolicyError):  # refused by `adopt`, which has said so
            self.adopt(policy)
        return self.status

    def refuse(self, diagnostics: tuple[DiagnosticLike, ...]) -> None:
        """Note that another policy was refused, and tell the subscribers; the active one stays."""
        now = self._now()
        self.status = self.status.refused_for(diagnostics, now)
        self._owner.publish(PolicyChanged(now, active=False, diagnostics=diagnostics))

    def watch(self) -> PolicyWatch:
        """Reload whenever the policy's files change, until the watch is stopped.

        Raises:
            ImportError: the extra ``watch`` is not installed.
            UnknownNameError: the policy has no files of its own.
        """
        if not self._owner.policy.paths:
            raise UnknownNameError("the shipped policy runs: there are no files to watch; load a policy from a path")
        return PolicyWatch(lambda: self._owner.policy.paths, self.reload, fault=self._owner.fault).start()

    def _followed(self) -> bool:
        """Bring all mechanisms to the active policy; false where it is another one by then."""
        policy = self._owner.policy
        self._log_warnings(policy)
        self._owner.follow(policy)
        self._owner.publish(PolicyChanged(self._now(), active=True, diagnostics=policy.warnings))
        with self._lock:
            self._under_way = self._owner.policy is not policy
            return not self._under_way

    def _log_warnings(self, policy: Policy) -> None:
        """Tell whoever reads the service's log: where it starts, nobody subscribes yet."""
        for warning in () if self._dry else policy.warnings:
            _log.warning("policy: %s", warning)
