"""A state that turns: what a rotation keeps of a bit, of its gradient and of the noise."""

from __future__ import annotations

import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latchbook.explorables._base import Choice, Explorable, Slider
from latchbook.figures.style import GRADIENT, GREY, STATE
from latchlib.formulas import formula

__all__ = ["Turning"]

#: Steps that are followed, and runs of each bit.
STEPS, RUNS = 100, 40
#: Noise is sent as whole multiples of 1/GRAIN, a byte each.
GRAIN = 32


def _noise() -> bytes:
    # Of this seed the first run, which is drawn, is one of those that are read wrong.
    noise = np.random.default_rng(2312).standard_normal((STEPS, 2, RUNS))
    return np.clip(np.round(GRAIN * noise), -127, 127).astype("i1").tobytes()


class Turning(Explorable):
    """A bit, written as 1 or as -1, in a plane whose states turn and shrink at every step.

    Parameters
    ----------
    modulus, angle : float
        Factor and turn of a step, in radians.
    sigma : float
        Standard deviation of the noise in each component of a step.
    push : float
        Steady push against the bit that was written as 1.
    t : int
        Step that is shown.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    modulus = Slider(1.0, 0.9, 1.02, 0.005)
    angle = Slider(0.25, 0.0, 3.1, 0.05)
    sigma = Slider(0.1, 0.0, 0.3, 0.01)
    push = Slider(0.0, 0.0, 0.1, 0.005)
    t = Choice(STEPS, 0, STEPS)
    draws = traitlets.Bytes(_noise()).tag(sync=True)

    def paths(self) -> NDArray[np.float64]:
        """Return the states of the bit 1, (step, component, run); the last run has no noise."""
        noise = np.zeros((STEPS, 2, RUNS + 1))
        noise[..., :RUNS] = np.frombuffer(self.draws, "i1").reshape(STEPS, 2, RUNS) / GRAIN
        first, second = (formula(f"turned_{name}") for name in ("first", "second"))
        found = np.zeros((STEPS + 1, 2, RUNS + 1))
        found[0, 0] = 1.0
        for t, xi in enumerate(formula("noisy_input")(0.0, self.sigma, noise)):
            at = *found[t], self.modulus, self.angle
            found[t + 1] = first(*at, xi[0] - self.push), second(*at, xi[1])
        return found

    def read(self) -> NDArray[np.float64]:
        """Return how far each run of the bit 1 is above the border at each step, (step, run)."""
        states = np.moveaxis(self.paths(), 1, 0)
        return formula("turned_back")(*states, self.angle * np.arange(STEPS + 1)[:, np.newaxis])

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name; None where there is none.

        Returns
        -------
        dict
            At the step t: what is ``left`` of bit and gradient; the standard deviation of the
            ``noise``, and the bit in units of it, ``reads``; the noise that the bit ``bears`` for
            t steps; what one run ``says``, and how many of all runs of both bits are ``wrong``.
            ``sway`` is the bound of what the push does to a rotation.
        """
        t, x = self.t, self.modulus
        left, read = float(x**t), self.read()[t, :RUNS]
        sways, noisy = x == 1.0 and self.angle > 0.0, t * self.sigma > 0.0
        return {
            "left": left,
            "noise": float(formula("line_noise")(x, t, self.sigma)),
            "reads": float(formula("line_reads")(1.0, x, t, self.sigma)) if noisy else None,
            "bears": float(formula("line_margin")(1.0, x, t)) if t else None,
            "sway": float(formula("turned_sway")(self.push, self.angle)) if sways else None,
            "says": float(read[0]),
            "wrong": float((read < 0.0).sum() + (read > 2.0 * left).sum()),
        }

    def _draw(self, figure: Figure) -> None:
        above, below = figure.subplots(2, 1, height_ratios=(3, 2))
        states, steps = self.paths(), np.arange(self.t + 1)
        plus, turn = states[self.t, :, :RUNS], np.exp(1j * self.angle * self.t)
        gap = 2.0 * self.modulus**self.t * np.array([[turn.real], [turn.imag]])
        above.plot(*plus, "o", color=STATE, ms=4, label="plus")
        above.plot(*(plus - gap), "^", color=GREY, ms=4, label="minus")
        above.axline((0.0, 0.0), (-turn.imag, turn.real), color=GREY, ls="--", lw=1)
        above.set(xlabel="first component", ylabel="second component", aspect="equal")
        above.legend(loc="upper right")
        left, read = self.modulus**steps, self.read()[: self.t + 1, 0]
        below.axhline(0.0, color=GREY, lw=1)
        below.plot(steps, read, color=STATE, lw=1.4, label="one run, written as 1")
        below.plot(steps, left, "--", color=GRADIENT, label="bit and gradient left")
        noise = formula("line_noise")(self.modulus, steps, self.sigma)
        below.plot(steps, noise, ":", color=GREY, label="noise added up")
        below.set(xlabel="step", ylabel="above the border", xlim=(0, STEPS))
        below.legend(loc="best")
