"""The rectangle under the curve: the bound of Theorem 3 against the exact threshold h*."""

from __future__ import annotations

from math import isfinite

from matplotlib.figure import Figure

from latchbook import figures
from latchbook.explorables._base import Explorable, Slider
from latchlib import contraction
from latchlib.formulas import formula
from latchlib.neuron import a_star, fixed_points, h_star

__all__ = ["Rectangle"]


class Rectangle(Explorable):
    """The largest rectangle under 1 - M'(y) on [a*, a+], whose whole area is h*.

    Parameters
    ----------
    w : float
        Self-loop weight.
    d : float
        Radius of the ball round a+.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    w = Slider(2.0, 1.05, 5.0, 0.05)
    d = Slider(0.5, 0.01, 4.0, 0.01)

    def bound(self, d: float) -> float | None:
        """Return the noise that Theorem 3 allows with radius `d`; None where it says nothing."""
        top = fixed_points(self.w)[-1].a
        b = float(contraction.noise_bound([[self.w]], [top], d, 1).bounds[0, 0])
        return b if isfinite(b) else None

    def best_radius(self) -> float:
        """Return the radius with the largest bound, by bisection on its derivative."""
        top, slope = fixed_points(self.w)[-1].a, formula("rectangle_bound_slope")
        low, high = 0.0, top - a_star(self.w)
        while low < (middle := 0.5 * (low + high)) < high:
            rising = slope(top, middle, self.w) > 0.0
            low, high = (middle, high) if rising else (low, middle)
        return middle

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name; None where there is none.

        Returns
        -------
        dict
            ``b`` (None where the ball reaches beyond Gamma), ``h_star``, ``ratio`` = b / h*; the
            same for the best radius: ``best_d``, ``best_b``, ``best_ratio``; ``a_star``,
            ``a_plus``.
        """
        b, whole = self.bound(self.d), h_star(self.w)
        best = self.best_radius()
        most = self.bound(best)
        return {
            "b": b,
            "h_star": whole,
            "ratio": None if b is None else b / whole,
            "best_d": best,
            "best_b": most,
            "best_ratio": most / whole,
            "a_star": a_star(self.w),
            "a_plus": fixed_points(self.w)[-1].a,
        }

    def _draw(self, figure: Figure) -> None:
        above, below = figure.subplots(2, 1, height_ratios=(3, 2))
        if self.bound(self.d) is None:
            figures.plot_area(self.w, above)
        else:
            figures.plot_rectangle(self.w, self.d, above)
        best = self.best_radius()
        radii = [best * k / 60 for k in range(1, 151)]
        bounds = {d: bound for d in radii if (bound := self.bound(d)) is not None}
        figures.plot_bound(bounds, h_star(self.w), below, mark=(best, self.bound(best)))
