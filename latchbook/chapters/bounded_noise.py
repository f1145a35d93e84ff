"""What the chapter bounded-noise asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.patches import Circle
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, COLOURS, GREY, LINES, ORANGE, VERMILLION, axes
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS, formula
from latchlib.neuron import fixed_points, h_star

d, h, x = (SYMBOLS[name] for name in "d h x".split())


def _top(w: float) -> float:
    return fixed_points(w)[-1].a


def _prediction() -> Prediction:
    top = fixed_points(2.0)[-1].a
    depth = top - fixed_points(2.0, -0.29)[-1].a
    margin = h_star(2.0)
    radii = np.arange(1, 100) / 100
    enough = radii[(formula("rectangle_bound")(top, radii, 2.0) >= 0.29).argmax()]
    return Prediction(
        "The inputs are at most 0.29 in size, at every step. How far below a₊ can they push?",
        (
            Choice(
                "By less than 0.29. The map pulls back.",
                "The first push alone moves the state by 0.29. The map shrinks its effect, but "
                f"the next push is added, and in the end it comes to {depth:.2f}.",
            ),
            Choice(
                f"By about {depth:.2f}.",
                "There the pull back and the push cancel. The theorem of this chapter guarantees "
                f"less: only that the distance is at most {enough:.2f}.",
                right=True,
            ),
            Choice(
                "To the other side. Pushes without end add up without end.",
                "Each step shrinks what is left of the earlier pushes, so their sum is bounded. "
                f"It takes h* = {margin:.3f} to flip the bit.",
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "On a ball of radius {d} round the trajectory the slope is at most {x}. How large an "
        "input does the theorem allow?",
        of("noise_borne"),
        {"d": Range(0.1, 0.9, 0.1), "x": Range(0.55, 0.95, 0.05)},
        "One step shrinks the ball to λ d, and the rest, (1 − λ) d, is for the input.",
        {
            "That is what may be left of the ball. The rest is for the input.": x * d,
            "That is only the share. Multiply it by the radius.": 1 - x,
        },
    ),
    Task(
        "A system contracts everywhere with λ = {x}, and its inputs are at most {h} in size. "
        "If it starts on the autonomous trajectory, what distance from it can it never exceed?",
        h / (1 - x),
        {"h": Range(0.02, 0.2, 0.02), "x": Range(0.6, 0.95, 0.05)},
        "It is the sum of b, λ b, λ² b and so on, b/(1 − λ).",
        {
            "The series sums to 1/(1 − λ), not to 1/λ.": h / x,
            "That is a single input. The earlier ones still count, each a little less.": h,
            "That is what the theorem allows as input on a ball of this size.": h * (1 - x),
        },
    ),
)

EXERCISES = {
    "ex-which-factor": Exercise(
        expected=lambda: sp.Rational(1, 20),
        why="The ball that shrinks before u_1 comes in is the one round a_0, so lambda_0 counts.",
        slips={
            "That uses lambda_1. The ball round a_1 shrinks only in the next step.": lambda: (
                sp.Rational(2, 5)
            ),
            "That is lambda_0 d, what may be left of the ball. The noise has the rest.": lambda: (
                sp.Rational(9, 20)
            ),
        },
    ),
    "ex-long-run": Exercise(
        expected=lambda: sp.Rational(1, 4),
        why="The sum 0.05 (1 + 0.8 + 0.8^2 + ...) is 0.05/0.2.",
        slips={
            "That is 0.05/0.8. The series sums to 1/(1 - lambda).": lambda: sp.Rational(1, 16),
            "That is a single input. The earlier ones still count, each a little less.": lambda: (
                sp.Rational(1, 20)
            ),
        },
    ),
    "ex-true-margin": Exercise(
        expected=lambda: float(formula("tube_margin")(_top(2.0), 0.4, 2.0)),
        why="It is the area under 1 - M' over the lower half of the tube.",
        slips={
            "That is the rectangle, which the theorem guarantees. The area is larger.": lambda: (
                float(formula("rectangle_bound")(_top(2.0), 0.4, 2.0))
            ),
            "That is the margin of the whole latch, not of this tube.": lambda: h_star(2.0),
        },
    ),
    "ex-best-corner": Exercise(
        expected=lambda: (2 - sp.sqrt(2)) / 3,
        why="That is about a fifth of the way from a+ down to 0.",
        slips={
            "That is s, the place of the corner. The question asks for 1 - s.": lambda: (
                (1 + sp.sqrt(2)) / 3
            ),
            "That is the whole base, from a* to a+.": lambda: 1 - 1 / sp.sqrt(3),
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_margins(
    d: ArrayLike, margins: Mapping[str, ArrayLike], level: float, ax: Axes | None = None
) -> Axes:
    """Draw noise bounds against the radius d of the tube, and h* as a level."""
    ax = axes(ax)
    for (label, margin), colour, line in zip(margins.items(), COLOURS, LINES, strict=False):
        ax.plot(d, margin, line, color=colour, label=label)
    best = next(iter(margins.values()))
    k = int(np.argmax(best))
    ax.plot(np.asarray(d)[k], np.asarray(best)[k], "o", color=COLOURS[0], ms=7)
    ax.axhline(level, color=GREY, lw=1.2, ls=":", label="$h^*$")
    ax.set(xlabel="radius $d$ of the tube", ylabel="bound on the noise", ylim=(0, 1.45 * level))
    ax.legend(loc="upper left")
    return ax


def plot_share(w: ArrayLike, share: ArrayLike, limit: float, ax: Axes | None = None) -> Axes:
    """Draw the share of h* that the theorem guarantees, against w - 1, with its limits."""
    ax = axes(ax)
    ax.semilogx(np.asarray(w) - 1.0, share, color=BLUE, label="best bound$/h^*$")
    for value, text in ((limit, f"{limit:.3f}"), (1.0, "1")):
        ax.axhline(value, color=GREY, lw=1, ls="--")
        ax.annotate(
            text, (1.0, value), xycoords=("axes fraction", "data"), xytext=(-2, -14),
            textcoords="offset points", ha="right", color=GREY,
        )  # fmt: skip
    ax.set(xlabel="$w - 1$", ylabel="share of $h^*$ guaranteed", ylim=(0.0, 1.05))
    ax.legend(loc="lower right")
    return ax


def plot_tube(
    centre: ArrayLike,
    radius: float,
    paths: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    levels: Mapping[str, float] | None = None,
) -> Axes:
    """Draw states over time, labelled, and the tube of `radius` round `centre`, shape (time,)."""
    ax = axes(ax)
    centre = np.asarray(centre, float)
    times = np.arange(len(centre))
    ax.fill_between(
        times, centre - radius, centre + radius, color=ORANGE, alpha=0.35, lw=0, label="tube"
    )
    ax.plot(times, centre, color=GREY, lw=1)
    for (label, path), colour, line in zip(paths.items(), COLOURS, LINES, strict=False):
        ax.plot(np.arange(len(np.asarray(path))), path, line, color=colour, label=label)
    for label, level in (levels or {}).items():
        ax.axhline(level, color=GREY, lw=1, ls=":")
        ax.annotate(
            label, (1.0, level), xycoords=("axes fraction", "data"), xytext=(-2, -14),
            textcoords="offset points", ha="right", color=GREY,
        )  # fmt: skip
    ax.set(xlabel="time $t$ (steps)", ylabel="state $a_t$", xlim=(0, len(centre) - 1))
    ax.legend(loc="lower left")
    return ax


def plot_tube_in_plane(
    centre: ArrayLike, radius: float, paths: ArrayLike, ax: Axes | None = None
) -> Axes:
    """Draw the balls of a tube in the plane and trajectories that run in it.

    `centre` is (time, 2), `paths` is (time, 2, trial).
    """
    ax = axes(ax)
    centre, paths = np.asarray(centre, float), np.asarray(paths, float)
    for number, middle in enumerate(centre):
        ax.add_patch(
            Circle(middle, radius, facecolor=ORANGE, alpha=0.18, edgecolor="none", zorder=1)
        )
        ax.add_patch(
            Circle(
                middle, radius, facecolor="none", edgecolor=GREY, lw=0.8, zorder=2,
                label="$D_t$" if number == 0 else None,
            )
        )  # fmt: skip
    for k in range(paths.shape[2]):
        ax.plot(
            paths[:, 0, k], paths[:, 1, k], color=BLUE, lw=0.7, alpha=0.8,
            label="under worst inputs" if k == 0 else None,
        )  # fmt: skip
    ax.plot(*centre.T, "o--", color=VERMILLION, ms=4, lw=1, label="without noise", zorder=4)
    ax.set(xlabel="first unit", ylabel="second unit", aspect="equal")
    ax.legend(loc="best")
    return ax
