"""Learning to latch, live: the minimal task, trained on the page by back-propagation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latchbook import figures
from latchbook.explorables._base import Choice, Explorable, Slider
from latchlib import maps
from latchlib.formulas import formula
from latchlib.objective import MinimalObjective
from latchlib.tasks import TARGETS, MinimalTask

__all__ = ["LAST", "LearningLive", "Run"]

#: Trainable inputs a class, most steps of a sequence, last update.
L, LONGEST, LAST = 3, 50, 300

#: Rounds in a row without a wrong sign that count as learned: the block of chapter
#: learning-to-latch.
IN_A_ROW = 50

#: Draws of noise, read in a ring: update after update goes on where the last one stopped. A prime,
#: so that no two of the first 4093 updates begin at the same draw.
RING = 4093

#: Starts to choose from; start k begins in the ring at k times this.
SAMPLES, SHIFT = 8, 512

#: Bound of the first trainable inputs, as in chapter learning-to-latch.
HALF_WIDTH = 0.1


def _starts(rng: np.random.Generator) -> bytes:
    """Return first trainable inputs: (sample, time, class), as bytes."""
    starts = rng.uniform(-HALF_WIDTH, HALF_WIDTH, (SAMPLES, L, len(TARGETS)))
    return starts.astype("<f8").tobytes()


def _ring(rng: np.random.Generator) -> bytes:
    """Return the ring of standard normal draws, as bytes."""
    return rng.standard_normal(RING).astype("<f8").tobytes()


@dataclass(frozen=True)
class Run:
    """A run of training up to the present update.

    Parameters
    ----------
    params : ndarray, shape (update + 1, 1 + 2 L)
        w, then h_t^k in the order of time, class by class within a time; before update 0, 1, ...
    costs : ndarray, shape (update + 1,)
        Cost of the round that each update is made from.
    correct : ndarray of bool, shape (update + 1,)
        Whether both outputs of that round had the right sign.
    """

    params: NDArray[np.float64]
    costs: NDArray[np.float64]
    correct: NDArray[np.bool_]

    @property
    def in_a_row(self) -> int:
        """Rounds up to the present one since the last with a wrong sign."""
        wrong = np.flatnonzero(~self.correct)
        return len(self.correct) - (int(wrong[-1]) + 1 if wrong.size else 0)

    @property
    def learned_at(self) -> int | None:
        """The first round that was the last of 50 right ones in a row; None if there is none."""
        count = 0
        for update, right in enumerate(self.correct):
            count = count + 1 if right else 0
            if count == IN_A_ROW:
                return update
        return None


class LearningLive(Explorable):
    """The neuron learns the minimal task: w and the first three inputs of both classes.

    Parameters
    ----------
    w0 : float
        Weight before training.
    sigma : float
        Standard deviation of the noise after the trainable inputs.
    T : int
        Length of the sequences, in steps.
    rate : float
        Learning rate.
    update : int
        How many updates have been made.
    sample : int
        Which of the draws of first inputs and noise is used, from 0.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.

    Notes
    -----
    Each update is rounded to a multiple of 2^-20 (``formula("descent_on_grid")``), so that page
    and package follow one path: near a cliff of the cost, training is chaotic.
    """

    _size = (5.4, 10.0)

    w0 = Slider(1.25, 0.25, 3.0, 0.05)
    sigma = Slider(0.2, 0.0, 0.5, 0.05)
    T = Choice(20, L, LONGEST)
    rate = Slider(0.1, 0.01, 0.5, 0.01)
    update = Choice(LAST, 0, LAST)
    sample = Choice(0, 0, SAMPLES - 1)
    draws = traitlets.Bytes(_ring(np.random.default_rng(1994))).tag(sync=True)
    starts = traitlets.Bytes(_starts(np.random.default_rng(58))).tag(sync=True)
    targets = traitlets.List(list(TARGETS)).tag(sync=True)

    def noise(self, update: int) -> NDArray[np.float64]:
        """Return the noise of a round, shape (T - L, class, 1)."""
        ring = np.frombuffer(self.draws, dtype="<f8")
        size = (self.T - L) * len(TARGETS)
        at = SHIFT * self.sample + update * size + np.arange(size)
        noise = formula("noisy_input")(0.0, self.sigma, ring[at % RING])
        return noise.reshape(self.T - L, len(TARGETS), 1)

    def run(self) -> Run:
        """Train from the start up to the present update."""
        present = MinimalObjective(MinimalTask(self.T, L, self.sigma)).presenter(1)
        starts = np.frombuffer(self.starts, dtype="<f8").reshape(SAMPLES, -1)
        now = np.concatenate([[self.w0], starts[self.sample]])[:, np.newaxis]
        params = np.empty((self.update + 1, len(now)))
        costs, correct = np.empty(self.update + 1), np.empty(self.update + 1, dtype=bool)
        descend = formula("descent_on_grid")
        for update in range(self.update + 1):
            inputs = np.pad(self.noise(update), ((L, 0), (0, 0), (0, 0)))
            found, wrong = present.derivatives(now, np.arange(1), inputs)
            params[update] = now[:, 0]
            costs[update], correct[update] = found.cost[0], wrong[0] == 0
            now = descend(now, found.gradient, self.rate)
        return Run(params, costs, correct)

    def states(self, params: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the states of the present round under `params`, shape (T + 1, class)."""
        h = params[1:].reshape(L, len(TARGETS), 1)
        inputs = MinimalTask(self.T, L, self.sigma).inputs(h, self.noise(self.update))
        return maps.rollout(params[0] * np.eye(len(TARGETS)), inputs)[:, :, 0]

    def log_errors(self, params: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return natural logarithms of |dC/da_t| of the present round, shape (T, class).

        -inf where it is 0.
        """
        a = self.states(params)
        log_slope = formula("log_slope")
        with np.errstate(divide="ignore"):  # log 0 = -inf, at w = 0 or x_T = d
            wrong_by = formula("cost_derivative")(np.tanh(a[-1]), np.array(TARGETS))
            at_end = np.log(np.abs(wrong_by)) + log_slope(a[-1], 1.0)
            back = log_slope(a[-2:0:-1], np.abs(params[0]))
        return np.cumsum(np.concatenate([at_end[np.newaxis], back]), axis=0)[::-1]

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name; None where there is none.

        Returns
        -------
        dict
            After the present update: ``w``; of a round with it ``cost``, the outputs ``x_first``
            and ``x_second`` of the two classes at the end, and of each class the common logarithm
            ``log10_first``, ``log10_second`` of abs(dC/dh_1) (None if it is 0). ``in_a_row``:
            rounds without a wrong sign up to now; ``learned_at``: the round at which they were 50.
        """
        run = self.run()
        params = run.params[-1]
        outputs = np.tanh(self.states(params)[-1])
        logs = self.log_errors(params)[0] / np.log(10.0)
        decades = [float(log) if np.isfinite(log) else None for log in logs]
        learned = run.learned_at
        return {
            "w": float(params[0]),
            "cost": float(run.costs[-1]),
            "x_first": float(outputs[0]),
            "x_second": float(outputs[1]),
            "log10_first": decades[0],
            "log10_second": decades[1],
            "in_a_row": float(run.in_a_row),
            "learned_at": None if learned is None else float(learned),
        }

    def _draw(self, figure: Figure) -> None:
        parameters, costs, outputs, errors = figure.subplots(4, 1, height_ratios=(3, 2, 3, 3))
        run = self.run()
        params = run.params[-1]
        names = [f"class {k}, d = {d:+g}" for k, d in enumerate(TARGETS, start=1)]
        figures.plot_parameters(run.params, len(TARGETS), parameters, last=LAST)
        at_zero = float(formula("cost")(0.0, np.array(TARGETS)).sum())
        figures.plot_costs(run.costs, costs, last=LAST, at_zero=at_zero)
        x = np.tanh(self.states(params)[1:])
        rows = dict(zip(names, x.T, strict=True))
        figures.plot_sequences(rows, L, outputs, ylabel="output $x_t$", levels=TARGETS)
        decades = self.log_errors(params).T / np.log(10.0)
        figures.plot_errors_back(dict(zip(names, decades, strict=True)), L, errors)
