"""Simulated annealing for continuous variables, after Corana et al. (1987).

One move changes one variable, uniformly within its step; a worse point is accepted with
probability exp(-(C' - C)/temperature) (Metropolis). Each N_S moves of every variable the steps are
adjusted to keep about half the moves accepted; each N_T adjustments the temperature falls by r_T
and the search goes back to the best point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latchlib._validation import integer, number, refuse
from latchlib.objective import FunctionObjective, SequenceObjective
from latchlib.training._base import StopReason, TrainResult
from latchlib.training._run import Callback, Run, draw

__all__ = ["SimulatedAnnealing", "accepted", "adjusted_steps", "train"]


@dataclass(frozen=True)
class SimulatedAnnealing:
    """Settings; Corana, Marchesi, Martini and Ridella (1987) unless said otherwise.

    Parameters
    ----------
    n_s : int
        Moves of each variable between adjustments of the steps, 20.
    c : float
        How fast steps change, 2.
    n_eps : int
        Temperatures over which the cost has to stand still to be stuck, 4.
    n_t : int, optional
        Adjustments at one temperature; max(100, 5 n) for n variables if None.
    r_t : float
        Factor of the temperature, 0.85.
    temperature : float
        First temperature, > 0, in units of cost. Theirs depends on the function; the greatest cost
        of a sequence is 1.62, and 0.1 is assumed here.
    step : float
        First step of every variable, > 0. Assumed here: 1, the width of the starting box.
    bound : float
        Variables stay in [-bound, bound], > 0. Assumed here: 10.
    eps : float
        Change of the cost below which it stands still, > 0. Assumed here: 1e-4.
    """

    n_s: int = 20
    c: float = 2.0
    n_eps: int = 4
    n_t: int | None = None
    r_t: float = 0.85
    temperature: float = 0.1
    step: float = 1.0
    bound: float = 10.0
    eps: float = 1e-4

    def __post_init__(self) -> None:
        for name in ("n_s", "n_eps"):
            integer(name, getattr(self, name), at_least=1)
        if self.n_t is not None:
            integer("n_t", self.n_t, at_least=1)
        for name in ("c", "temperature", "step", "bound", "eps"):
            number(name, getattr(self, name), above=0.0)
        if not 0.0 < number("r_t", self.r_t) < 1.0:
            raise refuse("r_t", self.r_t, "one number > 0 and < 1")

    def adjustments(self, n: int) -> int:
        """Return N_T for `n` variables."""
        return max(100, 5 * n) if self.n_t is None else self.n_t


def adjusted_steps(
    steps: NDArray[np.float64], ratio: NDArray[np.float64], c: float = 2.0
) -> NDArray[np.float64]:
    """Return the steps after an adjustment.

    Parameters
    ----------
    steps : ndarray
        Steps v, > 0.
    ratio : ndarray of the same shape
        Share r of the moves that was accepted, 0 to 1.
    c : float
        How fast steps change.

    Returns
    -------
    ndarray
        v (1 + c (r - 0.6)/0.4) where r > 0.6, v / (1 + c (0.4 - r)/0.4) where r < 0.4, v between.
    """
    wider = 1.0 + c * (ratio - 0.6) / 0.4
    narrower = 1.0 + c * (0.4 - ratio) / 0.4
    # The maximum keeps the branch that is not taken away from a division by 0.
    return np.where(
        ratio > 0.6,
        steps * wider,
        np.where(ratio < 0.4, steps / np.maximum(narrower, 1.0), steps),
    )


def accepted(
    old: NDArray[np.float64],
    new: NDArray[np.float64],
    temperature: float,
    uniform: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Return which moves Metropolis accepts.

    Parameters
    ----------
    old, new : ndarray
        Cost before and after; inf is allowed.
    temperature : float
        > 0.
    uniform : ndarray
        Numbers uniform on [0, 1).

    Returns
    -------
    ndarray of bool
        All that are no worse, and others with probability exp(-(new - old)/temperature).
    """
    with np.errstate(invalid="ignore", over="ignore"):  # inf - inf, settled by new <= old
        chance = np.exp(-(new - old) / temperature)
    return (new <= old) | (uniform < chance)


def train(
    objective: SequenceObjective | FunctionObjective,
    params0: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    max_presentations: int,
    settings: SimulatedAnnealing | None = None,
    callback: Callback | None = None,
) -> TrainResult:
    """Anneal every trial; each move presents the whole training set.

    Parameters
    ----------
    objective : SequenceObjective or FunctionObjective
        What to minimise.
    params0 : ndarray, shape (n_params, trial)
        Starting parameters, within the bound; not changed.
    rng : numpy.random.Generator
        Spawns one stream a trial.
    max_presentations : int
        Budget a trial, in sequences.
    settings : SimulatedAnnealing, optional
        Schedule, steps, bound.
    callback : callable, optional
        Called after each adjustment of the steps as ``callback(presentations, params)`` with the
        best points so far; returns True to stop.

    Returns
    -------
    TrainResult
        `params` solves the objective where learned and is the best point otherwise. STUCK: the
        last `n_eps` temperatures ended within `eps` of each other and of the best cost.

    Raises
    ------
    ValueError
        If shapes do not fit, the budget is not positive or a start is out of bounds.
    """
    settings = settings or SimulatedAnnealing()
    run = Run(objective, params0, rng, max_presentations, callback)
    if np.abs(run.params).max() > settings.bound:
        raise refuse(
            "params0", float(np.abs(run.params).max()), f"at most {settings.bound:g} in size"
        )
    n, per_call = objective.n_params, objective.presentations_per_call
    if run.left < per_call:
        return run.result()
    seen = run.presenter.whole(run.params, run.active)
    state = {
        "x": run.params.copy(),
        "cost": seen.cost,
        "best": run.params.copy(),
        "best_cost": seen.cost.copy(),
        "steps": np.full(run.params.shape, settings.step),
        "taken": np.zeros(run.params.shape),
        "ends": np.full((settings.n_eps, run.active.size), np.inf),
    }
    _leave(run, state, seen.solved, StopReason.LEARNED)
    temperature, adjustments = settings.temperature, 0
    while run.left >= per_call:
        whole = _moves(run, state, settings, temperature, per_call, n)
        adjustments += 1
        # A round cut short by the budget does not show that the search stands still.
        if whole and adjustments == settings.adjustments(n):
            adjustments, temperature = 0, temperature * settings.r_t
            _cool(run, state, settings)
        run.params[:, run.active] = state["best"]
        if run.asked_to_stop():
            break
    return run.result()


def _moves(run, state, settings, temperature, per_call, n):
    """Move every variable N_S times in turn, adjust the steps; say if the budget allowed it."""
    draws = draw(run.streams, run.active, lambda stream: stream.random((settings.n_s, n, 2)))
    state["draws"] = draws
    for cycle in range(settings.n_s):
        for i in range(n):
            if run.left < per_call:
                return False
            where, luck = state["draws"][cycle, i]
            x, v = state["x"][i], state["steps"][i]
            # Uniform on the part of [x - v, x + v] within the bound: what drawing again until the
            # point is within it comes to.
            low = np.maximum(x - v, -settings.bound)
            high = np.minimum(x + v, settings.bound)
            candidate = state["x"].copy()
            candidate[i] = low + where * (high - low)
            seen = run.presenter.whole(candidate, run.active)
            take = accepted(state["cost"], seen.cost, temperature, luck)
            state["x"] = np.where(take, candidate, state["x"])
            state["cost"] = np.where(take, seen.cost, state["cost"])
            state["taken"][i] += take
            # A point that solves the objective is kept even where its cost is not the least.
            better = (seen.cost < state["best_cost"]) | seen.solved
            state["best"] = np.where(better, candidate, state["best"])
            state["best_cost"] = np.where(better, seen.cost, state["best_cost"])
            _leave(run, state, seen.solved, StopReason.LEARNED)
    ratio = state["taken"] / settings.n_s
    # Wider than the whole box changes nothing (Goffe, Ferrier and Rogers, 1994).
    wider = adjusted_steps(state["steps"], ratio, settings.c)
    state["steps"] = np.minimum(wider, 2.0 * settings.bound)
    state["taken"] = np.zeros_like(state["taken"])
    return True


def _cool(run, state, settings):
    """At the end of a temperature: end the trials that stand still, others restart at the best."""
    ends = state["ends"]
    with np.errstate(invalid="ignore"):  # inf - inf before there are n_eps ends: no standing still
        still = (np.abs(state["cost"] - ends) <= settings.eps).all(axis=0)
        still &= state["cost"] - state["best_cost"] <= settings.eps
    state["ends"] = np.vstack([ends[1:], state["cost"]])
    _leave(run, state, still, StopReason.STUCK)
    state["x"], state["cost"] = state["best"].copy(), state["best_cost"].copy()


def _leave(run, state, which, reason):
    if not which.any():
        return
    on = run.end(which, reason, state["best"])
    for name, value in state.items():
        state[name] = value[..., on]
