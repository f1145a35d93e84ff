"""The one loop that runs every rule, and the follower that records a search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib.objective import Assessment, FunctionObjective, MinimalObjective, SequenceObjective
from latchlib.training._base import Gradient, Rule, Search, StopReason, TrainResult
from latchlib.validation import finite, integer, refuse, shaped

__all__ = ["Path", "Run", "follow", "train"]

#: Called as ``callback(presentations, params)``; returns True to stop.
Callback = Callable[[int, NDArray[np.float64]], bool]


def train(
    objective: SequenceObjective | FunctionObjective | MinimalObjective,
    params0: ArrayLike,
    rule: Rule,
    *,
    rng: np.random.Generator,
    max_presentations: int,
    callback: Callback | None = None,
) -> TrainResult:
    """Train a batch of independent trials.

    A gradient method makes one update a presentation, and a trial has learned when a whole pass is
    classified within the objective's tolerance, each sequence by the weights it was presented to:
    that costs no presentation of its own. A search presents the whole training set for each point,
    and has learned at a point that satisfies the objective.

    Parameters
    ----------
    objective : SequenceObjective, FunctionObjective or MinimalObjective
        What to learn. Searches take the first two; gradient methods the first,
        :class:`BackPropagation` also the last. Of ``units="threshold"`` rules assess the outcome
        with these.
    params0 : array_like, shape (n_params, trial)
        Starting parameters; not changed.
    rule : Rule
        One of :data:`ALGORITHMS` with its settings, as ``Multigrid(half_width=2.0)``.
    rng : numpy.random.Generator
        Spawns one stream a trial, so that a trial's outcome does not depend on how many others
        run beside it.
    max_presentations : int
        Budget a trial, in sequences, >= 1. No pass or point is begun that it does not allow.
    callback : callable, optional
        Called as ``callback(presentations, params)`` with all trials' parameters, of searches the
        best points so far: after each pass, and after as many points as ``rule.draws`` draws at a
        time. Returns True to stop.

    Raises
    ------
    ValueError
        If the objective is none for this rule, shapes do not fit, the budget is not positive, or a
        start is out of the rule's bounds.
    """
    if not isinstance(rule, Gradient | Search):
        raise refuse("rule", rule, "one of ALGORITHMS with its settings, as Multigrid()")
    if not isinstance(objective, rule.objectives):
        accepted = " or ".join(f"a {kind.__name__}" for kind in rule.objectives)
        raise refuse("objective", type(objective).__name__, accepted)
    run = Run(objective, params0, rng, max_presentations, callback)
    (_search if isinstance(rule, Search) else _descend)(run, rule)
    return TrainResult(run.params, run.reason, run.presenter.presentations.copy())


class Run:
    """One run of training over a batch of independent trials, all at the same step.

    Attributes
    ----------
    params : ndarray, shape (n_params, trial)
        What each trial has to show: of a trial that has ended, for good.
    active : ndarray of int
        Trials that go on.
    presenter : Presenter
        Presents and counts.
    """

    def __init__(self, objective, params0, rng, max_presentations, callback):
        self.params = np.array(finite("params0", params0))
        shaped("params0", self.params, (objective.n_params, None), "(n_params, trial)")
        self._budget = integer("max_presentations", max_presentations, at_least=1)
        trials = self.params.shape[1]
        self.presenter = objective.presenter(trials)
        self._streams = rng.spawn(trials)
        self.active = np.arange(trials)
        self.reason = np.full(trials, StopReason.BUDGET, dtype=np.int64)
        self._callback = callback

    def allows(self, presentations: int) -> int:
        """Return how often the budget allows so many more; 0 if no trial is active."""
        if not self.active.size:
            return 0
        spent = self.presenter.presentations[self.active[0]]
        return int(self._budget - spent) // presentations

    def draw(self, one: Callable[[np.random.Generator], NDArray]) -> NDArray:
        """Draw by `one` from the stream of each active trial; shape (..., active)."""
        return np.stack([one(self._streams[trial]) for trial in self.active], axis=-1)

    def whole(self, params: NDArray[np.float64]) -> Assessment:
        """Present everything to the active trials; see :class:`latchlib.objective.Presenter`."""
        return self.presenter.whole(params, self.active)

    def derivatives(self, params: NDArray[np.float64], item: NDArray, **how: Any) -> tuple:
        """Present an item of a pass to the active trials and back-propagate."""
        return self.presenter.derivatives(params, self.active, item, **how)

    def threshold(self, params: NDArray[np.float64], item: NDArray) -> tuple:
        """Present an item of a pass to the active trials' networks of threshold units."""
        return self.presenter.threshold(params, self.active, item)

    def end(self, reason: NDArray[np.int64], params: NDArray[np.float64]) -> NDArray[np.bool_]:
        """End active trials for a :class:`StopReason` each, 0 for none; return which go on.

        `params` is what the active trials have to show, shape (n_params, active).
        """
        self.params[:, self.active] = params
        on = reason == 0
        self.reason[self.active[~on]] = reason[~on]
        self.active = self.active[on]
        return on

    def asked_to_stop(self) -> bool:
        """Ask the callback; if it says so, all active trials end."""
        if self._callback is None:
            return False
        spent = int(self.presenter.presentations.max())
        if not self._callback(spent, self.params):
            return False
        self.reason[self.active] = StopReason.CALLBACK
        self.active = self.active[:0]
        return True


def _descend(run: Run, rule: Gradient) -> None:
    """Update after every presentation until the trials have learned."""
    presenter, params = run.presenter, run.params.copy()
    state = rule.start(params)
    while allowed := run.allows(presenter.presentations_per_item):
        items = run.draw(presenter.one_pass)
        wrong = np.zeros(run.active.size, dtype=np.int64)
        with np.errstate(over="ignore", invalid="ignore"):  # divergence is reported, not warned of
            for item in items[:allowed]:
                change, missed, state = rule.update(run, params, item, state)
                params = params + change
                wrong += missed
        diverged = ~np.isfinite(params).all(axis=0)
        # A pass cut short by the budget does not show that a trial has learned.
        learned = presenter.solved(wrong) & (len(items) <= allowed)
        on = run.end(_reason(diverged, StopReason.DIVERGED, learned, StopReason.LEARNED), params)
        params, state = params[:, on], _cut(state, on)
        if run.asked_to_stop():
            break


def _search(run: Run, rule: Search) -> None:
    """Ask for points until one solves the objective."""
    n, per_point = len(run.params), run.presenter.presentations_per_call
    if rule.tries_start:
        if not run.allows(per_point):
            return
        seen = run.whole(run.params)
        state = rule.start(run.params, seen.cost)
        on = run.end(np.where(seen.solved, StopReason.LEARNED, 0), run.params)
        state = _cut(state, on)
    else:
        state = rule.start(run.params, np.full(run.active.size, np.inf))
    k = 0
    while run.allows(per_point):
        draws = run.draw(lambda stream: rule.draws(stream, n))
        for i in range(len(draws)):
            if not run.allows(per_point):
                break
            point = rule.ask(state, k, draws[i])
            seen = run.whole(point)
            state = rule.tell(state, k, draws[i], point, seen.cost)
            stuck = rule.stuck(state, k)
            k += 1
            if (seen.solved | stuck).any():
                # A point that solves the objective is kept even where its cost is not the least.
                best = np.where(seen.solved, point, state.best)
                reason = _reason(seen.solved, StopReason.LEARNED, stuck, StopReason.STUCK)
                on = run.end(reason, best)
                state, draws = _cut(state, on), draws[..., on]
        run.params[:, run.active] = state.best
        if run.asked_to_stop():
            break


def _reason(first, why, second, or_why):
    return np.where(first, why, np.where(second, or_why, 0))


def _cut(state, on):
    return state if on.all() else type(state)(*(part[..., on] for part in state))


class Path(NamedTuple):
    """Record of a search; index 0 is the start, k the k-th point after it.

    Parameters
    ----------
    tried : ndarray, shape (K + 1, n, trial)
        Points whose cost was asked for.
    costs : ndarray, shape (K + 1, trial)
        Their costs.
    state : tuple of ndarray, shape (K + 1, ..., trial)
        The rule's state in force for the next point, as ``path.state.best``.
    """

    tried: NDArray[np.float64]
    costs: NDArray[np.float64]
    state: Any


def follow(
    cost: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    params0: ArrayLike,
    rule: Search,
    draws: ArrayLike,
) -> Path:
    """Record what a search does, point by point, on random numbers that are given.

    There is no goal and no standing still: a path is as long as its random numbers.

    Parameters
    ----------
    cost : callable
        What to minimise: points (n, trial) in, costs (trial,) out.
    params0 : array_like, shape (n, trial)
        Start.
    rule : Search
        Which search.
    draws : array_like, shape (K, ..., trial)
        K >= 1 draws, each as ``rule.draws`` gives them: of :class:`Multigrid` (K, n, trial),
        uniform on [-1, 1); of :class:`SimulatedAnnealing` (K, 2, trial), uniform on [0, 1), where
        a move leads and its luck.

    Raises
    ------
    ValueError
        If a shape does not fit, a number is not finite or a start is out of the rule's bounds.
    """
    if not isinstance(rule, Search):
        raise refuse("rule", rule, "a search, as Multigrid()")
    params, draws = finite("params0", params0), finite("draws", draws)
    shaped("params0", params, (None, None), "(n, trial)")
    # What one draw is made of, the rule itself says best.
    each = rule.draws(np.random.default_rng(0), len(params)).shape[1:]
    shaped("draws", draws, (None, *each, params.shape[1]), "(point, ..., trial)")
    value = cost(params)
    state = rule.start(params, value)
    rows = [(params, value, state)]
    for k, draw in enumerate(draws):
        point = rule.ask(state, k, draw)
        value = cost(point)
        state = rule.tell(state, k, draw, point, value)
        rows.append((point, value, state))
    tried, costs, states = zip(*rows, strict=True)
    stacked = type(state)(*map(np.stack, zip(*states, strict=True)))
    return Path(np.stack(tried), np.stack(costs), stacked)
