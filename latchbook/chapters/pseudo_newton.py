"""What the chapter pseudo-newton asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from latchbook.figures.style import GREY, axes, styled
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS, formula
from latchlib.neuron import fixed_points

c, e, mu = (SYMBOLS[name] for name in "c e mu".split())


def _at_rest() -> tuple[float, float]:
    """Slope and output of the latch with w = 2 at its upper attractor."""
    top = fixed_points(2.0)[-1]
    return top.slope, float(np.tanh(top.a))


def _momentum(rate: sp.Expr) -> sp.Expr:
    """Return the momentum that turns a rate of 0.01 into another in the long run."""
    return 1 - sp.Rational(1, 100) / rate


def _prediction() -> Prediction:
    slope = fixed_points(2.0)[-1].slope
    gained = formula("steps_gained")(0.02, slope)
    return Prediction(
        "How many more steps back does a gain of 50 reach?",
        (
            Choice(
                "About 50.",
                f"The gain is a factor, and so is what each step takes away: {slope:.2f}. Two of "
                f"them leave {slope**2:.3f}.",
            ),
            Choice(
                "About ten.",
                f"That would take slopes near 0.7. Here each step leaves {slope:.2f}, and "
                f"{slope:.2f}² = {slope**2:.3f} is about 1/36.",
            ),
            Choice(
                "About two.",
                f"{slope:.2f}² = {slope**2:.3f} eats up nearly all of it. The exact number is "
                f"ln μ/ln ρ = {gained:.1f}.",
                right=True,
            ),
            Choice(
                "As many as you like. Where the gradient is small, the curvature is small too.",
                "However small the curvature is, the divisor is never below μ, so the gain never "
                "exceeds 1/μ = 50.",
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "Each step back keeps a share ρ = {x} of the gradient, and the divisor is never below "
        "μ = {mu}. By how many steps is the reach extended? Fractions count.",
        of("steps_gained"),
        {"mu": Range(0.001, 0.05, 0.001), "x": Range(0.2, 0.9, 0.05)},
        "ρⁿ = μ gives n = ln μ/ln ρ.",
        {
            "That is upside down: divide by ln ρ.": 1 / of("steps_gained"),
            "That is ln(1/μ). Each step costs ln(1/ρ).": -sp.log(mu),
            "The sign is turned. Both logarithms are negative.": -of("steps_gained"),
        },
    ),
    Task(
        "In the Gauss-Newton form, with the rate η = {eta}, the error e = {e} and μ = {mu}, how "
        "long is the longest step?",
        of("gauss_newton_ceiling"),
        {
            "e": Range(1.1, 1.9, 0.1),
            "eta": Range(0.01, 0.05, 0.01),
            "mu": Range(0.01, 0.09, 0.01),
        },
        "It is taken at s² = μ, and it is η |e|/(2 √μ) long.",
        {
            "At s² = μ the divisor is 2 μ, not μ.": 2 * of("gauss_newton_ceiling"),
            "That bounds the step where the gradient is e. Large gradients come with curvature "
            "here.": of("pseudo_newton_bound", g=e),
            "The error e is missing: it is a factor of the gradient.": of(
                "gauss_newton_ceiling", e=1
            ),
        },
    ),
)

EXERCISES = {
    "ex-how-long-a-step": Exercise(
        expected=lambda: of("gauss_newton_ceiling", e=1, eta=1),
        why="It is taken at s = sqrt(mu). A mu 100 times smaller allows steps 10 times longer.",
        slips={
            "That is the place of the maximum, not its height.": lambda: sp.sqrt(mu),
            "At s = sqrt(mu) the divisor is s^2 + mu = 2 mu, not mu.": lambda: 1 / sp.sqrt(mu),
            "That bounds the rate. Large gradients come with curvature here.": lambda: 1 / mu,
        },
    ),
    "ex-steps-gained": Exercise(
        expected=lambda: float(formula("steps_gained")(0.3, _at_rest()[0])),
        why="With the greatest mu of the paper's range the gain is less than one step.",
        slips={
            "That is for mu = 0.001, the smallest of the range.": lambda: float(
                formula("steps_gained")(0.001, _at_rest()[0])
            ),
            "The gradient falls by the slope at the attractor, not by 1/w.": lambda: float(
                formula("steps_gained")(0.3, 0.5)
            ),
        },
    ),
    "ex-rate-with-momentum": Exercise(
        expected=lambda: _momentum(50 * sp.Rational(2, 100)),
        why="The rate is 0.5 without momentum, and the shares 1 + 0.99 + ... add up to 100.",
        slips={
            "That is what has to be missing to 1.": lambda: 1 - _momentum(50 * sp.Rational(2, 100)),
            "That forgets mu: on the plateau the rate is 0.5 without momentum.": lambda: _momentum(
                sp.Integer(50)
            ),
            "That is the rate without momentum.": lambda: sp.Rational(1, 2),
        },
    ),
    "ex-height-of-the-plateau": Exercise(
        expected=lambda: float(formula("full_form_plateau")(*_at_rest(), 0.01)),
        why="It does not depend on T, nor on the target: gradient and curvature share the error.",
        slips={
            "That is upside down: the curvature over the gradient.": (
                lambda: 0.01 * 2 * _at_rest()[1] / (1 - _at_rest()[0])
            ),
            "That lacks the factor 2 of f'' = -2 x f'.": lambda: (
                2 * float(formula("full_form_plateau")(*_at_rest(), 0.01))
            ),
        },
    ),
    "ex-uphill-curvature": Exercise(
        expected=lambda: sp.solve(1 / (c + mu) - 1 / (2 * mu), c)[0].subs(mu, sp.Rational(1, 50)),
        why="It is c = mu. The flat use wins as soon as the other curves by more than mu.",
        slips={
            "That is the divisor c + mu of the first use, not its curvature.": lambda: sp.Rational(
                1, 25
            ),
            "The second gradient is half as large: compare 1/(2 mu) with 1/(c + mu).": (
                lambda: sp.S.Zero
            ),
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_step_by_length(
    lengths: ArrayLike,
    steps: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    levels: Mapping[str, float] | None = None,
    ylabel: str = "size of the step",
    legend: str | tuple[float, float] = "upper right",
) -> Axes:
    """Draw the size of one step against the length T, on a log scale, with named levels.

    Each value is drawn without its sign. `legend` says where the legend stands, as in matplotlib.
    """
    ax = axes(ax)
    for (label, sizes), colour, line, mark in styled("steps", steps.items()):
        size = np.abs(np.asarray(sizes, float))
        ax.semilogy(lengths, size, line, marker=mark, ms=4, color=colour, label=label)
    for label, level in (levels or {}).items():
        _name_level(ax, label, level, 0.99, "right")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="length $T$ (steps)", ylabel=ylabel)
    ax.legend(loc=legend)
    return ax


def plot_step_by_state(
    a: ArrayLike,
    steps: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    places: Mapping[str, float] | None = None,
    level: tuple[str, float] | None = None,
) -> Axes:
    """Draw the size of one step against the net input `a`, on a log scale, with named places."""
    ax = axes(ax)
    for (label, sizes), colour, line, _ in styled("steps", steps.items()):
        ax.semilogy(a, np.abs(np.asarray(sizes, float)), line, color=colour, label=label)
    for label, place in (places or {}).items():
        ax.axvline(place, color=GREY, lw=1, ls=":")
        above = ax.get_xaxis_transform()
        ax.text(place, 1.0, label, ha="center", va="bottom", color=GREY, transform=above)
    if level is not None:
        _name_level(ax, *level, 0.01, "left")
    # A step is 0 at the target; without a floor the axis would follow it down. The rest is room
    # for the legend.
    ends = [np.abs(np.asarray(sizes, float))[[0, -1]] for sizes in steps.values()]
    ax.set_ylim(bottom=np.min(ends) / 1000.0)
    ax.set(xlabel="net input $a$", ylabel="size of the step")
    ax.legend(loc="lower right")
    return ax


def plot_step_factor(
    sensitivity: ArrayLike,
    factors: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    peaks: Mapping[str, tuple[float, float]] | None = None,
) -> Axes:
    """Draw s/(s^2 + mu) against s, both axes logarithmic, with the highest point of each curve."""
    ax = axes(ax)
    peaks = peaks or {}
    for (label, factor), colour, line, mark in styled("factors", factors.items()):
        ax.loglog(sensitivity, factor, line, color=colour, label=label)
        if label in peaks:
            ax.plot(*peaks[label], mark, color=colour, ms=8)
    ax.set(
        xlabel=r"sensitivity $s = |\partial x_T / \partial w|$",
        ylabel=r"step in units of $\eta\, |e|$",
    )
    # A plateau lies on the left: the longer the sequence, the smaller s.
    ax.invert_xaxis()
    ax.legend(loc="lower left")
    return ax


def plot_terms_by_age(terms: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw the share of the step that each use of a weight has, by its age, on a log scale.

    Each value is (age,), youngest first; it is divided by the sum of its absolute values.
    """
    ax = axes(ax)
    for (label, values), colour, line, mark in styled("terms", terms.items()):
        size = np.abs(np.asarray(values, float))
        ages = np.arange(len(size))
        ax.semilogy(ages, size / size.sum(), line, marker=mark, ms=5, color=colour, label=label)
    ax.set(xlabel="age of the use, $T - t$ (steps)", ylabel="share of the step")
    ax.legend(loc="lower left")
    return ax


def _name_level(ax, label, level, at, ha):
    """Draw a horizontal line and its name above it, `at` a fraction of the width."""
    ax.axhline(level, color=GREY, lw=1, ls="--")
    ax.text(at, level, label, ha=ha, va="bottom", color=GREY, transform=ax.get_yaxis_transform())
