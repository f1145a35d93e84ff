"""What the chapter looking-back asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import log

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, COLOURS, GREY, LINES, VERMILLION, axes
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS, formula

epsilon, g, t = (SYMBOLS[name] for name in "epsilon g t".split())


def _share(T: int) -> float:
    """Return the slope with all logits equal, over that with T = 10."""
    slope = formula("attention_slope")
    return float(slope(1 / T) / slope(1 / 10))


PREDICTION = Prediction(
    "All logits are equal. How does the gradient of the first weight with respect to its own logit "
    "change from T = 10 to T = 1,000?",
    (
        Choice(
            "Not at all. The path back is one step long in both.",
            "The path is one step long, but that step is p(1 − p), and p is one share of T.",
        ),
        Choice(
            f"It falls to about 1/{1 / _share(1000):.0f}, nearly as 1/T does.",
            "The weight of the first input is 1/T, and its slope p(1 − p) is hardly less. That is "
            "small, but not exponentially small: nothing is multiplied T times.",
            right=True,
        ),
        Choice(
            "It falls exponentially, as in every network that reads a long sequence.",
            "For that, some factor would have to be multiplied once per step. Here nothing is "
            "carried on from one step to the next.",
        ),
    ),
)

DRILL = Drill(
    Task(
        "One of {t} positions has a logit that is {g} above all the others. What is its weight?",
        of("attention_weight"),
        {"t": Range(10, 100, 10), "g": Range(1.5, 5, 0.5)},
        "It is 1/(1 + (T − 1) e⁻ᵍ).",
        {
            "That is e^g over the sum of the others. The sum includes the marked one too.": of(
                "attention_margin"
            ),
            "A logit does not count by itself: it is an exponent.": g / (g + t - 1),
            "That would be its weight if all logits were equal.": 1 / t,
        },
    ),
    Task(
        "One of {t} positions must leave a share of {epsilon} to all the others together. How far "
        "must its logit be above theirs?",
        of("attention_gap"),
        {"t": Range(20, 200, 20), "epsilon": Range(0.01, 0.09, 0.02)},
        "It is ln((T − 1)(1 − ε)/ε).",
        {
            "That is against one other position. There are T − 1 of them.": sp.log(
                (1 - epsilon) / epsilon
            ),
            "That is the gap of the weight 1/2.": sp.log(t - 1),
            "That gives it the weight ε.": sp.log((t - 1) * epsilon / (1 - epsilon)),
        },
    ),
)

EXERCISES = {
    "ex-look-gap": Exercise(
        expected=lambda: sp.Rational(9801, 9801 + 999),
        why="The exponential of the gap is 99 · 99, and now there are 999 others.",
        slips={
            "That divides the weight by ten. The others do not outvote it that much.": lambda: (
                sp.Rational(99, 1000)
            ),
            "The gap stays as it is, but there are more others now.": lambda: sp.Rational(99, 100),
            "There are 999/99 times as many others, but the sum has grown as well.": lambda: (
                1 - sp.Rational(999, 9900)
            ),
        },
        share=True,
    ),
    "ex-look-slope": Exercise(
        expected=lambda: of("attention_slope", x=sp.Rational(1, 500)) / sp.Rational(1, 4),
        why="(T − 1)/T² is 0.002, and the largest slope is 1/4, at p = 1/2.",
        slips={
            "That is the slope itself. Divide it by the largest one.": lambda: 499 / 500**2,
            "That is the ratio the other way round.": lambda: 500**2 / 499 / 4,
        },
        share=True,
    ),
    "ex-look-bound": Exercise(
        expected=lambda: sp.log(999) / 2,
        why="The gap must be ln 999, and it can be as large as 2B.",
        slips={
            "That is the gap. The other logits may be as low as −B.": lambda: sp.log(999),
            "That is e to the power 2B. Solve for B.": lambda: sp.Integer(999),
        },
    ),
    "ex-look-noise": Exercise(
        expected=lambda: sp.log(sp.Rational(1, 5) * 100),
        why="The others together weigh (T − 1) e⁻ᵍ times as much, and each of them is at most 0.2.",
        slips={
            "That is the gap of the weight 1/2, which withstands even noise of 1.": lambda: log(
                100
            ),
            "That divides by the noise. Small noise needs less of a gap.": lambda: log(500),
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_glances(T: int, gaps: Iterable[float], ax: Axes | None = None) -> Axes:
    """Draw the weights of T positions, one group of bars for each gap of the first logit."""
    ax = axes(ax)
    starts, names = [], []
    for number, gap in enumerate(gaps):
        weight = float(formula("attention_weight")(gap, T))
        heights = np.full(T, (1.0 - weight) / (T - 1))
        heights[0] = weight
        starts.append(number * (T + 5))
        names.append(f"gap {gap:.2f}" if gap else "gap 0")
        ax.bar(starts[-1] + np.arange(T), heights, color=[BLUE] + [GREY] * (T - 1))
    ax.set_xticks(np.array(starts) + (T - 1) / 2, names)
    ax.set(xlabel=f"positions 1 to {T}, once for each gap", ylabel="weight $p_k$", ylim=(0.0, 1.0))
    return ax


def plot_one_picture(
    lengths: Iterable[int], ax: Axes | None = None, *, slopes: bool = False
) -> Axes:
    """Draw what a head sees and what a gate keeps, or their slopes, over logit minus ln T."""
    ax = axes(ax)
    x = np.linspace(-6.0, 6.0, 301)
    weight = formula("attention_weight")(x, 2.0)  # sigma(x), whatever T is
    shown = formula("attention_slope")(weight) if slopes else weight
    ax.plot(x, shown, color=BLUE, label="head, every $T$")
    for T, line in zip(lengths, LINES[1:], strict=False):
        forgets = 1.0 / (1.0 + T * np.exp(x))  # 1 - sigma(x + ln T)
        kept = (1.0 - forgets) ** T
        shown = T * forgets * kept if slopes else kept
        ax.plot(x, shown, line, color=VERMILLION, label=f"gate, $T = {T}$")
    ax.axvline(0.0, color=GREY, lw=1, ls=":")
    ax.set(
        xlabel=r"logit minus $\ln T$; for the head, minus $\ln(T - 1)$",
        ylabel="slope" if slopes else "weight, or kept",
    )
    if not slopes:
        ax.legend(loc="lower right")
    return ax


def plot_flips(
    gaps: ArrayLike,
    laws: Mapping[int, ArrayLike],
    counted: Mapping[int, Iterable[tuple[float, float, float]]],
    ax: Axes | None = None,
) -> Axes:
    """Draw how often noise flips the answer: laws by length, and (gap, low, high) as counted."""
    ax = axes(ax)
    for (T, law), colour, line in zip(laws.items(), COLOURS, LINES, strict=False):
        ax.plot(gaps, law, line, color=colour, label=f"$T = {T}$")
        for gap, low, high in counted[T]:
            ax.plot([gap, gap], [low, high], color=colour, lw=5, alpha=0.6)
        ax.axvline(log(T - 1), color=colour, lw=1, ls=":")
    ax.set(xlabel="logit gap $g$", ylabel="share of wrong answers")
    ax.legend(loc="center", bbox_to_anchor=(0.78, 0.6))
    return ax
