"""What the chapter weight-gradient asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import GREY, axes, styled
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS
from latchlib.neuron import fixed_points

a1, a2, t, w, x = (SYMBOLS[name] for name in "a1 a2 t w x".split())

_two_steps = of("weight_term", a=a1) + of("weight_term", delta=of("delta_step", a=a1), a=a2)


def _slope() -> float:
    return fixed_points(2.0)[-1].slope


def _prediction() -> Prediction:
    slope = fixed_points(2.0)[-1].slope
    older = 100 * slope**5
    return Prediction(
        "The latch has held its bit for fifty steps under noise. What share of ∂C/∂w comes from "
        "the last five?",
        (
            Choice(
                "A tenth: five steps of fifty.",
                "That would be so if all steps counted alike. But at rest each step back "
                f"multiplies the effect by {slope:.2f}.",
            ),
            Choice(
                "About a half. Recent steps count for more.",
                "They count for much more than that: at rest each step back leaves only "
                f"{100 * slope:.0f} per cent.",
            ),
            Choice(
                "More than 99.9 per cent.",
                f"Each step back multiplies by about {slope:.2f}. At rest all terms older than "
                f"five steps would share {older:.2f} per cent, and under noise they get about as "
                "little.",
                right=True,
            ),
            Choice(
                "Next to nothing. The bit was set at the first step.",
                "That step should count, but it hardly does: its term has passed 49 slopes.",
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "The weight is w = {w}, and the error at the end δ_T = {delta}. The net input was {a1} "
        "one step before the end, and {a2} two steps before. What do the last two terms add to "
        "∂C/∂w?",
        _two_steps,
        {
            "a1": Range(0.4, 0.7, 0.1),
            "a2": Range(0.2, 0.5, 0.1),
            "delta": Range(-0.9, -0.2, 0.1),
            "w": Range(2.0, 3.0, 0.1),
        },
        "The newer term is δ_T tanh a, with a from one step before the end. For the older term "
        "the error first passes the slope there.",
        {
            "That is only the newer term.": of("weight_term", a=a1),
            "For the older term, the error must pass a slope, w (1 − tanh² a).": of(
                "weight_term", a=a1
            )
            + of("weight_term", a=a2),
            "The slope has a factor w.": _two_steps.subs(w, 1),
        },
    ),
    Task(
        "At rest each step back multiplies the effect on the cost by {x}. What share of ∂C/∂w "
        "comes from the last {t} terms?",
        1 - x**t,
        {"t": Range(2, 4, 1), "x": Range(0.3, 0.6, 0.05)},
        "All terms sum to 1/(1 − m), those older than the last t to mᵗ/(1 − m).",
        {
            "That is the share of the older terms.": x**t,
            "The ages of the last t terms are 0 to t − 1.": 1 - x ** (t + 1),
            "That is the share of the newest term.": 1 - x,
        },
        tolerance=1e-3,
        share=True,
    ),
)

EXERCISES = {
    "ex-last-three-steps": Exercise(
        expected=lambda: 1 - _slope() ** 3,
        why="It is 1 - m^3: all older terms together make up less than half a per cent.",
        slips={
            "That is the share of the older terms.": lambda: _slope() ** 3,
            "The three terms are those of age 0, 1 and 2.": lambda: 1 - _slope() ** 4,
        },
        tolerance=1e-3,
        share=True,
    ),
    "ex-printed-indices": Exercise(
        expected=lambda: 1 - _slope(),
        why="Only the last term is left. At rest it is most of the gradient, but nothing in it "
        "has travelled through time.",
        slips={"That is the share of what is left out.": _slope},
        share=True,
    ),
    "ex-lost-in-rounding": Exercise(
        expected=lambda: int(np.ceil(-16 * np.log(10.0) / np.log(_slope()))),
        why="From twenty-one steps back on, no term leaves a trace in the sum.",
        slips={
            "That term is still a little above 10^-16.": lambda: int(
                np.floor(-16 * np.log(10.0) / np.log(_slope()))
            ),
        },
        tolerance=1e-6,
    ),
    "ex-negative-weight": Exercise(
        expected=lambda: "other",
        why="An odd number of negative slopes. With T = 21 the push would be right.",
        slips={
            "From a_1 to a_20 there are nineteen slopes, and each is negative.": lambda: "class",
        },
        choices=("class", "other"),
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_far_share(
    shares: Mapping[str, tuple[ArrayLike, ArrayLike]], ax: Axes | None = None
) -> Axes:
    """Draw which share of the weight gradient comes from terms more than k steps old.

    Each value is (mean, half-width of its 95 % interval), for k = 1, 2, ...
    """
    ax = axes(ax)
    for (label, (mean, half)), colour, line, _ in styled("shares", shares.items()):
        mean, half = np.asarray(mean), np.asarray(half)
        k = np.arange(1, len(mean) + 1)
        ax.semilogy(k, mean, line, color=colour, label=label)
        low = np.maximum(mean - half, 0.1 * mean)
        ax.fill_between(k, low, mean + half, color=colour, alpha=0.25, lw=0)
    ax.set(xlabel="steps kept, $k$", ylabel="share of the older terms")
    ax.legend(loc="lower left")
    return ax


def plot_error_at_source(
    lengths: ArrayLike, sizes: Mapping[str, ArrayLike], ax: Axes | None = None
) -> Axes:
    """Draw quartiles of |dC/dv| against T, on a log scale; each value is (length, 3)."""
    ax = axes(ax)
    for (label, quartiles), colour, line, mark in styled("sizes", sizes.items()):
        low, middle, high = np.asarray(quartiles).T
        ax.semilogy(lengths, middle, line, marker=mark, ms=5, color=colour, label=label)
        ax.fill_between(lengths, low, high, color=colour, alpha=0.2, lw=0)
    ax.set(xlabel="sequence length $T$", ylabel=r"$|\partial C / \partial v|$ at A")
    ax.legend(loc="lower left")
    return ax


def plot_source_weights(paths: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw the weight with which A reads the class, over its updates."""
    ax = axes(ax)
    for (label, path), colour, line, _ in styled("paths", paths.items()):
        ax.plot(np.asarray(path), line, color=colour, label=label)
    ax.axhline(0.0, color=GREY, lw=1)
    ax.set(xlabel="updates of A", ylabel=r"weight $\theta_1$ on the class")
    ax.legend(loc="best")
    return ax
