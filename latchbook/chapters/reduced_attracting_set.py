"""What the chapter reduced-attracting-set asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from numpy.typing import ArrayLike

from latchbook.figures.basins import MARKERS, image, tint
from latchbook.figures.style import (
    BLUE,
    GREY,
    ORANGE,
    VERMILLION,
    axes,
)
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS, formula
from latchlib.neuron import a_star, attractor_pair, h_star
from latchlib.phase_space import LabelledGrid

a, w = (SYMBOLS[name] for name in "a w".split())


def _margin(state: sp.Expr) -> sp.Expr:
    return of("state_margin", a=state, w=2)


def _edge_of_two_steps(weight: float) -> float:
    slope, step = formula("slope"), formula("step")
    low, high = 0.0, a_star(weight)
    for _ in range(100):
        middle = 0.5 * (low + high)
        # Both slopes fall as the state grows, so their product crosses 1 once.
        product = slope(middle, weight) * slope(step(middle, weight, 0.0), weight)
        low, high = (middle, high) if product > 1.0 else (low, middle)
    return low


def _prediction() -> Prediction:
    edge, margin, borne = a_star(2.0), h_star(2.0), float(formula("state_margin")(0.3, 2.0))
    return Prediction(
        "At every step, the adversary may add up to 0.5 in either direction. "
        "Which state can be pushed below 0?",
        (
            Choice(
                "Neither. Both are in the basin of a₊.",
                "The basin says where a state goes if nothing is added. From 0.3 a little more "
                f"than {borne:.3f}, at every step, is enough to leave it.",
            ),
            Choice(
                "Only the one at 0.3.",
                f"It withstands {borne:.3f} and no more. The state at 1.0 lies beyond a* = "
                f"{edge:.2f}, in Γ, and withstands everything up to h* = {margin:.3f}, for ever.",
                right=True,
            ),
            Choice(
                "Both. With enough time every push wins.",
                "Time does not help where the map pulls back just as strongly. From 1.0 no "
                f"inputs up to h* = {margin:.3f} will ever push it below 0.",
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "A neuron with w = {w} is in the state a₀ = {a}, below a*. How large may the inputs be if "
        "its bit is to be safe for ever?",
        of("state_margin"),
        {"a": Range(0.1, 0.5, 0.05), "w": Range(1.5, 3.0, 0.1)},
        "The state must not fall, so the inputs may take away w tanh a₀ − a₀.",
        {
            "That is h*, which the states of Γ withstand. This one lies outside.": of("h_star"),
            "That is M(a₀). The state must stay above a₀, so subtract it.": w * sp.tanh(a),
        },
    ),
    Task(
        "A neuron has the weight w = {w}. At what state does Γ(X₊) begin?",
        of("a_star"),
        {"w": Range(1.2, 4.0, 0.1)},
        "Where the slope is 1: w/cosh² a = 1 gives a* = arcosh √w.",
        {
            "That is h*, the input that its states withstand.": of("h_star"),
            "That is the output there. The question asks for the state.": of("tanh_a_star"),
            "cosh is squared: take the root of w.": sp.acosh(w),
        },
    ),
)

EXERCISES = {
    "ex-margin-of-state": Exercise(
        expected=lambda: _margin(sp.Rational(1, 2)),
        why="It is 2 tanh(1/2) - 1/2, about four fifths of h*(2).",
        slips={
            "That is h*(2), which the states in Gamma withstand. This one lies outside.": lambda: (
                of("h_star", w=2)
            ),
            "That is M(a_0). The state must stay above a_0, so subtract it.": lambda: (
                2 * sp.tanh(sp.Rational(1, 2))
            ),
        },
    ),
    "ex-no-longer-latched": Exercise(
        expected=lambda: attractor_pair(2.0)[1].a - a_star(2.0),
        why="The state is then at a*, the edge of Gamma. The edge of the basin, at 0, is still "
        "far off.",
        slips={
            "That push carries the state out of the basin. Gamma ends earlier.": lambda: (
                attractor_pair(2.0)[1].a
            ),
            "That is where Gamma ends. How far is it from the attractor?": lambda: a_star(2.0),
            "That is h*(2), for an input that lasts. This one comes only once.": lambda: of(
                "h_star", w=2
            ),
        },
    ),
    "ex-edge-of-eigenvalues": Exercise(
        expected=lambda: _edge_of_two_steps(2.0),
        why="The eigenvalue reading lets in states below a*, as long as two steps contract.",
        slips={
            "That is a*, the edge in the norm reading.": lambda: a_star(2.0),
        },
    ),
    "ex-which-reading": Exercise(
        expected=lambda: "eigenvalues",
        why="Both eigenvalues are 0, and so are those of every power, but the norm is 3.",
        slips={
            "The norm of M' is 3: some vector is stretched threefold.": lambda: "norm",
            "In one of the two readings, l = 1 already fails.": lambda: "both",
            "Compute the eigenvalues of the matrix and of its powers.": lambda: "neither",
        },
        choices=("eigenvalues", "norm", "both", "neither"),
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_readings(
    norm: LabelledGrid,
    eigenvalues: LabelledGrid,
    ax: Axes | None = None,
    *,
    points: Mapping[str, Sequence[float]] | None = None,
) -> Axes:
    """Draw where Gamma holds a state in both readings of Definition 4, or in one only."""
    ax = axes(ax)
    by_norm, by_values = norm.labels >= 0, eigenvalues.labels >= 0
    groups = (
        ("both readings", by_norm & by_values, tint(BLUE, 0.6)),
        ("eigenvalues only", ~by_norm & by_values, tint(ORANGE, 0.9)),
        ("neither", ~by_norm & ~by_values, (1.0, 1.0, 1.0)),
    )
    rgb = np.zeros((*norm.labels.shape, 3))
    handles = []
    for label, where, colour in groups:
        rgb[where] = colour
        handles.append(Patch(fc=colour, ec=GREY, lw=0.8, label=label))
    image(ax, norm, rgb)
    for k, (label, point) in enumerate((points or {}).items()):
        marker = {"marker": MARKERS[k], "ls": "", "color": "k", "mfc": "w", "ms": 7, "mew": 1.5}
        handles += ax.plot(*point, label=label, zorder=5, **marker)
    ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def plot_margin_of_state(
    a: ArrayLike,
    margin: ArrayLike,
    edge: tuple[float, float],
    ax: Axes | None = None,
) -> Axes:
    """Draw the noise that a state bears for ever, up to the point (a*, h*) and level beyond."""
    ax = axes(ax)
    a, margin = np.asarray(a), np.asarray(margin)
    ax.plot(a, margin, color=BLUE, label="bit is safe for ever below")
    ax.fill_between(a, margin, color=BLUE, alpha=0.15, lw=0)
    ax.plot(*edge, "s", color=VERMILLION, ms=8, zorder=5, label="$(a^*, h^*)$")
    ax.axvline(edge[0], color=GREY, lw=1, ls="--")
    for x, text in ((0.5 * edge[0], r"outside $\Gamma$"), (1.4 * edge[0], r"inside $\Gamma$")):
        ax.annotate(text, (x, 1.08 * edge[1]), ha="center")
    ax.set(xlabel="state $a_0$", ylabel="largest noise withstood", ylim=(0, 1.2 * edge[1]))
    ax.legend(loc="lower right")
    return ax


def plot_loss(
    starts: ArrayLike,
    share: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    edge: float,
    ax: Axes | None = None,
) -> Axes:
    """Draw the share of runs that lose the bit, with intervals, against the initial state."""
    ax = axes(ax)
    starts, share = np.asarray(starts), np.asarray(share)
    bars = np.stack([share - np.asarray(low), np.asarray(high) - share]).clip(0.0)
    ax.errorbar(starts, share, bars, fmt="o", color=BLUE, capsize=3, label="share, 95 % interval")
    ax.axvline(edge, color=VERMILLION, ls="--", lw=1.5, label="$a^*$, where $\\Gamma$ begins")
    ax.set(xlabel="state $a_0$", ylabel="share of runs that lose the bit", ylim=(-0.02, None))
    ax.legend()
    return ax
