"""What the chapter minimal-task asks, and the pictures that it alone shows."""

from __future__ import annotations

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from scipy.optimize import brentq

from latchbook.figures.style import (
    axes,
    styled,
)
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib import formulas
from latchlib.formulas import SYMBOLS
from latchlib.neuron import h_star

a, h, w = (SYMBOLS[name] for name in "a h w".split())


def _weight_of_margin(margin: float) -> float:
    return brentq(lambda w: h_star(w) - margin, 1.01, 10.0, xtol=1e-15)


def _total_cost(output: sp.Expr, target: sp.Expr) -> sp.Expr:
    return sum(of("cost", x=output, d=sign * target) for sign in (1, -1))


def _theta_gradient(*, through: bool = True, derivative: bool = True) -> float:
    theta, target = sp.Rational(1, 2), sp.Rational(4, 5)
    last = of("step", a=theta, w=2, h=0)
    if not derivative:
        return float(of("cost", x=sp.tanh(last), d=target))
    error = of("delta_at_end", a=last, d=target)
    back = of("delta_step", delta=error, a=theta, w=2)
    return float(back if through else error)


PREDICTION = Prediction(
    "Could the large network below h₁ learn, where a single free number h₁ could not?",
    (
        Choice(
            "No. All that it hears of the error comes through h₁.",
            "Each of its derivatives is 10⁻¹² times the rate at which the parameter moves h₁, "
            "so it is enough to look at h₁ itself. Adam, which divides by the gradient's size, "
            "makes the noise in it as large as the signal.",
            right=True,
        ),
        Choice(
            "No. A network cannot bridge 40 steps.",
            "The answer is no, but not for that reason. The steps are not the obstacle, the "
            "derivative is. With an ordinary ∂C/∂h₁ the network could learn, over any number "
            "of steps.",
        ),
        Choice(
            "Yes. It has many parameters, and their derivatives add up.",
            "Each of them is 10⁻¹² times the rate at which its parameter moves h₁. No "
            "ordinary number of parameters makes up for 10⁻¹².",
        ),
        Choice(
            "Yes. Its own layers can make the error larger again.",
            "They can only pass on what arrives, and what arrives is 10⁻¹². To make up for that, a "
            "small change of a parameter would have to move h₁ by a million million times as much.",
        ),
    ),
)

DRILL = Drill(
    Task(
        "The target is d = {d}, and the output at the end is x_T = {x}. What is the cost of this "
        "pattern?",
        of("cost"),
        {"d": Range(0.5, 0.9, 0.1), "x": Range(-0.9, 0.4, 0.1)},
        "It is half the square of x_T − d.",
        {
            "The cost has a factor 1/2.": 2 * of("cost"),
            "That is the derivative by x_T.": of("cost_derivative"),
        },
    ),
    Task(
        "A neuron of weight w = {w} starts at a₀ = 0. Its inputs are h₁ = {a} and h₂ = {h}. What "
        "is its net input a₂?",
        of("step"),
        {"a": Range(0.6, 1.2, 0.1), "h": Range(0.1, 0.4, 0.1), "w": Range(1.1, 2.5, 0.1)},
        "a₁ is h₁, since tanh 0 = 0, and a₂ is w tanh a₁ + h₂.",
        {
            "The map is w tanh a, not w a.": w * a + h,
            "The second input is added too.": of("step", h=0),
            "That is the output tanh a₂. The question asks for the net input.": sp.tanh(of("step")),
        },
    ),
)

EXERCISES = {
    "ex-constant-answer": Exercise(
        expected=lambda: _total_cost(sp.Rational(1, 2), sp.Rational(1, 2)),
        why="One class costs nothing, the other half of 1. Answering 0 would cost half of it.",
        slips={
            "The cost has a factor 1/2.": lambda: (
                2 * _total_cost(sp.Rational(1, 2), sp.Rational(1, 2))
            ),
            "That is the cost of answering 0.": lambda: _total_cost(0, sp.Rational(1, 2)),
        },
    ),
    "ex-net-input": Exercise(
        expected=lambda: -sp.log(2) / 2,
        why="There E = 1/2. A net input far on the wrong side is hardly pulled at all.",
        slips={
            "That is E. The question asks for a, where E = e^(2a).": lambda: sp.Rational(1, 2),
            "E is e^(2a), not e^a.": lambda: -sp.log(2),
            "The sign is wrong: E = 1/2 is below 1, so a is negative.": lambda: sp.log(2) / 2,
        },
    ),
    "ex-theta-gradient": Exercise(
        expected=lambda: _theta_gradient(),
        why="The error passes through the slope at the end, the map's slope, and dh_1/dtheta = 1.",
        slips={
            "You forgot that h_1 reaches a_2 with factor w (1 - tanh^2 h_1).": lambda: (
                _theta_gradient(through=False)
            ),
            "That is the cost. The question asks for its derivative.": lambda: _theta_gradient(
                derivative=False
            ),
        },
    ),
    "ex-noise-reading": Exercise(
        expected=lambda: _weight_of_margin(float(np.sqrt(0.2))),
        why="With s = 0.2 as a standard deviation it is 1.49: the readings are far apart.",
        slips={
            "That reads s as a standard deviation.": lambda: _weight_of_margin(0.2),
            "That squares s. The standard deviation is its root.": lambda: _weight_of_margin(
                0.2**2
            ),
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_cost(
    targets: tuple[float, ...],
    ax: Axes | None = None,
    *,
    reach: float = 4.0,
    top: float | None = None,
) -> Axes:
    """Draw the cost of one pattern over the last net input, for several targets.

    A dot marks the minimum; a target of 1 or more has none. `top` cuts the cost axis, which
    shows how a curve behaves near 0.
    """
    ax = axes(ax)
    cost = formulas.formula("cost")
    a = np.linspace(0.0, reach, 301)
    for target, colour, line, _ in styled("targets", targets):
        ax.plot(a, cost(np.tanh(a), target), line, color=colour, label=f"target $d = {target:g}$")
        if abs(target) < 1.0:
            ax.plot(np.arctanh(target), 0.0, "o", color=colour, ms=8, zorder=5)
    ax.set(xlabel="last net input $a_T$", ylabel="cost $C$")
    if top is not None:
        ax.set_ylim(-0.05 * top, top)
    ax.legend(loc="upper right")
    return ax
