"""The latch: cobweb diagram and time line."""

from __future__ import annotations

from matplotlib.figure import Figure

from latchbook import figures
from latchbook.explorables._base import STEPS, TrajectoryExplorable
from latchbook.figures.style import STATE
from latchlib import formulas, neuron
from latchlib.neuron import a_star, fixed_points, h_star

__all__ = ["Latch"]


class Latch(TrajectoryExplorable):
    """A neuron a_t = w tanh(a_{t-1}) + h_t to push around.

    Parameters and errors are those of
    :class:`latchbook.explorables._base.TrajectoryExplorable`.
    """

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name; None where there is none.

        Returns
        -------
        dict
            ``a_minus``, ``a_middle``, ``a_plus`` (fixed points under the input h; the middle one is
            the basin's edge), ``a_only`` (the fixed point of a weight that is not above 1, which
            has no second one), ``a_star`` (edge of the reduced attracting set), ``h_star``,
            ``margin`` = h* - abs(h), ``flips`` of all steps, ``a_T``, and ``a_t`` at the step t.
        """
        points = fixed_points(self.w, self.h)
        names = {"a_minus": None, "a_middle": None, "a_plus": None}
        latch = self.w > 1.0
        if len(points) == 3:
            names = dict(zip(names, (p.a for p in points), strict=True))
        elif latch:
            names["a_plus" if points[0].a >= 0.0 else "a_minus"] = points[0].a
        path = self.trajectory()
        return {
            **names,
            "a_only": None if latch else points[0].a,
            "a_star": a_star(self.w) if latch else None,
            "h_star": h_star(self.w) if latch else None,
            "margin": float(formulas.formula("margin")(self.h, self.w)) if latch else None,
            "flips": float(neuron.flips(path)[0, 0]),
            "a_T": float(path[-1, 0, 0]),
            "a_t": float(path[self.t, 0, 0]),
        }

    def _draw(self, figure: Figure) -> None:
        above, below = figure.subplots(2, 1, height_ratios=(3, 2))
        figures.plot_map(self.w, self.h, above)
        levels = {f"fixed point {p.a:.2f}": p.a for p in fixed_points(self.w, self.h)}
        states = self.trajectory()[: self.t + 1, 0, 0]
        figures.plot_timeline({"state": states}, below, levels=levels, colour=STATE)
        below.set_xlim(-1.0, 1.04 * STEPS)
