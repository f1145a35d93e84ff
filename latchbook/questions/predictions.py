"""What the chapters ask before they answer: choices, each with the reason why it is right or wrong.

Numbers in the reasons are computed from the formulas and functions of latchlib.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from math import erfc, log10, sqrt
from types import MappingProxyType
from typing import Any

import numpy as np

from latchbook.exercises import EXERCISES
from latchbook.questions._widget import WIDTH
from latchlib.attractors import a_star, fixed_points, h_star
from latchlib.formulas import formula

__all__ = ["PREDICTIONS", "Choice", "Prediction"]


@dataclass(frozen=True)
class Choice:
    """One choice, the reason why it is right or wrong, and which of the two."""

    text: str
    reason: str
    right: bool = False

    def feedback(self) -> str:
        """Return what is said to somebody who chose this."""
        return f"{'Right' if self.right else 'Not so'}. {self.reason}"


@dataclass(frozen=True)
class Prediction:
    """The question before a chapter's answer, with three or four choices."""

    question: str
    choices: tuple[Choice, ...]

    def describe(self) -> dict[str, Any]:
        """Return all that the page needs, as plain data."""
        options = [
            {"text": choice.text, "says": choice.feedback(), "right": choice.right}
            for choice in self.choices
        ]
        return {"kind": "choice", "legend": self.question, "options": options}

    def __str__(self) -> str:
        lines = [textwrap.fill(self.question, WIDTH)]
        for letter, choice in zip("abcd", self.choices, strict=False):
            lines.append(
                textwrap.fill(
                    choice.text,
                    WIDTH,
                    initial_indent=f"  ({letter}) ",
                    subsequent_indent="      ",
                )
            )
        return "\n".join(lines)


def _number(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}".replace("-", "−")


def _superscript(power: int) -> str:
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _below(value: float) -> str:
    """Return the power of ten just above a small number, as ``10⁻⁵``."""
    return f"10{_superscript(int(np.ceil(log10(value))))}"


# --- the problem -------------------------------------------------------------------------


def _three_conditions() -> Prediction:
    spread = sqrt(formula("walk_variance")(0.05, 1000))
    wrong = 100 * 0.5 * erfc(1 / spread / sqrt(2))
    margin = h_star(2.0)
    deviations = int(margin / 0.05)
    return Prediction(
        "After 1000 steps of this noise, which of the three systems still has the right sign?",
        (
            Choice(
                "All three. The noise is small beside the start.",
                f"At one step it is. The perfect integrator adds up 1000 of them, and {spread:.1f} "
                "is more than the 1 it started with. The leaky one has long forgotten the start.",
            ),
            Choice(
                "The perfect integrator and the latch. Neither forgets anything.",
                "The perfect integrator does not forget the noise either. Its standard deviation "
                f"is {spread:.1f} by then, and the sign is wrong in about {wrong:.0f} runs of 100.",
            ),
            Choice(
                "None. In the end noise destroys everything.",
                "In the end, perhaps: Gaussian noise has no bound. But the latch bears "
                f"{deviations} standard deviations, and a thousand draws hardly ever hold that.",
            ),
            Choice(
                "Only the latch, reliably.",
                f"It is drawn back at every step, and at w = 2 it bears inputs up to {margin:.2f}, "
                f"more than {deviations} standard deviations of the noise. The leaky integrator "
                "keeps nothing of the sign, the perfect one keeps all of the noise.",
                right=True,
            ),
        ),
    )


def _minimal_task() -> Prediction:
    return Prediction(
        "Could the large network below h₁ learn, where a single free number h₁ could not?",
        (
            Choice(
                "No. All that it hears of the error goes through h₁.",
                "Each of its derivatives is 10⁻¹² times the rate at which the parameter moves h₁. "
                "So it is enough to look at h₁ itself. Adam, which divides by the gradient's size, "
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
                "They can only pass on what arrives, and 10⁻¹² arrives. To make it up, a small "
                "change of a parameter would have to move h₁ by a million million times as much.",
            ),
        ),
    )


def _latch_neuron() -> Prediction:
    start, rest = fixed_points(2.0)[0].a, fixed_points(2.0, 0.5)[0].a
    way = f"from {_number(start)} to {_number(rest)}"
    threshold = f"h*(2) = {h_star(2.0):.3f}"
    return Prediction(
        f"With w = 2, does a constant input of 0.5 carry the state from {_number(start)} to the "
        "positive side?",
        (
            Choice(
                "Yes, in a few steps. 0.5 is added at every one of them.",
                "It is added, and the map pulls back each time. "
                f"The state rises {way} and stays there.",
            ),
            Choice(
                "Yes, but it takes many steps.",
                f"It would be so just above the threshold {threshold}, for instance with 0.54. At "
                f"0.5 the state rises {way}, where it meets a fixed point.",
            ),
            Choice(
                "No. It rises a little, and stays on the negative side.",
                f"The threshold is {threshold}. The state rises {way}, and there it stays.",
                right=True,
            ),
            Choice(
                "No. An input does not move an attractor.",
                f"The answer is no, but not for that reason. The attractor does move, {way}. Above "
                f"the threshold {threshold} it is gone.",
            ),
        ),
    )


def _learning_to_latch() -> Prediction:
    left = _below(0.5**17)
    slope = fixed_points(2.0)[-1].slope
    return Prediction(
        "In which of the two neurons does the error at T = 20 tell the inputs at t ≤ 3 what to do?",
        (
            Choice(
                "In both. Back-propagation reaches every step.",
                "It reaches them with a product of slopes. With w₀ = 0.5 no slope is above 0.5, "
                f"and seventeen of them leave less than {left}.",
            ),
            Choice(
                "In the one with w₀ = 0.5. Its gradient cannot explode.",
                f"It cannot, but it vanishes: seventeen steps back leave less than {left} of it.",
            ),
            Choice(
                "In the one with w₀ = 2, and most of all once it has latched.",
                "Right neuron, wrong moment: before it latches. After that every slope is near "
                f"{slope:.2f}, and the error shrinks faster than with w₀ = 0.5.",
            ),
            Choice(
                "In the one with w₀ = 2, and only while its state is near 0.",
                "Near 0 the slope is 2, and the error grows on its way back. Once the neuron has "
                f"latched, the slope is {slope:.2f} and the error shrinks. With w₀ = 0.5 it "
                "shrinks from the start.",
                right=True,
            ),
        ),
    )


# --- the theory --------------------------------------------------------------------------


def _additive_inputs() -> Prediction:
    return Prediction(
        "How many state variables does this cell need, so that the input is only ever added?",
        (
            Choice(
                "One, as before.",
                "The product g·a needs g and a side by side, in the state. With a alone, the input "
                "could only be added to a.",
            ),
            Choice(
                "Two: the number, and a shelf for the gate.",
                "The map can then form g·a, but not g·v. The value v needs a shelf too.",
            ),
            Choice(
                "Three: the number, a shelf for the gate, a shelf for the value.",
                "The input is added to the shelves. One step later the map forms g·a and g·v "
                "between state variables.",
                right=True,
            ),
            Choice(
                "It cannot be done. A product is no sum.",
                "The input itself is only added, to shelves. The products are formed by the map, "
                "between state variables, one step later.",
            ),
        ),
    )


def _attractors() -> Prediction:
    weights = np.array([[2.334, 0.611], [-4.086, -0.755]])
    norm = np.linalg.norm(weights, 2)
    radius = np.abs(np.linalg.eigvals(weights)).max()
    state = np.array([-1.5, 3.0])
    for _ in range(2000):
        state = weights @ formula("activation")(state)
    place = f"±({_number(state[0], 3)}, {_number(state[1], 3)})"
    return Prediction(
        f"Both eigenvalues have the absolute value {radius:.3f}. Do all orbits end at the origin?",
        (
            Choice(
                "Yes. The spectral radius is below 1.",
                "That says what becomes of Wᵗ for large t. One step can stretch by the norm of W, "
                f"{norm:.1f}, and then tanh has already bent the orbit away.",
            ),
            Choice(
                "No. Some end at other fixed points.",
                f"There are two more stable ones, near {place}. Orbits that start near the origin "
                "do end at the origin.",
                right=True,
            ),
            Choice(
                "Yes. tanh makes every state smaller.",
                f"After tanh comes W, which may make it larger again, by up to {norm:.1f} times.",
            ),
            Choice(
                "No. Some run off to infinity.",
                "Not all end at the origin, but none runs off. tanh is below 1, so after one step "
                "no unit is further out than the weights into it add up to, without their signs.",
            ),
        ),
    )


def _reduced_attracting_set() -> Prediction:
    edge, margin, borne = a_star(2.0), h_star(2.0), float(formula("state_margin")(0.3, 2.0))
    return Prediction(
        "The adversary may add up to 0.5 in size, at every step. "
        "Which state can be pushed below 0?",
        (
            Choice(
                "Neither. Both are in the basin of a₊.",
                "The basin says where a state goes if nothing is added. From 0.3 a little more "
                f"than {borne:.3f}, at every step, is enough to leave it.",
            ),
            Choice(
                "Only the one at 0.3.",
                f"It bears {borne:.3f} and no more. The state at 1.0 lies beyond a* = {edge:.2f}, "
                f"in Γ, and bears everything up to h* = {margin:.3f}, for ever.",
                right=True,
            ),
            Choice(
                "Both. With enough time every push wins.",
                "Time does not help where the map pulls back as strongly. From 1.0 no inputs up to "
                f"h* = {margin:.3f} ever do it.",
            ),
        ),
    )


def _outside_gamma() -> Prediction:
    steps, factor = (
        EXERCISES[f"ex-{name}"].expected() for name in ("steps-to-peak", "peak-factor")
    )
    rest, edge = fixed_points(2.0)[-1].slope, a_star(2.0)
    return Prediction(
        "By how much has a tiny difference near a₀ = 0.001 grown after 10 steps, and after 40?",
        (
            Choice(
                f"By about {factor:.0f} after 10 steps. After 40 little is left of it.",
                f"From step {steps} on the state is beyond a* = {edge:.2f}, and every step "
                "contracts. So this is the most it will ever be.",
                right=True,
            ),
            Choice(
                "By 2¹⁰ after 10 steps, by 2⁴⁰ after 40.",
                f"The slope is 2 at 0 alone. After {steps} steps the factor is {factor:.0f}, and "
                f"the state is beyond a* = {edge:.2f}, where every step contracts.",
            ),
            Choice(
                f"By about {factor:.0f} after 10 steps, and it stays about as large.",
                "The states come to rest at a₊, and with them their distance: each step there "
                f"multiplies it by {rest:.2f}.",
            ),
            Choice(
                "Not at all. Both states go to the same attractor.",
                f"On their way from 0.001 to a* = {edge:.2f} the slopes are above 1, and the "
                f"difference grows by {factor:.0f}.",
            ),
        ),
    )


def _contracting_maps() -> Prediction:
    rest = fixed_points(2.0)[-1].slope
    return Prediction(
        "Is there one factor α < 1 by which every pair of states above a* comes closer?",
        (
            Choice(
                "Yes. Every slope is below 1, so take the largest.",
                "There is no largest. Towards a* the slope comes as near to 1 as you like.",
            ),
            Choice(
                f"Yes, the slope {rest:.2f} at a₊.",
                "That is the factor of pairs near a₊. Nearer to a* the slope is larger, almost 1.",
            ),
            Choice(
                "No. Some pairs move apart.",
                "The answer is no, but not for that reason. Every slope above a* is below 1, so "
                "every pair comes closer. But no single factor serves them all.",
            ),
            Choice(
                "No. Near a* there are pairs that hardly come closer.",
                "Name any α < 1, and near a* there is a pair that shrinks by less. On a closed "
                "interval inside there is such an α.",
                right=True,
            ),
        ),
    )


def _bounded_noise() -> Prediction:
    top = fixed_points(2.0)[-1].a
    depth = top - fixed_points(2.0, -0.29)[-1].a
    margin = h_star(2.0)
    radii = np.arange(1, 100) / 100
    enough = radii[(formula("rectangle_bound")(top, radii, 2.0) >= 0.29).argmax()]
    return Prediction(
        "The inputs are at most 0.29 in size, at every step. How far below a₊ can they push?",
        (
            Choice(
                "By less than 0.29. The map pulls back.",
                "The first push alone moves the state by 0.29. The map shrinks what it did, and "
                f"the next push is added: in the end {depth:.2f}.",
            ),
            Choice(
                f"By about {depth:.2f}.",
                "There the pull back and the push cancel. The theorem of this chapter guarantees "
                f"less, a distance of at most {enough:.2f}.",
                right=True,
            ),
            Choice(
                "To the other side. Pushes without end add up without end.",
                "Each step shrinks what is left of the earlier pushes, so their sum is bounded. "
                f"To flip the bit takes h* = {margin:.3f}.",
            ),
        ),
    )


def _vanishing_gradient() -> Prediction:
    rest = fixed_points(2.0)[-1].slope
    return Prediction(
        "Each slope M′(aₜ) is below 1. Must their product go to 0?",
        (
            Choice(
                "No. They may come so near to 1 that something is left.",
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
                "Without inputs it does. Inputs can hold it near a*, where the slope is near 1.",
            ),
            Choice(
                "No. Inside Γ the gradient may grow for a while.",
                "The answer is no, but not for that reason. Inside Γ the gradient never grows: "
                "each slope is below 1, so the product falls at every step.",
            ),
        ),
    )


def _weight_gradient() -> Prediction:
    slope = fixed_points(2.0)[-1].slope
    older = 100 * slope**5
    return Prediction(
        "Fifty steps under noise. What share of ∂C/∂w comes from the last five?",
        (
            Choice(
                "A tenth. Five steps of fifty.",
                "That would be if all steps counted alike. At rest each step back multiplies the "
                f"effect by {slope:.2f}.",
            ),
            Choice(
                "About a half. Recent steps count for more.",
                f"They count for much more: at rest each step back leaves {100 * slope:.0f} per "
                "cent.",
            ),
            Choice(
                "More than 99.9 per cent.",
                f"Each step back multiplies by about {slope:.2f}. At rest all terms older than "
                f"five steps would share {older:.2f} per cent; under noise it is about as little.",
                right=True,
            ),
            Choice(
                "Next to nothing. The bit was set at the first step.",
                "That step should count, and hardly does: its term has passed 49 slopes.",
            ),
        ),
    )


# --- ways to learn -----------------------------------------------------------------------


def _plateaus() -> Prediction:
    w, d, steps = 1.5, 0.8, 50
    state, reach = -0.6, 1.0
    for _ in range(steps - 1):
        reach *= float(formula("slope")(state, w))
        state = float(formula("step")(state, w, 0.0))
    by_u = float(formula("delta_at_end")(state, d)) * reach
    top = fixed_points(w)[-1].a
    by_w = -float(formula("cost_derivative")(-np.tanh(top), d) * formula("output_rise")(top))
    power = _superscript(round(log10(-by_u)))
    return Prediction(
        "What do the two derivatives tell this neuron, which starts on the wrong side?",
        (
            Choice(
                "To raise u, and not much about w.",
                f"The derivative by u has passed 49 slopes, and about −10{power} is left. The one "
                f"by w is {by_w:.1f}.",
            ),
            Choice(
                "Hardly anything. Both have vanished.",
                f"The one by u has, about −10{power} is left. But w acts at the last step too: the "
                f"derivative by w is {by_w:.1f}.",
            ),
            Choice(
                "To raise w, so that the bit is held better.",
                "The bit is the wrong one, and held better it costs more. The derivative by w is "
                f"{by_w:.1f}, so descent lowers w.",
            ),
            Choice(
                "To lower w, and hardly anything about u.",
                f"The derivative by w is {by_w:.1f}: a bit that is held wrongly costs more than no "
                f"bit. The one by u is about −10{power}, a direction and nothing to walk on.",
                right=True,
            ),
        ),
    )


def _simulated_annealing() -> Prediction:
    hot, cold = (formula("metropolis_chance")(0.2, temp) for temp in (0.1, 0.05))
    return Prediction(
        "The temperature falls. Are better points then accepted more often?",
        (
            Choice(
                "No. They are accepted always, hot or cold.",
                "What falls is the share of worse points. One that is worse by 0.2 is accepted "
                f"{100 * hot:.0f} times in 100 at the temperature 0.1, and {100 * cold:.0f} times "
                "at 0.05.",
                right=True,
            ),
            Choice(
                "Yes. The search gets choosier.",
                "It gets choosier by refusing worse points. Better ones were never refused.",
            ),
            Choice(
                "No. Every move is accepted less often.",
                "Only the worse ones. A move that does not raise the cost is accepted at any "
                "temperature.",
            ),
        ),
    )


def _multigrid() -> Prediction:
    share = 1.0
    for n in range(3, 26, 2):
        share = float(formula("ball_share")(share, n))
    rare = _superscript(round(-log10(formula("ball_improvement")(share, 3.0, 5.0, 25))))
    return Prediction(
        "What does the box do on the plateau, and what in the 25 variables?",
        (
            Choice(
                "It shrinks in both, since nothing better is found.",
                "It shrinks at improvements alone. As long as nothing better is found it stays.",
            ),
            Choice(
                "It stays in both.",
                "It changes at improvements alone. On the plateau there are none, and it waits. In "
                f"25 variables there is one in 10{rare} points, and you will not see it.",
                right=True,
            ),
            Choice(
                "On the plateau it stays, in 25 variables it closes in on the least point.",
                f"For that it would have to find better points. Of 10{rare} one is better.",
            ),
            Choice(
                "On the plateau it grows until it reaches beyond.",
                "It never grows. It stays as wide as it is, and tries again.",
            ),
        ),
    )


def _pseudo_newton() -> Prediction:
    slope = fixed_points(2.0)[-1].slope
    gained = formula("steps_gained")(0.02, slope)
    return Prediction(
        "How many more steps does a gain of 50 reach back?",
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
                "The curvature may be as small as it likes, the divisor is never below μ. The gain "
                "ends at 1/μ = 50.",
            ),
        ),
    )


def _discrete_error() -> Prediction:
    chance = float(formula("kept_chance")(0.5, 0.5))
    once = round(chance**-19 / 500) * 500
    move = _number(float(formula("required_move")(0.5, -2, 0.5)), 0)
    return Prediction(
        "Nineteen steps earlier, how large is the move asked for, and how likely is it?",
        (
            Choice(
                "It has shrunk by a factor of 2⁻¹⁹, and it is certain.",
                f"Each unit asks for the move that turns its own output, here {move}. Nothing "
                "shrinks. But chance decides at every step whether it asks at all.",
            ),
            Choice(
                "It is as large as at the end, and it is certain.",
                f"As large it is, {move}. But each step passes the wish on with the probability "
                f"{chance:.3f}, and {chance:.3f}¹⁹ is about one in {once}.",
            ),
            Choice(
                "It is as large as at the end, but rarely asked for.",
                f"The move is {move}, as at the end. It is asked for about once in {once} times, "
                f"{chance:.3f}¹⁹: on average it has vanished after all.",
                right=True,
            ),
            Choice(
                "Nothing can arrive after nineteen steps.",
                f"It can, and in full size. Only it rarely does, about once in {once} times.",
            ),
        ),
    )


def _experiments() -> Prediction:
    return Prediction(
        "What do these errors and presentations say together?",
        (
            Choice(
                "The method learned quickly. The presentations do not grow with T.",
                "A trial that learns stops early. These went on to the same end at every T, and "
                "the errors are those of a coin.",
            ),
            Choice(
                "Hardly anything was learned, and the budget was about 3,000.",
                "A coin errs in 50 %. And a trial that does not learn goes on until its budget is "
                "spent, so nearly constant presentations show the budget.",
                right=True,
            ),
            Choice(
                "The problem does not get harder with T.",
                "The rows cannot say. Where nothing is learned at T = 5, there is nothing that a "
                "longer T could spoil.",
            ),
            Choice(
                "With more presentations the errors would have fallen.",
                "They may, or may not. The rows show what was reached within a budget, not what "
                "comes after it.",
            ),
        ),
    )


def _random_guessing() -> Prediction:
    return Prediction(
        "How likely are such weights to solve the latch problem, with noise of up to 0.2?",
        (
            Choice(
                "Practically never. Three numbers would have to be hit.",
                "None has to be hit. Three signs have to be right, and for the rest nearly every "
                "size will do.",
            ),
            Choice(
                "About 1/8 at T = 20, much less at T = 600, never on [−1, 1].",
                "It is the same at T = 600: weights that hold the bit under this noise hold it for "
                "ever.",
            ),
            Choice(
                "About 1/8 each time, also on [−1, 1]. Signs are what counts.",
                "They count where the weights are large enough. On [−1, 1] none can hold the bit "
                "under noise.",
            ),
            Choice(
                "About 1/8 at T = 20 and at T = 600, never on [−1, 1].",
                "Three signs have to be right, and what holds the bit once holds it for ever. With "
                "w ≤ 1 there is nothing that holds it.",
                right=True,
            ),
        ),
    )


_CHAPTERS = {
    "three-conditions": _three_conditions,
    "minimal-task": _minimal_task,
    "latch-neuron": _latch_neuron,
    "learning-to-latch": _learning_to_latch,
    "additive-inputs": _additive_inputs,
    "attractors": _attractors,
    "reduced-attracting-set": _reduced_attracting_set,
    "outside-gamma": _outside_gamma,
    "contracting-maps": _contracting_maps,
    "bounded-noise": _bounded_noise,
    "vanishing-gradient": _vanishing_gradient,
    "weight-gradient": _weight_gradient,
    "plateaus": _plateaus,
    "simulated-annealing": _simulated_annealing,
    "multigrid": _multigrid,
    "pseudo-newton": _pseudo_newton,
    "discrete-error": _discrete_error,
    "experiments": _experiments,
    "random-guessing": _random_guessing,
}

#: The prediction of each chapter.
PREDICTIONS: Mapping[str, Prediction] = MappingProxyType(
    {chapter: ask() for chapter, ask in _CHAPTERS.items()}
)
