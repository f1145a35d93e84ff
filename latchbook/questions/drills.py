"""The drills of the chapters: what is asked, and which formulas answer it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import sympy as sp

from latchbook.questions._drill import Drill, Range, Task
from latchlib.formulas import SYMBOLS, formula

__all__ = ["DRILLS"]


def _of(name: str, **values: sp.Expr) -> sp.Expr:
    """Return a formula's expression, with other expressions in place of some of its symbols."""
    replaced = {SYMBOLS[symbol]: value for symbol, value in values.items()}
    return formula(name).expr.subs(replaced, simultaneous=True)


a, a1, a2, c, d, delta, e, g, h, m, mu, n, q, sigma, t, temp, w, x, x1, x2 = (
    SYMBOLS[name] for name in "a a1 a2 c d delta e g h m mu n q sigma t temp w x x1 x2".split()
)

# --- the problem -------------------------------------------------------------------------

_THREE_CONDITIONS = Drill(
    Task(
        "A perfect integrator, of weight 1, gets independent noise of standard deviation {sigma} "
        "at every step. What is the standard deviation of its state after {t} steps?",
        sp.sqrt(_of("walk_variance")),
        {"sigma": Range(0.01, 0.09, 0.01), "t": Range(10, 100, 10)},
        "The variance grows by σ² a step, so the standard deviation is σ√t.",
        {
            "That is the variance. Take its root.": _of("walk_variance"),
            "Variances add up, standard deviations do not.": sigma * t,
        },
    ),
    Task(
        "A leaky integrator of weight {x} gets independent noise of standard deviation {sigma} at "
        "every step. What is the standard deviation of its state {t} steps after a known state?",
        sp.sqrt(_of("leaky_variance")),
        {
            "sigma": Range(0.1, 0.3, 0.05),
            "t": Range(5, 20, 1),
            "x": Range(0.6, 0.9, 0.05),
        },
        "The variance is σ² (1 − w²ᵗ)/(1 − w²).",
        {
            "That is the variance. Take its root.": _of("leaky_variance"),
            "That is the perfect integrator. This one forgets old noise.": sp.sqrt(
                _of("walk_variance")
            ),
            "Weights are squared where variances add up: w²ᵗ and w², not wᵗ and w.": sigma
            * sp.sqrt((1 - x**t) / (1 - x)),
        },
    ),
)

_MINIMAL_TASK = Drill(
    Task(
        "The target is d = {d}, the output at the end x_T = {x}. What is the cost of this pattern?",
        _of("cost"),
        {"d": Range(0.5, 0.9, 0.1), "x": Range(-0.9, 0.4, 0.1)},
        "It is half the square of x_T − d.",
        {
            "The cost has a factor 1/2.": 2 * _of("cost"),
            "That is the derivative by x_T.": _of("cost_derivative"),
        },
    ),
    Task(
        "A neuron of weight w = {w} starts at a₀ = 0. Its inputs are h₁ = {a} and h₂ = {h}. What "
        "is its net input a₂?",
        _of("step"),
        {"a": Range(0.6, 1.2, 0.1), "h": Range(0.1, 0.4, 0.1), "w": Range(1.1, 2.5, 0.1)},
        "a₁ is h₁, since tanh 0 = 0, and a₂ is w tanh a₁ + h₂.",
        {
            "The map is w tanh a, not w a.": w * a + h,
            "The second input is added too.": _of("step", h=sp.Integer(0)),
            "That is the output tanh a₂. The net input is asked for.": sp.tanh(_of("step")),
        },
    ),
)

_LATCH_NEURON = Drill(
    Task(
        "A latch neuron has the weight w = {w}. Beyond which constant input does it flip from its "
        "negative attractor?",
        _of("h_star"),
        {"w": Range(1.2, 4.0, 0.1)},
        "h* is √(w (w − 1)) − arcosh √w.",
        {
            "That is a*, where the slope is 1. The threshold is M(a*) − a*.": _of("a_star"),
            "That is M(a*). Subtract a*.": _of("h_star") + _of("a_star"),
        },
    ),
    Task(
        "Without input, a latch neuron has its positive attractor at a₊ = {a}. What is its weight?",
        _of("w_of_fixed_point"),
        {"a": Range(1.1, 3.0, 0.1)},
        "At the attractor a₊ = w tanh a₊, so w is a₊/tanh a₊.",
        {
            "Divide a₊ by tanh a₊, not the other way round.": 1 / _of("w_of_fixed_point"),
            "That is the slope at the attractor.": _of("slope_at_fixed_point"),
            "That is the output there.": sp.tanh(a),
        },
    ),
    Task(
        "At the attractor the slope is M′(a₊) = {x}. In how many steps does the gradient halve? "
        "Fractions of a step count.",
        _of("half_life"),
        {"x": Range(0.55, 0.95, 0.05)},
        "After t steps M′(a₊)ᵗ is left, and t = −ln 2/ln M′(a₊) makes that one half.",
        {
            "The sign is turned: the logarithm of the slope is negative.": -_of("half_life"),
            "That would be if each step took away as much as the first. It takes away a share of "
            "what is left.": 1 / (2 * (1 - x)),
        },
    ),
)

_LEARNING_TO_LATCH = Drill(
    Task(
        "The weight is w = {w}, and at time t the error is δ = {delta}. The net input one step "
        "earlier was {a}. What is the error there?",
        _of("delta_step"),
        {"a": Range(0.3, 1.5, 0.1), "delta": Range(0.1, 0.9, 0.1), "w": Range(2.0, 3.0, 0.1)},
        "The error is multiplied by the slope w (1 − tanh² a).",
        {
            "You forgot the factor w.": _of("delta_step", w=sp.Integer(1)),
            "You forgot the slope 1 − tanh² a.": delta * w,
            "The slope is 1 − tanh² a, not 1 − tanh a.": delta * w * (1 - sp.tanh(a)),
        },
    ),
    Task(
        "At the last step the net input is a_T = {a} and the target d = {d}. What is the error "
        "δ_T = ∂C/∂a_T?",
        _of("delta_at_end"),
        {"a": Range(-1.2, -0.4, 0.1), "d": Range(0.5, 0.9, 0.1)},
        "It is (tanh a_T − d) times the slope 1 − tanh² a_T.",
        {
            "That is ∂C/∂x_T. The slope of tanh comes in too.": _of(
                "cost_derivative", x=sp.tanh(a)
            ),
            "The sign is turned: it is output minus target.": -_of("delta_at_end"),
            "The output is tanh a_T, not a_T.": _of("cost_derivative", x=a) * (1 - sp.tanh(a) ** 2),
        },
    ),
)

# --- the theory --------------------------------------------------------------------------

_ADDITIVE_INPUTS = Drill(
    Task(
        "Somewhere N_a = {x1} and N_y = {x2}, and the shelf is scaled by c = {c}. What is the "
        "norm of the Jacobian of N′?",
        _of("distance", x2=x2 / c),
        {"c": Range(3, 5, 1), "x1": Range(0.2, 0.8, 0.1), "x2": Range(0.8, 2.0, 0.1)},
        "Its only row that is not 0 is (N_a, N_y/c), and the norm is the length of that row.",
        {
            "That is the larger eigenvalue. A norm is asked for.": x1,
            "The entries add up as squares.": x1 + x2 / c,
            "That is without the scale.": _of("distance"),
        },
    ),
    Task(
        "A memory cell holds {a}. Its gate is at {g}, and the value {d} is offered. What does it "
        "hold one step later, by the rule a ← (1 − g) a + g v?",
        _of("linear_step", x=1 - g, h=g * d),
        {"a": Range(0.6, 0.9, 0.1), "d": Range(-0.9, -0.5, 0.1), "g": Range(0.1, 0.25, 0.05)},
        "It keeps the share 1 − g of the old number and takes the share g of the new one.",
        {
            "The shares are exchanged.": _of("linear_step", x=g, h=(1 - g) * d),
            "That is what it keeps of the old number. The new one comes to it.": (1 - g) * a,
            "The new number is multiplied by g.": _of("linear_step", x=1 - g, h=d),
        },
    ),
)

_ATTRACTORS = Drill(
    Task(
        "One unit with a negative weight goes to and fro between {a} and −{a}. What is the "
        "multiplier of this 2-cycle?",
        _of("slope_at_fixed_point") ** 2,
        {"a": Range(0.4, 2.0, 0.1)},
        "The slope is of the same size at both points, 2a/sinh 2a, and a turn multiplies the two.",
        {
            "That is the size of one slope. A turn of the cycle takes two steps.": _of(
                "slope_at_fixed_point"
            ),
            "Slopes along an orbit multiply, they do not add.": 2 * _of("slope_at_fixed_point"),
            "One slope is negative, but so is the other.": -(_of("slope_at_fixed_point") ** 2),
        },
    ),
    Task(
        "The energy has a term G(x) for each output. What is it at x = {x}?",
        _of("energy_term"),
        {"x": Range(0.2, 0.6, 0.05)},
        "G is the integral of artanh, x artanh x + ln(1 − x²)/2.",
        {
            "That is its derivative.": sp.diff(_of("energy_term"), x),
            "The logarithm is added. Of a number below 1 it is negative.": x * sp.atanh(x)
            - sp.log(1 - x**2) / 2,
            "The logarithm has a factor 1/2.": x * sp.atanh(x) + sp.log(1 - x**2),
        },
    ),
)

_REDUCED_ATTRACTING_SET = Drill(
    Task(
        "A neuron with w = {w} is in the state a₀ = {a}, below a*. How large may the inputs be "
        "for its bit to be safe for ever?",
        _of("state_margin"),
        {"a": Range(0.1, 0.5, 0.05), "w": Range(1.5, 3.0, 0.1)},
        "The state must not fall, so the inputs may take away w tanh a₀ − a₀.",
        {
            "That is h*, which the states of Γ bear. This one lies outside.": _of("h_star"),
            "That is M(a₀). The state must stay above a₀, so subtract it.": w * sp.tanh(a),
        },
    ),
    Task(
        "A neuron has the weight w = {w}. At which state does Γ(X₊) begin?",
        _of("a_star"),
        {"w": Range(1.2, 4.0, 0.1)},
        "Where the slope is 1: w/cosh² a = 1 gives a* = arcosh √w.",
        {
            "That is h*, how much its states bear.": _of("h_star"),
            "That is the output there. The state is asked for.": _of("tanh_a_star"),
            "cosh is squared: take the root of w.": sp.acosh(w),
        },
    ),
)

_OUTSIDE_GAMMA = Drill(
    Task(
        "A neuron with w = {w} starts at a₀ = {a}. By the bound of this chapter, by which factor "
        "does a small difference grow at most?",
        _of("peak_ceiling"),
        {"a": Range(0.001, 0.009, 0.001), "w": Range(1.5, 3.0, 0.1)},
        "It is M(a*)/a₀, and M(a*) is √(w (w − 1)).",
        {
            "That is a*/a₀. The last step of the climb goes on to M(a*).": _of("a_star") / a,
            "Take the root of w (w − 1).": w * (w - 1) / a,
        },
    ),
    Task(
        "At a point the greatest singular value of M′ is {sigma}, and the norm of W is {x}. Up to "
        "what distance ε₀ do differences in its direction surely grow?",
        _of("expansion_radius"),
        {"sigma": Range(1.2, 1.9, 0.1), "x": Range(2.2, 4.0, 0.2)},
        "It is 3√3 (σ₁ − 1)/(2 ‖W‖).",
        {
            "A factor above 1 is needed, so σ₁ − 1 counts, not σ₁.": _of(
                "expansion_radius", sigma=sigma + 1
            ),
            "There is a factor 1/2.": 2 * _of("expansion_radius"),
        },
    ),
)

_CONTRACTING_MAPS = Drill(
    Task(
        "The latch has the weight w = {w}. What is the smallest α with which it contracts on the "
        "states from {a} upwards?",
        _of("slope"),
        {"a": Range(1.2, 2.0, 0.1), "w": Range(1.5, 2.5, 0.1)},
        "The slope falls with the distance from 0, so it is largest at the near end: w/cosh² a.",
        {
            "cosh is squared.": w / sp.cosh(a),
            "The slope of tanh is 1 − tanh² a, not 1 − tanh a.": w * (1 - sp.tanh(a)),
            "You forgot the factor w.": _of("slope", w=sp.Integer(1)),
        },
    ),
    Task(
        "A map contracts with α = {x}. After how many steps is the distance to the fixed point "
        "surely at most {mu} of what it was?",
        sp.ceiling(_of("steps_gained")),
        {"mu": Range(0.001, 0.006, 0.001), "x": Range(0.3, 0.9, 0.05)},
        "αᵗ must fall to {mu}: take the ratio of the logarithms and round up.",
        {
            "Steps are whole numbers. Round up.": _of("steps_gained"),
            "With one step fewer it may still be more.": sp.floor(_of("steps_gained")),
        },
        tolerance=1e-6,
    ),
)

_BOUNDED_NOISE = Drill(
    Task(
        "On a ball of radius {d} round the trajectory the slope is at most {x}. How large may an "
        "input be, by the theorem?",
        _of("noise_borne"),
        {"d": Range(0.1, 0.9, 0.1), "x": Range(0.55, 0.95, 0.05)},
        "One step shrinks the ball to λ d, and the rest, (1 − λ) d, is for the input.",
        {
            "That is what may be left of the ball. The input gets the rest.": x * d,
            "That is the share alone. Multiply it by the radius.": 1 - x,
        },
    ),
    Task(
        "A system contracts everywhere with λ = {x}, and its inputs are at most {h} in size. "
        "What distance from the autonomous trajectory can it never exceed, if it starts on it?",
        h / (1 - x),
        {"h": Range(0.02, 0.2, 0.02), "x": Range(0.6, 0.95, 0.05)},
        "It is the sum of b, λ b, λ² b and so on, b/(1 − λ).",
        {
            "The series sums to 1/(1 − λ), not to 1/λ.": h / x,
            "That is one input alone. The earlier ones still count, each a little less.": h,
            "That is what the theorem allows as input on a ball of this size.": h * (1 - x),
        },
    ),
)

_VANISHING_GRADIENT = Drill(
    Task(
        "Every slope along the way is {x}. By how many powers of ten has the gradient fallen after "
        "{t} steps? Fractions count.",
        -t * _of("decades"),
        {"t": Range(10, 60, 5), "x": Range(0.2, 0.95, 0.05)},
        "Each step takes −log₁₀ of the slope.",
        {
            "That is with natural logarithms. Divide by ln 10.": -t * sp.log(x),
            "That is one step.": -_of("decades"),
            "It has fallen, so the number is positive.": t * _of("decades"),
        },
    ),
    Task(
        "After {t} steps the gradient has fallen by {d} powers of ten. By what factor has one "
        "step multiplied it, on the geometric mean?",
        _of("growth_per_step", delta=-d),
        {"d": Range(2, 5, 1), "t": Range(15, 60, 5)},
        "The factor to the power of the steps is 10 to the power of −{d}: take the root.",
        {
            "That is how many powers of ten one step takes.": d / t,
            "That would be growth. The power of ten is negative.": _of("growth_per_step", delta=d),
        },
    ),
)

_two_steps = _of("weight_term", a=a1) + _of("weight_term", delta=_of("delta_step", a=a1), a=a2)

_WEIGHT_GRADIENT = Drill(
    Task(
        "The weight is w = {w}, the error at the end δ_T = {delta}. One step before the end the "
        "net input was {a1}, two steps before it {a2}. What do the last two terms add to ∂C/∂w?",
        _two_steps,
        {
            "a1": Range(0.4, 0.7, 0.1),
            "a2": Range(0.2, 0.5, 0.1),
            "delta": Range(-0.9, -0.2, 0.1),
            "w": Range(2.0, 3.0, 0.1),
        },
        "The newer term is δ_T tanh a, one step before the end. For the older one the error first "
        "passes the slope there.",
        {
            "That is the newer term alone.": _of("weight_term", a=a1),
            "The older error has passed a slope, w (1 − tanh² a).": _of("weight_term", a=a1)
            + _of("weight_term", a=a2),
            "The slope has the factor w.": _two_steps.subs(w, 1),
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
            "The last t terms have the ages 0 to t − 1.": 1 - x ** (t + 1),
            "That is the share of the newest term.": 1 - x,
        },
        tolerance=1e-3,
        share=True,
    ),
)

# --- ways to learn -----------------------------------------------------------------------

_tilt = -_of("cost_derivative", x=-sp.tanh(a)) * _of("output_rise")

_PLATEAUS = Drill(
    Task(
        "One neuron, w = {w}, target d = {d}, T = {t}. What is ∂C/∂u at u = 0?",
        _of("cliff_slope"),
        {"d": Range(0.5, 0.9, 0.1), "t": Range(4, 12, 1), "w": Range(1.2, 2.0, 0.1)},
        "The error at the end is −d, and each of the T − 1 steps back multiplies it by w.",
        {
            "From a₁ to a_T there are T − 1 steps.": _of("cliff_slope", t=t + 1),
            "The sign is turned: the output 0 is below the target.": -_of("cliff_slope"),
            "That is the growth alone. The error at the end comes in too.": w ** (t - 1),
        },
    ),
    Task(
        "A neuron rests on −a₊, with a₊ = {a}, and its target is d = {d}. What is ∂C/∂w for large "
        "T?",
        _tilt,
        {"a": Range(0.8, 2.0, 0.1), "d": Range(0.5, 0.9, 0.1)},
        "The output is −x₊, so it is (x₊ + d) times the rise of x₊ with w.",
        {
            "That is the rise of x₊ alone.": _of("output_rise"),
            "The sign is turned: a larger weight moves −x₊ further from the target.": -_tilt,
            "That is for a bit that is held rightly.": _of("cost_derivative", x=sp.tanh(a))
            * _of("output_rise"),
        },
    ),
)

_SIMULATED_ANNEALING = Drill(
    Task(
        "At the temperature {temp} a move would raise the cost by {delta}. With what probability "
        "is it accepted?",
        _of("metropolis_chance"),
        {"delta": Range(0.25, 0.4, 0.05), "temp": Range(0.06, 0.24, 0.03)},
        "It is exp(−ΔC/ϑ).",
        {
            "That is the probability that it is refused.": 1 - _of("metropolis_chance"),
            "The rise is divided by the temperature, not the other way round.": sp.exp(
                -temp / delta
            ),
            "Divide the rise by the temperature first.": sp.exp(-delta),
        },
        share=True,
    ),
    Task(
        "A hole is {d} deep, the temperature {temp}, and a share {x} of the proposed moves leads "
        "out of it. How many moves does it take on average to escape?",
        _of("escape_time"),
        {"d": Range(0.2, 0.5, 0.1), "temp": Range(0.08, 0.15, 0.01), "x": Range(0.2, 0.5, 0.1)},
        "A move leads out and is accepted with the probability q exp(−D/ϑ); take the reciprocal.",
        {
            "That is the probability of one move. Its reciprocal is asked for.": 1
            / _of("escape_time"),
            "Not every move leads out. Divide by their share.": _of("escape_time", x=sp.Integer(1)),
            "The share comes in as a divisor.": _of("escape_time") * x**2,
        },
    ),
)

_MULTIGRID = Drill(
    Task(
        "The box starts with the half-width {d}, and each improvement multiplies it by {x}. What "
        "is the half-width after {n} improvements?",
        _of("box_after"),
        {"d": Range(2, 9, 1), "n": Range(3, 12, 1), "x": Range(0.7, 0.95, 0.05)},
        "It is ℓ₀ κⁿ.",
        {
            "That is one improvement too few.": _of("box_after", n=n - 1),
            "That is the share of the first half-width. Multiply by it.": x**n,
            "That is how far these improvements can lead.": _of("box_reach"),
        },
    ),
    Task(
        "The first half-width is {d}, the factor {x}. How far can {n} improvements lead in one "
        "variable?",
        _of("box_reach"),
        {"d": Range(2, 9, 1), "n": Range(4, 9, 1), "x": Range(0.84, 0.94, 0.02)},
        "Each leads at most one half-width: ℓ₀ (1 + κ + κ² + ⋯), with n terms.",
        {
            "The box shrinks on the way.": d * n,
            "That is for improvements without end.": d / (1 - x),
            "That is the last half-width, not the sum of all.": _of("box_after"),
        },
    ),
)

_PSEUDO_NEWTON = Drill(
    Task(
        "Each step back keeps a share ρ = {x} of the gradient, and the divisor is never below "
        "μ = {mu}. By how many steps is the reach extended? Fractions count.",
        _of("steps_gained"),
        {"mu": Range(0.001, 0.05, 0.001), "x": Range(0.2, 0.9, 0.05)},
        "ρⁿ = μ gives n = ln μ/ln ρ.",
        {
            "Upside down: ln ρ is the divisor.": 1 / _of("steps_gained"),
            "That is ln(1/μ). Each step costs ln(1/ρ).": -sp.log(mu),
            "The sign is turned. Both logarithms are negative.": -_of("steps_gained"),
        },
    ),
    Task(
        "In the Gauss-Newton form, with the rate η = {eta}, the error e = {e} and μ = {mu}, how "
        "long is the longest step?",
        _of("gauss_newton_ceiling"),
        {
            "e": Range(1.1, 1.9, 0.1),
            "eta": Range(0.01, 0.05, 0.01),
            "mu": Range(0.01, 0.09, 0.01),
        },
        "It is reached at s² = μ, and η |e|/(2 √μ) long.",
        {
            "At s² = μ the divisor is 2 μ, not μ.": 2 * _of("gauss_newton_ceiling"),
            "That bounds the step where the gradient is e. Large gradients come with curvature "
            "here.": _of("pseudo_newton_bound", g=e),
            "The gradient has the factor e.": _of("gauss_newton_ceiling", e=sp.Integer(1)),
        },
    ),
)

_DISCRETE_ERROR = Drill(
    Task(
        "A unit with w = {w} holds a bit without input, and at the end its output is wrong. The "
        "margin is ε = {epsilon}, MIN = −2, MAX = 2. How likely is it that the error still asks "
        "for a move {n} steps earlier?",
        _of("kept_chance") ** n,
        {"epsilon": Range(0.2, 0.6, 0.1), "n": Range(3, 8, 1), "w": Range(0.4, 0.8, 0.1)},
        "Each step passes it on with the probability (2 + w (w + ε))/4, and draws anew.",
        {
            "That is one step.": _of("kept_chance"),
            "That leaves out the margin: g = w (w + ε).": ((2 + w**2) / 4) ** n,
            "That is the chance that it is lost on the way.": 1 - _of("kept_chance") ** n,
        },
        share=True,
    ),
    Task(
        "Let MIN = {low}, MAX = {high} and g = {g}. What is the mean of S(g)?",
        _of("wish_mean"),
        {"g": Range(0.5, 0.9, 0.1), "high": Range(3.0, 4.5, 0.5), "low": Range(-1.0, -0.5, 0.1)},
        "With p = (g − MIN)/(MAX − MIN) it is 2 p − 2 (1 − p).",
        {
            "That is the probability of +2.": _of("wish_chance"),
            "The wish is +2 or −2, not +1 or −1.": _of("wish_mean") / 2,
            "It is g for MIN = −2 and MAX = 2 alone.": g,
        },
    ),
)

_EXPERIMENTS = Drill(
    Task(
        "{n} trials of {m} sequences each err with the probability {q}, and two sequences of a "
        "trial have the correlation {c}. What is the standard deviation of the mean error?",
        sp.sqrt(_of("mean_error_variance")),
        {
            "c": Range(0.2, 0.8, 0.1),
            "m": Range(10, 50, 10),
            "n": Range(10, 40, 5),
            "q": Range(0.1, 0.4, 0.05),
        },
        "The variance is q (1 − q) (1 + (m − 1) ρ)/(m n).",
        {
            "That is the variance. Take its root.": _of("mean_error_variance"),
            "That takes the sequences of a trial as independent.": sp.sqrt(
                _of("mean_error_variance", c=sp.Integer(0))
            ),
            "That is one trial. The mean is over all of them.": sp.sqrt(
                _of("mean_error_variance", n=sp.Integer(1))
            ),
        },
    ),
    Task(
        "Each pass over {m} sequences succeeds with the probability {q}, and the budget is {n} "
        "passes. How many sequences are presented on average?",
        _of("passes_presentations"),
        {"m": Range(10, 40, 5), "n": Range(4, 15, 1), "q": Range(0.05, 0.2, 0.05)},
        "It is m (1 − (1 − q)ⁿ)/q.",
        {
            "That is without a budget.": m / q,
            "That is the whole budget. A pass that succeeds is the last.": m * n,
            "Those are passes. A pass presents all its sequences.": _of(
                "passes_presentations", m=sp.Integer(1)
            ),
        },
    ),
)

_RANDOM_GUESSING = Drill(
    Task(
        "A guess succeeds with the probability {x}. With what probability are more than {n} "
        "guesses needed?",
        _of("geometric_tail"),
        {"n": Range(10, 30, 1), "x": Range(0.1, 0.2, 0.02)},
        "The first n all fail: (1 − p)ⁿ.",
        {
            "That is the probability that n are enough.": 1 - _of("geometric_tail"),
            "Probabilities of failures multiply, they do not add.": 1 - n * x,
            "That is one guess.": 1 - x,
        },
        share=True,
    ),
    Task(
        "A share {q} of the training sets has the chance {x1} a guess, the others {x2}. How many "
        "guesses does it take on average over all sets?",
        q / x1 + (1 - q) / x2,
        {
            "q": Range(0.2, 0.8, 0.1),
            "x1": Range(0.1, 0.2, 0.05),
            "x2": Range(0.005, 0.02, 0.005),
        },
        "The mean of 1/p is asked for, q/p₁ + (1 − q)/p₂.",
        {
            "That is one over the mean chance.": 1 / (q * x1 + (1 - q) * x2),
            "That is the easy sets alone.": 1 / x1,
            "That is the hard sets alone.": 1 / x2,
        },
    ),
)

#: The drill of each chapter.
DRILLS: Mapping[str, Drill] = MappingProxyType(
    {
        "three-conditions": _THREE_CONDITIONS,
        "minimal-task": _MINIMAL_TASK,
        "latch-neuron": _LATCH_NEURON,
        "learning-to-latch": _LEARNING_TO_LATCH,
        "additive-inputs": _ADDITIVE_INPUTS,
        "attractors": _ATTRACTORS,
        "reduced-attracting-set": _REDUCED_ATTRACTING_SET,
        "outside-gamma": _OUTSIDE_GAMMA,
        "contracting-maps": _CONTRACTING_MAPS,
        "bounded-noise": _BOUNDED_NOISE,
        "vanishing-gradient": _VANISHING_GRADIENT,
        "weight-gradient": _WEIGHT_GRADIENT,
        "plateaus": _PLATEAUS,
        "simulated-annealing": _SIMULATED_ANNEALING,
        "multigrid": _MULTIGRID,
        "pseudo-newton": _PSEUDO_NEWTON,
        "discrete-error": _DISCRETE_ERROR,
        "experiments": _EXPERIMENTS,
        "random-guessing": _RANDOM_GUESSING,
    }
)
