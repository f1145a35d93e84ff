"""Simulated annealing for continuous variables, after Corana et al. (1987).

One move changes one variable, uniformly within its step; a worse point is accepted with
probability exp(-(C' - C)/temperature) (Metropolis). Each N_S moves of every variable the steps are
adjusted to keep about half the moves accepted; each N_T adjustments the temperature falls by r_T
and the search goes back to the best point.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from latchlib.training._base import Search
from latchlib.validation import integer, number, refuse

__all__ = ["SimulatedAnnealing", "Walk", "accepted", "adjusted_steps"]


class Walk(NamedTuple):
    """State of the search.

    Parameters
    ----------
    x : ndarray, shape (n, trial)
        Where it stands.
    cost : ndarray, shape (trial,)
        The cost there.
    best, best_cost : ndarray, shape (n, trial) and (trial,)
        Best point so far, and its cost.
    taken : ndarray of bool, shape (trial,)
        Whether the last move was accepted.
    steps, counts : ndarray, shape (n, trial)
        Steps in force, and moves accepted since they were adjusted.
    temperature : ndarray, shape (trial,)
        The same in all trials.
    ends : ndarray, shape (n_eps + 1, trial)
        Costs at the ends of the last temperatures, the latest last.
    """

    x: NDArray[np.float64]
    cost: NDArray[np.float64]
    best: NDArray[np.float64]
    best_cost: NDArray[np.float64]
    taken: NDArray[np.bool_]
    steps: NDArray[np.float64]
    counts: NDArray[np.float64]
    temperature: NDArray[np.float64]
    ends: NDArray[np.float64]


@dataclass(frozen=True)
class SimulatedAnnealing(Search):
    """Anneal as Corana, Marchesi, Martini and Ridella (1987) do, unless said otherwise.

    A trial is stuck when its last `n_eps` temperatures ended within `eps` of each other and of the
    best cost. Starts lie within the bound.

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

    name = "simulated annealing"
    place, stream = 5, 3
    # The tables of 1993 report 200,000 at most on average, and on parity 810,000 at T = 50. There
    # it gets more than that at every length, as it does not cool before 280,000.
    budget = 200_000
    budgets: ClassVar = MappingProxyType({"parity": 1_000_000})

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

    def draws(self, stream, n):
        """Draw a round: for each move where it leads, and its luck."""
        return stream.random((self.n_s * n, 2))

    def start(self, params, cost):
        """Begin at the first temperature."""
        if np.abs(params).max() > self.bound:
            largest = float(np.abs(params).max())
            raise refuse("params0", largest, f"at most {self.bound:g} in size")
        return Walk(
            *(params, cost, params, cost, np.ones(cost.shape, bool)),
            steps=np.full(params.shape, self.step),
            counts=np.zeros(params.shape),
            temperature=np.full(cost.shape, self.temperature),
            ends=np.full((self.n_eps + 1, *cost.shape), np.inf),
        )

    def ask(self, state, k, draw):
        """Move one variable within its step."""
        i = k % len(state.x)
        # Uniform on the part of [x - v, x + v] within the bound: what drawing again until the
        # point is within it comes to.
        low = np.maximum(state.x[i] - state.steps[i], -self.bound)
        high = np.minimum(state.x[i] + state.steps[i], self.bound)
        point = state.x.copy()
        point[i] = low + draw[0] * (high - low)
        return point

    def tell(self, state, k, draw, point, cost):
        """Accept or not; at the end of a round adjust the steps, at that of a temperature cool."""
        x, now, best, least, _, steps, counts, temperature, ends = state
        n = len(x)
        take = accepted(now, cost, temperature, draw[1])
        x, now = np.where(take, point, x), np.where(take, cost, now)
        better = cost < least
        best, least = np.where(better, point, best), np.where(better, cost, least)
        counts = counts.copy()
        counts[k % n] += take
        if (k + 1) % (self.n_s * n) == 0:
            # Wider than the whole box changes nothing (Goffe, Ferrier and Rogers, 1994).
            wider = adjusted_steps(steps, counts / self.n_s, self.c)
            steps, counts = np.minimum(wider, 2.0 * self.bound), np.zeros_like(counts)
        if self._cools(k, n):
            temperature, ends = temperature * self.r_t, np.vstack([ends[1:], now])
            x, now = best, least
        return Walk(x, now, best, least, take, steps, counts, temperature, ends)

    def stuck(self, state, k):
        """Say which trials stand still, at the end of a temperature."""
        if not self._cools(k, len(state.x)):
            return super().stuck(state, k)
        *before, last = state.ends
        with np.errstate(invalid="ignore"):  # inf - inf before there are n_eps: no standing still
            still = (np.abs(last - before) <= self.eps).all(axis=0)
            return still & (last - state.best_cost <= self.eps)

    def _cools(self, k, n):
        return (k + 1) % (self.n_s * n * self.adjustments(n)) == 0


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
