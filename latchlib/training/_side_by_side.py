"""Several gradient methods in one batch: each trial has its own, and all share each presentation.

A presentation of 300 trials costs little more than one of 100. What each trial does is, to the last
bit, what it does alone.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from latchlib.training._base import Gradient
from latchlib.validation import integer, refuse

__all__ = ["SideBySide", "Streams"]


class Streams:
    """Streams that were made before, handed out in place of spawned ones.

    Parameters
    ----------
    streams : sequence of numpy.random.Generator
        One a trial.
    """

    def __init__(self, streams: Sequence[np.random.Generator]) -> None:
        self._streams = list(streams)

    def spawn(self, trials: int) -> list[np.random.Generator]:
        """Return them all; `trials` is how many they have to be."""
        if trials != len(self._streams):
            raise refuse("trials", trials, f"{len(self._streams)}, as many as there are streams")
        return self._streams


class SideBySide(Gradient):
    """Rules of first derivatives, each for as many trials, one after the other.

    Parameters
    ----------
    rules : sequence of Gradient
        Each presents one item at an update, as all of :data:`latchlib.training.ALGORITHMS` with a
        gradient and no curvature do.
    each : int
        Trials of a rule, >= 1.
    """

    name = "side by side"

    def __init__(self, rules: Sequence[Gradient], each: int) -> None:
        if not rules:
            raise refuse("rules", rules, "at least one rule")
        self._rules, self._each = tuple(rules), integer("each", each, at_least=1)
        self._kinds = [type(rule.start(np.zeros((1, 1)))) for rule in rules]
        names = dict.fromkeys(name for kind in self._kinds for name in kind._fields)
        self._state = namedtuple("SideBySideState", names)

    def start(self, params):
        """Return all that any of the rules keeps; what has one name begins alike in all."""
        begun: dict[str, np.ndarray] = {}
        for rule in self._rules:
            begun |= rule.start(params)._asdict()
        return self._state(**begun)

    def update(self, run, params, item, state):
        """Present once, and let each rule see what came of its own trials."""
        result, wrong = run.derivatives(params, item)
        edges = np.searchsorted(run.active, self._each * np.arange(len(self._rules) + 1))
        changes = []
        for rule, kind, ends in zip(self._rules, self._kinds, pairwise(edges), strict=True):
            own = slice(*ends)
            if ends[0] == ends[1]:
                continue
            kept = kind(*(getattr(state, name)[..., own] for name in kind._fields))
            seen = _Seen(result.gradient[:, own], wrong[own])
            change, _, fresh = rule.update(seen, params[:, own], item[..., own], kept)
            for values, new in zip(kept, fresh, strict=True):
                values[...] = new
            changes.append(change)
        return np.concatenate(changes, axis=-1), wrong, state


@dataclass(frozen=True)
class _Seen:
    """Stands in for a run whose item has been presented."""

    gradient: np.ndarray
    wrong: np.ndarray

    def derivatives(self, params, item):
        return self, self.wrong
