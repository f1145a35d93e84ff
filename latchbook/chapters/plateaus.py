"""What the chapter plateaus asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log10

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, GREY, axes, styled
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of, superscript
from latchlib.formulas import SYMBOLS, formula
from latchlib.neuron import fixed_points

a, d, t, w = (SYMBOLS[name] for name in "a d t w".split())

_wrong_bit = -of("cost_derivative", x=-sp.tanh(a)) * of("output_rise")
_TARGET = sp.Rational(4, 5)


def _as_steep(steps: int) -> sp.Expr:
    """Return the weight whose slope after so many steps is that of 3/2 at T = 19."""
    growth = -of("cliff_slope", w=sp.Rational(3, 2), d=1, t=19)
    return growth ** sp.Rational(1, steps)


def _tilt(output: sp.Expr, sign: int) -> sp.Expr:
    """Return dC/dw at rest at the output `output`, which moves with w in the direction `sign`."""
    by_output = of("cost_derivative", x=output, d=_TARGET)
    return by_output * sign * of("output_rise", a=1)


def _prediction() -> Prediction:
    w, d, steps = 1.5, 0.8, 50
    state, reach = -0.6, 1.0
    for _ in range(steps - 1):
        reach *= float(formula("slope")(state, w))
        state = float(formula("step")(state, w, 0.0))
    by_u = float(formula("delta_at_end")(state, d)) * reach
    top = fixed_points(w)[-1].a
    by_w = -float(formula("cost_derivative")(-np.tanh(top), d) * formula("output_rise")(top))
    power = superscript(round(log10(-by_u)))
    return Prediction(
        "What do the two derivatives tell this neuron, which starts on the wrong side?",
        (
            Choice(
                "To raise u, and not much about w.",
                f"∂C/∂u has passed through 49 slopes, and about −10{power} is left of it. But "
                f"∂C/∂w is {by_w:.1f}.",
            ),
            Choice(
                "Hardly anything. Both have vanished.",
                f"∂C/∂u has: about −10{power} is left. But w also acts at the last step, so ∂C/∂w "
                f"is {by_w:.1f}.",
            ),
            Choice(
                "To raise w, so that the bit is held better.",
                "It is the wrong bit, and holding it better costs more: ∂C/∂w is "
                f"{by_w:.1f}, so descent lowers w.",
            ),
            Choice(
                "To lower w, and hardly anything about u.",
                f"∂C/∂w is {by_w:.1f}: a bit that is held wrongly costs more than no bit. ∂C/∂u is "
                f"about −10{power}: a direction, but no slope to walk on.",
                right=True,
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "One neuron, w = {w}, target d = {d}, T = {t}. What is ∂C/∂u at u = 0?",
        of("cliff_slope"),
        {"d": Range(0.5, 0.9, 0.1), "t": Range(4, 12, 1), "w": Range(1.2, 2.0, 0.1)},
        "The error at the end is −d, and each of the T − 1 steps back multiplies it by w.",
        {
            "From a₁ to a_T there are T − 1 steps.": of("cliff_slope", t=t + 1),
            "The sign is turned: the output 0 is below the target.": -of("cliff_slope"),
            "That is only the growth. The error at the end is a factor too.": w ** (t - 1),
        },
    ),
    Task(
        "A neuron rests at −a₊, with a₊ = {a}, and its target is d = {d}. What is ∂C/∂w for large "
        "T?",
        _wrong_bit,
        {"a": Range(0.8, 2.0, 0.1), "d": Range(0.5, 0.9, 0.1)},
        "The output is −x₊, so it is (x₊ + d) times the rise of x₊ with w.",
        {
            "That is the rise of x₊ alone.": of("output_rise"),
            "The sign is turned: a larger weight moves −x₊ further from the target.": -_wrong_bit,
            "That is for a bit that is held rightly.": of("cost_derivative", x=sp.tanh(a))
            * of("output_rise"),
        },
    ),
)

EXERCISES = {
    "ex-cliff-height": Exercise(
        expected=lambda: of("cliff_height", x=_TARGET, d=_TARGET),
        why="On the right side the cost is 0, on the wrong one it is (0.8 + 0.8)^2 / 2.",
        slips={
            "That forgets the half in the cost.": lambda: (2 * _TARGET) ** 2,
            "That is the drop from the edge, where the output is 0.": lambda: _TARGET**2 / 2,
        },
    ),
    "ex-cliff-slope": Exercise(
        expected=lambda: _as_steep(9),
        why="Eighteen factors of 3/2 are nine factors of 9/4.",
        slips={
            "From a_1 = u to a_10 there are nine steps, not ten.": lambda: _as_steep(10),
            "Half as many factors call for the square, not for twice the weight.": lambda: (
                sp.Integer(3)
            ),
            "Fewer steps call for a larger weight, not for a smaller one.": lambda: _as_steep(36),
        },
    ),
    "ex-thousand-times-flatter": Exercise(
        expected=lambda: sp.log(1000) / sp.log(2),
        why="Not quite ten steps cost three powers of ten.",
        slips={
            "That is for a factor of 1/e per step.": lambda: sp.log(1000),
            "That divides by 2 once. Count how often you have to halve.": lambda: sp.Integer(500),
        },
    ),
    "ex-tilt": Exercise(
        expected=lambda: _tilt(-sp.tanh(1), -1),
        why="It is positive, so descent lowers w: forgetting the wrong bit lowers the cost.",
        slips={
            "The output is on the wrong side: it goes down when w goes up.": lambda: _tilt(
                -sp.tanh(1), 1
            ),
            "That is for a bit that is held rightly.": lambda: _tilt(sp.tanh(1), 1),
        },
    ),
    "ex-kind-of-place": Exercise(
        expected=lambda: "plateau",
        why="For w > 0, dC/du is 0 only where the cost is 0. There is a way down, but a long one.",
        slips={
            "A small gradient is not a zero gradient: its part for u cannot vanish.": lambda: (
                "minimum"
            ),
            "A saddle has a zero gradient too.": lambda: "saddle",
        },
        choices=("minimum", "saddle", "plateau", "cliff"),
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_surface(
    u: ArrayLike,
    w: ArrayLike,
    cost: ArrayLike,
    ax: Axes | None = None,
    *,
    levels: Sequence[float] = (),
    label: str = "cost $C$",
    limits: tuple[float, float] | None = None,
) -> Axes:
    """Draw a cost, shape (w, u), over first input and weight, with level lines; dark is low.

    `limits` are the costs of the darkest and the lightest colour. The weight 1 is dotted.
    """
    ax = axes(ax)
    low, high = limits or (None, None)
    cost = np.asarray(cost, dtype=float)
    image = ax.pcolormesh(
        u, w, cost, cmap="cividis", vmin=low, vmax=high, shading="nearest", rasterized=True
    )
    # Below it nothing is held.
    ax.axhline(1.0, color="white", lw=1.2, ls=":")
    if len(levels):
        ax.contour(u, w, cost, levels, colors="white", linewidths=0.9)
    ax.set(xlabel="first input $u$", ylabel="weight $w$")
    ax.figure.colorbar(image, ax=ax, label=label)
    return ax


def plot_descents(
    paths: Mapping[str, ArrayLike], ax: Axes | None = None, *, edge: bool = True
) -> Axes:
    """Draw paths of gradient descent over first input and weight, labelled; each is (update, 2).

    A path begins at its mark. With `edge`, the cliff at u = 0, w > 1 is drawn.
    """
    ax = axes(ax)
    for (label, path), colour, line, mark in styled("paths", paths.items()):
        u, w = np.asarray(path, dtype=float).T
        ax.plot(u, w, line, color="white", lw=4)
        ax.plot(u, w, line, color=colour, label=label)
        ax.plot(u[0], w[0], mark, color=colour, mec="white", ms=9)
        ax.plot(u[-1], w[-1], mark, color="white", mec=colour, ms=7)
    low, high = ax.get_ylim()
    if edge and high > 1.0:
        ax.plot([0.0, 0.0], [max(1.0, low), high], color="black", lw=1.2, ls=(0, (1, 1)))
    ax.set(xlabel="first input $u$", ylabel="weight $w$", ylim=(low, high))
    # Above the map, where it hides no path.
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=9)
    return ax


def plot_cut(
    u: ArrayLike,
    costs: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    levels: Mapping[str, float] | None = None,
) -> Axes:
    """Draw costs against the first input, labelled, with named heights."""
    ax = axes(ax)
    for (label, cost), colour, line, _ in styled("costs", costs.items()):
        ax.plot(u, cost, line, color=colour, label=label)
    for label, level in (levels or {}).items():
        ax.axhline(level, color=GREY, lw=1, ls=":")
        ax.annotate(
            label, (1.0, level), xycoords=("axes fraction", "data"), xytext=(-2, 3),
            textcoords="offset points", ha="right", color=GREY,
        )  # fmt: skip
    ax.set(xlabel="first input $u$", ylabel="cost $C$")
    ax.legend(loc="center right")
    return ax


def plot_flat_share(
    shares: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    ylabel: str = "share of the box that is flat",
) -> Axes:
    """Draw shares against T with their intervals, labelled: rows (T, share, low, high)."""
    ax = axes(ax)
    for (label, rows), colour, line, mark in styled("shares", shares.items()):
        T, share, low, high = np.asarray(rows, dtype=float).T
        ax.errorbar(
            T, share, (share - low, high - share), fmt=mark + line, color=colour, ms=5, lw=1.4,
            capsize=3, label=label,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_xticks(T, [f"{v:g}" for v in T])
    ax.minorticks_off()
    ax.set(xlabel="sequence length $T$", ylabel=ylabel, ylim=(-0.03, 1.03))
    ax.legend(loc="best", fontsize=9)
    return ax


def plot_outcomes(outcomes: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw shares with their intervals, one row a setting, named: each is (share, low, high)."""
    ax = axes(ax)
    rows = np.array([np.asarray(v, dtype=float) for v in outcomes.values()])
    share, low, high = rows.T
    at = np.arange(len(rows))[::-1]
    ax.errorbar(share, at, xerr=(share - low, high - share), fmt="o", color=BLUE, capsize=4, ms=7)
    ax.set_yticks(at, list(outcomes))
    ax.set(xlabel="share of trials that learned", ylabel="start", xlim=(-0.03, 1.03))
    ax.set_ylim(-0.6, len(rows) - 0.4)
    return ax
