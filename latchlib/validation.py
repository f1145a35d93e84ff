"""Checks on arguments. Each names the argument, the value and what is accepted."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "broadcast",
    "finite",
    "integer",
    "number",
    "one_of",
    "per_unit",
    "positive",
    "refuse",
    "shaped",
    "square",
]


def refuse(name: str, value: object, accepted: str) -> ValueError:
    """Return the error for argument `name` with `value`, where `accepted` says what is taken."""
    return ValueError(f"{name} is {value!r}; accepted: {accepted}")


def finite(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """Return `value` as a float64 array, or raise ValueError if it is not real and finite."""
    try:
        array = np.asarray(value)
        # astype alone would read "3" as a number and drop the imaginary part of a complex one.
        if array.dtype.kind not in "biufO":
            raise TypeError
        array = array.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError):
        raise refuse(name, value, "real numbers") from None
    if array.size == 0:
        raise refuse(name, value, "at least one number")
    bad = ~np.isfinite(array)
    if bad.any():
        raise refuse(name, float(array[bad].flat[0]), "finite numbers")
    return array


def positive(name: str, value: ArrayLike, *, above: float = 0.0) -> NDArray[np.float64]:
    """Return `value` as float64 array with every entry above `above`, or raise ValueError."""
    array = finite(name, value)
    bad = array <= above
    if bad.any():
        raise refuse(name, float(array[bad].flat[0]), f"numbers > {above:g}")
    return array


def number(name: str, value: ArrayLike, *, above: float | None = None) -> float:
    """Return `value` as float, or raise ValueError if it is not one finite number > `above`."""
    array = finite(name, value) if above is None else positive(name, value, above=above)
    if array.ndim != 0:
        raise refuse(name, value, "one number")
    return float(array)


def broadcast(
    name: str, value: ArrayLike, shape: tuple[int, ...], axes: str
) -> NDArray[np.float64]:
    """Return `value` broadcast to `shape`, or raise ValueError if it is not finite or does not fit.

    The result is a view; `axes` names the axes for the message, as ``"(unit, trial)"``.
    """
    array = finite(name, value)
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        raise refuse(
            f"shape of {name}", array.shape, f"a shape that broadcasts to {axes} = {shape}"
        ) from None


def integer(name: str, value: object, *, at_least: int) -> int:
    """Return `value` as int, or raise ValueError if it is no integer >= `at_least`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise refuse(name, value, f"an integer >= {at_least}")
    if value < at_least:
        raise refuse(name, value, f"an integer >= {at_least}")
    return int(value)


def one_of(name: str, value: object, options: tuple) -> None:
    """Raise ValueError if `value` is not among `options`."""
    if value not in options:
        raise refuse(name, value, "one of " + ", ".join(map(repr, options)))


def shaped(name: str, array: np.ndarray, shape: tuple[int | None, ...], axes: str) -> None:
    """Raise ValueError if `array` has not `shape`, where None stands for any length.

    Parameters
    ----------
    name, array
        The argument.
    shape : tuple of int or None
        Wanted length of each axis.
    axes : str
        Names of the axes, for the message, as ``"(time, unit, trial)"``.
    """
    fits = array.ndim == len(shape) and all(
        want is None or want == got for want, got in zip(shape, array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if n is None else str(n) for n in shape)
        raise ValueError(f"{name} has shape {array.shape}; accepted: {axes} of shape ({wanted})")


def square(name: str, value: ArrayLike, *, batch: bool = True) -> NDArray[np.float64]:
    """Return `value` as float64 array of shape (n, n), or also (n, n, trial) where `batch`.

    Raises ValueError if it is not finite or not square.
    """
    array = finite(name, value)
    accepted = "(n, n) or (n, n, trial)" if batch else "(n, n)"
    if array.ndim not in ((2, 3) if batch else (2,)) or array.shape[0] != array.shape[1]:
        raise ValueError(f"{name} has shape {array.shape}; accepted: {accepted}")
    return array


def per_unit(
    name: str, value: ArrayLike, units: int, trials: int | None = None
) -> NDArray[np.float64]:
    """Return `value` as (unit, trial), with one trial where it is the same for all.

    A number goes to every unit and shape (unit,) to every trial: a vector is one of units, never
    of trials. Raises ValueError if it is not finite or does not fit; None takes any `trials`.
    """
    array = finite(name, value)
    if array.ndim == 0:
        return np.full((units, 1), float(array))
    column = array[:, np.newaxis] if array.ndim == 1 else array
    fits = column.ndim == 2 and column.shape[0] == units
    if not fits or (trials is not None and column.shape[1] not in (1, trials)):
        wanted = "trial" if trials is None else trials
        raise ValueError(
            f"{name} has shape {array.shape}; accepted: a number, shape (unit,) = ({units},) "
            f"or (unit, trial) = ({units}, {wanted})"
        )
    return column
