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

from latchlib.validation import broadcast, finite, integer, one_of, refuse, shaped

__all__ = [
    "CURVATURES",
    "KINDS",
    "Backpropagator",
    "Connection",
    "Derivatives",
    "ThresholdStates",
    "Wiring",
    "contract",
    "derivatives",
    "sum_over_sequences",
]

#: What a connection reads: a unit one step earlier, a unit at the same step, an input channel.
KINDS = ("delayed", "same", "input")

#: Numbers that a pass works on at a time where it could take all steps at once: half a
#: megabyte stays in the cache of a core.
CHUNK = 65_536

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

    def __post_init__(self) -> None:
        numbered = list(enumerate(self.wiring.connections))
        delayed = [(p, c.target, c.source) for p, c in numbered if c.kind == "delayed"]
        # Parameters, targets and sources of the delayed connections, to fill their matrix with.
        self._delayed = tuple(np.array(delayed, dtype=np.int64).reshape(-1, 3).T)
        self._sources = sorted({source for _, _, source in delayed})
        self._inputs = [(p, c.target, c.source) for p, c in numbered if c.kind == "input"]
        driven = [c.target for _, c in numbered if c.kind == "input"]
        driven += [unit for unit, _ in self.wiring.fixed]
        # Units from the first to the last that an input channel enters.
        self._driven = slice(min(driven), max(driven) + 1) if driven else slice(0, 0)
        self._same: dict[int, list[tuple[int, int]]] = {}
        for p, c in numbered:
            if c.kind == "same":
                self._same.setdefault(c.target, []).append((c.source, p))
        self._runs = _runs(self.wiring.connections)

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
        x, drive = self._like("x", inputs, 1), self._drive(params, inputs)
        W, small = self.delayed_weights(params), self._like("net", inputs, None)
        x[0] = 0.0
        for before, now, given in zip(x[:-1], x[1:], drive, strict=True):
            # Net inputs stay in the cache, and only outputs are written to the large array. Where
            # units read each other, step by step, the arrays are small and one is enough.
            net = now if self._same else small
            self._ahead(W, before, net)
            net[self._driven] += given
            if not self._same:
                np.tanh(net, out=now)
                continue
            for i, unit in enumerate(now):
                for j, p in self._same.get(i, ()):
                    unit += params[p] * now[j]
                np.tanh(unit, out=unit)
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
        drive, W = self._drive(params, inputs), self.delayed_weights(params)
        a = np.empty((len(inputs), *self._like("readings", inputs, None).shape))
        y = np.zeros((len(a) + 1, *a.shape[1:]))
        signs = running.astype(np.float64)
        for net, before, now, given, sign in zip(a, y[:-1], y[1:], drive, signs, strict=True):
            self._ahead(W, before, net)
            net[self._driven] += given
            if not self._same:
                np.multiply(np.where(net > 0.0, 1.0, -1.0), sign, out=now)
                continue
            for i, unit in enumerate(net):
                for j, p in self._same.get(i, ()):
                    unit += params[p] * now[j]
                np.multiply(np.where(unit > 0.0, 1.0, -1.0), sign, out=now[i])
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
        factors = self._backward(params, inputs, x, error, curvature)
        found = [self._collect(factors[0], x, inputs, per_step)]
        if curvature is not None:
            squares = np.square(x, out=self._like("squares", inputs, 1))
            found.append(self._collect(factors[1], squares, np.square(inputs), per_step))
        return Derivatives(
            cost=0.5 * sum_over_sequences(error, error),
            outputs=x[-1, self.wiring.output].copy(),
            gradient=found[0],
            curvature=None if curvature is None else found[1],
        )

    def delayed_weights(self, params: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weights of the delayed connections as matrices.

        Parameters
        ----------
        params : ndarray, shape (n_params, trial)
            Weights.

        Returns
        -------
        ndarray, shape (target unit, source unit, trial)
            0 where nothing is connected.
        """
        W = np.zeros((self.wiring.units, self.wiring.units, params.shape[-1]))
        which, targets, sources = self._delayed
        W[targets, sources] = params[which]
        return W

    def _ahead(self, W, states, out):
        """Write sum_j W[i, j] states[j] to `out`."""
        if not self._sources:
            out[...] = 0.0
        elif len(self._sources) == 1:
            [j] = self._sources
            np.multiply(W[:, j, np.newaxis], states[j], out=out)
        else:
            contract("ijr,jpr->ipr", W, states, out=out)

    def _backward(self, params, inputs, x, error, curvature):
        """Return delta and, if asked for, gamma: (order, T, unit, sequence, trial)."""
        orders = 1 if curvature is None else 2
        # Along the first axis: what belongs to e and delta, then what belongs to q and gamma.
        factors = self._like("factors", inputs, 0, orders)
        readings = self._like("readings", inputs, None, orders)  # e, q
        # By source, then target: read in the order in which they lie.
        weights = np.ascontiguousarray(self.delayed_weights(params).swapaxes(0, 1))[np.newaxis]
        powers = params[np.newaxis, :, np.newaxis]
        readings[...] = 0.0
        readings[0, self.wiring.output] = error
        if curvature is not None:
            weights, powers = (np.concatenate([v, v**2]) for v in (weights, powers))
            readings[1, self.wiring.output] = 1.0
        scratch = self._like("scratch", inputs, None)
        slopes = self._slopes(x, orders, curvature == "full")
        steps = zip(factors.swapaxes(0, 1)[::-1], slopes, strict=True)
        for left, (now, (slope, bend)) in zip(range(len(inputs) - 1, -1, -1), steps, strict=True):
            if not self._same:
                np.multiply(readings, slope, out=now)
                if bend is not None:
                    now[1] += np.multiply(readings[0], bend, out=scratch)
            else:
                # Readers of the same step have higher numbers.
                for i in range(self.wiring.units - 1, -1, -1):
                    unit = now[:, i]
                    np.multiply(readings[:, i], slope[:, i], out=unit)
                    if bend is not None:
                        unit[1] += np.multiply(readings[0, i], bend[i], out=scratch[i])
                    for j, p in self._same.get(i, ()):
                        readings[:, j] += powers[:, p] * unit
            if left > 0:
                if self.wiring.units == 1:
                    np.multiply(weights, now, out=readings)
                else:
                    contract("kjir,kipr->kjpr", weights, now, out=readings)
        return factors

    def _slopes(self, x, orders, bent):
        """Yield, from the last step to the first: f' (and f'^2), and f'' or None.

        They are made for as many steps in one call as the cache holds.
        """
        steps = len(x) - 1
        size = max(1, min(steps, CHUNK // max(1, (orders + bent) * x[0].size)))
        slopes = self._buffer("slopes", (orders, size, *x.shape[1:]))
        bends = self._buffer("bends", (size, *x.shape[1:])) if bent else [None] * size
        for stop in range(steps, 0, -size):
            start = max(0, stop - size)
            states, made = x[start + 1 : stop + 1], slopes[:, : stop - start]
            np.square(states, out=made[0])
            np.subtract(1.0, made[0], out=made[0])
            if orders == 2:
                np.square(made[0], out=made[1])
            if bent:
                # f'' = -2 x f'
                second = np.multiply(states, made[0], out=bends[: stop - start])
                second *= -2.0
            yield from zip(made.swapaxes(0, 1)[::-1], bends[stop - start - 1 :: -1], strict=True)

    def _collect(self, factors, states, inputs, per_step):
        steps, _, sequences, trials = factors.shape
        n = self.wiring.n_params
        result = np.empty((steps, n, trials) if per_step else (n, trials))
        read = {"delayed": states[:-1], "same": states[1:], "input": inputs}
        for which, target, kind, sources in self._runs:
            left, right = factors[:, target], read[kind][:, sources]
            if not per_step:
                contract("tpr,tjpr->jr", left, right, out=result[which])
            elif sequences == 1:
                np.multiply(left, right[:, :, 0], out=result[:, which])
            else:
                contract("tpr,tjpr->tjr", left, right, out=result[:, which])
        return result

    def _drive(self, params, inputs):
        """Return what the input channels give to the driven units: (T, unit, sequence, trial)."""
        first, last = self._driven.start, self._driven.stop
        drive = self._buffer("drive", (len(inputs), last - first, *inputs.shape[2:]))
        drive[...] = 0.0
        for unit, channel in self.wiring.fixed:
            drive[:, unit - first] += inputs[:, channel]
        for p, target, source in self._inputs:
            drive[:, target - first] += params[p] * inputs[:, source]
        return drive

    def _like(self, name, inputs, extra, *first):
        """Return the buffer `name`: (*first, T + extra, unit, sequence, trial).

        Without the axis of time if `extra` is None.
        """
        times = () if extra is None else (len(inputs) + extra,)
        return self._buffer(name, (*first, *times, self.wiring.units, *inputs.shape[2:]))

    def _buffer(self, name, shape):
        """Return the array `name`, the same one as long as its shape is the same."""
        buffer = self._buffers.get(name)
        if buffer is None or buffer.shape != shape:
            buffer = self._buffers[name] = np.empty(shape)
        return buffer


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
