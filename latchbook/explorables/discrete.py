"""A discrete error travels back: a threshold unit with a self-loop beside a tanh unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latchbook import figures
from latchbook.explorables._base import Choice, Explorable, Slider
from latchlib import bptt, maps, threshold_loop
from latchlib.tasks import TARGETS
from latchlib.threshold_loop import ErrorBack
from latchlib.training import DiscreteError

__all__ = ["LONGEST", "DiscreteErrorWalk"]

#: Most steps of a sequence, and samples of noise and chance to choose from.
LONGEST, SAMPLES = 40, 8


def _draws() -> bytes:
    """Return noise on [-1, 1) and chance on [0, 1): (sample, kind, step), as bytes."""
    drawn = np.random.default_rng(1994).random((SAMPLES, 2, LONGEST))
    drawn[:, 0] = 2.0 * drawn[:, 0] - 1.0
    return drawn.astype("<f8").tobytes()


@dataclass(frozen=True)
class _Tanh:
    """The tanh unit under the same inputs: net inputs a_t and dC/da_t, shape (T,)."""

    a: NDArray[np.float64]
    gradient: NDArray[np.float64]


class DiscreteErrorWalk(Explorable):
    """A threshold unit and a tanh unit store the sign of their first input; the last is wrong.

    Parameters
    ----------
    w : float
        Weight of the self-loop of both units.
    start : float
        First input.
    noise : float
        Bound of the uniform noise of all later inputs.
    eps : float
        How far beyond the threshold a move ends.
    T : int
        Length of the sequence, in steps.
    back : int
        How many steps the error has gone back; no more than T - 1 count.
    wanted : int
        Which of :data:`latchlib.tasks.TARGETS` is wanted at the end, from 0.
    sample : int
        Which of the samples of noise and chance is used, from 0.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    _size = (5.4, 7.6)

    w = Slider(1.25, 0.05, 3.0, 0.05)
    start = Slider(1.0, -2.0, 2.0, 0.1)
    noise = Slider(0.2, 0.0, 1.0, 0.05)
    eps = Slider(0.5, 0.05, 2.0, 0.05)
    T = Choice(20, 3, LONGEST)
    back = Choice(8, 0, LONGEST - 1)
    wanted = Choice(1, 0, len(TARGETS) - 1)
    sample = Choice(0, 0, SAMPLES - 1)
    draws = traitlets.Bytes(_draws()).tag(sync=True)
    targets = traitlets.List(list(TARGETS)).tag(sync=True)

    def _drawn(self):
        drawn = np.frombuffer(self.draws, dtype="<f8").reshape(SAMPLES, 2, LONGEST)
        noise, uniform = drawn[self.sample, :, : self.T, np.newaxis]
        inputs = self.noise * noise
        inputs[0] = self.start
        return inputs, uniform

    @property
    def step(self) -> int:
        """The step that the error has reached, 1 to T."""
        return max(1, self.T - self.back)

    def walk(self) -> ErrorBack:
        """Return what happens in the threshold unit, one trial."""
        inputs, uniform = self._drawn()
        rule = DiscreteError(eps=self.eps)
        return threshold_loop.error_back(self.w, inputs, TARGETS[self.wanted], uniform, rule)

    def smooth(self) -> _Tanh:
        """Return what happens in the tanh unit."""
        inputs = self._drawn()[0][:, np.newaxis]
        gradient = bptt.gradient(self.w, inputs, TARGETS[self.wanted]).h[:, 0, 0]
        return _Tanh(maps.rollout(self.w, inputs, 0.0)[1:, 0, 0], gradient)

    def decades(self) -> dict[str, NDArray[np.float64]]:
        """Return common logarithms of sizes at t = 1 ... T, -inf for 0, by name."""
        with np.errstate(divide="ignore"):
            return {
                "tanh unit": np.log10(np.abs(self.smooth().gradient)),
                "discrete, mean": np.log10(np.abs(self.walk().mean_moves[:, 0])),
            }

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name; None where there is none.

        Returns
        -------
        dict
            At the step that the error has reached: ``net_input`` and ``output`` of the threshold
            unit, ``wish`` (continuous; of the last step, the error of the output), ``move``,
            ``arrival`` (the chance that it moves), ``log10_mean`` of the mean move and
            ``log10_gradient`` of the tanh unit. Over all steps: ``moved``, how many the drawn error
            moves, and ``arrival_first``, the chance that it moves step 1.
        """
        walk, at = self.walk(), self.step - 1
        logs = {name: float(log[at]) for name, log in self.decades().items()}
        logs = {name: log if np.isfinite(log) else None for name, log in logs.items()}
        return {
            "net_input": float(walk.x[at, 0]),
            "output": float(walk.y[at, 0]),
            "wish": float(walk.wishes[at, 0]),
            "move": float(walk.moves[at, 0]),
            "arrival": float(walk.arrival[at, 0]),
            "moved": float(np.count_nonzero(walk.moves)),
            "arrival_first": float(walk.arrival[0, 0]),
            "log10_mean": logs["discrete, mean"],
            "log10_gradient": logs["tanh unit"],
        }

    def _draw(self, figure: Figure) -> None:
        forward, moves, sizes = figure.subplots(3, 1, height_ratios=(3, 2, 3))
        walk, at = self.walk(), self.step
        rows = {"threshold unit": walk.x[:, 0], "tanh unit": self.smooth().a}
        figures.plot_net_inputs(rows, (at, walk.moves[at - 1, 0]), forward)
        figures.plot_moves(walk.moves[:, 0], at, moves)
        figures.plot_error_sizes(self.decades(), at, sizes)
