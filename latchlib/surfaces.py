"""Functions of several variables on which a search can be tried where the answer is known.

Each takes points of shape (n, trial) and returns shape (trial,); each has its least value 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["SURFACES", "corana", "rastrigin", "rosenbrock"]


def rosenbrock(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return sum of 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2: a bent valley, least at (1, ..., 1).

    Parameters
    ----------
    x : ndarray, shape (n, trial)
        Points, n >= 2.

    Returns
    -------
    ndarray, shape (trial,)

    Notes
    -----
    Rosenbrock (1960); with n = 2 and 4 one of the functions of Corana et al. (1987).
    """
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2, axis=0)


def rastrigin(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return sum of x_i^2 + 10 (1 - cos 2 pi x_i): a hollow about every integer, least at 0.

    Parameters
    ----------
    x : ndarray, shape (n, trial)
        Points.

    Returns
    -------
    ndarray, shape (trial,)

    Notes
    -----
    Rastrigin (1974).
    """
    return np.sum(x**2 + 10.0 * (1.0 - np.cos(2.0 * np.pi * x)), axis=0)


def corana(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Corana's paraboloid with flat holes, least in the hole about 0.

    Parameters
    ----------
    x : ndarray, shape (n, trial)
        Points, n <= 4.

    Returns
    -------
    ndarray, shape (trial,)

    Notes
    -----
    Corana, Marchesi, Martini and Ridella (1987): holes of half-width 0.05 about the points of a
    grid of step 0.2, at the height 0.15 d_i (|z_i| - 0.05)^2, with d = (1, 1000, 10, 100).
    """
    d = np.array([1.0, 1000.0, 10.0, 100.0])[: len(x), np.newaxis]
    z = np.floor(np.abs(x / 0.2) + 0.49999) * np.sign(x) * 0.2
    # Only in the hole about 0 is sign(z) = 0, so that it lies at 0 and all others above.
    hole = 0.15 * d * (z - 0.05 * np.sign(z)) ** 2
    return np.sum(np.where(np.abs(x - z) < 0.05, hole, d * x**2), axis=0)


#: The functions by name.
SURFACES = {"rosenbrock": rosenbrock, "rastrigin": rastrigin, "corana": corana}
