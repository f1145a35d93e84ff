"""Steps on a plateau: plain descent beside pseudo-Newton, whose step the divisor mu holds back."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from latchbook.explorables._base import Choice, Explorable, Slider
from latchbook.figures.style import GRADIENT, GREY, STATE
from latchlib.formulas import formula
from latchlib.neuron import attractor_pair
from latchlib.tasks import TARGETS

__all__ = ["Plateau"]

#: Updates that are followed; the rate of each, 0.01 with the momentum 0.8 of the paper.
UPDATES, RATE = 200, 0.05
#: First inputs that are drawn, and the least and the greatest power of ten of a step.
SHOWN, DECADES = (-1.5, 2.0), (-8, 2)
#: The rules, with the style of their lines.
RULES = {"plain": ":", "gauss": "--", "full": "-"}
NAMES = {"plain": "plain", "gauss": "Gauss-Newton form", "full": "full form"}


class Plateau(Explorable):
    """The latch is to hold minus and holds plus; its first input is trained by three rules.

    Parameters
    ----------
    w : float
        Weight of the latch.
    T : int
        Length of the sequence, in steps; the first is the input.
    u : float
        First input at which training starts.
    mu : float
        Least divisor of pseudo-Newton.
    update : int
        Updates that every rule has made.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    w = Slider(1.25, 1.05, 2.0, 0.05)
    T = Choice(10, 2, 30)
    u = Slider(0.9, 0.1, 2.0, 0.05)
    mu = Slider(0.02, 0.001, 0.3, 0.001)
    update = Choice(40, 0, UPDATES)

    def at(self, u: float) -> tuple[float, dict[str, float]]:
        """Return the cost of a first input, and the step that each rule takes from there."""
        states = [u]
        for _ in range(self.T - 1):
            states.append(float(formula("step")(states[-1], self.w, 0.0)))
        target, x = min(TARGETS), float(formula("activation")(states[-1]))
        delta = float(formula("delta_at_end")(states[-1], target))
        wrong_by = float(formula("cost_derivative")(x, target))
        full, gauss = (float(formula("unit_gamma")(x, 1.0, e)) for e in (wrong_by, 0.0))
        for a in reversed(states[:-1]):
            full = float(formula("gamma_step")(full, a, self.w, delta))
            gauss = float(formula("gamma_step")(gauss, a, self.w, 0.0))
            delta = float(formula("delta_step")(delta, a, self.w))
        newton = formula("pseudo_newton_step")
        return float(formula("cost")(x, target)), {
            "plain": -RATE * delta,
            "gauss": float(newton(delta, gauss, RATE, self.mu)),
            "full": float(newton(delta, full, RATE, self.mu)),
        }

    def course(self, rule: str) -> list[float]:
        """Return the first inputs from the start to the present update."""
        inputs = [self.u]
        for _ in range(self.update):
            step = self.at(inputs[-1])[1][rule]
            inputs.append(float(formula("descent_on_grid")(inputs[-1], -step, 1.0)))
        return inputs

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name.

        Returns
        -------
        dict
            After the updates of each rule, ``plain``, ``gauss`` and ``full``: the first input, and
            with ``_step`` the step from there; ``gained``, by how many steps mu extends the reach.
        """
        ends = {rule: self.course(rule)[-1] for rule in RULES}
        steps = {f"{rule}_step": self.at(u)[1][rule] for rule, u in ends.items()}
        top = formula("slope")(attractor_pair(self.w)[1].a, self.w)
        return ends | steps | {"gained": float(formula("steps_gained")(self.mu, top))}

    def _draw(self, figure: Figure) -> None:
        above, below = figure.subplots(2, 1, sharex=True)
        along = np.linspace(*SHOWN, 141)
        found = [self.at(u) for u in along]
        above.plot(along, [cost for cost, _ in found], color=GREY)
        for rule, line in RULES.items():
            end = self.course(rule)[-1]
            cost, steps = self.at(end)
            lengths = [abs(steps[rule]) for _, steps in found]
            below.semilogy(along, lengths, line, color=GRADIENT, label=NAMES[rule])
            below.plot(end, abs(steps[rule]), "o", color=GRADIENT)
            above.plot(end, cost, "o", color=STATE)
            above.annotate(NAMES[rule], (end, cost), (4, 6), textcoords="offset points")
        above.set(ylabel="cost", xlim=SHOWN, ylim=(0.0, 1.6))
        below.set(xlabel="first input $u$", ylabel="length of the step")
        below.set_ylim(*(10.0**power for power in DECADES))
        below.legend(loc="lower left")
