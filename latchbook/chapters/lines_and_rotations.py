"""What the chapter lines-and-rotations asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping
from math import sin, sqrt

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import norm

from latchbook.figures.style import BLUE, GREEN, GREY, VERMILLION, axes, styled
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS, formula
from latchlib.neuron import a_star, attractor_pair, h_star

d, h, n, sigma, x = (SYMBOLS[name] for name in "d h n sigma x".split())

_WRONG = norm.sf(formula("line_reads")(1.0, 1.0, 10_000, 0.1))

PREDICTION = Prediction(
    "A network does nothing but turn its state, by an orthogonal matrix, and add what comes in. A "
    "bit is one of two states, each at the distance 1 from the border between them. At each step, "
    "independent noise of standard deviation 0.1 is added to every component of the state. What "
    "is left after 10,000 steps?",
    (
        Choice(
            "The gradient and the bit. An orthogonal matrix loses nothing.",
            "It loses nothing, and the noise least of all: 10,000 draws of it are all still there.",
        ),
        Choice(
            f"The gradient, whole. The bit is read wrong in {_WRONG:.0%} of all runs.",
            "A small change at the start is still there in full. But the noise has grown to 0.1 "
            "times the root of 10,000, which is ten times the distance from the border.",
            right=True,
        ),
        Choice(
            "Neither. The gradient vanishes, as the theorem says.",
            "The theorem is about systems that hold a bit. This one does not, and its gradient "
            "does not vanish.",
        ),
    ),
)

DRILL = Drill(
    Task(
        "A line with the slope {x} starts {d} above the border. What is the largest noise that "
        "cannot bring it below the border within {n} steps?",
        of("line_margin"),
        {"x": Range(0.9, 0.98, 0.02), "d": Range(1, 3, 0.5), "n": Range(5, 20, 5)},
        "What is left of d is dλᵀ; steady noise b adds up to b(1 − λᵀ)/(1 − λ).",
        {
            "That is what is left of the bit. Divide by what the noise adds up to.": d * x**n,
            "That is right for the slope 1.": d / n,
            "The bit fades too, while the noise comes in.": d * (1 - x) / (1 - x**n),
        },
    ),
    Task(
        "Noise is uniform between −{h} and {h}, which makes its variance b²/3. A plateau has its "
        "walls {d} from the middle. For at least how many steps, on average, is the gradient 1?",
        of("plateau_life").subs(sigma, h / sp.sqrt(3)),
        {"h": Range(0.1, 0.3, 0.05), "d": Range(1, 3, 0.5)},
        "It is (d − b)² over the variance of a step.",
        {
            "That is for the worst noise, which always pushes the same way.": (d - h) / h,
            "The gradient dies as soon as the state is within b of a wall.": 3 * d**2 / h**2,
            "The variance of uniform noise is b²/3, not b².": (d - h) ** 2 / h**2,
        },
    ),
)

EXERCISES = {
    "ex-line-slope": Exercise(
        expected=lambda: brentq(
            lambda s: float(formula("line_margin")(1.0, s, 50)) - 0.03, 1.01, 2
        ),
        why="Slope 1 withstands only 1/50, so it must be a line that explodes.",
        slips={
            "That withstands 0.03 for ever. For 50 steps less is enough.": lambda: 1.03,
            "Slope 1 withstands 1/50, which is less than 0.03.": lambda: 1.0,
        },
    ),
    "ex-plateau-room": Exercise(
        expected=lambda: 0.1 * (1 + sqrt(100)),
        why="3 (d/b - 1)² = 300 for d = 11 b.",
        slips={
            "The last b before the wall does not count.": lambda: 1.0,
            "That is for the worst noise. This noise is random.": lambda: 0.1 * 301,
            "The variance of uniform noise is b²/3.": lambda: 0.1 * (1 + sqrt(300)),
        },
    ),
    "ex-sway": Exercise(
        expected=lambda: 2 * sp.asin(sp.Rational(3, 5)),
        why="There 0.6/sin(θ/2) = 1. A slower turn sways further.",
        slips={
            "It is half the angle that is inside the sine.": lambda: sp.asin(sp.Rational(3, 5)),
            "That is the push over the distance. The angle is twice the arc sine of it.": (
                lambda: sp.Rational(3, 5)
            ),
        },
    ),
    "ex-delay-line": Exercise(
        expected=lambda: sp.Integer(31),
        why="For a chain of n units the power n - 1 is not yet 0, but the power n is.",
        slips={
            "After 30 steps a chain of 30 units is empty.": lambda: sp.Integer(30),
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_two_bits(slope: float, steps: int, seed: int, ax: Axes | None = None) -> Axes:
    """Draw a line from 1 and from -1 under the same noise."""
    ax = axes(ax)
    noise = np.random.default_rng(seed).normal(0.0, 0.1, steps)
    for start, colour, line in ((1.0, BLUE, "-"), (-1.0, VERMILLION, "--")):
        state = [start]
        for push in noise:
            state.append(slope * state[-1] + push)
        ax.plot(state, color=colour, ls=line, label=f"from ${start:g}$")
    ax.axhline(0.0, color=GREY, lw=1)
    ax.set(title=rf"$\lambda = {slope:g}$", xlabel="step $t$", ylim=(-4.5, 4.5), xticks=(0, 30, 60))
    return ax


def plot_on_the_curve(plateaus: Mapping[float, float], ax: Axes | None = None) -> Axes:
    """Draw lines, latches and plateaus on the plane of margin over room and life."""
    ax = axes(ax)
    half_life, price = formula("half_life"), formula("price_at_rest")
    shares = np.geomspace(2e-3, 0.8, 80)
    ax.loglog(shares, half_life(price(shares, 1.0)), color=GREY, ls="--", label="the price allows")
    slopes = np.array([0.5, 0.8, 0.95, 0.99])
    ax.loglog(1 - slopes, half_life(slopes), "o", color=BLUE, label="lines")
    weights = np.array([1.05, 1.25, 2.0, 4.0])
    tops = [attractor_pair(w)[1] for w in weights]
    rooms = [top.a - a_star(w) for top, w in zip(tops, weights, strict=True)]
    held = [h_star(w) / room for w, room in zip(weights, rooms, strict=True)]
    ax.loglog(held, [half_life(top.slope) for top in tops], "D", color=VERMILLION, label="latches")
    ax.loglog(
        list(plateaus), list(plateaus.values()), "^", color=GREEN, ms=8,
        label="plateaus, random noise",
    )  # fmt: skip
    ax.set(xlabel="margin over room $b/d$", ylabel="life of the gradient (steps)")
    ax.legend(loc="lower left")
    return ax


def plot_pushes(b: float, angle: float, steps: int, ax: Axes | None = None) -> Axes:
    """Draw how far three pushes of the same size take the state of a rotation."""
    ax = axes(ax)
    t = np.arange(1, steps + 1)
    shown = np.unique(np.geomspace(1, steps, 400).astype(int)) - 1
    turned = np.exp(1j * angle * t)
    directions = np.exp(2j * np.pi * np.random.default_rng(3).random(steps))
    moves = {
        "turning with it": np.ones(steps),
        "in random directions": directions,
        "steady": turned.conj(),
    }
    for (name, colour, line, _), move in zip(styled("moves", moves), moves.values(), strict=True):
        ax.loglog(t[shown], b * abs(np.cumsum(move))[shown], color=colour, ls=line, label=name)
    ax.axhline(b / sin(angle / 2), color=GREY, lw=1)
    ax.set(xlabel="step $t$", ylabel="distance moved", ylim=(b / 3, 2 * b * steps))
    ax.legend(loc="upper left")
    return ax


def plot_clouds(ends: ArrayLike, steps: int, ax: Axes | None = None, *, reach: float = 5.0) -> Axes:
    """Draw final states of two bits, turned back: shape (bit, 2, run)."""
    ax = axes(ax)
    for cloud, colour, mark, name in zip(
        np.asarray(ends), (BLUE, VERMILLION), ("o", "^"), ("plus", "minus"), strict=True
    ):
        ax.plot(*cloud, mark, color=colour, ms=3.5, label=name)
    ax.axvline(0.0, color=GREY, lw=1)
    ax.set(
        title=f"$T = {steps}$",
        xlabel="first component",
        xticks=(-5, 0, 5),
        yticks=(-5, 0, 5),
        xlim=(-reach, reach),
        ylim=(-reach, reach),
        aspect="equal",
    )
    return ax
