"""Networks of tanh units with any wiring: first and diagonal second derivatives through time.

With a_t the net inputs, x_t = tanh a_t, x_0 = 0 and one target d for the output unit at the end,

    a_t[i] = sum_j W[i,j] x_{t-1}[j] + sum_{j<i} S[i,j] x_t[j] + sum_c V[i,c] u_t[c]

The backward pass carries, for every unit and time, e = dC/dx and q = d2C/dx2 to

    delta = dC/da   = f' e
    gamma = d2C/da2 = f'^2 q + f'' e                (Gauss-Newton: f'^2 q)
    e[j] = sum_l w_lj delta[l],   q[j] = sum_l w_lj^2 gamma[l]

over the units l that read x[j], at the same step or the next. The lines for q drop the products of
two different readers, as Becker and LeCun (1988) do: exact where each unit has one reader, an
approximation otherwise. A weight used at time t with source z_t has dC/dw_t = delta_t z_t and
d2C/dw_t^2 = gamma_t z_t^2; a weight of all times takes the sum.

Arrays are (time, unit, sequence, trial), trial last. Sequences of different length are aligned at
their END. Before a sequence starts, all its inputs are 0, the constant channel of a bias too, so
its state stays exactly 0 and every derivative there has the factor z = 0: padding cannot leak.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib._validation import broadcast, finite, integer, one_of, refuse, shaped

__all__ = [
    "CURVATURES",
    "KINDS",
    "Backpropagator",
    "Connection",
    "Derivatives",
    "ThresholdStates",
    "Wiring",
    "derivatives",
    "sum_over_sequences",
]

#: What a connection reads: a unit one step earlier, a unit at the same step, an input channel.
KINDS = ("delayed", "same", "input")

#: Forms of the diagonal second derivative.
CURVATURES = ("full", "gauss-newton")


class Connection(NamedTuple):
    """One trainable weight.

    Parameters
    ----------
    target : int
        Unit whose net input it enters.
    kind : {"delayed", "same", "input"}
        What it reads.
    source : int
        Unit, or channel for "input". A connection of kind "same" has source < target.
    """

    target: int
    kind: str
    source: int


@dataclass(frozen=True)
class Wiring:
    """What is connected to what.

    Parameters
    ----------
    units, channels : int
        Numbers of units and of input channels, >= 1.
    connections : tuple of Connection
        Trainable weights; a column of parameters is in this order.
    output : int
        Unit that is compared with the target.
    fixed : tuple of (int, int)
        Pairs (unit, channel) where the channel enters the unit with weight 1.
    """

    units: int
    channels: int
    connections: tuple[Connection, ...]
    output: int
    fixed: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        integer("units", self.units, at_least=1)
        integer("channels", self.channels, at_least=1)
        if not self.connections or len(set(self.connections)) != len(self.connections):
            raise refuse("connections", self.connections, "at least one, each once")
        for connection in self.connections:
            target, kind, source = connection
            one_of("kind", kind, KINDS)
            bound = {"delayed": self.units, "same": target, "input": self.channels}[kind]
            if not (0 <= target < self.units and 0 <= source < bound):
                raise refuse("connections", connection, "units and channels there are, in order")
        for unit, channel in self.fixed:
            if not (0 <= unit < self.units and 0 <= channel < self.channels):
                raise refuse("fixed", (unit, channel), "a unit and a channel there are")
        if not 0 <= self.output < self.units:
            raise refuse("output", self.output, f"a unit, 0 to {self.units - 1}")

    @property
    def n_params(self) -> int:
        """Number of trainable weights."""
        return len(self.connections)


@dataclass(frozen=True)
class Derivatives:
    """Cost and derivatives, summed over the sequences of a trial.

    Parameters
    ----------
    cost : ndarray, shape (trial,)
        1/2 sum over sequences of (x_T - d)^2.
    outputs : ndarray, shape (sequence, trial)
        Outputs x_T.
    gradient : ndarray, shape (n_params, trial), or (time, n_params, trial) if asked per step
        First derivatives.
    curvature : ndarray of the shape of `gradient`, or None if not asked for
        Diagonal second derivatives.
    """

    cost: NDArray[np.float64]
    outputs: NDArray[np.float64]
    gradient: NDArray[np.float64]
    curvature: NDArray[np.float64] | None


@dataclass(frozen=True)
class ThresholdStates:
    """A pass of the same network with units that give the sign of their net input.

    Parameters
    ----------
    a : ndarray, shape (T, unit, sequence, trial)
        Net inputs a_1 ... a_T.
    y : ndarray, shape (T + 1, unit, sequence, trial)
        Outputs y_0 ... y_T: 0 before the sequence starts, then +1 where a > 0 and -1 elsewhere.
    """

    a: NDArray[np.float64]
    y: NDArray[np.float64]


def sum_over_sequences(*factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum the product of arrays (..., sequence, trial) over all axes but the last.

    Parameters
    ----------
    *factors : ndarray, shape (..., sequence, trial)
        Arrays of one shape.

    Returns
    -------
    ndarray, shape (trial,)
        Each trial's sum is added in one order, however many trials stand beside it.
    """
    # For one trial einsum would add in another order than for two or more; it is given a twin.
    trials = factors[0].shape[-1]
    if trials == 1:
        factors = tuple(np.repeat(factor, 2, axis=-1) for factor in factors)
    axes = "tp"[-factors[0].ndim + 1 :] + "r"
    return np.einsum(",".join([axes] * len(factors)) + "->r", *factors)[:trials]


@dataclass
class Backpropagator:
    """Forward and backward passes for one wiring; arguments are not checked.

    It keeps its large arrays between calls of one shape: what :meth:`forward` returns is
    overwritten by the next call.

    Parameters
    ----------
    wiring : Wiring
        The network.
    """

    wiring: Wiring
    _buffers: dict[str, NDArray[np.float64]] = field(default_factory=dict, init=False, repr=False)

    def forward(
        self, params: NDArray[np.float64], inputs: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Run the network of tanh units.

        Parameters
        ----------
        params : ndarray, shape (n_params, trial)
            One column of weights a trial.
        inputs : ndarray, shape (T, channel, sequence, trial)
            Inputs u_1 ... u_T, aligned at the end, 0 before the start.

        Returns
        -------
        ndarray, shape (T + 1, unit, sequence, trial)
            Outputs x_0 ... x_T, in a buffer.
        """
        x, scratch = self._drive(params, inputs), self._like("scratch", inputs, None)
        columns, same = self._columns(params), self._same()
        for t in range(1, len(x)):
            if t > 1:  # x_0 is 0
                for j, column in columns.items():
                    np.multiply(column, x[t - 1, j], out=scratch)
                    x[t] += scratch
            if not same:
                np.tanh(x[t], out=x[t])
                continue
            for i in range(self.wiring.units):
                for j, p in same.get(i, ()):
                    x[t, i] += params[p] * x[t, j]
                np.tanh(x[t, i], out=x[t, i])
        return x

    def threshold(
        self,
        params: NDArray[np.float64],
        inputs: NDArray[np.float64],
        running: NDArray[np.bool_],
    ) -> ThresholdStates:
        """Run the same network with threshold units.

        Parameters
        ----------
        params, inputs
            As for :meth:`forward`.
        running : ndarray of bool, shape (T, sequence, trial)
            Whether a sequence has started. sign(0) is no 0 here, so padding needs to be told.

        Returns
        -------
        ThresholdStates
            In new arrays.
        """
        a = self._drive(params, inputs)[1:].copy()
        y = np.zeros((len(a) + 1, *a.shape[1:]))
        signs = running.astype(np.float64)
        columns, same = self._columns(params), self._same()
        for t in range(len(a)):
            for j, column in columns.items():
                a[t] += column * y[t, j]
            if not same:
                np.multiply(np.where(a[t] > 0.0, 1.0, -1.0), signs[t], out=y[t + 1])
                continue
            for i in range(self.wiring.units):
                for j, p in same.get(i, ()):
                    a[t, i] += params[p] * y[t + 1, j]
                np.multiply(np.where(a[t, i] > 0.0, 1.0, -1.0), signs[t], out=y[t + 1, i])
        return ThresholdStates(a, y)

    def derivatives(
        self,
        params: NDArray[np.float64],
        inputs: NDArray[np.float64],
        targets: NDArray[np.float64],
        *,
        curvature: str | None = None,
        per_step: bool = False,
    ) -> Derivatives:
        """Run forward, then back-propagate through all steps.

        Parameters
        ----------
        params, inputs
            As for :meth:`forward`.
        targets : ndarray, shape (sequence, trial)
            Targets d of the output unit at the end.
        curvature : {None, "full", "gauss-newton"}
            Which diagonal second derivative to carry along.
        per_step : bool
            Whether to keep the derivatives by the weights of each time step apart.

        Returns
        -------
        Derivatives
        """
        x = self.forward(params, inputs)
        error = x[-1, self.wiring.output] - targets
        deltas, gammas, squares = self._backward(params, inputs, x, error, curvature)
        gradient = self._collect(deltas, x, inputs, per_step)
        second = None
        if curvature is not None:
            second = self._collect(gammas, squares, np.square(inputs), per_step)
        return Derivatives(
            cost=0.5 * sum_over_sequences(error, error),
            outputs=x[-1, self.wiring.output].copy(),
            gradient=gradient,
            curvature=second,
        )

    def rows(self, params: NDArray[np.float64]) -> list[tuple[int, NDArray[np.float64]]]:
        """Return the delayed weights by the unit they enter.

        Parameters
        ----------
        params : ndarray, shape (n_params, trial)
            Weights.

        Returns
        -------
        list of (int, ndarray of shape (unit, 1, trial))
            Each unit that reads another one step later, and its weights for all sources.
        """
        W = self._matrix(params)
        targets = sorted({c.target for c in self.wiring.connections if c.kind == "delayed"})
        return [(i, W[i]) for i in targets]

    def _backward(self, params, inputs, x, error, curvature):
        full = curvature == "full"
        squares = np.square(x, out=self._like("squares", inputs, 1))
        slopes = np.subtract(1.0, squares[1:], out=self._like("slopes", inputs, 0))
        deltas, gammas = self._like("deltas", inputs, 0), None
        e, product = self._like("e", inputs, None), self._like("product", inputs, None)
        e[:] = 0.0
        e[self.wiring.output] = error
        if curvature is not None:
            gammas = self._like("gammas", inputs, 0)
            q = self._like("q", inputs, None)
            q[:] = 0.0
            q[self.wiring.output] = 1.0
        rows, same = self.rows(params), self._same()
        squared_rows = [(i, row**2) for i, row in rows] if gammas is not None else []

        def units(t, i):
            # gamma = f'^2 q + f'' e with f'' = -2 x f', so that f'' e = -2 x delta.
            np.multiply(e[i], slopes[t, i], out=deltas[t, i])
            if gammas is None:
                return
            np.multiply(q[i], slopes[t, i], out=gammas[t, i])
            gammas[t, i] *= slopes[t, i]
            if full:
                bend = np.multiply(x[t + 1, i], deltas[t, i], out=product[i])
                bend *= 2.0
                gammas[t, i] -= bend

        for t in range(len(deltas) - 1, -1, -1):
            if not same:
                units(t, slice(None))
            else:
                for i in range(self.wiring.units - 1, -1, -1):
                    units(t, i)
                    for j, p in same.get(i, ()):
                        e[j] += params[p] * deltas[t, i]
                        if gammas is not None:
                            q[j] += params[p] ** 2 * gammas[t, i]
            if t > 0:
                self._gather(e, rows, deltas[t], product)
                if gammas is not None:
                    self._gather(q, squared_rows, gammas[t], product)
        return deltas, gammas, squares

    @staticmethod
    def _gather(total, rows, values, product):
        if not rows:
            total[:] = 0.0
        for n, (i, row) in enumerate(rows):
            if n == 0:
                np.multiply(row, values[i], out=total)
            else:
                np.multiply(row, values[i], out=product)
                total += product

    def _collect(self, factors, states, inputs, per_step):
        steps, trials = len(factors), factors.shape[-1]
        n = self.wiring.n_params
        result = np.empty((steps, n, trials) if per_step else (n, trials))
        for p, (target, kind, source) in enumerate(self.wiring.connections):
            z = {"delayed": states[:-1], "same": states[1:], "input": inputs}[kind][:, source]
            left = factors[:, target]
            if not per_step:
                result[p] = sum_over_sequences(left, z)
            elif left.shape[1] == 1:
                np.multiply(left[:, 0], z[:, 0], out=result[:, p])
            else:
                for t in range(steps):
                    result[t, p] = sum_over_sequences(left[t], z[t])
        return result

    def _drive(self, params, inputs):
        """Return the state buffer, filled with what the input channels give to each unit."""
        x = self._like("x", inputs, 1)
        x[:] = 0.0
        for unit, channel in self.wiring.fixed:
            x[1:, unit] += inputs[:, channel]
        for p, (target, kind, source) in enumerate(self.wiring.connections):
            if kind == "input":
                x[1:, target] += params[p] * inputs[:, source]
        return x

    def _matrix(self, params):
        n = self.wiring.units
        W = np.zeros((n, n, 1, params.shape[-1]))
        for p, (target, kind, source) in enumerate(self.wiring.connections):
            if kind == "delayed":
                W[target, source, 0] = params[p]
        return W

    def _columns(self, params):
        # Summing source by source in ufuncs fixes the order, whatever the number of trials.
        W = self._matrix(params)
        sources = sorted({c.source for c in self.wiring.connections if c.kind == "delayed"})
        return {j: np.ascontiguousarray(W[:, j]) for j in sources}

    def _same(self):
        readers: dict[int, list[tuple[int, int]]] = {}
        for p, (target, kind, source) in enumerate(self.wiring.connections):
            if kind == "same":
                readers.setdefault(target, []).append((source, p))
        return readers

    def _like(self, name, inputs, extra):
        """Return the buffer `name`: (T + extra, unit, sequence, trial); None leaves out time."""
        shape = (self.wiring.units, *inputs.shape[2:])
        if extra is not None:
            shape = (len(inputs) + extra, *shape)
        buffer = self._buffers.get(name)
        if buffer is None or buffer.shape != shape:
            buffer = self._buffers[name] = np.empty(shape)
        return buffer


def derivatives(
    wiring: Wiring,
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
    wiring : Wiring
        The network.
    params : array_like, shape (n_params, trial)
        One column of weights a trial.
    inputs : array_like, shape (T, channel, sequence, trial)
        Inputs, aligned at the end, T >= 1.
    targets : array_like
        Targets, broadcast to (sequence, trial).
    curvature : {None, "full", "gauss-newton"}
        Which diagonal second derivative to give.
    per_step : bool
        Whether to keep the time steps apart.

    Returns
    -------
    Derivatives

    Raises
    ------
    ValueError
        If a shape does not fit, a number is not finite, or `curvature` is not on offer.

    Notes
    -----
    Becker and LeCun (1988) for the second derivatives; the weights of different times as different
    variables: Bengio, Simard and Frasconi (1994), time-weighted pseudo-Newton.
    """
    params, inputs = finite("params", params), finite("inputs", inputs)
    shaped("params", params, (wiring.n_params, None), "(n_params, trial)")
    wanted = (None, wiring.channels, None, params.shape[1])
    shaped("inputs", inputs, wanted, "(time, channel, sequence, trial)")
    targets = broadcast("targets", targets, inputs.shape[2:], "(sequence, trial)")
    one_of("curvature", curvature, (None, *CURVATURES))
    return Backpropagator(wiring).derivatives(
        params, inputs, targets, curvature=curvature, per_step=per_step
    )
