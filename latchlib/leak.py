"""A unit with a leak: what a slower clock does to a bit, under any input and under random ones.

    x_t = (1 - z) x_{t-1} + z tanh(w x_{t-1} + h_t),   0 < z <= 1

The state x is the output of the latch neuron, not its net input: for z = 1 the net inputs
a_t = w x_{t-1} + h_t are those of a_t = w tanh(a_{t-1}) + h_t. Whatever z is, rest is at
x = tanh a_+ and the edge of the bit at tanh a*.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

from latchlib.formulas import formula
from latchlib.maps import Map
from latchlib.neuron import attractor_pair
from latchlib.validation import integer, number, refuse

__all__ = ["LeakyUnit", "flip_exponent", "mean_time_to_flip", "transfer_operator", "write_steps"]

#: The longest mean time that is told: beyond it 1 minus the eigenvalue is lost in rounding.
LONGEST = 1e12


def _leak(z: float) -> float:
    z = number("z", z, above=0.0)
    if z > 1.0:
        raise refuse("z", z, "a number above 0, and 1 at most")
    return z


class LeakyUnit(Map):
    """The map of one leaky unit; its input is inside the tanh.

    Parameters
    ----------
    w : float
        Weight of the self-loop, > 0.
    z : float
        Leak, 0 < z <= 1; the share of the state that a step renews.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    units = 1

    def __init__(self, w: float, z: float) -> None:
        self.w, self.z = number("w", w, above=0.0), _leak(z)

    def step(self, a: NDArray, u: NDArray) -> NDArray:
        """Return (1 - z) x + z tanh(w x + u)."""
        return (1 - self.z) * a + self.z * np.tanh(self.w * a + u)

    def jacobian(self, a: NDArray, u: NDArray) -> NDArray:
        """Return 1 - z + z w sech^2(w x + u)."""
        x = np.tanh(self.w * a + u)
        return (1 - self.z + self.z * self.w * (1 - x) * (1 + x))[np.newaxis]

    def slope_bound(self, lower: NDArray, upper: NDArray, u: NDArray) -> tuple[NDArray, NDArray]:
        """Return the slope where |w x + u| is largest on the box, and where it is smallest."""
        ends = np.stack([lower, upper])
        nets = np.abs(self.w * ends + u)
        far = np.take_along_axis(ends, nets.argmax(axis=0)[np.newaxis], axis=0)[0]
        near = np.clip(-u / self.w, lower, upper)
        return self.jacobian(far, u), self.jacobian(near, u)

    def reach(self, u: NDArray) -> NDArray[np.float64]:
        """Return [-1, 1], which no step leaves and which holds every state of rest."""
        return np.array([[-1.0, 1.0]])


def write_steps(w: float, z: float, h: float, *, longest: int = 100_000) -> int | None:
    """Return how many steps of the input h carry the state from -tanh a_+ above 0.

    Parameters
    ----------
    w, z, h : float
        Weight, > 1; leak; and the constant input that writes.
    longest : int
        Where to stop.

    Returns
    -------
    int or None
        None if the state is still not above 0 after `longest` steps.

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    x, z, h = -_rest(w), _leak(z), number("h", h)
    longest = integer("longest", longest, at_least=1)
    step = formula("leaky_step").scalar
    for t in range(1, longest + 1):
        x = step(x, w, h, z)
        if x > 0.0:
            return t
    return None


def transfer_operator(
    w: float, sigma: float, z: float, *, cells: int = 400
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what one noisy step makes of a density on the states 0 < x < 1 that stay there.

    Parameters
    ----------
    w, sigma, z : float
        Weight, > 0; standard deviation of the Gaussian input, > 0; leak.
    cells : int
        Equal cells into which (0, 1) is cut.

    Returns
    -------
    operator : ndarray, shape (cell, cell)
        Entry (i, j): the chance to go from the middle of cell j into cell i. What a column lacks
        to 1 is the chance that the bit flips at this step.
    middles : ndarray, shape (cell,)
        States in the middle of the cells.

    Raises
    ------
    ValueError
        If a number is out of range.

    Notes
    -----
    The chance is exact for the middle of a cell, so the error falls with the square of the width
    of a cell, as long as a step of the noise, about z sigma, goes over several of them.
    """
    w, sigma, z = number("w", w, above=0.0), number("sigma", sigma, above=0.0), _leak(z)
    edges = np.linspace(0.0, 1.0, integer("cells", cells, at_least=2) + 1)
    middles = 0.5 * (edges[1:] + edges[:-1])
    wanted = np.clip((edges[:, np.newaxis] - (1.0 - z) * middles) / z, -1.0, 1.0)
    with np.errstate(divide="ignore"):
        inputs = np.arctanh(wanted) - w * middles  # that lead to the edges
    return np.diff(ndtr(inputs / sigma), axis=0), middles


def mean_time_to_flip(w: float, sigma: float, z: float = 1.0, *, cells: int = 400) -> float:
    """Return the mean number of steps until a bit held at tanh a_+ is first negative.

    The input is Gaussian, independent from step to step. Parameters are as in
    :func:`transfer_operator`, with w > 1.

    Raises
    ------
    ValueError
        If a number is out of range, or the mean time is too long to be told in floats.

    Notes
    -----
    The mean times t of the cells obey t = 1 + (operator transposed) t.
    """
    operator, middles = transfer_operator(w, sigma, z, cells=cells)
    times = np.linalg.solve(np.eye(len(middles)) - operator.T, np.ones(len(middles)))
    found = float(np.interp(_rest(w), middles, times))
    if not 0.0 < found < LONGEST:
        raise refuse(
            "sigma", sigma, f"noise that flips the bit within {LONGEST:g} steps on average"
        )
    return found


def flip_exponent(w: float, sigma: float) -> float:
    """Return V: for small leaks z the logarithm of the mean time to flip grows like V/z.

    Parameters
    ----------
    w : float
        Weight, > 1.
    sigma : float
        Standard deviation of the Gaussian input, > 0, small enough that the mean step still has a
        state of rest above 0.

    Raises
    ------
    ValueError
        If a number is out of range, or there is no such state.

    Notes
    -----
    V is the integral over the states from 0 up to that state of -p, where p(x) < 0 solves
    E exp(p v) = 1 for the velocity v = tanh(w x + sigma xi) - x. If the density of a held state is
    exp(-Phi(x)/z) to leading order, one step leaves it as it is where p = Phi'(x).
    """
    w, sigma = number("w", w, above=1.0), number("sigma", sigma, above=0.0)
    draws, weights = np.polynomial.hermite_e.hermegauss(120)
    weights /= weights.sum()

    def drift(x: float) -> float:
        return float(weights @ np.tanh(w * x + sigma * draws)) - x

    if not drift(1e-3) > 0.0:
        raise refuse(
            "sigma", sigma, f"noise under which a latch of weight {w:g} holds a mean state"
        )
    top = brentq(drift, 1e-3, 1.0)

    def slope(x: float) -> float:
        velocity = np.tanh(w * x + sigma * draws) - x
        excess = lambda p: np.log(weights @ np.exp(p * velocity))  # noqa: E731
        low = -1.0
        while excess(low) < 0.0:
            low *= 2.0
        high = low
        while excess(high) > 0.0:
            high /= 1.5
        return float(brentq(excess, low, high))

    nodes, lengths = np.polynomial.legendre.leggauss(40)
    return -0.5 * top * float(lengths @ [slope(0.5 * top * (1.0 + node)) for node in nodes])


def _rest(w: float) -> float:
    return float(np.tanh(attractor_pair(number("w", w, above=1.0))[1].a))
