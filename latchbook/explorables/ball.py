"""The ball of uncertainty: what becomes of a ball of states, with and without noise."""

from __future__ import annotations

import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latchbook import figures
from latchbook.explorables._base import Choice, Explorable, Slider
from latchlib import contraction, maps, phase_space

__all__ = ["NETWORKS", "UncertaintyBall"]

#: Networks to choose from.
NETWORKS = {
    "two latches": ((2.0, 0.0), (0.0, 2.0)),
    "flip-flop": ((1.25, -0.75), (-0.75, 1.25)),
    "non-normal": ((2.334, 0.611), (-4.086, -0.755)),
}

#: Points of the circle that are followed, and steps.
POINTS, STEPS = 96, 30


class UncertaintyBall(Explorable):
    """A ball of states of two units under the map, and under noise that pushes outwards.

    Parameters
    ----------
    network : int
        Which of :data:`NETWORKS`, from 0.
    t : int
        Time shown.
    d : float
        Radius of the ball.
    b : float
        Bound on the noise of each step.
    a1, a2 : float
        Centre.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    _size = (6.4, 8.0)

    network = Choice(0, 0, len(NETWORKS) - 1)
    t = Choice(2, 0, STEPS)
    d = Slider(0.5, 0.05, 1.5, 0.05)
    b = Slider(0.0, 0.0, 0.5, 0.01)
    a1 = Slider(0.6, -3.5, 3.5, 0.1)
    a2 = Slider(0.6, -3.5, 3.5, 0.1)
    # Pairs: the keys of a mapping may be sorted on the way to the page.
    weights = traitlets.List(
        [[name, [*W[0], *W[1]]] for name, W in NETWORKS.items()],
    ).tag(sync=True)

    @property
    def W(self) -> NDArray[np.float64]:
        """The weight matrix."""
        return np.array(list(NETWORKS.values())[self.network])

    def centre(self) -> NDArray[np.float64]:
        """Return the trajectory of the centre without noise, shape (T + 1, 2)."""
        return maps.orbit(self.W, [self.a1, self.a2], STEPS)[:, :, 0]

    def cloud(self) -> NDArray[np.float64]:
        """Return the images of the circle, shape (T + 1, 2, point)."""
        angle = 2.0 * np.pi * np.arange(POINTS) / POINTS
        centre = self.centre()
        result = np.empty((STEPS + 1, 2, POINTS))
        result[0] = centre[0][:, np.newaxis] + self.d * np.array([np.cos(angle), np.sin(angle)])
        for t in range(STEPS):
            image = maps.step(self.W, result[t])
            away = image - centre[t + 1][:, np.newaxis]
            far = np.hypot(*away)
            result[t + 1] = image + self.b * np.divide(
                away, far, out=np.zeros_like(away), where=far > 0.0
            )
        return result

    def radii(self) -> NDArray[np.float64]:
        """Return the greatest distance of the images from the centre's trajectory, (T + 1,)."""
        return np.hypot(*np.moveaxis(self.cloud() - self.centre()[:, :, np.newaxis], 1, 0)).max(1)

    def bounds(self) -> NDArray[np.float64]:
        """Return radii proved to hold the image: lambda_t times the last, plus b; (T + 1,)."""
        result = [self.d]
        for a in self.centre()[:-1]:
            factor = float(contraction.contraction_factor(self.W, a, result[-1])[0])
            result.append(factor * result[-1] + self.b)
        return np.array(result)

    def noise_borne(self) -> float | None:
        """Return the least b_t of Theorem 3; None where its hypothesis fails."""
        bound = contraction.noise_bound(self.W, [self.a1, self.a2], self.d, STEPS)
        return float(bound.uniform[0]) if bound.holds[0] else None

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name; None where there is none.

        Returns
        -------
        dict
            ``radius`` of the image and ``bound`` on it, at time t; ``peak_radius`` and
            ``peak_time`` of the image; ``noise_borne``; ``gamma``: 1 if the centre is in a reduced
            attracting set (norm read), 0 if in none.
        """
        radii = self.radii()
        peak = float(radii.max())
        _, gamma = phase_space.label_states(self.W, [self.a1, self.a2], steps=2000)
        inside = {phase_space.UNRESOLVED: None, phase_space.OUTSIDE: 0.0}
        return {
            "radius": float(radii[self.t]),
            "bound": float(self.bounds()[self.t]),
            "peak_radius": peak,
            # Ties to the last digits go to the earliest time.
            "peak_time": float(np.argmax(radii >= peak * (1.0 - 1e-9))),
            "noise_borne": self.noise_borne(),
            "gamma": inside.get(int(gamma[0]), 1.0),
        }

    def _draw(self, figure: Figure) -> None:
        above, below = figure.subplots(2, 1, height_ratios=(3, 1))
        grid = phase_space.Grid.cube(3.8, 161)
        figures.plot_portrait(*phase_space.portrait(self.W, grid), above, legend=False)
        centre, cloud, bounds = self.centre(), self.cloud(), self.bounds()
        angle = np.linspace(0.0, 2.0 * np.pi, 97)
        around = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        circles = {"proved to hold it": centre[self.t] + bounds[self.t] * around}
        borne = self.noise_borne()
        if borne is not None and self.b <= borne:
            circles["ball of Theorem 3"] = centre[self.t] + self.d * around
        start = centre[0] + self.d * around
        figures.plot_ball_at(start, cloud[self.t].T, circles, above)
        above.set(xlim=(-3.8, 3.8), ylim=(-3.8, 3.8))
        rows = {"image": self.radii(), "proved": bounds, "$d$": np.full(STEPS + 1, self.d)}
        figures.plot_radius(rows, self.t, below)
