"""Searching a surface: multigrid and annealing on the cost of the latch problem, side by side."""

from __future__ import annotations

import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latchbook import figures
from latchbook.explorables._base import Choice, Explorable, Slider
from latchlib.backprop import INITIAL_BOUND
from latchlib.formulas import formula
from latchlib.tasks import TARGETS
from latchlib.training import Multigrid, Path, SimulatedAnnealing, follow

__all__ = ["EVALUATIONS", "SEEDS", "SurfaceSearch", "latch_cost"]

#: The plane that is drawn is [-REACH, REACH]^2; annealing keeps within it.
REACH = 4.0
#: Moves of each parameter in a round of annealing, rounds, and evaluations of either search.
_N_S, _ROUNDS = 20, 10
EVALUATIONS = 2 * _N_S * _ROUNDS
#: Samples to choose from, and what the start, multigrid and annealing draw from: sample k from
#: ``default_rng(SEEDS[name] + k)``, the searches from its first child, as in training.
SAMPLES = 6
SEEDS = {"start": 100, "multigrid": 200, "annealing": 300}
#: Costs at which a level line is drawn; 0.32 is that of the output 0.
LEVELS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.34, 0.6, 1.0, 1.4)


def latch_cost(points: NDArray[np.float64], T: int) -> NDArray[np.float64]:
    """Return the cost of the latch neuron with inputs u, then none; and with -u, by symmetry.

    Parameters
    ----------
    points : ndarray, shape (2, trial)
        Weight w and first input u.
    T : int
        Length of the sequence, in steps.

    Returns
    -------
    ndarray, shape (trial,)
    """
    (w, a), step = points, formula("step").numpy()
    for _ in range(T - 1):
        a = step(a, w, 0.0)
    return formula("cost")(formula("activation")(a), max(TARGETS))


def _drawn(sample: int) -> tuple[NDArray, NDArray, NDArray]:
    """Return start (2,), draws of multigrid (K, 2), draws of annealing (K, 2)."""
    streams = {name: np.random.default_rng(seed + sample) for name, seed in SEEDS.items()}
    (box,), (luck,) = streams["multigrid"].spawn(1), streams["annealing"].spawn(1)
    return (
        streams["start"].uniform(-INITIAL_BOUND, INITIAL_BOUND, 2),
        box.uniform(-1.0, 1.0, (EVALUATIONS, 2)),
        luck.random((EVALUATIONS, 2)),
    )


def _draws() -> bytes:
    parts = [part.ravel() for sample in range(SAMPLES) for part in _drawn(sample)]
    return np.concatenate(parts).astype("<f8").tobytes()


class SurfaceSearch(Explorable):
    """Two searches over weight and first input of the latch neuron, without noise.

    Both start at the same point. Settings that have no slider are the defaults of
    :mod:`latchlib.training`, with one round a temperature as in the comparison.

    Parameters
    ----------
    T : int
        Length of the sequences, in steps.
    k : int
        How many points each search has tried after its start.
    temperature : float
        First temperature of annealing, in units of cost.
    half_width : float
        First half-width of multigrid's box.
    sample : int
        Which of the random starts and draws is used, from 0.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    _size = (5.4, 11.0)

    T = Choice(20, 2, 40)
    k = Choice(120, 0, EVALUATIONS)
    temperature = Slider(0.1, 0.01, 1.0, 0.01)
    half_width = Slider(3.0, 0.1, 5.0, 0.1)
    sample = Choice(0, 0, SAMPLES - 1)
    draws = traitlets.Bytes(_draws()).tag(sync=True)
    #: What the page needs to know of the settings above.
    constants = traitlets.Dict(
        {
            "reach": REACH, "levels": list(LEVELS), "target": max(TARGETS), "n_s": _N_S,
            "evaluations": EVALUATIONS, "shrink": Multigrid().shrink,
            "c": SimulatedAnnealing().c, "r_t": SimulatedAnnealing().r_t,
            "step": SimulatedAnnealing().step,
        }
    ).tag(sync=True)  # fmt: skip

    def cost(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the cost at points (w, u), shape (2, trial)."""
        return latch_cost(points, self.T)

    def multigrid(self) -> Path:
        """Return what multigrid search does in `k` points at least, one trial."""
        return self._follow(Multigrid(half_width=self.half_width), _drawn(self.sample)[1])

    def annealing(self) -> Path:
        """Return what annealing does in `k` moves at least, one trial."""
        rule = SimulatedAnnealing(n_s=_N_S, n_t=1, temperature=self.temperature, bound=REACH)
        return self._follow(rule, _drawn(self.sample)[2])

    def _follow(self, rule, draws):
        start = _drawn(self.sample)[0][:, np.newaxis]
        return follow(self.cost, start, rule, draws[: max(1, self.k), :, np.newaxis])

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name; None where there is none.

        Returns
        -------
        dict
            After `k` points. Of multigrid: ``multigrid_best``, the least cost, at ``multigrid_w``
            and ``multigrid_u``; ``half_width_now``, ``improvements``. Of annealing:
            ``annealing_best``; ``annealing_now``, the cost at the current point;
            ``temperature_now``; ``acceptance``, the share accepted of the last round of moves at
            most; ``step_w`` and ``step_u``.
        """
        box, path, k = self.multigrid().state, self.annealing().state, self.k
        last = path.taken[max(1, k - 2 * _N_S + 1) : k + 1, 0]
        return {
            "multigrid_best": float(box.best_cost[k, 0]),
            "multigrid_w": float(box.best[k, 0, 0]),
            "multigrid_u": float(box.best[k, 1, 0]),
            "half_width_now": float(box.half[k, 0]),
            "improvements": float(box.taken[1 : k + 1, 0].sum()),
            "annealing_best": float(path.best_cost[k, 0]),
            "annealing_now": float(path.cost[k, 0]),
            "temperature_now": float(path.temperature[k, 0]),
            "acceptance": float(last.mean()) if k else None,
            "step_w": float(path.steps[k, 0, 0]),
            "step_u": float(path.steps[k, 1, 0]),
        }

    def _draw(self, figure: Figure) -> None:
        first, second, below = figure.subplots(3, 1, height_ratios=(4, 4, 2.4))
        box, path, k = self.multigrid(), self.annealing(), self.k
        side = np.linspace(-REACH, REACH, 161)
        grid = np.stack(np.meshgrid(side, side)).reshape(2, -1)
        surface = (side, side, self.cost(grid).reshape(161, 161))
        names = {"names": ("weight $w$", "first input $u$"), "levels": LEVELS}
        half = np.repeat(box.state.half[k], 2)
        where = path.state.x[k, :, 0], path.state.steps[k, :, 0]
        for title, ax, search, rectangle in (
            ("multigrid random search", first, box, (box.state.best[k, :, 0], half)),
            ("simulated annealing", second, path, where),
        ):
            shown = slice(0, k + 1)
            figures.plot_search(
                surface, search.tried[shown, :, 0], search.state.taken[shown, 0], ax,
                box=rectangle, here=search.state.best[k, :, 0], **names,
            )  # fmt: skip
            ax.set_title(title)
        courses = {
            "multigrid, best": box.state.best_cost,
            "annealing, best": path.state.best_cost,
            "annealing, now": path.state.cost,
        }
        figures.plot_course({name: c[: k + 1, 0] for name, c in courses.items()}, below)
