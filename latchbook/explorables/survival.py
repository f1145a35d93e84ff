"""Does the gradient survive? Two states of a cross-coupled pair, alternated."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latchbook import figures
from latchbook.explorables._base import Choice, Explorable, Slider
from latchbook.figures.style import GREY
from latchlib import contraction, maps, phase_space
from latchlib.neuron import a_star

__all__ = ["GradientSurvival"]

#: Steps of the alternation.
STEPS = 60


class GradientSurvival(Explorable):
    """Theorem 4's two readings, on W = [[0, w], [w, 0]] alternating between (p, B) and (B, p).

    Parameters
    ----------
    w : float
        Weight between the two units.
    p, B : float
        Coordinates of the two states.
    t : int
        Step up to which the gradient is drawn, and at which the state is marked.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    w = Slider(2.0, 1.05, 4.0, 0.05)
    p = Slider(0.65, 0.05, 3.0, 0.01)
    B = Slider(3.0, 0.05, 6.0, 0.05)
    t = Choice(STEPS, 0, STEPS)

    @property
    def W(self) -> NDArray[np.float64]:
        """The weight matrix."""
        return np.array([[0.0, self.w], [self.w, 0.0]])

    def path(self) -> NDArray[np.float64]:
        """Return the alternating states a_0 ... a_T, shape (T + 1, 2, 1)."""
        pair = np.array([[self.p, self.B], [self.B, self.p]])
        return pair[np.arange(STEPS + 1) % 2][:, :, np.newaxis]

    def logs(self) -> dict[str, NDArray[np.float64]]:
        """Return log |da_t/da_0|, alternating and held at y1, and the laws of one factor."""
        path, t = self.path(), np.arange(STEPS + 1)
        factor = maps.jacobian(self.W, path[0, :, 0])
        held = np.broadcast_to(path[:1], path.shape)
        return {
            "alternating": contraction.log_sensitivity(path, self.W).log_norm[:, 0],
            "held at $y_1$": contraction.log_sensitivity(held, self.W).log_norm[:, 0],
            r"(spectral radius)$^t$": t * np.log(maps.spectral_radius(factor)),
            r"(norm)$^t$": t * np.log(maps.norm(factor)),
        }

    def latched(self, reading: str) -> float | None:
        """Return 1 if y1 and y2 are in Gamma of the positive fixed point, 0 if not, or None."""
        found = phase_space.attractors(self.W)
        labels = phase_space.label_states(
            self.W, self.path()[:2, :, 0].T, reading=reading, attractors=found, steps=2000
        )[1]
        # The pair is symmetric under exchange of the units, and so are the two labels.
        label = int(labels[0])
        if label == phase_space.UNRESOLVED:
            return None
        return float(label >= 0 and bool((found[label].points[0] > 0.0).all()))

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name; None where there is none.

        Returns
        -------
        dict
            ``spectral_radius`` and ``norm`` of M'(y1); ``growth_per_step`` of the alternation;
            ``log10_alternating``, ``log10_held`` at t = 60; ``inputs``, the size of the inputs
            that make the state alternate; ``gamma_eigenvalues``, ``gamma_norm``: 1, 0 or None.
        """
        y = self.path()[:2, :, 0]
        factor = maps.jacobian(self.W, y[0])
        logs = self.logs()
        ends = {name: float(log[-1]) for name, log in logs.items()}
        return {
            "spectral_radius": float(maps.spectral_radius(factor)),
            "norm": float(maps.norm(factor)),
            "growth_per_step": float(np.exp(ends["alternating"] / STEPS)),
            "log10_alternating": ends["alternating"] / float(np.log(10.0)),
            "log10_held": ends["held at $y_1$"] / float(np.log(10.0)),
            "inputs": float(np.linalg.norm(y[1] - maps.step(self.W, y[0]))),
            "gamma_eigenvalues": self.latched("eigenvalues"),
            "gamma_norm": self.latched("norm"),
        }

    def _draw(self, figure: Figure) -> None:
        above, below = figure.subplots(2, 1, height_ratios=(3, 3))
        figures.plot_gradient(self.logs(), above)
        above.axvline(self.t, color=GREY, ls=":")
        above.set_ylabel(r"$\log_{10} \Vert \partial a_t / \partial a_0 \Vert$")
        figures.plot_two_readings(self.w, a_star(self.w), (self.p, self.B), below)
