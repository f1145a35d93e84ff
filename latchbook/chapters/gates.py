"""What the chapter gates asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import e, exp, log

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import axes, styled
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of, superscript
from latchlib.formulas import SYMBOLS, formula
from latchlib.neuron import h_star

g, n = SYMBOLS["g"], SYMBOLS["n"]
_SIGMA = 1 / (1 + sp.exp(-g))

PREDICTION = Prediction(
    "In 1997 the state of an LSTM kept itself with the factor 1. In 1999 a forget gate, which can "
    "be trained, was put in place of that factor. Suppose it starts with the bias 0. What becomes "
    "of the gradient through 100 steps, before any training?",
    (
        Choice(
            "Nothing much: the gate is trained, and opens as soon as it needs to.",
            "It is trained by that very gradient. First look at what is left of it.",
        ),
        Choice(
            "It is halved.",
            "It is halved at every step, a hundred times over.",
        ),
        Choice(
            "It is less than a billionth of a billionth of a billionth of what it was.",
            f"The gate keeps a half, a hundred times over: 8 · 10{superscript(-31)}.",
            right=True,
        ),
    ),
)

DRILL = Drill(
    Task(
        "A forget gate has the bias {g} and reads nothing else. What share of the state is kept "
        "after {n} steps?",
        of("gate_kept"),
        {"g": Range(2, 5, 0.5), "n": Range(5, 40, 5)},
        "It is σ(g)ᵀ with σ(g) = 1/(1 + e⁻ᵍ).",
        {
            "That is the share kept after a single step.": _SIGMA,
            "That is a power of the leak. What is kept is 1 minus the leak.": (1 - _SIGMA) ** n,
            "That is how fast the share grows with the bias.": of("gate_slope"),
        },
    ),
    Task(
        "How steeply does the share that is kept after {n} steps grow with the bias, at the bias "
        "{g}?",
        of("gate_slope"),
        {"g": Range(2, 5, 0.5), "n": Range(10, 40, 5)},
        "It is T σ(g)ᵀ (1 − σ(g)), because σ′/σ = 1 − σ and the power brings down T.",
        {
            "The power rule brings down a factor T.": of("gate_kept") * (1 - _SIGMA),
            "That leaves out the leak 1 − σ(g).": n * of("gate_kept"),
        },
    ),
)

EXERCISES = {
    "ex-gate-bias": Exercise(
        expected=lambda: -log(0.9 ** (-1 / 50) - 1),
        why="The share per step must be the fiftieth root of 0.9.",
        slips={
            "That bias is taught best, but it keeps only 37 % for 50 steps.": lambda: log(50),
            "That is the share kept at each step. What bias gives it?": lambda: 0.9 ** (1 / 50),
            "That keeps nine tenths at every step, and half a per cent for 50.": lambda: log(9),
        },
    ),
    "ex-gate-half-life": Exercise(
        expected=lambda: log(1000) / log(1 + exp(-1)),
        why="With the bias 1 the gate keeps 73 % per step.",
        slips={
            "That is the share kept in one step.": lambda: 1 / (1 + exp(-1)),
            "That is the half-life, after which a half is left.": lambda: log(2) / log(1 + exp(-1)),
            "That is ln 1000 over the leak, which is right only for a small leak.": lambda: (
                log(1000) * (1 + e)
            ),
        },
    ),
    "ex-gate-too-low": Exercise(
        expected=lambda: exp(3 - exp(2)),
        why="Below ln T the slope falls doubly exponentially.",
        slips={
            "That is for a bias that is too high by 2.": lambda: exp(-1 - exp(-2)),
            "Compare this with the slope at the best bias, 1/e.": lambda: exp(2 - exp(2)),
        },
        share=True,
    ),
    "ex-gru-margin": Exercise(
        expected=lambda: h_star(2.0),
        why="The new part is a latch with the weight 4/2, and the update gate does not enter.",
        slips={
            "That is without the reset gate, which halves the weight.": lambda: h_star(4.0),
            "The update gate does not make the margin smaller.": lambda: 0.01 * h_star(2.0),
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_gate_slopes(lengths: Iterable[int], ax: Axes | None = None) -> Axes:
    """Draw how steeply the share that is kept grows with the bias, for several lengths."""
    ax = axes(ax)
    bias = np.linspace(-1.0, 12.0, 261)
    for length, colour, line, mark in styled("lengths", lengths):
        slope = formula("gate_slope")(bias, length)
        ax.plot(
            bias, slope, color=colour, ls=line, marker=mark, markevery=20, ms=4,
            label=f"$T = {length}$",
        )  # fmt: skip
        ax.plot([log(length)] * 2, [0.0, formula("gate_slope_at_best")(length)], color=colour, lw=1)
    ax.set(xlabel="bias $g$", ylabel="slope of the share kept", ylim=(0.0, 0.5))
    ax.legend(loc="upper right")
    return ax


def plot_gate_shapes(
    shapes: Mapping[str, ArrayLike], lengths: ArrayLike, ax: Axes | None = None
) -> Axes:
    """Draw T |z'| at the leak 1/T against T, for gates of several shapes."""
    ax = axes(ax)
    for (name, colour, line, mark), rates in zip(
        styled("shapes", shapes), shapes.values(), strict=True
    ):
        ax.loglog(lengths, rates, color=colour, ls=line, marker=mark, ms=4, label=name)
    ax.set(xlabel="length $T$", ylabel=r"$T\,\vert z' \vert$ at $z = 1/T$", ylim=(1e-4, 30))
    ax.legend(loc="lower left")
    return ax
