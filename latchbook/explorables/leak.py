"""A unit with a leak: one slider that moves forgetting and writing together."""

from __future__ import annotations

from math import tanh

import numpy as np
from matplotlib.figure import Figure

from latchbook.explorables._base import Choice, Explorable, Slider
from latchbook.figures.style import GRADIENT, GREY, STATE
from latchlib.formulas import formula
from latchlib.leak import write_steps
from latchlib.neuron import fixed_points, h_star

__all__ = ["Leak"]

#: Steps that are drawn, the step at which the input ends, and where counting a write ends.
SHOWN, LONGEST = 100, 5000
#: Leaks at which the two curves are drawn.
LEAKS = [0.02 * 50 ** (k / 24) for k in range(25)]


class Leak(Explorable):
    """A leaky unit that is written by a constant input, and forgets a nudge.

    Parameters
    ----------
    z : float
        Leak: the share of the state that a step renews.
    w : float
        Weight of the self-loop.
    h : float
        Input that writes.
    t : int
        Step at which the state is marked; what comes after it is not drawn.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    z = Slider(0.2, 0.02, 1.0, 0.02)
    w = Slider(2.0, 1.05, 4.0, 0.05)
    h = Slider(1.0, 0.0, 4.0, 0.05)
    t = Choice(SHOWN, 0, SHOWN)

    def _lives(self, z: float) -> tuple[float, int | None]:
        rest = formula("slope_at_fixed_point")(fixed_points(self.w)[-1].a)
        life = float(formula("half_life")(formula("leaky_slope")(rest, z)))
        return life, write_steps(self.w, min(z, 1.0), self.h, longest=LONGEST)

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name; None where the input writes nothing.

        Returns
        -------
        dict
            ``margin`` h*; ``rest``, the upper state of rest; ``slope`` there; ``half_life`` and
            ``write``, in steps; ``ratio`` of the two; at the step t the ``state``, and what is
            ``left`` of a nudge.
        """
        top = fixed_points(self.w)[-1].a
        slope = float(formula("leaky_slope")(formula("slope_at_fixed_point")(top), self.z))
        life, write = self._lives(self.z)
        return {
            "margin": h_star(self.w),
            "rest": tanh(top),
            "slope": slope,
            "half_life": life,
            "write": write,
            "ratio": None if write is None else life / write,
            "state": self.path()[self.t],
            "left": slope**self.t,
        }

    def path(self) -> list[float]:
        """Return the states from -rest on, under the input that writes."""
        states, step = [-tanh(fixed_points(self.w)[-1].a)], formula("leaky_step")
        for _ in range(SHOWN):
            states.append(float(step(states[-1], self.w, self.h, self.z)))
        return states

    def _draw(self, figure: Figure) -> None:
        above, below = figure.subplots(2, 1)
        found = self.numbers()
        steps = np.arange(self.t + 1)
        above.axhline(0.0, color=GREY, lw=1)
        above.plot(steps, self.path()[: self.t + 1], color=STATE, label="written")
        above.plot(steps, found["slope"] ** steps, "--", color=GRADIENT, label="left of a nudge")
        above.set(xlabel="step", ylabel="state, share", xlim=(-3, SHOWN + 3), ylim=(-1.1, 1.1))
        above.legend(loc="lower right")
        lives = [self._lives(z) for z in LEAKS]
        below.loglog(LEAKS, [life for life, _ in lives], "--", color=GRADIENT, label="half-life")
        writes = [np.nan if write is None else write for _, write in lives]
        below.loglog(LEAKS, writes, color=STATE, label="steps to write")
        below.plot(self.z, found["half_life"], "o", color=GRADIENT, ms=8)
        if found["write"] is not None:
            below.plot(self.z, found["write"], "o", color=STATE, ms=8)
        below.set(xlabel="leak $z$", ylabel="steps")
        below.legend(loc="upper right")
