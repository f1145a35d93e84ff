"""What the chapter attractors asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, COLOURS, GREY, LINES, VERMILLION, axes
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, decimals, of
from latchlib import formulas, phase_space
from latchlib.formulas import SYMBOLS, formula
from latchlib.neuron import attractor_pair

x = SYMBOLS["x"]


def _slope() -> float:
    """M'(a+) of the latch with w = 2."""
    return float(formula("slope")(attractor_pair(2.0)[1].a, 2.0))


def _least_drop(least: int, step: sp.Rational) -> sp.Rational:
    return sp.Rational(1 + least, 2) * step**2


def _norm_one() -> sp.Expr:
    c = sp.Symbol("c", positive=True)
    half = sp.Rational(1, 2)
    W = sp.Matrix([[half, c], [0, half]])
    # A singular value is 1 where det(W^T W - 1) = 0.
    return sp.solve((W.T * W - sp.eye(2)).det(), c)[0]


def _prediction() -> Prediction:
    weights = np.array([[2.334, 0.611], [-4.086, -0.755]])
    norm = np.linalg.norm(weights, 2)
    radius = np.abs(np.linalg.eigvals(weights)).max()
    state = np.array([-1.5, 3.0])
    for _ in range(2000):
        state = weights @ formula("activation")(state)
    place = f"±({decimals(state[0], 3)}, {decimals(state[1], 3)})"
    return Prediction(
        f"Both eigenvalues have absolute value {radius:.3f}. Do all orbits end at the origin?",
        (
            Choice(
                "Yes. The spectral radius is below 1.",
                "That tells you what becomes of Wᵗ for large t. But one step can stretch a state "
                f"by the norm of W, {norm:.1f}, and by then tanh has already bent the orbit away.",
            ),
            Choice(
                "No. Some end at other fixed points.",
                f"There are two more stable fixed points, near {place}. Orbits that start near "
                "enough to the origin do end there.",
                right=True,
            ),
            Choice(
                "Yes. tanh makes every state smaller.",
                "After tanh comes W, which may make the state larger again, by a factor of up to "
                f"{norm:.1f}.",
            ),
            Choice(
                "No. Some run off to infinity.",
                "Not all end at the origin, but none runs off. Since tanh stays below 1, after "
                "one step no unit is further out than the sum of the weights into it, taken "
                "without their signs.",
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "A unit with a negative weight jumps back and forth between {a} and −{a}. What is the "
        "multiplier of this 2-cycle?",
        of("slope_at_fixed_point") ** 2,
        {"a": Range(0.4, 2.0, 0.1)},
        "The slope has the same size, 2a/sinh 2a, at both points, and a turn multiplies the two.",
        {
            "That is the size of one slope. A turn of the cycle takes two steps.": of(
                "slope_at_fixed_point"
            ),
            "Slopes along an orbit multiply, they do not add.": 2 * of("slope_at_fixed_point"),
            "One slope is negative, but so is the other.": -(of("slope_at_fixed_point") ** 2),
        },
    ),
    Task(
        "The energy has a term G(x) for each output. What is it at x = {x}?",
        of("energy_term"),
        {"x": Range(0.2, 0.6, 0.05)},
        "G is the integral of artanh, x artanh x + ln(1 − x²)/2.",
        {
            "That is its derivative.": sp.diff(of("energy_term"), x),
            "The logarithm is added. It is already negative, since its argument is below 1.": x
            * sp.atanh(x)
            - sp.log(1 - x**2) / 2,
            "The logarithm has a factor 1/2.": x * sp.atanh(x) + sp.log(1 - x**2),
        },
    ),
)

EXERCISES = {
    "ex-invariant-interval": Exercise(
        expected=lambda: "invariant",
        why="M is increasing and fixes both ends, so it maps the interval onto itself.",
        slips={
            "It does stay inside, but you can say more: look at the images of the ends.": lambda: (
                "mapped into itself, not invariant"
            ),
        },
        choices=("invariant", "mapped into itself, not invariant", "neither"),
    ),
    "ex-cycle-multiplier": Exercise(
        expected=lambda: _slope() ** 2,
        why="Both slopes are -M'(a+), and their product is what two steps do.",
        slips={
            "That is the size of one slope. A turn of the cycle takes two steps.": _slope,
            "Slopes along an orbit multiply, they do not add.": lambda: 2 * _slope(),
        },
    ),
    "ex-norm-one": Exercise(
        expected=_norm_one,
        why="The eigenvalues are 1/2 whatever c is, but the norm passes 1 at c = 3/4.",
        slips={
            "There the greatest row sum reaches 1. That is another norm.": lambda: sp.Rational(
                1, 2
            ),
            "There the length of the first row reaches 1. The norm is at least as large, so it "
            "gets there sooner.": lambda: sp.sqrt(3) / 2,
        },
    ),
    "ex-energy-drop": Exercise(
        expected=lambda: _least_drop(2, sp.Rational(2, 5)),
        why="(1 + 2)/2 times 0.16. With a larger weight the same step must lose more energy.",
        slips={
            "There is a factor 1/2.": lambda: 2 * _least_drop(2, sp.Rational(2, 5)),
            "You left out the 1 in 1 + lambda.": lambda: sp.Rational(4, 25),
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------


def _orbits(ax: Axes, orbits: Mapping[str, ArrayLike]) -> None:
    for (label, path), colour, line in zip(orbits.items(), COLOURS, LINES, strict=False):
        first, second = np.asarray(path, dtype=float).T
        ax.plot(first, second, line, color=colour, marker=".", ms=5, lw=1.2, label=label)
        ax.plot(first[0], second[0], "s", color=colour, ms=6)


def plot_orbits(W: ArrayLike, orbits: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw orbits of a network of two units, each (time, unit), and its fixed points.

    Squares are starts; filled dots are stable fixed points, open dots unstable ones.
    """
    ax = axes(ax)
    _orbits(ax, orbits)
    for point in phase_space.fixed_points(W):
        face = GREY if point.stable else "white"
        ax.plot(*point.points[0], "o", color=GREY, mfc=face, ms=9, zorder=5)
    ax.set(xlabel="state $a_1$", ylabel="state $a_2$")
    ax.legend(loc="best")
    return ax


def plot_energy(
    W: ArrayLike,
    orbits: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    u: ArrayLike = (0.0, 0.0),
) -> Axes:
    """Draw level lines of L(x) = sum G(x_i) - x^T W x / 2 - u^T x and orbits of outputs x."""
    ax = axes(ax)
    W, u = np.asarray(W, dtype=float), np.asarray(u, dtype=float)
    side = np.linspace(-0.999, 0.999, 201)
    x = np.stack(np.meshgrid(side, side))
    term = formulas.formula("energy_term")
    level = term(x).sum(axis=0) - np.einsum("iab,ij,jab->ab", x, W, x) / 2
    level -= np.einsum("i,iab->ab", u, x)
    ax.contour(*x, level, levels=24, colors=GREY, linewidths=0.6, linestyles="solid")
    _orbits(ax, orbits)
    ax.set(xlabel="output $x_1$", ylabel="output $x_2$", aspect="equal")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=3)
    return ax


def plot_bifurcation(gains: ArrayLike, states: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw late states of one unit, (time, gain), above the gain of the network."""
    ax = axes(ax)
    states = np.asarray(states, dtype=float)
    across = np.broadcast_to(np.asarray(gains, dtype=float), states.shape)
    # Some ten thousand dots: as vectors they would be most of the page.
    ax.plot(across.ravel(), states.ravel(), ",", color=BLUE, rasterized=True)
    ax.set(xlabel="gain", ylabel="late states of unit 1")
    return ax


def plot_exponents(gains: ArrayLike, exponents: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw the largest Lyapunov exponent over the gain, with the line 0."""
    ax = axes(ax)
    gains, exponents = np.asarray(gains), np.asarray(exponents, dtype=float)
    ax.axhline(0.0, color=GREY, lw=1)
    ax.plot(gains, exponents, color=BLUE, lw=1)
    above = np.where(exponents > 0.0, exponents, np.nan)
    ax.plot(gains, above, ".", color=VERMILLION, ms=4, label="above 0: nearby states part")
    ax.set(xlabel="gain", ylabel="largest exponent (1/step)", ylim=(-1.5, 1.0))
    ax.legend(loc="upper left")
    return ax
