"""What the chapter price-list asks, and the picture that it alone shows."""

from __future__ import annotations

from math import exp, isinf

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from scipy.optimize import brentq

from latchbook.explorables.prices import met
from latchbook.figures.style import BLUE, GREY, VERMILLION, axes
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS, formula
from latchlib.prices import IDEAS

d, h, n, x = (SYMBOLS[name] for name in "d h n x".split())

#: The slope of which a tenth is left after 100 steps, and what its price allows.
_SLOPE = 0.1 ** (1 / 100)
_ALLOWED = float(formula("price_for_steps")(_SLOPE, 100))

#: Share of the room that a line bears whose bit fades.
_FADING = formula("line_margin").expr.args[-1].expr / d

PREDICTION = Prediction(
    "A unit must keep a bit for 100 steps, with at least a tenth of its gradient left at the end. "
    "At each step something as large as a tenth of its room is added to its state. Which idea can "
    "do that?",
    (
        Choice(
            "A GRU: its gate keeps the gradient, and the latch beneath it holds the bit.",
            "It does both as long as the noise passes through the gate, which makes it small. Here "
            "the noise is added to the state, behind the gate.",
        ),
        Choice(
            "The carousel, or a rotation: what is kept exactly cannot be lost.",
            "But noise is kept exactly too, so a hundred pushes of a tenth of the room add up to "
            "ten rooms.",
        ),
        Choice(
            "None that is concave from its edge on.",
            f"If a tenth is left, its slope is {_SLOPE:.3f} or more, and the price for 100 steps "
            f"then allows only {100 * _ALLOWED:.1f} % of the room.",
            right=True,
        ),
    ),
)

DRILL = Drill(
    Task(
        "A unit is concave from its edge on, and its slope at rest is {x}. It must withstand {n} "
        "steps of noise added to its state. How large can the noise be, at most, as a share of the "
        "room?",
        of("price_for_steps"),
        {"x": Range(0.9, 0.98, 0.02), "n": Range(6, 21, 5)},
        "It is (1 − λ)/(1 − λᵀ), because the pushes add up to a geometric sum, which must be below "
        "the room.",
        {
            "That is the share for ever. Over a few steps the noise may be larger.": 1 - x,
            "That is for a slope of 1. A smaller slope pulls the state back.": 1 / n,
            "That is for a bit that starts at d and decays towards its edge.": _FADING,
        },
    ),
    Task(
        "A carousel has the room 1. Noise of size {h} comes with its inputs for {n} steps, and its "
        "write gate, which is open by σ(−g), lets in that share of each. How large must g be, at "
        "least, if the bit is to be kept?",
        sp.log(n * h - 1),
        {"h": Range(1.5, 3, 0.5), "n": Range(6, 21, 5)},
        "T σ(−g) b equals the room at g = ln(T b − 1).",
        {
            "That leaves out how large the noise is.": sp.log(n - 1),
            "That is enough for a single step only.": sp.log(h - 1),
        },
    ),
)


def _slope_with(share: float, steps: int) -> float:
    """Return the slope at which the price for so many steps allows exactly this share."""
    return brentq(lambda k: formula("price_for_steps")(k, steps) - share, 0.5, 0.9999)


def _remaining(*needs: str) -> sp.Integer:
    kept = [all(met(idea, 100)[need] for need in needs) for idea in IDEAS]
    return sp.Integer(sum(kept))


EXERCISES = {
    "ex-price-choose": Exercise(
        expected=lambda: _remaining("forever", "alive", "quick"),
        why="GRU and bistable cell, each a latch beneath a gate. The slow clock is slow to write.",
        slips={
            "Without the last wish three remain, but one of them is slow to write.": lambda: (
                _remaining("forever", "alive")
            ),
            "Some of these lose the bit eventually.": lambda: _remaining("alive", "quick"),
        },
    ),
    "ex-price-sketch": Exercise(
        expected=lambda: sp.Rational(1, 1000),
        why="The slope is 1, and a thousand pushes add up to the room.",
        slips={
            "That is for a hundred steps.": lambda: sp.Rational(1, 100),
            "That is for ever. For a given number of steps it withstands something.": lambda: (
                sp.Integer(0)
            ),
        },
        share=True,
    ),
    "ex-price-find": Exercise(
        expected=lambda: float(formula("half_life")(_slope_with(0.02, 100))),
        why="The slope with (1 − λ)/(1 − λ¹⁰⁰) = 0.02 is 0.984.",
        slips={
            "That is the longest if it must withstand the noise for ever.": lambda: float(
                formula("half_life")(0.98)
            ),
            "That is the slope. How many factors of it make a half?": lambda: _slope_with(
                0.02, 100
            ),
        },
    ),
    "ex-price-break": Exercise(
        expected=lambda: float(formula("gate_kept")(np.log(100), 1000)),
        why="It keeps 100/101 at each step, a thousand times over.",
        slips={
            "That is after the 100 steps that it was set for.": lambda: float(
                formula("gate_kept")(np.log(100), 100)
            ),
            "Ten times as long is the tenth power, not a tenth.": lambda: exp(-1) / 10,
        },
        share=True,
    ),
}

# --- the picture -------------------------------------------------------------------------

#: Where a half-life without end is drawn.
_TOP = 3000.0
#: Where each name stands, from its point.
_BESIDE = {
    "tanh-latch": (-10, -4, "right"), "slow-clock": (-8, -4, "right"), "carousel": (-8, 8, "right"),
    "forget-gate": (0, -26, "center"), "gru": (-8, 8, "right"), "bistable": (-8, -16, "right"),
    "rotations": (-8, -5, "right"), "lines": (0, -36, "center"), "attention": (-8, -18, "right"),
}  # fmt: skip


def plot_prices(steps: int, ax: Axes | None = None) -> Axes:
    """Draw margin over room against half-life: the ideas, and the curve that none of them passes.

    A full point is the margin against noise that is added to the state, a ring the one against
    noise that comes with the inputs, where that is another one.
    """
    ax = axes(ax)
    slopes = 1.0 - np.geomspace(1e-4, 0.99, 200)
    lives = formula("half_life")(slopes)
    ax.loglog(
        formula("price_for_steps")(slopes, steps), lives, color=VERMILLION,
        label=f"price for {steps} steps",
    )  # fmt: skip
    ax.loglog(1.0 - slopes, lives, "--", color=GREY, lw=1.5, label="price for ever")
    for idea in IDEAS:
        life = idea.number("life", steps)
        height = _TOP if isinf(life) else life
        added, arriving = (idea.number(name, steps) for name in ("added", "arriving"))
        lasting = idea.number("lasts", steps) == 1.0
        ax.plot(added, height, "s" if lasting else "o", color=BLUE, ms=7, zorder=4)
        if idea.outside:
            ax.plot([added, arriving], [height] * 2, ":", color=BLUE, lw=1)
            ax.plot(
                arriving, height, "s" if lasting else "o", color=BLUE, mfc="white", ms=7, zorder=4
            )
        dx, dy, side = _BESIDE[idea.key]
        ax.annotate(
            idea.short, (added, height), (dx, dy), textcoords="offset points", ha=side, fontsize=9
        )
    ax.set(
        xlabel="margin over room", ylabel="half-life of the gradient (steps)",
        xlim=(0.08 / steps, 2.5), ylim=(0.1, 3 * _TOP),
    )  # fmt: skip
    ax.set_yticks([1, 10, 100, 1000, _TOP], ["1", "10", "100", "1000", "no fading"])
    ax.yaxis.minorticks_off()
    ax.legend(loc="lower left")
    return ax
