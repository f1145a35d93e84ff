"""What a search does, evaluation by evaluation, for pictures and for statistics of the way.

:func:`latchlib.training.multigrid.train` and :func:`latchlib.training.simulated_annealing.train`
return where a search ended. Here the same rules leave a record, on random numbers that are given.
There is no goal and no standing still: a path is as long as its random numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latchlib._validation import finite, refuse, shaped
from latchlib.training import Multigrid, SimulatedAnnealing
from latchlib.training.simulated_annealing import accepted, adjusted_steps

__all__ = ["AnnealingPath", "MultigridPath", "annealing_path", "multigrid_path"]

#: A function to minimise: points (n, trial) in, values (trial,) out.
Surface = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class MultigridPath:
    """Record of multigrid random search; index 0 is the start, k the k-th point after it.

    Parameters
    ----------
    tried : ndarray, shape (K + 1, n, trial)
        Points whose cost was asked for.
    costs : ndarray, shape (K + 1, trial)
        Their costs.
    taken : ndarray of bool, shape (K + 1, trial)
        Whether each was better than all before.
    best : ndarray, shape (K + 1, n, trial)
        Best point so far: the centre of the next box.
    best_costs : ndarray, shape (K + 1, trial)
        Its cost.
    half : ndarray, shape (K + 1, trial)
        Half-width of the next box.
    """

    tried: NDArray[np.float64]
    costs: NDArray[np.float64]
    taken: NDArray[np.bool_]
    best: NDArray[np.float64]
    best_costs: NDArray[np.float64]
    half: NDArray[np.float64]


@dataclass(frozen=True)
class AnnealingPath:
    """Record of simulated annealing; index 0 is the start, k the k-th move after it.

    Parameters
    ----------
    tried : ndarray, shape (K + 1, n, trial)
        Points whose cost was asked for.
    costs : ndarray, shape (K + 1, trial)
        Their costs.
    taken : ndarray of bool, shape (K + 1, trial)
        Whether each was accepted.
    states : ndarray, shape (K + 1, n, trial)
        Where the search then stands.
    state_costs : ndarray, shape (K + 1, trial)
        The cost there.
    best_costs : ndarray, shape (K + 1, trial)
        Least cost so far.
    best : ndarray, shape (K + 1, n, trial)
        Where that was.
    steps : ndarray, shape (K + 1, n, trial)
        Steps in force for the next move.
    temperature : ndarray, shape (K + 1,)
        Temperature in force for the next move.
    """

    tried: NDArray[np.float64]
    costs: NDArray[np.float64]
    taken: NDArray[np.bool_]
    states: NDArray[np.float64]
    state_costs: NDArray[np.float64]
    best: NDArray[np.float64]
    best_costs: NDArray[np.float64]
    steps: NDArray[np.float64]
    temperature: NDArray[np.float64]


def multigrid_path(
    cost: Surface,
    start: NDArray[np.float64],
    draws: NDArray[np.float64],
    settings: Multigrid | None = None,
) -> MultigridPath:
    """Follow multigrid random search.

    Parameters
    ----------
    cost : callable
        What to minimise.
    start : ndarray, shape (n, trial)
    draws : ndarray, shape (K, n, trial)
        Uniform on [-1, 1), K >= 1.
    settings : Multigrid, optional
        Half-width and factor of the box; `smallest` is not used.

    Raises
    ------
    ValueError
        If a shape does not fit or a number is not finite.
    """
    settings = settings or Multigrid()
    start, draws = finite("start", start), finite("draws", draws)
    shaped("start", start, (None, None), "(n, trial)")
    shaped("draws", draws, (None, *start.shape), "(K, n, trial)")
    best, best_cost = start, cost(start)
    half = np.full(start.shape[1], settings.half_width)
    rows = [(best, best_cost, np.ones(half.shape, bool), best, best_cost, half)]
    for draw in draws:
        point = best + half * draw
        value = cost(point)
        better = value < best_cost
        best, best_cost = np.where(better, point, best), np.where(better, value, best_cost)
        half = np.where(better, half * settings.shrink, half)
        rows.append((point, value, better, best, best_cost, half))
    return MultigridPath(*map(np.stack, zip(*rows, strict=True)))


def annealing_path(
    cost: Surface,
    start: NDArray[np.float64],
    draws: NDArray[np.float64],
    settings: SimulatedAnnealing | None = None,
) -> AnnealingPath:
    """Follow simulated annealing.

    Parameters
    ----------
    cost : callable
        What to minimise.
    start : ndarray, shape (n, trial)
        Within the bound.
    draws : ndarray, shape (rounds, n_s, n, 2, trial)
        Uniform on [0, 1): for each move where it leads, and its luck; rounds >= 1. The steps are
        adjusted at the end of each round.
    settings : SimulatedAnnealing, optional
        Schedule, steps and bound; `n_eps` and `eps` are not used.

    Raises
    ------
    ValueError
        If a shape does not fit, a number is not finite or a start is out of bounds.
    """
    settings = settings or SimulatedAnnealing()
    start, draws = finite("start", start), finite("draws", draws)
    shaped("start", start, (None, None), "(n, trial)")
    n, trials = start.shape
    wanted = (None, settings.n_s, n, 2, trials)
    shaped("draws", draws, wanted, "(rounds, n_s, n, 2, trial)")
    if np.abs(start).max() > settings.bound:
        raise refuse("start", float(np.abs(start).max()), f"at most {settings.bound:g} in size")
    x, value = start, cost(start)
    best, best_cost = x, value
    steps, temperature = np.full(start.shape, settings.step), settings.temperature
    first = (x, value, np.ones(trials, bool), x, value, best, best_cost, steps, temperature)
    rows = [first]
    for number, drawn in enumerate(draws, start=1):
        count = np.zeros(start.shape)
        for where, luck, i in ((*drawn[s, i], i) for s in range(settings.n_s) for i in range(n)):
            low = np.maximum(x[i] - steps[i], -settings.bound)
            high = np.minimum(x[i] + steps[i], settings.bound)
            point = x.copy()
            point[i] = low + where * (high - low)
            asked = cost(point)
            take = accepted(value, asked, temperature, luck)
            x, value = np.where(take, point, x), np.where(take, asked, value)
            count[i] += take
            better = asked < best_cost
            best, best_cost = np.where(better, point, best), np.where(better, asked, best_cost)
            rows.append((point, asked, take, x, value, best, best_cost, steps, temperature))
        steps = np.minimum(
            adjusted_steps(steps, count / settings.n_s, settings.c), 2.0 * settings.bound
        )
        if number % settings.adjustments(n) == 0:
            temperature *= settings.r_t
            x, value = best, best_cost
        # What is in force for the next move, after the last of this round.
        tried = rows[-1][:3]
        rows[-1] = (*tried, x, value, best, best_cost, steps, temperature)
    return AnnealingPath(*map(np.stack, zip(*rows, strict=True)))
