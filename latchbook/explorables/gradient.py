"""Gradient through time: |da_t/da_0| along the trajectory of the latch."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from latchbook import figures
from latchbook.explorables._base import TrajectoryExplorable
from latchbook.figures.style import GRADIENT
from latchlib import contraction, formulas, neuron
from latchlib.neuron import fixed_points, h_star

__all__ = ["GradientThroughTime"]


class GradientThroughTime(TrajectoryExplorable):
    """The gradient along a trajectory, beside the trade-off between margin and half-life.

    Parameters and errors are those of
    :class:`latchbook.explorables._base.TrajectoryExplorable`.
    """

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name; None where there is none.

        Returns
        -------
        dict
            ``half_life`` (steps, at the upper attractor), ``slope`` there, ``h_star``, and
            ``log10_gradient``, the common logarithm of abs(da_T/da_0), and ``log10_now``, that of
            abs(da_t/da_0) at the step t.
        """
        top = fixed_points(self.w, self.h)[-1]
        life = neuron.half_life(self.w, self.h)
        logs = contraction.log_sensitivity(self.trajectory(), self.w).log_norm
        return {
            "half_life": life if np.isfinite(life) else None,
            "slope": top.slope,
            "h_star": h_star(self.w) if self.w > 1.0 else None,
            "log10_gradient": float(logs[-1, 0] / np.log(10.0)),
            "log10_now": float(logs[self.t, 0] / np.log(10.0)),
        }

    def _draw(self, figure: Figure) -> None:
        above, below = figure.subplots(2, 1, height_ratios=(3, 2))
        logs = contraction.log_sensitivity(self.trajectory(), self.w).log_norm[:, 0]
        top = fixed_points(self.w, self.h)[-1].a
        line = np.arange(len(logs)) * formulas.formula("log_slope")(top, self.w)
        rows = {"along the trajectory": logs[: self.t + 1], "at the attractor": line}
        figures.plot_gradient(rows, above, colour=GRADIENT)
        marks = (self.w,) if self.w > 1.0 else ()
        figures.plot_trade_off(1.0 + np.geomspace(1e-3, 4.0, 160), below, marks=marks)
