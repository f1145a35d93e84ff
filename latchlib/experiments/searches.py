"""Searches on functions whose least value is known, beside those of SciPy, on the same budget."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from latchlib.objective import FunctionObjective
from latchlib.training import Multigrid, RandomGuessing, Search, SimulatedAnnealing, train
from latchlib.validation import integer, number, one_of

__all__ = ["OURS", "SCIPY", "best_found"]

#: What a function to minimise is: points (n, trial) in, values (trial,) out.
Surface = Callable[[NDArray[np.float64]], NDArray[np.float64]]

#: Searches of latchlib, and of :mod:`scipy.optimize`.
OURS = ("simulated annealing", "multigrid random search", "random guessing")
SCIPY = ("differential evolution", "dual annealing", "dual annealing with local search")


class _Spent(Exception):
    """The budget is spent; raised through a search that knows no budget."""


def best_found(
    method: str,
    function: Surface,
    n: int,
    *,
    budget: int,
    bound: float,
    trials: int,
    rng: np.random.Generator,
    rule: Search | None = None,
) -> NDArray[np.float64]:
    """Return the least value that each trial of a search has seen within a budget.

    Parameters
    ----------
    method : str
        One of :data:`OURS` or :data:`SCIPY`.
    function : callable
        Takes points of shape (n, trial), returns values of shape (trial,).
    n : int
        Number of variables, >= 1.
    budget : int
        Evaluations of the function a trial, >= 1; those for differences of a local search count.
    bound : float
        Searches are told that the least value lies in [-bound, bound]^n, > 0.
    trials : int
        Independent trials, >= 1.
    rng : numpy.random.Generator
        Spawns one stream a trial, and one for the starts.
    rule : Search, optional
        One of :data:`OURS` with other settings. By default annealing starts at the temperature 50,
        cools after every adjustment, takes `bound` for its first step and goes on until it moves by
        less than 1e-12, and multigrid's first box has the half-width `bound`; all else is their
        default. SciPy's searches run on their defaults.

    Returns
    -------
    ndarray, shape (trial,)

    Raises
    ------
    ValueError
        If the method is unknown or a number is out of range.
    """
    one_of("method", method, (*OURS, *SCIPY))
    integer("n", n, at_least=1)
    integer("trials", trials, at_least=1)
    budget = integer("budget", budget, at_least=1)
    bound = number("bound", bound, above=0.0)
    first, *streams = rng.spawn(1 + trials)
    if method in SCIPY:
        return np.array([_scipy(method, function, n, budget, bound, each) for each in streams])
    start = first.uniform(-bound, bound, (n, trials))
    # A goal that nothing reaches: the search goes on to its budget, or until it is stuck.
    objective = FunctionObjective(function, n, -np.finfo(np.float64).max)
    rule = rule or _defaults(bound)[method]
    found = train(objective, start, rule, rng=rng, max_presentations=budget)
    return function(found.params)


def _defaults(bound):
    annealing = SimulatedAnnealing(n_t=1, temperature=50.0, step=bound, bound=bound, eps=1e-12)
    return {
        "simulated annealing": annealing,
        "multigrid random search": Multigrid(half_width=bound),
        "random guessing": RandomGuessing(bound),
    }


def _scipy(method, function, n, budget, bound, rng):
    left, best = budget, np.inf

    def watched(points):
        nonlocal left, best
        values = function(points if points.ndim == 2 else points[:, np.newaxis])
        # Of a population that goes beyond the budget only the first points count.
        best = min(best, *values[:left])
        left -= len(values)
        if left <= 0:
            raise _Spent
        return values if points.ndim == 2 else values[0]

    box, endless = [(-bound, bound)] * n, {"maxiter": 10**6, "rng": rng}
    try:
        if method == "differential evolution":
            optimize.differential_evolution(
                watched, box, vectorized=True, updating="deferred", polish=False, tol=0.0, **endless
            )
        else:
            local = method.endswith("local search")
            optimize.dual_annealing(
                watched, box, maxfun=10**9, no_local_search=not local, **endless
            )
    except _Spent:
        pass
    return best
