"""Phase plane of two units: basins, reduced attracting sets, and a trajectory to launch."""

from __future__ import annotations

import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latchbook import figures
from latchbook.explorables._base import Choice, Explorable, Slider
from latchlib import contraction, maps, phase_space

__all__ = ["PRESETS", "PhasePlane"]

#: Networks to start from: w11, w12, w21, w22.
PRESETS = {
    "flip-flop": (1.25, -0.75, -0.75, 1.25),
    "bistable": (1.4, 0.3, 0.5, 0.9),
    "cycle": (0.0, 2.0, 2.0, 0.0),
    "quasi-periodic": (0.7, -1.1, 1.1, 0.7),
    "chaotic": (3.5, -4.5, 1.75, -1.5),
    "non-normal": (2.334, 0.611, -4.086, -0.755),
}

_WEIGHT = (-6.0, 6.0, 0.001)
_START = (-3.0, 3.0, 0.1)
#: Budget of steps for the start, and how many are drawn.
STEPS, SHOWN = 2000, 30


class PhasePlane(Explorable):
    """Two units a_t = W tanh a_{t-1}: where each state ends, and whether it is latched there.

    Parameters
    ----------
    w11, w12, w21, w22 : float
        Entries of W. See :data:`PRESETS`.
    a1, a2 : float
        State from which a trajectory is launched.
    t : int
        Step up to which it is drawn, and at which it is marked.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    _size = (6.4, 8.0)

    w11 = Slider(1.25, *_WEIGHT)
    w12 = Slider(-0.75, *_WEIGHT)
    w21 = Slider(-0.75, *_WEIGHT)
    w22 = Slider(1.25, *_WEIGHT)
    a1 = Slider(0.5, *_START)
    a2 = Slider(-2.0, *_START)
    t = Choice(SHOWN, 0, SHOWN)
    # Pairs: the keys of a mapping may be sorted on the way to the page.
    presets = traitlets.List([[name, list(W)] for name, W in PRESETS.items()]).tag(sync=True)

    @property
    def W(self) -> NDArray[np.float64]:
        """The weight matrix."""
        return np.array([[self.w11, self.w12], [self.w21, self.w22]])

    def trajectory(self) -> NDArray[np.float64]:
        """Return the states a_0 ... a_T that are drawn, shape (T + 1, 2, 1)."""
        return maps.orbit(self.W, [self.a1, self.a2], SHOWN)

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name; None where there is none.

        Returns
        -------
        dict
            ``basin``, which attractor the start tends to, counted from 0; ``gamma``, 1 if it is
            in its reduced attracting set (norm read), 0 if in none; of M' at the start
            ``spectral_radius``, ``norm``, ``eigenvalue_upper`` and ``eigenvalue_lower`` (real
            parts) and ``eigenvalue_imaginary``; ``attractors``, how many were found.
        """
        W, start = self.W, [self.a1, self.a2]
        found = phase_space.attractors(W)
        basin, gamma = phase_space.label_states(W, start, attractors=found, steps=STEPS)
        derivative = maps.jacobian(W, start)
        # LAPACK finds a double eigenvalue only to half of the digits.
        (p, q), (r, v) = derivative
        root = np.sqrt(complex((0.5 * (p - v)) ** 2 + q * r))
        values = 0.5 * (p + v) + np.array([root, -root])
        inside = {phase_space.UNRESOLVED: None, phase_space.OUTSIDE: 0.0}
        return {
            "basin": float(basin[0]) if basin[0] >= 0 else None,
            "gamma": inside.get(int(gamma[0]), 1.0),
            "spectral_radius": float(maps.spectral_radius(derivative)),
            "norm": float(maps.norm(derivative)),
            "eigenvalue_upper": float(values.real.max()),
            "eigenvalue_lower": float(values.real.min()),
            "eigenvalue_imaginary": float(np.abs(values.imag).max()),
            "attractors": float(len(found)),
        }

    def _draw(self, figure: Figure) -> None:
        above, below = figure.subplots(2, 1, height_ratios=(3, 1))
        W = self.W
        reach = float(max(3.2, 1.1 * np.abs(W).sum(axis=1).max()))
        found = phase_space.attractors(W)
        grid = phase_space.Grid.cube(reach, 161)
        basin, gamma = phase_space.portrait(W, grid, attractors=found)
        figures.plot_portrait(basin, gamma, above)
        letters = {chr(ord("A") + k): cycle.points[0] for k, cycle in enumerate(found)}
        figures.plot_launch(self.trajectory()[: self.t + 1, :, 0], letters, above)
        sizes = contraction.log_sensitivity(self.trajectory(), W)
        logs = {"norm": sizes.log_norm, "spectral radius": sizes.log_radius}
        rows = {name: log[1:, 0] / np.log(10.0) for name, log in logs.items()}
        figures.plot_powers(rows, below)
