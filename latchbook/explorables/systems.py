"""Three systems under one noise: a leaky and a perfect integrator, and a latch."""

from __future__ import annotations

from math import log

import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latchbook.explorables._base import SAMPLES, Choice, Explorable, Slider, light_noise
from latchbook.figures.style import BLUE, GREEN, GREY, VERMILLION
from latchlib.formulas import formula
from latchlib.neuron import fixed_points

__all__ = ["ThreeSystems"]

#: The last step: with twice the noise of the chapter's runs, a fourth of their steps adds up to it.
#: Greatest deviation and least power of ten that are drawn.
LAST, SHOWN, FLOOR = 250, 2.0, -20
#: The three, with the style of their lines.
SYSTEMS = {"leaky": (BLUE, "-"), "perfect": (VERMILLION, "--"), "latch": (GREEN, "-.")}


class ThreeSystems(Explorable):
    """Three systems that start at 1 and hear the same noise in every step.

    Parameters
    ----------
    v : float
        Weight of the leaky integrator.
    w : float
        Weight of the latch.
    sigma : float
        Standard deviation of the noise.
    t : int
        Steps that have passed.
    sample : int
        Which of the runs is drawn, from 0.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    _size = (5.4, 7.0)

    v = Slider(0.9, 0.5, 0.99, 0.01)
    w = Slider(2.0, 1.05, 4.0, 0.05)
    sigma = Slider(0.1, 0.0, 0.5, 0.01)
    t = Choice(LAST, 0, LAST)
    sample = Choice(0, 0, SAMPLES - 1)
    # Typical: the perfect integrator is wrong in a fourth of the runs, and in the first of them.
    draws = traitlets.Bytes(light_noise(155, LAST)).tag(sync=True)

    def paths(self) -> dict[str, NDArray[np.float64]]:
        """Return the states of each system, shape (t + 1, run); the last run is without noise."""
        noise = np.frombuffer(self.draws, dtype="<f8").reshape(SAMPLES, LAST)
        noise = np.vstack([noise, np.zeros(LAST)])[:, : self.t]
        linear, step = formula("linear_step"), formula("step")
        states = {name: [np.ones(len(noise))] for name in SYSTEMS}
        for push in formula("noisy_input")(0.0, self.sigma, noise).T:
            for name, weight in (("leaky", self.v), ("perfect", 1.0)):
                states[name].append(linear(states[name][-1], weight, push))
            states["latch"].append(step(states["latch"][-1], self.w, push))
        return {name: np.array(path) for name, path in states.items()}

    def decades(self) -> dict[str, NDArray[np.float64]]:
        """Return log10 of what is left of the gradient at every step, of the run that is drawn."""
        steps, decade = np.arange(self.t + 1), formula("decades")
        slopes = formula("log_slope")(self.paths()["latch"][:-1, self.sample], self.w)
        return {
            "leaky": steps * decade(self.v),
            "perfect": steps * decade(1.0),
            "latch": np.concatenate([[0.0], np.cumsum(slopes) / log(10.0)]),
        }

    def deviations(self) -> dict[str, NDArray[np.float64]]:
        """Return the root mean square of what the noise has added to the state, over all runs."""
        return {
            name: formula("deviation")(((path[:, :-1] - path[:, -1:]) ** 2).mean(axis=1))
            for name, path in self.paths().items()
        }

    def laws(self, t: int | NDArray[np.int_]) -> dict[str, NDArray[np.float64]]:
        """Return the standard deviations of the integrators by their formulas."""
        variances = {
            "leaky": formula("leaky_variance")(self.sigma, t, self.v),
            "perfect": formula("walk_variance")(self.sigma, t),
        }
        return {name: formula("deviation")(variance) for name, variance in variances.items()}

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name.

        Returns
        -------
        dict
            Of the ``leaky`` and the ``perfect`` integrator and of the ``latch``, after t steps: in
            how many runs the sign is ``right``, the ``noise`` in the state (root mean square over
            all runs), log10 of the ``gradient``; and the ``law`` of the noise.
        """
        right = {name: (path[:, :-1] > 0.0).sum(axis=1) for name, path in self.paths().items()}
        last = {"right": right, "noise": self.deviations(), "gradient": self.decades()}
        return {
            f"{name}_{kind}": float(values[-1])
            for kind, found in last.items()
            for name, values in found.items()
        } | {f"{name}_law": float(law) for name, law in self.laws(self.t).items()}

    def _draw(self, figure: Figure) -> None:
        states, noise, gradient = figure.subplots(3, 1)
        paths, deviations, decades = self.paths(), self.deviations(), self.decades()
        states.axhline(0.0, color=GREY, lw=1)
        for law in self.laws(np.arange(LAST + 1)).values():
            noise.plot(law, ":", color=GREY)
        for name, (colour, line) in SYSTEMS.items():
            states.plot(paths[name][:, self.sample], line, color=colour, label=name)
            noise.plot(deviations[name], line, color=colour)
            gradient.plot(np.maximum(decades[name], 2 * FLOOR), line, color=colour)
        reach = max(3.5, 1.15 * fixed_points(self.w)[-1].a)
        states.set(ylabel="state $a_t$", ylim=(-reach, reach), xlim=(0, LAST))
        noise.set(ylabel="noise in $a_t$", ylim=(0.0, SHOWN), xlim=(0, LAST))
        gradient.set(xlabel="step $t$", ylabel=r"$\log_{10}$ of the gradient", ylim=(FLOOR, 1))
        gradient.set_xlim(0, LAST)
        states.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, frameon=False)
