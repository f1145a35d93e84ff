"""Exercises of Part I."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp

from latchbook.exercises._base import Exercise
from latchlib import formulas
from latchlib.attractors import fixed_points, h_star
from latchlib.latching import half_life
from latchlib.objective import BLOCK
from latchlib.statistics import wilson_interval


def _weight_of_half_life(steps: float) -> float:
    low, high = 1.0 + 1e-9, 5.0
    for _ in range(100):
        middle = 0.5 * (low + high)
        # The half-life falls as w grows (chapter latch-neuron proves it).
        low, high = (middle, high) if half_life(middle) > steps else (low, middle)
    return low


def _weight_of_margin(margin: float) -> float:
    low, high = 1.0 + 1e-9, 10.0
    for _ in range(100):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if h_star(middle) < margin else (low, middle)
    return low


def _steps_of_spread(noise: sp.Expr, spread: sp.Expr) -> sp.Expr:
    sigma, t = (formulas.SYMBOLS[name] for name in ("sigma", "t"))
    variance = formulas.formula("walk_variance").expr.subs(sigma, noise)
    return sp.solve(sp.Eq(variance, spread**2), t)[0]


def _leaky_limit(noise: sp.Expr, weight: sp.Expr) -> sp.Expr:
    sigma, t, x = (formulas.SYMBOLS[name] for name in ("sigma", "t", "x"))
    variance = formulas.formula("leaky_variance").expr.subs({sigma: noise, x: weight})
    return sp.limit(variance, t, sp.oo)


def _slope_at(a: float) -> float:
    return float(formulas.formula("slope")(a, 2.0))


def _total_cost(output: sp.Expr, target: sp.Expr) -> sp.Expr:
    x, d = (formulas.SYMBOLS[name] for name in ("x", "d"))
    cost = formulas.formula("cost").expr
    return sum(cost.subs({x: output, d: sign * target}) for sign in (1, -1))


def _theta_gradient(*, through: bool = True, derivative: bool = True) -> float:
    a, d, h, x, delta = (formulas.SYMBOLS[name] for name in ("a", "d", "h", "x", "delta"))
    theta, target = sp.Rational(1, 2), sp.Rational(4, 5)
    last = formulas.formula("step").expr.subs({a: theta, w: 2, h: 0})
    if not derivative:
        return float(formulas.formula("cost").expr.subs({x: sp.tanh(last), d: target}))
    error = formulas.formula("delta_at_end").expr.subs({a: last, d: target})
    back = formulas.formula("delta_step").expr.subs({delta: error, a: theta, w: 2})
    return float(back if through else error)


w = formulas.SYMBOLS["w"]

EXERCISES: Mapping[str, Exercise] = {
    # --- chapter how-to-read ---------------------------------------------------------
    "ex-read-value": Exercise(
        expected=lambda: formulas.formula("h_star").expr.subs(w, 3),
        why="The formula's NumPy life gives the same as its SymPy life.",
        slips={"That is h*(2). The question asks for w = 3.": lambda: h_star(2.0)},
    ),
    "ex-read-derivative": Exercise(
        expected=lambda: formulas.formula("h_star_derivative").expr,
        why='It simplifies to sqrt((w - 1)/w). "A neuron that latches" says what that means.',
    ),
    "ex-read-verdict": Exercise(
        expected=lambda: "measured",
        why="Samples show their samples. The derivative, which is positive, proves the rest.",
        slips={
            "A million points leave gaps; a proof leaves none.": lambda: "proved",
            "Interval arithmetic covers whole ranges; points do not.": lambda: "certified",
            "There is something to compute, so more than prose can be had.": lambda: "prose",
        },
        choices=("proved", "certified", "measured", "prose"),
    ),
    # --- chapter three-conditions ----------------------------------------------------
    "ex-walk-steps": Exercise(
        expected=lambda: _steps_of_spread(sp.Rational(1, 20), 1),
        why="The variance grows by 0.0025 a step and is 1 after 400 of them.",
        slips={
            "Steps add variances, not standard deviations.": lambda: 1 / sp.Rational(1, 20),
        },
    ),
    "ex-leaky-floor": Exercise(
        expected=lambda: sp.sqrt(_leaky_limit(sp.Rational(1, 10), sp.Rational(9, 10))),
        why="The variance levels off at 0.01/0.19, so the noise is little more than doubled.",
        slips={
            "That is the variance. The question asks for its root.": lambda: _leaky_limit(
                sp.Rational(1, 10), sp.Rational(9, 10)
            ),
            "That is a steady push of 0.1 in one direction. Noise partly cancels.": lambda: (
                sp.Rational(1, 10) / (1 - sp.Rational(9, 10))
            ),
        },
    ),
    "ex-which-question": Exercise(
        expected=lambda: "batch",
        why="One change for all sequences. How the gradient came about does not enter.",
        slips={
            "Stochastic would be a change after each sequence.": lambda: "stochastic",
            "That says how a gradient is computed, and BPTT is not local in time.": lambda: (
                "local in time"
            ),
        },
        choices=("stochastic", "batch", "local in time"),
    ),
    "ex-rtrl-memory": Exercise(
        expected=lambda: 12**2,
        why="At T = n^2. For longer sequences BPTT keeps more.",
        slips={"RTRL carries n numbers a weight, one for each unit.": lambda: 12},
    ),
    "ex-latch-ball": Exercise(
        expected=lambda: 0.5 * (1 - _slope_at(fixed_points(2.0)[-1].a - 0.5)),
        why="It is below the threshold h*, as it must be: the ball is a coarser argument.",
        slips={
            "That is the slope at a+. In the ball it is largest at a+ - r.": lambda: (
                0.5 * (1 - _slope_at(fixed_points(2.0)[-1].a))
            ),
            "That takes the slope at the far end, where it is smallest.": lambda: (
                0.5 * (1 - _slope_at(fixed_points(2.0)[-1].a + 0.5))
            ),
        },
    ),
    # --- chapter minimal-task --------------------------------------------------------
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
        expected=lambda: sp.atanh(sp.Rational(4, 5)),
        why="It is ln(9)/2 = ln 3, a finite number, which a target of 1 would not give.",
        slips={"That is tanh(0.8). Go the other way.": lambda: sp.tanh(sp.Rational(4, 5))},
    ),
    "ex-theta-gradient": Exercise(
        expected=lambda: _theta_gradient(),
        why="The error passes the slope at the end, the map's slope, and dh_1/dtheta = 1.",
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
        why="With s = 0.2 as standard deviation it is 1.49: the readings are far apart.",
        slips={
            "That reads s as standard deviation.": lambda: _weight_of_margin(0.2),
            "That squares s. The standard deviation is its root.": lambda: _weight_of_margin(
                0.2**2
            ),
        },
    ),
    # --- chapter latch-neuron --------------------------------------------------------
    "ex-threshold-at-two": Exercise(
        expected=lambda: formulas.formula("h_star").expr.subs(w, 2),
        why="It is sqrt(2) - ln(1 + sqrt(2)), about 0.5328.",
        slips={
            "That is a*, where the slope is 1. The threshold is M(a*) - a*.": lambda: (
                formulas.formula("a_star").expr.subs(w, 2)
            ),
            "That is the slope of h* at w = 2. The question asks for h* itself.": lambda: (
                formulas.formula("h_star_derivative").expr.subs(w, 2)
            ),
            "The sign is turned: the input must lift the lower branch, so h* > 0.": lambda: (
                -formulas.formula("h_star").expr.subs(w, 2)
            ),
        },
    ),
    "ex-half-slope": Exercise(
        expected=lambda: 2,
        why="1/f'(0) = 2, since the derivative of tanh(a/2) at 0 is 1/2.",
        slips={
            "That is 1/f'(0) for f = tanh. Here f(a) = tanh(a/2).": lambda: 1,
            "That is f'(0). The weight must exceed its reciprocal.": lambda: sp.Rational(1, 2),
        },
    ),
    "ex-one-push": Exercise(
        expected=lambda: fixed_points(2.0)[-1].a,
        why="M(-a+) = -a+, so a push larger than a+ carries the state over 0 in one step.",
        slips={
            "h* is enough only if it lasts. The next input here is 0.": lambda: h_star(2.0),
            "Reaching a+ is not needed: the basin of a+ begins at 0.": lambda: (
                2 * fixed_points(2.0)[-1].a
            ),
        },
    ),
    "ex-ten-steps": Exercise(
        expected=lambda: _weight_of_half_life(10.0),
        why="A memory of the gradient that long leaves a noise margin below 0.005.",
        slips={
            "That is the law w = 1 + ln 2/20: near, but not the exact weight.": lambda: (
                1 + np.log(2) / 20
            ),
        },
        tolerance=1e-4,
    ),
    "ex-margin-design": Exercise(
        expected=lambda: half_life(_weight_of_margin(0.5)),
        why="Bearing inputs up to 0.5 costs a gradient that more than halves at every step.",
        slips={
            "That is the weight. The question asks for the half-life at that weight.": lambda: (
                _weight_of_margin(0.5)
            ),
        },
    ),
    # --- chapter learning-to-latch ---------------------------------------------------
    "ex-one-step-back": Exercise(
        expected=lambda: 0.3 * 2 * (1 - 0.5**2),
        why="The slope of the map is 2 (1 - 0.25) = 1.5, so this error grows on its way back.",
        slips={
            "You forgot the factor w.": lambda: 0.3 * (1 - 0.5**2),
            "You forgot the slope 1 - x^2 of tanh.": lambda: 0.3 * 2,
            "The slope of tanh is 1 - x^2, not 1 - x.": lambda: 0.3 * 2 * 0.5,
        },
    ),
    "ex-target-weight": Exercise(
        expected=lambda: formulas.formula("w_of_fixed_point").expr.subs(
            formulas.SYMBOLS["a"], sp.atanh(sp.Rational(4, 5))
        ),
        why="It is artanh(0.8)/0.8 = ln(9)/1.6. Training without noise stops near it.",
        slips={
            "That is a+. Divide by tanh a+.": lambda: sp.atanh(sp.Rational(4, 5)),
            "That weight has a+ = 0.8. The target is for tanh a+.": lambda: formulas.formula(
                "w_of_fixed_point"
            ).expr.subs(formulas.SYMBOLS["a"], sp.Rational(4, 5)),
        },
    ),
    "ex-how-many-runs": Exercise(
        expected=lambda: wilson_interval(18, 18)[0],
        why="Even a clean sweep of 18 runs leaves room for a true share near 0.82.",
        slips={"Eighteen runs cannot show certainty.": lambda: 1},
        share=True,
    ),
    "ex-criterion": Exercise(
        expected=lambda: sp.Rational(99, 100) ** (2 * BLOCK),
        why="A rare error passes about one block in three, so given many blocks it passes.",
        slips={"A block is 50 rounds of two sequences each.": lambda: 0.99**50},
        share=True,
    ),
}
