"""Back-propagation through time, written once: for every cell, any wiring, any number of trials.

With p_t the net inputs (rows of preactivations), y_t the outputs and s_t the states of the units,

    p_t = W y_{t-1} + S y_t + V u_t,   s_t = phi(s_{t-1}, p_t),   y_t = psi(s_t, p_t)

where S reaches forward only, from a unit to those behind it. The backward pass carries dC/dy and
dC/ds to delta = dC/dp by the transposed derivatives of phi and psi, and on by those of W, S and V:
e[j] = sum_l w_lj delta[l] over the net inputs l that read y[j], at the same step or the next. A
weight used at time t with source z_t has dC/dw_t = delta_t z_t; one of all times takes the sum.

A cell y = f(p) whose f' and f'' are functions of y, as tanh, also has a diagonal of second
derivatives. With q = d2C/dy2 and gamma = d2C/dp2,

    delta = f' e,   gamma = f'^2 q + f'' e   (Gauss-Newton: f'^2 q),   q[j] = sum_l w_lj^2 gamma[l]

and d2C/dw_t^2 = gamma_t z_t^2. The line for q drops the products of two different readers, as
Becker and LeCun (1988) do: exact where each unit has one reader, an approximation otherwise.

Arrays are (time, row, unit, sequence, trial), trial last, each trial with weights of its own.
Sequences of different length are aligned at their END. Before a sequence starts, all its inputs are
0, the constant channel of a bias too, so a cell that rests stays exactly at 0 and every derivative
there has the factor z = 0: padding cannot leak.

Large batches are cut into blocks of trials, which run in threads. No trial's numbers depend on
what stands beside it, to the last bit, so neither blocks nor threads can be seen in a result.
"""

from __future__ import annotations

import contextvars
import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib.cells import TANH, Cell
from latchlib.validation import broadcast, finite, integer, number, one_of, refuse, shaped
from latchlib.wirings import Connection, Wiring

__all__ = [
    "CURVATURES",
    "INITIAL_BOUND",
    "STARTS",
    "Backpropagator",
    "Derivatives",
    "Network",
    "States",
    "blocks",
    "contract",
    "derivatives",
    "in_threads",
    "sum_over_sequences",
]

#: Sequences in a block, about. In smaller ones the interpreter lock costs more than a second
#: thread brings.
BLOCK = 16_384

#: Numbers that a pass works on at a time where it could take all steps at once: they and what is
#: made of them on the way stay in the cache of a core.
CHUNK = 16_384

#: Forms of the diagonal second derivative.
CURVATURES = ("full", "gauss-newton")

#: Parameters start uniform on [-0.5, 0.5].
INITIAL_BOUND = 0.5

#: How the weights from step to step may start: as all others, as a random orthogonal matrix (Saxe,
#: McClelland and Ganguli, 2014) or as the identity (Le, Jaitly and Hinton, 2015).
STARTS = ("uniform", "orthogonal", "identity")

Result = TypeVar("Result")


@dataclass(frozen=True)
class Network:
    """Units of one kind, and what is connected to what.

    Parameters
    ----------
    wiring : Wiring
        Each of its connections is there once for every row of the cell that reads such a source.
    cell : Cell
        What the units are.
    readout : bool
        Whether a linear read-out answers, sum_i v_i y[i] + v_0 at the end, instead of the output
        unit. Its weights v_i, and v_0 behind them, are the last parameters.
    """

    wiring: Wiring
    cell: Cell = TANH
    readout: bool = False

    def __post_init__(self) -> None:
        if self.wiring.fixed and len(self.cell.rows) > 1:
            accepted = "a cell of one row, as the wiring has an input that enters with weight 1"
            raise refuse("cell", self.cell.name, accepted)

    @cached_property
    def weights(self) -> tuple[Connection, ...]:
        """What each parameter connects, row after row; net input number row x units + unit."""
        return tuple(
            connection._replace(target=row * self.wiring.units + connection.target)
            for row, reads in enumerate(self.cell.rows.values())
            for connection in self.wiring.connections
            if self._letter(connection) in reads
        )

    def _letter(self, connection):
        if connection.kind != "input":
            return "W"
        return "1" if connection.source == self.wiring.bias else "U"

    @property
    def n_params(self) -> int:
        """Number of trainable weights."""
        return len(self.weights) + self.readout * (self.wiring.units + 1)

    @property
    def nets(self) -> int:
        """Number of net inputs: units times rows."""
        return self.wiring.units * len(self.cell.rows)

    def initial(
        self,
        streams: Sequence[np.random.Generator],
        bound: float = INITIAL_BOUND,
        start: str = "uniform",
        biases: Mapping[str, float | tuple[float, int]] | None = None,
    ) -> NDArray[np.float64]:
        """Draw starting parameters, uniform on [-bound, bound], each trial's from its own stream.

        Parameters
        ----------
        streams : sequence of numpy.random.Generator
            One a trial.
        bound : float
            > 0; 0.5 in the papers.
        start : {"uniform", "orthogonal", "identity"}
            What stands in for the delayed weights; all others are the same whatever it is.
        biases : mapping of str to float or (float, int), optional
            By the name of a row: what its biases start from. A pair (sign, T), T >= 3, is
            sign log U[1, T - 1] (Tallec and Ollivier, 2018), with one draw for all rows of that T.

        Returns
        -------
        ndarray, shape (n_params, trial)

        Raises
        ------
        ValueError
            If `start` is none of :data:`STARTS`, or not every unit reads every unit once, so that
            there is no matrix to be orthogonal; if `biases` names a row without a bias, or T < 3.
        """
        bound = number("bound", bound, above=0.0)
        one_of("start", start, STARTS)
        n = self.n_params
        params = np.stack([stream.uniform(-bound, bound, n) for stream in streams], axis=-1)
        if start != "uniform":
            params[self._whole_matrix(start)] = np.stack(
                [_matrix(start, self.wiring.units, stream) for stream in streams], axis=-1
            )
        drawn: dict[int, NDArray] = {}
        for row, value in (biases or {}).items():
            where = self.biases_of(row)
            if not isinstance(value, tuple):
                params[where] = number(f"biases[{row!r}]", value)
                continue
            sign, T = value
            if integer(f"T of biases[{row!r}]", T, at_least=3) not in drawn:
                times = [stream.uniform(1.0, T - 1.0, self.wiring.units) for stream in streams]
                drawn[T] = np.log(np.stack(times, axis=-1))
            params[where] = sign * drawn[T]
        return params

    def biases_of(self, row: str) -> list[int]:
        """Return which parameters are the biases of a row, unit by unit.

        Parameters
        ----------
        row : str
            Name of one of the rows of the cell.

        Raises
        ------
        ValueError
            If there is no such row, or it has no bias.
        """
        names = list(map(str, self.cell.rows))
        wanted = names.index(row) if row in names else -1
        found = [
            p
            for p, c in enumerate(self.weights)
            if c.target // self.wiring.units == wanted and self._letter(c) == "1"
        ]
        if not found:
            raise refuse("row", row, f"a row of {self.cell.name} that reads a bias")
        return found

    def _whole_matrix(self, start):
        """Return the parameters of the one matrix of delayed weights, row by row."""
        which, targets, sources = self._delayed
        n = self.wiring.units
        if self.nets != n or len(targets) != n * n:
            accepted = "'uniform', as not every unit of this network reads every unit once"
            raise refuse("start", start, accepted)
        order = np.argsort(targets * n + sources)
        return np.arange(self.n_params)[which][order]

    def delayed_weights(self, params: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weights of the delayed connections as matrices.

        Parameters
        ----------
        params : ndarray, shape (n_params, trial)
            Weights.

        Returns
        -------
        ndarray, shape (target net input, source unit, trial)
            0 where nothing is connected.
        """
        which, targets, sources = self._delayed
        shape = (self.nets, self.wiring.units, params.shape[-1])
        if isinstance(which, slice):
            return params[which].reshape(shape)
        W = np.zeros(shape)
        W[targets, sources] = params[which]
        return W

    @cached_property
    def _delayed(self):
        """Parameters, targets and sources of the delayed connections, to fill their matrix with."""
        numbered, n = enumerate(self.weights), self.wiring.units
        delayed = [(p, c.target, c.source) for p, c in numbered if c.kind == "delayed"]
        which, targets, sources = np.array(delayed, dtype=np.int64).reshape(-1, 3).T
        if np.array_equal(targets * n + sources, np.arange(self.nets * n)):
            # All there are, in order: the parameters are the matrix.
            if np.array_equal(which, which[0] + np.arange(len(which))):
                which = slice(which[0], which[-1] + 1)
        return which, targets, sources


def _matrix(start, n, stream):
    """Return the entries, row by row, of a matrix to start from."""
    if start == "identity":
        return np.eye(n).ravel()
    # With the signs of R's diagonal, Q is uniform over all rotations and reflections.
    Q, R = np.linalg.qr(stream.normal(size=(n, n)))
    return (Q * np.sign(np.diag(R))).ravel()


@dataclass(frozen=True)
class Derivatives:
    """Cost and derivatives, summed over the sequences of a trial.

    Parameters
    ----------
    cost : ndarray, shape (trial,)
        1/2 sum over sequences of (y_T - d)^2.
    outputs : ndarray, shape (sequence, trial)
        Outputs y_T.
    gradient : ndarray, shape (n_params, trial), or (time, n_params, trial) if asked per step
        First derivatives.
    curvature : ndarray of the shape of `gradient`, or None if not asked for
        Diagonal second derivatives.
    inputs : ndarray, shape (time, channel, sequence, trial), or None if not asked for
        dC/du_t of the first steps.
    """

    cost: NDArray[np.float64]
    outputs: NDArray[np.float64]
    gradient: NDArray[np.float64]
    curvature: NDArray[np.float64] | None = None
    inputs: NDArray[np.float64] | None = None


class States(NamedTuple):
    """What happened in a network.

    Parameters
    ----------
    y : ndarray, shape (T + 1, unit, sequence, trial)
        Outputs y_0 ... y_T.
    p : ndarray, shape (T, row, unit, sequence, trial), or None
        Net inputs p_1 ... p_T; not kept of a cell that can do without (:attr:`Cell.by_output`).
    s : ndarray, shape (T + 1, state, unit, sequence, trial), or None
        States s_0 ... s_T, not kept either.
    """

    y: NDArray[np.float64]
    p: NDArray[np.float64] | None
    s: NDArray[np.float64] | None


def contract(
    subscripts: str, *operands: NDArray[np.float64], out: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return np.einsum of arrays with the trial last, each trial's sum added in one order.

    Parameters
    ----------
    subscripts : str
        As for np.einsum; the last axis of every operand and of the result is the trial.
    *operands : ndarray, shape (..., trial)
        Factors.
    out : ndarray, optional
        Array for the result.

    Returns
    -------
    ndarray, shape (..., trial)
        Its bits in one trial do not depend on how many trials stand beside it.
    """
    if operands[0].shape[-1] > 1:
        return np.einsum(subscripts, *operands, out=out)
    # For one trial einsum would add in another order than for two or more; it is given a twin.
    result = np.einsum(subscripts, *(np.repeat(operand, 2, axis=-1) for operand in operands))
    if out is None:
        return result[..., :1]
    out[...] = result[..., :1]
    return out


def sum_over_sequences(*factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum the product of arrays (..., sequence, trial) over all axes but the last.

    Parameters
    ----------
    *factors : ndarray, shape (..., sequence, trial)
        Arrays of one shape.

    Returns
    -------
    ndarray, shape (trial,)
        Added as by :func:`contract`.
    """
    axes = "tp"[-factors[0].ndim + 1 :] + "r"
    return contract(",".join([axes] * len(factors)) + "->r", *factors)


@dataclass
class Backpropagator:
    """Forward and backward passes of one network; arguments are not checked.

    It keeps its large arrays between calls of one shape: what :meth:`forward` returns is
    overwritten by the next call.

    Parameters
    ----------
    network : Network
        Wiring and cell.
    """

    network: Network
    _buffers: dict[str, NDArray[np.float64]] = field(default_factory=dict, init=False, repr=False)
    _idle: list[Backpropagator] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        network, wiring = self.network, self.network.wiring
        numbered = list(enumerate(network.weights))
        self._sources = sorted({c.source for _, c in numbered if c.kind == "delayed"})
        self._inputs = [(p, c.target, c.source) for p, c in numbered if c.kind == "input"]
        driven = [target for _, target, _ in self._inputs] + [unit for unit, _ in wiring.fixed]
        # Net inputs from the first to the last that an input channel enters.
        self._driven = slice(min(driven), max(driven) + 1) if driven else slice(0, 0)
        # Of each unit that reads others at the same step: row, source and parameter.
        self._same: dict[int, list[tuple[int, int, int]]] = {}
        for p, c in numbered:
            if c.kind == "same":
                row, unit = divmod(c.target, wiring.units)
                self._same.setdefault(unit, []).append((row, c.source, p))
        # What is updated at a time: all units, or one after the other if they read each other.
        self._groups = range(wiring.units) if self._same else [...]
        self._runs = _runs(network.weights)
        self._ends = slice(len(network.weights), -1)  # of a read-out, but for its bias

    def forward(
        self,
        params: NDArray[np.float64],
        inputs: NDArray[np.float64],
        *,
        running: NDArray[np.bool_] | None = None,
        start: NDArray[np.float64] | float = 0.0,
    ) -> States:
        """Run the network.

        Parameters
        ----------
        params : ndarray, shape (n_params, trial)
            One column of weights a trial.
        inputs : ndarray, shape (T, channel, sequence, trial)
            Inputs u_1 ... u_T, aligned at the end, 0 before the start.
        running : ndarray of bool, shape (T, sequence, trial), optional
            Whether a sequence has started; all have, by default. A cell that does not rest, as a
            threshold unit, needs to be told: its outputs before are 0.
        start : ndarray or float
            Outputs y_0, broadcast to (unit, sequence, trial).

        Returns
        -------
        States
            In buffers.
        """
        cell, units = self.network.cell, self.network.wiring.units
        steps, rows, shape = len(inputs), len(cell.rows), inputs.shape[2:]
        y, drive = self._like("y", inputs, 1), self._drive(params, inputs)
        kept, plain = cell.by_output is None, rows == 1 and not cell.phi
        p = self._buffer("p", (steps if kept else 1, rows, units, *shape))
        s = self._buffer("s", (steps + 1, len(cell.phi), units, *shape))
        nets = p.reshape(len(p), rows * units, *shape)
        weigh, weights, read = self._ahead(params, y)
        signs = None if running is None or cell.rests else running.astype(np.float64)
        y[0] = start
        s[0] = 0.0
        # Where they are not kept, net inputs stay in the cache, and only outputs are written to the
        # large array. Where units read each other, arrays are small and one is enough.
        net, activate, at_once = nets[0], cell.activate, plain and not self._same
        driven = net[self._driven]
        for t, (before, now, given) in enumerate(zip(read, y[1:], drive, strict=True)):
            if kept or self._same:
                net = nets[t] if kept else now
                driven = net[self._driven]
            weigh(weights, before, net)
            np.add(driven, given, driven)
            if at_once:
                activate(net, out=now)
                if signs is not None:
                    now *= signs[t]
                continue
            for group in self._groups:
                for row, source, weight in self._same.get(group, ()):
                    net[row * units + group] += params[weight] * now[source]
                if plain:
                    activate(net[group], out=now[group])
                else:
                    *fresh, now[group] = cell.step(*s[t, :, group], *p[t, :, group])
                    for state, value in zip(s[t + 1], fresh, strict=True):
                        state[group] = value
                if signs is not None:
                    now[group] *= signs[t]
        return States(y, p, s) if kept else States(y, None, None)

    def outputs(
        self,
        params: NDArray[np.float64],
        inputs: NDArray[np.float64],
        running: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Run forward and return the outputs at the end, shape (sequence, trial).

        Parameters are those of :meth:`forward`; `running` is always given, and used where needed.
        """
        kept = None if self.network.cell.rests else running
        return self.answers(params, self.forward(params, inputs, running=kept).y[-1])

    def answers(self, params: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the network answers with outputs y of its units, shape (sequence, trial).

        Parameters
        ----------
        params : ndarray, shape (n_params, trial)
            Weights.
        y : ndarray, shape (unit, sequence, trial)
            Outputs of all units at one step.
        """
        if not self.network.readout:
            return y[self.network.wiring.output]
        return contract("ir,isr->sr", params[self._ends], y) + params[-1]

    def last_outputs(
        self, params: NDArray[np.float64], inputs: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Run forward and return the answers at the end, and keep no step of the way.

        Parameters
        ----------
        params, inputs
            As for :meth:`forward`; of a wiring without connections of kind "same" and a cell that
            rests.

        Returns
        -------
        ndarray, shape (sequence, trial)
            Those of :meth:`outputs`, but for the last bits; the memory does not grow with T.
        """
        cell, units, shape = self.network.cell, self.network.wiring.units, inputs.shape[2:]
        W, pieces = self.network.delayed_weights(params), max(1, len(inputs) // 50)
        p = np.empty((len(cell.rows), units, *shape))
        states, y = list(np.zeros((len(cell.phi), units, *shape))), np.zeros((units, *shape))
        nets = p.reshape(-1, *shape)
        for piece in np.array_split(inputs, pieces):
            for given in self._drive(params, piece):
                if self._sources:
                    contract("ijr,jpr->ipr", W, y, out=nets)
                else:
                    nets[...] = 0.0
                nets[self._driven] += given
                *states, y = cell.step(*states, *p)
        return self.answers(params, y)

    def derivatives(
        self,
        params: NDArray[np.float64],
        inputs: NDArray[np.float64],
        targets: NDArray[np.float64],
        *,
        curvature: str | None = None,
        per_step: bool = False,
        input_steps: int = 0,
        start: NDArray[np.float64] | float = 0.0,
    ) -> Derivatives:
        """Run forward, then back-propagate through all steps.

        Parameters
        ----------
        params, inputs, start
            As for :meth:`forward`.
        targets : ndarray, shape (sequence, trial)
            Targets d of the output unit at the end.
        curvature : {None, "full", "gauss-newton"}
            Which diagonal second derivative to carry along, of a cell that has them.
        per_step : bool
            Whether to keep the derivatives by the weights of each time step apart.
        input_steps : int
            Of how many steps, the first ones, to give the derivatives by the inputs.
        """
        how = {"curvature": curvature, "per_step": per_step, "input_steps": input_steps}
        cuts = blocks(*inputs.shape[2:])
        if len(cuts) == 1:
            return self._derive(params, inputs, targets, start, **how)
        start = np.broadcast_to(start, (self.network.wiring.units, *inputs.shape[2:]))

        def work(which):
            # Who needs buffers takes them out of the list, which is one step, and puts them back.
            try:
                worker = self._idle.pop()
            except IndexError:
                worker = Backpropagator(self.network)
            parts = (array[..., which] for array in (params, inputs, targets, start))
            found = worker._derive(*parts, **how)
            self._idle.append(worker)
            return found

        parts = [vars(part).values() for part in in_threads(work, cuts)]
        together = (
            None if each[0] is None else np.concatenate(each, axis=-1)
            for each in zip(*parts, strict=True)
        )
        return Derivatives(*together)

    def _derive(self, params, inputs, targets, start, **how):
        states = self.forward(params, inputs, start=start)
        return self.back(params, inputs, states, targets, **how)

    def back(
        self,
        params: NDArray[np.float64],
        inputs: NDArray[np.float64],
        states: States,
        targets: NDArray[np.float64],
        *,
        curvature: str | None = None,
        per_step: bool = False,
        input_steps: int = 0,
    ) -> Derivatives:
        """Run the backward pass over states already computed; see :meth:`derivatives`."""
        y = states.y
        answers = self.answers(params, y[-1])
        error = answers - targets
        if self.network.readout and (per_step or curvature is not None):
            raise refuse("per_step and curvature", (per_step, curvature), "neither, of a read-out")
        factors = self._factors(params, inputs, states, error, curvature)
        gradient, second = self._collect(factors[0], y, inputs, per_step), None
        if self.network.readout:
            contract("sr,isr->ir", error, y[-1], out=gradient[self._ends])
            gradient[-1] = contract("sr->r", error)
        if curvature is not None:
            squares = np.square(y, out=self._like("squares", inputs, 1))
            second = self._collect(factors[1], squares, np.square(inputs), per_step)
        early = self._to_inputs(params, factors[0, :input_steps], inputs) if input_steps else None
        return Derivatives(
            cost=0.5 * sum_over_sequences(error, error),
            outputs=answers.copy(),
            gradient=gradient,
            curvature=second,
            inputs=early,
        )

    def _ahead(self, params, y):
        """Return a function of weights, what it reads of y before a step, and where to; the two."""
        W, before = self.network.delayed_weights(params), y[:-1]
        if not self._sources:
            return lambda weights, outputs, out: out.fill(0.0), W, before
        if len(self._sources) > 1:
            return partial(_product, "ijr,jpr->ipr"), W, before
        [j] = self._sources
        return np.multiply, _spread(W[:, j, np.newaxis], (len(W), *y.shape[2:])), before[:, j]

    def _factors(self, params, inputs, states, error, curvature):
        """Return delta and, if asked for, gamma: (order, T, net input, sequence, trial)."""
        cell, orders = self.network.cell, 1 if curvature is None else 2
        if curvature is not None and cell.by_output is None:
            raise refuse("curvature", curvature, f"None, as {cell.name} has no second derivatives")
        units, shape = self.network.wiring.units, inputs.shape[2:]
        # Along the first axis: what belongs to e and delta, then what belongs to q and gamma.
        factors = self._buffer("factors", (orders, len(inputs), self.network.nets, *shape))
        readings = self._like("readings", inputs, None, orders)  # e, q
        # By source, then target: read in the order in which they lie.
        delayed = self.network.delayed_weights(params).swapaxes(0, 1)
        weights = np.ascontiguousarray(delayed)[np.newaxis]
        powers = params[np.newaxis, :, np.newaxis]
        readings[...] = 0.0
        if self.network.readout:
            readings[0] = params[self._ends, np.newaxis] * error
        else:
            readings[0, self.network.wiring.output] = error
        if curvature is not None:
            weights, powers = (np.concatenate([v, v**2]) for v in (weights, powers))
            readings[1, self.network.wiring.output] = 1.0
        scratch = self._like("scratch", inputs, None)
        if cell.by_output is None:
            pull, slopes = self._by_states(states), itertools.repeat((None, None))
        else:
            pull, slopes = None, self._slopes(states.y, orders, curvature == "full")
        at_once, alone = cell.by_output and not self._same, weights.shape[1:3] == (1, 1)
        if alone:
            weights = _spread(weights[:, 0, :, np.newaxis], readings.shape)
        steps = range(len(inputs) - 1, -1, -1)
        backwards = zip(steps, factors.swapaxes(0, 1)[::-1], strict=True)
        for (t, now), (slope, bend) in zip(backwards, slopes, strict=False):
            if at_once:
                np.multiply(readings, slope, now)
                if bend is not None:
                    now[1] += np.multiply(readings[0], bend, scratch)
            else:
                # Readers of the same step have higher numbers.
                for unit in self._groups[::-1]:
                    if slope is None:
                        pull(t, readings, now, unit)
                    else:
                        np.multiply(readings[:, unit], slope[:, unit], now[:, unit])
                        if bend is not None:
                            now[1, unit] += np.multiply(readings[0, unit], bend[unit])
                    for row, j, p in self._same.get(unit, ()):
                        readings[:, j] += powers[:, p] * now[:, row * units + unit]
            if t > 0:
                if alone:
                    np.multiply(weights, now, readings)
                else:
                    contract("kjir,kipr->kjpr", weights, now, out=readings)
        return factors

    def _slopes(self, y, orders, bent):
        """Yield, from the last step to the first: f' (and f'^2), and f'' or None.

        They are made for as many steps in one call as the cache holds.
        """
        first, second = self.network.cell.by_output
        size = max(1, min(len(y) - 1, CHUNK // max(1, (orders + bent) * y[0].size)))
        slopes = self._buffer("slopes", (size, orders, *y.shape[1:]))
        bends = self._buffer("bends", (size, *y.shape[1:])) if bent else [None] * size
        for stop in range(len(y) - 1, 0, -size):
            outputs = y[max(0, stop - size) + 1 : stop + 1]
            n = len(outputs)
            _polynomial(first, outputs, slopes[:n, 0])
            if orders == 2:
                np.square(slopes[:n, 0], out=slopes[:n, 1])
            if bent:
                _polynomial(second, outputs, bends[:n])
            yield from zip(slopes[n - 1 :: -1], bends[n - 1 :: -1], strict=True)

    def _by_states(self, states):
        """Return what sends readings back through psi and phi, from the last step to the first."""
        cell, y, p, s = self.network.cell, *states
        m = len(cell.phi)
        carried = self._buffer("carried", (2, m, *y.shape[1:]))  # dC/ds of a step and the next
        carried[...] = 0.0

        def pull(t, readings, now, group):
            earlier, later = carried[t % 2], carried[(t + 1) % 2]
            known = (part[:, group] for part in (s[t], p[t], s[t + 1], later))
            found = cell.pullback(*itertools.chain(*known), readings[0, group])
            for part, value in zip((*earlier, *now[0].reshape(p[t].shape)), found, strict=True):
                part[group] = value

        return pull

    def _collect(self, factors, outputs, inputs, per_step):
        steps, _, sequences, trials = factors.shape
        n = self.network.n_params
        result = np.empty((steps, n, trials) if per_step else (n, trials))
        read = {"delayed": outputs[:-1], "same": outputs[1:], "input": inputs}
        for which, target, kind, sources in self._runs:
            left, right = factors[:, target], read[kind][:, sources]
            if not per_step:
                contract("tpr,tjpr->jr", left, right, out=result[which])
            elif sequences == 1:
                np.multiply(left, right[:, :, 0], out=result[:, which])
            else:
                contract("tpr,tjpr->tjr", left, right, out=result[:, which])
        return result

    def _to_inputs(self, params, delta, inputs):
        """Return dC/du of the steps of delta."""
        result = np.zeros((len(delta), *inputs.shape[1:]))
        for unit, channel in self.network.wiring.fixed:
            result[:, channel] += delta[:, unit]
        for p, target, source in self._inputs:
            result[:, source] += params[p] * delta[:, target]
        return result

    def _drive(self, params, inputs):
        """Return what the input channels give to the driven net inputs: (T, net input, ...)."""
        first, last = self._driven.start, self._driven.stop
        fixed = self.network.wiring.fixed
        if last - first == len(fixed) == 1 and not self._inputs:
            [(_, channel)] = fixed
            return inputs[:, channel : channel + 1]
        drive = self._buffer("drive", (len(inputs), last - first, *inputs.shape[2:]))
        drive[...] = 0.0
        for unit, channel in fixed:
            drive[:, unit - first] += inputs[:, channel]
        for p, target, source in self._inputs:
            drive[:, target - first] += params[p] * inputs[:, source]
        return drive

    def _like(self, name, inputs, extra, *first):
        """Return the buffer `name`: (*first, T + extra, unit, sequence, trial).

        Without the axis of time if `extra` is None.
        """
        times = () if extra is None else (len(inputs) + extra,)
        return self._buffer(name, (*first, *times, self.network.wiring.units, *inputs.shape[2:]))

    def _buffer(self, name, shape):
        """Return the array `name`, the same one as long as its shape is the same."""
        buffer = self._buffers.get(name)
        if buffer is None or buffer.shape != shape:
            buffer = self._buffers[name] = np.empty(shape)
        return buffer


def blocks(sequences: int, trials: int) -> list[slice]:
    """Return slices that cut the trials into blocks of about ``BLOCK`` sequences.

    Parameters
    ----------
    sequences, trials : int
        Sequences a trial, and trials.

    Returns
    -------
    list of slice
        One for less than two blocks.
    """
    count = max(1, min(trials, sequences * trials // BLOCK))
    edges = [trials * i // count for i in range(count + 1)]
    return [slice(*pair) for pair in itertools.pairwise(edges)]


def in_threads(work: Callable[[slice], Result], parts: list[slice]) -> list[Result]:
    """Return ``[work(part) for part in parts]``, from as many threads as there are processors.

    Parameters
    ----------
    work : callable
        What to do; large NumPy calls, as a thread waits while another runs Python.
    parts : list of slice
        As from :func:`blocks`.

    Returns
    -------
    list
        Results in the order of `parts`.
    """
    threads = min(len(parts), os.cpu_count() or 1)
    if threads == 1:
        return [work(part) for part in parts]
    # A new thread would not know the caller's np.errstate, which is part of its context.
    contexts = [contextvars.copy_context() for _ in parts]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda context, part: context.run(work, part), contexts, parts))


def _product(subscripts, weights, values, out):
    return contract(subscripts, weights, values, out=out)


def _polynomial(coefficients, y, out):
    """Write the polynomial to `out`, with no array of its own."""
    if coefficients == (-1.0, 0.0, 1.0):  # that of tanh, in two passes
        np.square(y, out=out)
        np.subtract(1.0, out, out=out)
        return
    np.multiply(y, coefficients[0], out=out)
    for coefficient in coefficients[1:-1]:
        if coefficient:
            out += coefficient
        out *= y
    if coefficients[-1]:
        out += coefficients[-1]


def _spread(values, shape):
    # One contiguous shape for all factors saves NumPy an iterator at every step.
    result = np.empty(shape)
    result[...] = values
    return result


def _runs(connections):
    """Return runs of parameters with one target, one kind, and sources one after the other.

    As (slice of parameters, target, kind, slice of sources): what is computed in one go.
    """
    runs: list[tuple[slice, int, str, slice]] = []
    for p, (target, kind, source) in enumerate(connections):
        if runs:
            which, *same, sources = runs[-1]
            if same == [target, kind] and sources.stop == source:
                runs[-1] = (
                    slice(which.start, p + 1),
                    target,
                    kind,
                    slice(sources.start, source + 1),
                )
                continue
        runs.append((slice(p, p + 1), target, kind, slice(source, source + 1)))
    return runs


def derivatives(
    network: Network,
    params: ArrayLike,
    inputs: ArrayLike,
    targets: ArrayLike,
    *,
    curvature: str | None = None,
    per_step: bool = False,
) -> Derivatives:
    """Check the arguments and return :meth:`Backpropagator.derivatives`.

    Parameters
    ----------
    network : Network
        Wiring and cell.
    params : array_like, shape (n_params, trial)
        One column of weights a trial.
    inputs : array_like, shape (T, channel, sequence, trial)
        Inputs, aligned at the end, T >= 1.
    targets : array_like
        Targets, broadcast to (sequence, trial).
    curvature : {None, "full", "gauss-newton"}
        Which diagonal second derivative to give, of a cell that has them.
    per_step : bool
        Whether to keep the time steps apart.

    Raises
    ------
    ValueError
        If a shape does not fit, a number is not finite, or the cell has no such `curvature`.

    Notes
    -----
    Becker and LeCun (1988) for the second derivatives; the weights of different times as different
    variables: Bengio, Simard and Frasconi (1994), time-weighted pseudo-Newton.
    """
    params, inputs = finite("params", params), finite("inputs", inputs)
    shaped("params", params, (network.n_params, None), "(n_params, trial)")
    wanted = (None, network.wiring.channels, None, params.shape[1])
    shaped("inputs", inputs, wanted, "(time, channel, sequence, trial)")
    targets = broadcast("targets", targets, inputs.shape[2:], "(sequence, trial)")
    one_of("curvature", curvature, (None, *CURVATURES))
    return Backpropagator(network).derivatives(
        params, inputs, targets, curvature=curvature, per_step=per_step
    )
