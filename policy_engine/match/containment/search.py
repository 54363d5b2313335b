"""Whether anything satisfies a formula: a search through its alternatives, place by place.

Three answers: yes, no, and ``None`` where regular expressions, free expressions, plugins or too many alternatives
forbid one. A "no" is a proof; the search gives up rather than guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from policy_engine.match.ancestry import ancestors
from policy_engine.match.containment.formulas import (
    NAME,
    All,
    Any_,
    Classes,
    Formula,
    Literal,
    Not,
    Place,
    SomeCause,
    SomeName,
    SomeTag,
)
from policy_engine.match.containment.texts import text_exists
from policy_engine.match.containment.values import Domain, value_exists

_MOST_STEPS = 2000

_DOMAINS = {
    "attributes": Domain.SCALAR,
    "context": Domain.SCALAR,
    "rule": Domain.TEXT_OR_NOTHING,
    "severity": Domain.SEVERITY,
    "retryable": Domain.BOOLEAN,
}
"""All other places hold a text."""

_Chosen = dict[Place, tuple[list[Literal], list[Literal]]]


def satisfiable(wanted: Iterable[Formula], *, doubt_ends: bool = False) -> bool | None:
    """Tell whether anything satisfies all of ``wanted``; ``None`` where that cannot be told.

    With ``doubt_ends`` the first alternative that cannot be refused ends the search: ``None`` may then be a yes.
    """
    return _Search(doubt_ends=doubt_ends).run([(each, True) for each in wanted], {})


class _Search:
    """One search, and how much of its effort is left."""

    def __init__(self, *, doubt_ends: bool) -> None:
        self._left = _MOST_STEPS
        self._doubt_ends = doubt_ends

    def run(self, waiting: list[tuple[Formula, bool]], chosen: _Chosen) -> bool | None:
        """Satisfy what is ``waiting``, each formula or its opposite, beside what was ``chosen`` at each place."""
        self._left -= 1
        if self._left < 0:
            return None
        choices: list[tuple[Sequence[Formula], bool]] = []
        touched: set[Place] = set()
        while waiting:
            each, holds = waiting.pop()
            if isinstance(each, Not):
                waiting.append((each.part, not holds))
            elif isinstance(each, Literal):
                before = chosen.get(each.place, ([], []))
                chosen[each.place] = ([*before[0], each], before[1]) if holds else (before[0], [*before[1], each])
                touched.add(each.place)
            elif isinstance(each, All) is holds:
                waiting.extend((part, holds) for part in each.parts)
            else:
                choices.append((each.parts, holds))
        if any(_possible(place, *chosen[place]) is False for place in touched):
            return False
        if choices:
            return self._choose(choices, chosen)
        return _together(_possible(place, *tests) for place, tests in chosen.items())

    def _choose(self, choices: list[tuple[Sequence[Formula], bool]], chosen: _Chosen) -> bool | None:
        # The choice with the fewest ways leads to the fewest searches.
        choices.sort(key=lambda choice: -len(choice[0]))
        parts, holds = choices[-1]
        rest: list[tuple[Formula, bool]] = [
            (Any_(tuple(others)) if way else All(tuple(others)), way) for others, way in choices[:-1]
        ]
        verdict: bool | None = False
        for part in parts:
            found = self.run([*rest, (part, holds)], dict(chosen))
            if found or (found is None and self._doubt_ends):
                return found
            verdict = None if found is None else verdict
        return verdict


def _together(verdicts: Iterable[bool | None]) -> bool | None:
    found = list(verdicts)
    if False in found:
        return False
    return None if None in found else True


def _possible(place: Place, wanted: Sequence[Literal], unwanted: Sequence[Literal]) -> bool | None:
    asked, refused = [each.test for each in wanted], [each.test for each in unwanted]
    if place.key in ("message", NAME.key):
        return text_exists(asked, refused)
    if place.key == "names":
        return _names_exist(asked, refused)
    if place.key in ("causes", "tags"):
        return _members_exist(asked, refused)
    if place.key in ("expr", "plugin"):
        return False if asked and refused else None
    return value_exists(_DOMAINS.get(place.key, Domain.TEXT), asked, refused)


def _members_exist(asked: Sequence[SomeCause | SomeTag], refused: Sequence[SomeCause | SomeTag]) -> bool | None:
    """Whether there may be a member, of the causes or the tags, for all that is asked, and none that is refused."""
    never = [Not(each.asked) for each in refused]
    return _together(satisfiable([each.asked, *never]) for each in asked)


def _names_exist(asked: Sequence[Classes | SomeName], refused: Sequence[Classes | SomeName]) -> bool | None:
    """Whether a class may have all the names asked for, and none that is refused.

    Names do not exclude each other, as a class may have any bases; each brings those of the classes known above it.
    """
    choices = [[name for name in each.names if _allowed(name, refused)] for each in asked if isinstance(each, Classes)]
    if not all(choices):
        return False
    never = [Not(each.asked) for each in refused if isinstance(each, SomeName)]
    verdicts = [_name_exists(each, never, choices) for each in asked if isinstance(each, SomeName)]
    if not asked:
        verdicts.append(satisfiable(never))
    return _together(verdicts)


def _name_exists(asked: SomeName, never: Sequence[Formula], choices: Sequence[Sequence[str]]) -> bool | None:
    verdict = satisfiable([asked.asked, *never])
    if verdict is None and any(asked.holds(above) for names in choices for name in names for above in ancestors(name)):
        return True
    return verdict


def _allowed(name: str, refused: Sequence[Classes | SomeName]) -> bool:
    above = ancestors(name)
    return not any(
        not above.isdisjoint(each.names) if isinstance(each, Classes) else any(map(each.holds, above))
        for each in refused
    )
