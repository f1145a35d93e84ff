"""What the chapter vanishing-gradient asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, GREY, VERMILLION, axes, styled
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS
from latchlib.neuron import fixed_points

d, t, x = (SYMBOLS[name] for name in "d t x".split())


def _steps_to(size: float, slope: float) -> int:
    return int(np.ceil(np.log(size) / np.log(slope)))


def _prediction() -> Prediction:
    rest = fixed_points(2.0)[-1].slope
    return Prediction(
        "Each slope M′(aₜ) is below 1. Must their product go to 0?",
        (
            Choice(
                "No. They may come so close to 1 that something is left.",
                "3/4 · 8/9 · 15/16 ⋯ tends to 1/2, and there are inputs that give the neuron these "
                "slopes while it never leaves Γ.",
                right=True,
            ),
            Choice(
                "Yes. A product of numbers below 1 goes to 0.",
                "3/4 · 8/9 · 15/16 ⋯ does not: it tends to 1/2.",
            ),
            Choice(
                f"Yes. The state comes to rest at a₊, where the slope is {rest:.2f}.",
                "Without inputs it does. But inputs can hold it near a*, where the slope is close "
                "to 1.",
            ),
            Choice(
                "No. Inside Γ the gradient may grow for a while.",
                "The answer is no, but not for that reason. Inside Γ the gradient never grows: "
                "each slope is below 1, so the product falls at every step.",
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "Every slope along the way is {x}. By how many powers of ten has the gradient fallen after "
        "{t} steps? Give fractions too.",
        -t * of("decades"),
        {"t": Range(10, 60, 5), "x": Range(0.2, 0.95, 0.05)},
        "Each step takes −log₁₀ of the slope.",
        {
            "That uses natural logarithms. Divide by ln 10.": -t * sp.log(x),
            "That is what one step does.": -of("decades"),
            "It has fallen, so the number is positive.": t * of("decades"),
        },
    ),
    Task(
        "After {t} steps the gradient has fallen by {d} powers of ten. By what factor has each "
        "step multiplied it, as a geometric mean?",
        of("growth_per_step", delta=-d),
        {"d": Range(2, 5, 1), "t": Range(15, 60, 5)},
        "The factor, raised to the number of steps, is 10 to the power of −{d}: take the root.",
        {
            "That is how many powers of ten one step takes.": d / t,
            "That would be growth. The power of ten is negative.": of("growth_per_step", delta=d),
        },
    ),
)

EXERCISES = {
    "ex-guaranteed-decay": Exercise(
        expected=lambda: _steps_to(1e-3, fixed_points(2.0, -0.5)[-1].slope),
        why="The worst slope is the one at a_b. A typical run needs far fewer steps.",
        slips={
            "That is the slope at a+. Inputs may push the state down to a_b.": lambda: _steps_to(
                1e-3, fixed_points(2.0)[-1].slope
            ),
            "With one step fewer the bound is still above 0.001.": lambda: (
                _steps_to(1e-3, fixed_points(2.0, -0.5)[-1].slope) - 1
            ),
        },
    ),
    "ex-slower-approach": Exercise(
        expected=lambda: sp.Rational(1, 100),
        why="The product telescopes to 1/(t + 1): the sum of 1/k diverges, so it vanishes.",
        slips={
            "Count the factors: tau runs from 0 to t - 1.": lambda: sp.Rational(1, 101),
            "That is the last factor. The derivative is the product of all factors.": lambda: (
                sp.Rational(99, 100)
            ),
        },
        tolerance=1e-6,
    ),
    "ex-pair-border": Exercise(
        expected=lambda: of("a_star", w=2),
        why="It is a*: the pair grows as soon as one coordinate is steep for the single neuron.",
        slips={
            "That is h*(2). The border is the state where the slope is 1.": lambda: of(
                "h_star", w=2
            ),
        },
    ),
    "ex-which-law": Exercise(
        expected=lambda: "exponential",
        why="Inputs above -h* lift the state again and again, so the mean of ln M' is below 0.",
        slips={
            "That is the worst case. Random inputs are rarely near -h* for long.": lambda: "power",
        },
        choices=("power", "exponential"),
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_decay_laws(
    logs: Mapping[str, ArrayLike], ax: Axes | None = None, *, lowest: float = 1e-10
) -> Axes:
    """Draw |da_t/da_0| for t >= 1, both axes logarithmic, from natural logarithms."""
    ax = axes(ax)
    for (label, log), colour, line, _ in styled("logs", logs.items()):
        log = np.asarray(log)[1:]
        ax.loglog(np.arange(1, len(log) + 1), np.exp(log), line, color=colour, label=label)
    ax.set(xlabel="time $t$ (steps)", ylabel=r"$|\partial a_t / \partial a_0|$", ylim=(lowest, 3.0))
    ax.legend(loc="lower left")
    return ax


def plot_rate_under_noise(
    sigma: ArrayLike,
    rate: ArrayLike,
    half_width: ArrayLike,
    law: ArrayLike,
    ax: Axes | None = None,
    *,
    margin: float,
    computed: tuple[ArrayLike, ArrayLike],
) -> Axes:
    """Draw measured Lyapunov exponents, the law, a computed curve, and where sigma = h*.

    `computed` holds the sigma and the exponents of the curve.
    """
    ax = axes(ax)
    ax.plot(*computed, color=BLUE, lw=1, label="computed on a grid")
    ax.plot(sigma, law, color=VERMILLION, ls="-.", label="law for small $\\sigma$")
    ax.errorbar(
        sigma, rate, yerr=half_width, fmt="o", color=BLUE, ms=5, capsize=3, label="measured"
    )
    ax.axhline(law[0], color=GREY, lw=1, ls="--", label="without noise, $\\ln M'(a_+)$")
    ax.axvline(margin, color=GREY, lw=1, ls=":", label="$\\sigma = h^*$")
    ax.set(xlabel="standard deviation of the noise $\\sigma$", ylabel="rate $\\Lambda$ (1/step)")
    ax.legend(loc="lower left")
    return ax
