"""Proofs by interval arithmetic: fixed points, stability, Gamma, h*, and the counterexamples.

Every number is a ball of Arb (Johansson 2017, through python-flint) whose radius takes up all
rounding, so a strict inequality between balls holds between the real numbers in them. A function
returns a :class:`Certificate`; what cannot be decided is None there, with the reason, and never a
guess. Floats only propose: where to look for a root, which norm to use.

No number is rounded on the way in. An int, a `fractions.Fraction`, a `decimal.Decimal` and a
rational number of SymPy mean themselves, and a string such as ``"2.334"`` or ``"1/3"`` what it
says; a float means the binary number it is, which is not the decimal that it prints. What cannot
be taken exactly is refused: NaN and infinity, complex numbers, truth values, balls, and floats of
other kinds (`numpy.longdouble`, those of mpmath and SymPy). All quantities are dimensionless.

M is an array of weights W, of the network W tanh(a) + u, or a :class:`latchlib.maps.Map`. Of a
map, `step` and `jacobian` are then given arrays of balls, of shape (unit, 1), so they have to be
made of sums, products and methods that balls have, with parameters that are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import wraps
from itertools import product
from math import inf, nextafter
from numbers import Rational

import flint
import numpy as np
from flint import arb, arb_mat
from numpy.typing import NDArray

from latchlib import maps, phase_space
from latchlib.validation import integer, one_of, refuse

__all__ = [
    "PRECISION",
    "Certificate",
    "certify_all_fixed_points",
    "certify_basin",
    "certify_cycle",
    "certify_fixed_point",
    "certify_gamma",
    "certify_norm",
    "certify_spectral_radius",
    "certify_stable",
    "counterexample_contraction",
    "counterexample_cycle_expands",
    "counterexample_cycle_slope",
    "counterexample_eigenvalue_reading",
    "counterexample_spectral_radius",
    "enclose_h_star",
    "together",
]

#: Bits carried; a float has 53.
PRECISION = 128

Number = int | float | str | Rational | Decimal
Box = list[arb]


@dataclass(frozen=True, eq=False)
class Certificate:
    """What was proved, or why it was not.

    Parameters
    ----------
    claim : str
        The statement.
    holds : bool or None
        True: proved. False: its negation is proved. None: neither.
    enclosure : ndarray or None
        Lower and upper bounds in the last axis, rounded outward to floats: of the fixed points,
        shape (point, unit, 2), or of the number in question, shape (2,).
    reason : str
        How it was decided, or what stood in the way.
    parts : tuple of Certificate
        The certificates a compound one rests on.
    """

    claim: str
    holds: bool | None
    enclosure: NDArray[np.float64] | None
    reason: str
    parts: tuple[Certificate, ...] = ()

    def require(self) -> Certificate:
        """Return itself if the claim is proved.

        Raises
        ------
        AssertionError
            If it is refuted or undecided, with the reason.
        """
        if self.holds is not True:
            state = "refuted" if self.holds is False else "not decided"
            raise AssertionError(f"{self.claim}: {state}. {self.reason}")
        return self

    def __bool__(self) -> bool:
        # None would pass for "no".
        raise TypeError("a Certificate has three outcomes; ask for .holds or call .require()")


def together(claim: str, parts: Sequence[Certificate], enclosure=None) -> Certificate:
    """Return the certificate of a claim that holds iff all `parts` do."""
    for outcome in (False, None):
        for part in parts:
            if part.holds is outcome:
                reason = f"{part.claim}: {part.reason}"
                return Certificate(claim, outcome, enclosure, reason, tuple(parts))
    return Certificate(claim, True, enclosure, "all its parts are proved", tuple(parts))


# --- numbers -----------------------------------------------------------------------------


def _precisely(function: Callable) -> Callable:
    """Run `function` with PRECISION bits, whatever the caller has set."""

    @wraps(function)
    def run(*args, **kwargs):
        with flint.ctx.workprec(PRECISION):
            return function(*args, **kwargs)

    return run


def _exact(name: str, value: Number) -> Fraction:
    """Return the number that `value` is, or raise ValueError if it cannot be taken as it is."""
    value = _array(name, value)
    if value.ndim:
        raise refuse(name, value.tolist(), "one number")
    value = value.item()
    # NumPy counts spans of time among the integers, and Python truth values.
    if not isinstance(value, (bool, np.timedelta64)):
        try:
            if isinstance(value, Rational):
                return Fraction(int(value.numerator), int(value.denominator))
            if isinstance(value, (float, np.float32, np.float16)):
                return Fraction(float(value))
            if isinstance(value, (str, Decimal)):
                return Fraction(value)
        except (ValueError, OverflowError, ZeroDivisionError):
            pass  # NaN, infinity, or no number
    accepted = "an int, a float, a Fraction, a Decimal, a SymPy Rational or a string such as '1/3'"
    raise refuse(name, value, accepted)


def _said(name: str, value: Number) -> str:
    """Return `value` for a claim: a float that is not what it prints is called one."""
    exact, value = _exact(name, value), _array(name, value).item()
    if isinstance(value, (float, np.floating)) and Fraction(repr(float(value))) != exact:
        return f"the float {float(value)!r}"
    return str(value)


def _ball(name: str, value: Number) -> arb:
    exact = _exact(name, value)
    return arb(exact.numerator) / arb(exact.denominator)


def _array(name: str, value) -> NDArray[np.object_]:
    """Return `value` as an array of the very objects it holds: as numbers they would be rounded."""
    try:
        return np.array(value, dtype=object)
    except ValueError:
        raise refuse(name, value, "rows of one length") from None


def _vector(name: str, value, units: int) -> Box:
    array = _array(name, value)
    if array.ndim == 0:
        return [_ball(name, value)] * units
    if array.shape != (units,):
        raise ValueError(f"{name} has shape {array.shape}; accepted: (unit,) = ({units},)")
    return [_ball(name, x) for x in array]


def _matrix(name: str, value) -> NDArray[np.object_]:
    array = _array(name, value)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or array.size == 0:
        raise ValueError(f"{name} has shape {array.shape}; accepted: (n, n)")
    return np.array([[_ball(name, x) for x in row] for row in array], dtype=object)


def _limits(name: str, box, units: int) -> list[tuple[arb, arb]]:
    box = _array(name, box)
    if box.shape != (units, 2):
        raise ValueError(f"{name} has shape {box.shape}; accepted: (unit, 2) = ({units}, 2)")
    pairs = [(_ball(name, low), _ball(name, high)) for low, high in box]
    for (low, high), given in zip(pairs, box, strict=True):
        if low > high:
            raise refuse(name, tuple(given), "lower <= upper for each unit")
    return pairs


def _region(name: str, box, units: int) -> Box:
    return [_hull(low, high) for low, high in _limits(name, box, units)]


def _hull(low: arb, high: arb) -> arb:
    """Return a ball over [low, high]; a little wider, as radii have 30 bits."""
    return low.union(high)


def _floats(values: Box) -> NDArray[np.float64]:
    """Return the bounds of balls as floats, shape (len, 2), rounded outward."""
    return np.array(
        [[nextafter(float(x.lower()), -inf), nextafter(float(x.upper()), inf)] for x in values]
    )


def _middle(A) -> NDArray[np.float64]:
    balls = np.array(A.tolist() if isinstance(A, arb_mat) else A, dtype=object)
    return np.array([float(x.mid()) for x in balls.flat]).reshape(balls.shape)


def _tanh(x: arb) -> arb:
    # It is increasing: the ends bound it, where Arb's own wide balls lose much.
    return x.lower().tanh().union(x.upper().tanh())


def _sech2(x: arb) -> arb:
    near, far = arb(x.abs_lower()), arb(x.abs_upper())
    return (far.sech() ** 2).union(near.sech() ** 2)


_TANH, _SECH2 = (np.frompyfunc(function, 1, 1) for function in (_tanh, _sech2))


def _sum_of_squares(values: Sequence[arb]) -> arb:
    # Not x**2, which python-flint 0.9 makes NaN for a ball round 0.
    return sum((x * x for x in values), arb(0))


def _length(values: Sequence[arb]) -> arb:
    """Return a bound of the Euclidean length from above."""
    # Of squares of balls the sum may reach below 0, and its root would be NaN.
    return sum((arb(x.abs_upper()) ** 2 for x in values), arb(0)).sqrt()


def _apply(A: arb_mat, x: Box) -> Box:
    n = len(x)
    return [sum((A[i, j] * x[j] for j in range(n)), arb(0)) for i in range(A.nrows())]


class _Balls(maps.TanhNetwork):
    """The network with weights and states in balls; only its step and derivative are asked for."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "W", _matrix("W", self.W))

    def step(self, a: NDArray, u: NDArray) -> NDArray[np.object_]:
        return self.W @ _TANH(a) + u

    def jacobian(self, a: NDArray, u: NDArray) -> NDArray[np.object_]:
        return self.W[:, :, np.newaxis] * _SECH2(a)


class _Ring(maps.Map):
    """Copies of a map, of which each feeds the next: its fixed points are cycles of the map."""

    def __init__(self, M: maps.Map, period: int) -> None:
        self.M, self.period, self.units = M, period, M.units * period

    def step(self, a: NDArray, u: NDArray) -> NDArray:
        after = self._each(self.M.step, a, u)
        return np.concatenate(after[-1:] + after[:-1])

    def jacobian(self, a: NDArray, u: NDArray) -> NDArray:
        return self._ringed(self._each(self.M.jacobian, a, u))

    def slope_bound(self, lower: NDArray, upper: NDArray, u: NDArray) -> tuple[NDArray, ...]:
        ends = self._each(self.M.slope_bound, lower, upper, u)
        return tuple(self._ringed(parts) for parts in zip(*ends, strict=True))

    def _each(self, function: Callable, *values: NDArray) -> list:
        parts = (np.split(value, self.period) for value in values)
        return [function(*given) for given in zip(*parts, strict=True)]

    def _ringed(self, parts: Sequence[NDArray]) -> NDArray:
        result = np.zeros((self.units, self.units, parts[0].shape[2]), dtype=parts[0].dtype)
        blocks = result.reshape(self.period, self.M.units, self.period, self.M.units, -1)
        for copy, part in enumerate(parts):
            blocks[(copy + 1) % self.period, :, copy] = part
        return result


def _system(M) -> maps.Map:
    """Return a map that takes balls."""
    if isinstance(M, maps.Map) and not isinstance(M, maps.TanhNetwork):
        return M
    return _Balls(M.W if isinstance(M, maps.TanhNetwork) else M)


def _in_floats(M: maps.Map) -> maps.Map:
    if isinstance(M, _Ring):
        return _Ring(_in_floats(M.M), M.period)
    return maps.TanhNetwork(_middle(M.W)) if isinstance(M, _Balls) else M


def _column(x: Box) -> NDArray[np.object_]:
    return np.array(x, dtype=object)[:, np.newaxis]


def _map(M: maps.Map, u: Box, x: Box) -> Box:
    return M.step(_column(x), _column(u))[:, 0].tolist()


def _derivative(M: maps.Map, u: Box, x: Box) -> arb_mat:
    return arb_mat(M.jacobian(_column(x), _column(u))[:, :, 0].tolist())


def _inside(inner: Box, outer: Box) -> bool:
    return all(big.contains(small) for small, big in zip(inner, outer, strict=True))


def _apart(one: Box, other: Box) -> bool:
    return any(not x.overlaps(y) for x, y in zip(one, other, strict=True))


# --- eigenvalues and norms ---------------------------------------------------------------


def _radius_below_one(A: arb_mat) -> bool | None:
    """Say whether the spectral radius of every matrix in A is < 1 (True) or > 1 (False)."""
    n = A.nrows()
    if n == 2:
        # Jury: both roots of z^2 - trace z + det lie within the circle.
        trace, det = A[0, 0] + A[1, 1], A[0, 0] * A[1, 1] - A[0, 1] * A[1, 0]
        edge = 1 + det
        if det < 1 and trace < edge and -trace < edge:
            return True
        if det > 1 or trace > edge or -trace > edge:
            return False
    power = A
    for _ in range(24):
        if _row_sum(power) < 1:
            return True  # |A^m| < 1 for some m
        if abs(sum((power[i, i] for i in range(n)), arb(0))) > n:
            return False  # the trace of A^m is a sum of n powers of eigenvalues
        power = power * power
        if not all(x.is_finite() for x in power.entries()):
            return None
    return None


def _row_sum(A: arb_mat) -> arb:
    total = arb(0)
    for row in A.tolist():
        total = total.max(sum((abs(x) for x in row), arb(0)))
    return total


def _norm_below_one(A: arb_mat) -> bool | None:
    """The same for the operator 2-norm."""
    n = A.nrows()
    if n == 2:
        # Singular values p, q: both < 1 iff pq < 1 and (1 - p^2)(1 - q^2) > 0.
        squares = _sum_of_squares(A.entries())
        det2 = _sum_of_squares([A[0, 0] * A[1, 1] - A[0, 1] * A[1, 0]])
        if det2 < 1 and squares < 1 + det2:
            return True
        if squares > 1 + det2:
            return False  # one is above 1 and one below; where both are above, so is every row
    if any(_sum_of_squares(row) > 1 for row in A.tolist()):
        return False
    return _radius_below_one(A.transpose() * A)


_SIDES = {"norm": _norm_below_one, "eigenvalues": _radius_below_one}
_WORDS = {"norm": "operator 2-norm", "eigenvalues": "spectral radius"}


def _decided(claim: str, holds: bool | None, how: str) -> Certificate:
    reason = {
        True: how,
        False: "the opposite inequality is proved",
        None: "the enclosure holds 1, or is too wide to tell",
    }[holds]
    return Certificate(claim, holds, None, reason)


def certify_spectral_radius(A) -> Certificate:
    """Certify that all eigenvalues of a matrix are < 1 in absolute value.

    Parameters
    ----------
    A : array_like of numbers or strings, shape (n, n)
        The matrix.

    Returns
    -------
    Certificate
        False if an eigenvalue is proved to be > 1; None at 1.

    Raises
    ------
    ValueError
        If A is not square or holds something that is no number.
    """
    holds = _radius_below_one(arb_mat(_matrix("A", A).tolist()))
    return _decided("the spectral radius is < 1", holds, "a power of the matrix has norm < 1")


def certify_norm(A) -> Certificate:
    """Certify that the operator 2-norm of a matrix is < 1; as :func:`certify_spectral_radius`."""
    holds = _norm_below_one(arb_mat(_matrix("A", A).tolist()))
    return _decided("the operator norm is < 1", holds, "all singular values are enclosed below 1")


def certify_stable(M, box, reading: str = "eigenvalues", u=0) -> Certificate:
    """Certify that M'(a) is below 1 for every a in a box.

    Parameters
    ----------
    M : Map, or array_like of numbers or strings, shape (n, n)
        The map, or weights of a network.
    box : array_like of numbers or strings, shape (unit, 2)
        Lower and upper bounds of the states.
    reading : {"eigenvalues", "norm"}
        What is below 1: the spectral radius, or the operator 2-norm.
    u : number, string or array_like of them, shape (unit,)
        Constant input. Where it is additive, as in a network, it does not matter.

    Returns
    -------
    Certificate
        False if it is proved to be above 1 at every point of the box.

    Raises
    ------
    ValueError
        If a shape does not fit or `reading` is not on offer.
    """
    M = _system(M)
    one_of("reading", reading, phase_space.READINGS)
    x = _region("box", box, M.units)
    return _stable(M, _vector("u", u, M.units), x, reading)


def _stable(M: maps.Map, u: Box, x: Box, reading: str) -> Certificate:
    holds = _SIDES[reading](_derivative(M, u, x))
    claim = f"the {_WORDS[reading]} of M'(a) is < 1 on the box"
    return _decided(claim, holds, "proved for the interval matrix of all M'(a)")


# --- fixed points ------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Root:
    """A fixed point: where it is, and a larger box in which it is the only one."""

    place: Box
    alone: Box


def _krawczyk(M: maps.Map, u: Box, x: Box) -> Box | None:
    """Return an enclosure of all fixed points in `x`; inside `x` it proves exactly one."""
    n = len(x)
    middle = [a.mid() for a in x]
    slopes = _derivative(M, u, x)
    equations = arb_mat([[slopes[i, j] - (i == j) for j in range(n)] for i in range(n)])
    try:
        inverse = np.linalg.inv(_middle(equations))
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(inverse).all():
        return None
    Y = arb_mat(inverse.tolist())
    residual = [b - a for a, b in zip(middle, _map(M, u, middle), strict=True)]
    product_ = Y * equations
    shift = _apply(Y, residual)
    return [
        middle[i]
        - shift[i]
        + sum(((int(i == j) - product_[i, j]) * (x[j] - middle[j]) for j in range(n)), arb(0))
        for i in range(n)
    ]


def _interior(inner: Box, outer: Box) -> bool:
    return all(big.contains_interior(small) for small, big in zip(inner, outer, strict=True))


def _prove_root(M: maps.Map, u: Box, centre: NDArray[np.float64]) -> _Root | None:
    """Return the fixed point near `centre`, unique in the largest box that goes through."""
    scale = 1.0 + np.abs(centre).max()
    for exponent in range(0, -44, -2):
        width = scale * 2.0**exponent
        x = [arb(float(c), width) for c in centre]
        image = _krawczyk(M, u, x)
        if image is not None and _interior(image, x):
            alone = x
            while True:
                before = max(float(a.rad()) for a in x)
                x = [a.intersection(b) for a, b in zip(x, image, strict=True)]
                image = _krawczyk(M, u, x)
                # Near the last bit the image no longer shrinks, nor fits inside.
                if image is None or not _interior(image, x):
                    break
                if max(float(a.rad()) for a in x) >= before:
                    break
            return _Root(x, alone)
    return None


def _search(M: maps.Map, u: Box, box: Box, max_boxes: int) -> tuple[list[_Root], list[Box], int]:
    """Return the fixed points in `box`, the boxes left undecided, and how many were looked at."""
    roots: list[_Root] = []
    try:
        near = phase_space.cycles(_in_floats(M), 1, _middle(u), box=_floats(box), starts=256)
    except np.linalg.LinAlgError:
        near = ()
    for proposed in near:
        root = _prove_root(M, u, proposed.points[0])
        if root and all(_apart(root.place, known.place) for known in roots):
            roots.append(root)
    stack, left, looked = [box], [], 0
    smallest = 2.0**-40
    while stack:
        x = stack.pop()
        looked += 1
        if looked > max_boxes:
            left += [x, *stack]
            break
        if any(_inside(x, root.alone) for root in roots):
            continue
        if _apart(_map(M, u, x), x):
            continue
        image = _krawczyk(M, u, x)
        if image is not None:
            if _apart(image, x):
                continue
            if _interior(image, x):
                root = _prove_root(M, u, _middle(image))
                if root and _inside(image, root.alone):
                    if all(_apart(root.place, known.place) for known in roots):
                        roots.append(root)
                    continue
            # What is outside the image holds no fixed point.
            x = [a.intersection(b) for a, b in zip(x, image, strict=True)]
        widths = [float(a.rad()) for a in x]
        k = int(np.argmax(widths))
        if widths[k] < smallest:
            left.append(x)
            continue
        cut = x[k].mid()
        for half in (x[k].lower().union(cut), cut.union(x[k].upper())):
            stack.append([half if i == k else a for i, a in enumerate(x)])
    return roots, left, looked


def _counted(
    M: maps.Map, u: Box, limits: list[tuple[arb, arb]], max_boxes: int
) -> tuple[list[_Root], list[Box], str]:
    """Return the fixed points within `limits`, what is open, and why."""
    roots, left, looked = _search(M, u, [_hull(*pair) for pair in limits], max_boxes)
    within, border = [], []
    for root in roots:
        pairs = list(zip(root.place, limits, strict=True))
        if all(low <= x and x <= high for x, (low, high) in pairs):
            within.append(root)
        elif not any(x < low or x > high for x, (low, high) in pairs):
            border.append(root.place)
    within.sort(key=lambda root: tuple(_middle(root.place)))
    if border:
        why = f"a fixed point lies on the border of the box, near {_middle(border[0])}"
    elif left:
        why = (
            f"{len(left)} sub-boxes are undecided after {looked}, the first near "
            f"{_middle(left[0])}; a multiple fixed point cannot be told from none"
        )
    else:
        why = ""
    return within, border + left, why


def certify_all_fixed_points(M, box=None, u=0, *, max_boxes: int = 20_000) -> Certificate:
    """Enclose all fixed points of M_u on a box.

    Parameters
    ----------
    M : Map, or array_like of numbers or strings, shape (n, n)
        The map, or weights of a network. The work grows steeply with n; it is meant for n <= 2.
    box : array_like of numbers or strings, shape (unit, 2), optional
        Lower and upper bounds. By default, and for networks alone, |a_i - u_i| <= sum_j |W_ij|,
        which holds every fixed point of the plane, because |tanh| < 1.
    u : number, string or array_like of them, shape (unit,)
        Constant input.
    max_boxes : int
        Budget of sub-boxes.

    Returns
    -------
    Certificate
        Where it holds, `enclosure` has one box for each fixed point, shape (point, unit, 2):
        each holds exactly one, and there is none outside them. Otherwise None, with those that
        are proved.

    Raises
    ------
    ValueError
        If a shape does not fit or a number is out of range.

    Notes
    -----
    Krawczyk's operator proves existence and uniqueness in a box, and nothing outside its image.
    Floats propose where to apply it; then the box is halved until each part lies in a uniqueness
    box or is shown to be free of fixed points (Moore, Kearfott and Cloud 2009, chapter 8).
    """
    M = _system(M)
    n = M.units
    shift = _vector("u", u, n)
    max_boxes = integer("max_boxes", max_boxes, at_least=1)
    if box is None:
        if not isinstance(M, _Balls):
            raise refuse("box", None, "lower and upper bounds, for a map that is no network")
        reach = [sum((abs(weight) for weight in row), arb(0)) for row in M.W]
        # A little more, so that rounding outward leaves no fixed point on the border.
        limits = [(b - r - 1e-6, b + r + 1e-6) for b, r in zip(shift, reach, strict=True)]
    else:
        limits = _limits("box", box, n)
    roots, open_, why = _counted(M, shift, limits, max_boxes)
    enclosure = np.array([_floats(root.place) for root in roots]).reshape(-1, n, 2)
    claim = "the enclosure holds all fixed points on the box, one in each of its boxes"
    reason = why or f"{len(roots)} unique ones, and the rest of the box is excluded"
    return Certificate(claim, None if open_ else True, enclosure, reason)


def certify_fixed_point(M, a, u=0, *, radius: Number = 1e-6) -> Certificate:
    """Certify that M_u has exactly one fixed point within `radius` of `a`.

    Parameters
    ----------
    M : Map, or array_like of numbers or strings, shape (n, n)
        The map, or weights of a network.
    a : array_like of numbers or strings, shape (unit,)
        Centre of the box.
    u : number, string or array_like of them, shape (unit,)
        Constant input.
    radius : number or string
        Half the side of the box (maximum norm), > 0.

    Returns
    -------
    Certificate
        `enclosure` has shape (1, unit, 2). False if the box is proved to hold none, or more.

    Raises
    ------
    ValueError
        If a shape does not fit, `radius` <= 0 or something is no number.
    """
    M = _system(M)
    n = M.units
    shift = _vector("u", u, n)
    centre = _array("a", a)
    if centre.shape != (n,):
        raise ValueError(f"a has shape {centre.shape}; accepted: (unit,) = ({n},)")
    claim = "there is exactly one fixed point in the box"
    limits = _around(_vector("a", centre, n), radius)
    roots, open_, why = _counted(M, shift, limits, 2000)
    enclosure = np.array([_floats(root.place) for root in roots]).reshape(-1, n, 2)
    if len(roots) > 1:
        return Certificate(claim, False, enclosure, f"it holds {len(roots)} of them")
    if open_:
        return Certificate(claim, None, enclosure, why)
    if not roots:
        return Certificate(claim, False, enclosure, "the whole box is excluded: it holds none")
    return Certificate(claim, True, enclosure, "Krawczyk's operator maps a box into itself")


def _around(centre: Box, radius: Number) -> list[tuple[arb, arb]]:
    r = _ball("radius", radius)
    if not r > 0:
        raise refuse("radius", radius, "a number > 0")
    return [(c - r, c + r) for c in centre]


def certify_cycle(M, points, u=0, *, radius: Number = 1e-6) -> Certificate:
    """Certify that M_u has exactly one cycle near `points`, of that least period.

    Near means that the cycle, from one of its points on, stays within `radius` of `points` as they
    follow each other in time. It counts once, from however many of its points on it does so.

    Parameters
    ----------
    M : Map, or array_like of numbers or strings, shape (n, n)
        The map, or weights of a network.
    points : array_like of numbers or strings, shape (period, unit)
        Its points, in the order of time.
    u, radius
        As in :func:`certify_fixed_point`.

    Returns
    -------
    Certificate
        Where it holds, `enclosure` has shape (period, unit, 2). False if there is proved to be no
        such cycle near the points, or more than one; one of a shorter period is no such cycle.

    Raises
    ------
    ValueError
        As :func:`certify_fixed_point`.
    """
    M = _system(M)
    cycle, _ = _cycle(M, points, _vector("u", u, M.units), radius)
    return cycle


def _cycle(M: maps.Map, points, u: Box, radius: Number) -> tuple[Certificate, list[Box]]:
    """Return the certificate of a cycle and the balls round its points."""
    n = M.units
    array = _array("points", points)
    if array.ndim != 2 or array.shape[1] != n or len(array) == 0:
        raise ValueError(f"points has shape {array.shape}; accepted: (period, unit) with {n} units")
    period = len(array)
    limits = _around(_vector("points", array.ravel(), n * period), radius)
    roots, open_, why = _counted(_Ring(M, period), u * period, limits, 2000)
    claim = f"there is exactly one cycle of least period {period} in the box"
    cycles: list[_Root] = []
    for root in roots:
        # The same cycle from another of its points on is a fixed point of the ring as well.
        turned = [_Root(*(x[k * n :] + x[: k * n] for x in (root.place, root.alone)))
                  for k in range(period)]  # fmt: skip
        shorter = [_same(root, other) for other in turned[1:]]
        known = [_same(other, one) for one in cycles for other in turned]
        if not any(shorter + known):
            if None in shorter + known:
                open_, why = [root.place], "points of cycles could not be told apart"
            else:
                cycles.append(root)
    if len(cycles) > 1:
        return Certificate(claim, False, None, f"it holds {len(cycles)} of them"), []
    if open_:
        return Certificate(claim, None, None, why), []
    if not cycles:
        reason = f"it holds none: {len(roots)} of a shorter period, and the rest is excluded"
        return Certificate(claim, False, None, reason), []
    place = cycles[0].place
    places = [place[k * n : (k + 1) * n] for k in range(period)]
    reason = "Krawczyk's operator maps a box into itself, and the points are told apart"
    return Certificate(claim, True, _floats(place).reshape(period, n, 2), reason), places


def _same(one: _Root, other: _Root) -> bool | None:
    """Say whether two proved fixed points are one."""
    if _apart(one.place, other.place):
        return False
    return _inside(one.place, other.alone) or _inside(other.place, one.alone) or None


# --- basins and reduced attracting sets --------------------------------------------------


def certify_gamma(M, box, u=0, *, reading: str = "norm", steps: int = 200) -> Certificate:
    """Certify that a box lies in the reduced attracting set of one fixed point (Definition 4).

    Parameters
    ----------
    M : Map, or array_like of numbers or strings, shape (n, n)
        The map, or weights of a network.
    box : array_like of numbers or strings, shape (unit, 2)
        Lower and upper bounds; equal ones for a single state.
    u : number, string or array_like of them, shape (unit,)
        Constant input.
    reading : {"norm", "eigenvalues"}
        Reading of Definition 4.
    steps : int
        Budget of steps.

    Returns
    -------
    Certificate
        `enclosure`, shape (1, unit, 2), holds the attractor. False if for some l every point of
        the box has |(M^l)'(y)|, or its spectral radius, above 1. None if the box is too wide,
        is not led to a stable fixed point within the budget, or to a cycle.

    Raises
    ------
    ValueError
        If a shape does not fit or `reading` is not on offer.

    Notes
    -----
    (M^l)' is enclosed over the box for l = 1, 2, ... and each must be below 1, until the image of
    the box lies in a ball round the fixed point, in a norm |v|_S = |R v|, on which the map
    contracts. From there |(M^(l+k))'(y)| < |R| |R^-1| |(M^l)'(y)| for all k >= 1; once that is
    at most 1, the rest holds, for the norm and so for the spectral radius.
    """
    one_of("reading", reading, phase_space.READINGS)
    return _follow(M, box, u, reading, steps)


def certify_basin(M, box, u=0, *, steps: int = 200) -> Certificate:
    """Certify that a box lies in the basin of one fixed point; as :func:`certify_gamma`."""
    return _follow(M, box, u, None, steps)


def _follow(M, box, u, reading: str | None, steps: int) -> Certificate:
    M = _system(M)
    n = M.units
    start, shift = _region("box", box, n), _vector("u", u, n)
    steps = integer("steps", steps, at_least=1)
    where = "basin" if reading is None else f"reduced attracting set ({_WORDS[reading]})"
    claim = f"the box lies in the {where} of one stable fixed point"
    trap = _proved_trap(M, shift, _middle(start))
    if isinstance(trap, str):
        return Certificate(claim, None, None, trap)
    root, R, radius, condition = trap
    enclosure = _floats(root)[np.newaxis]
    centre = [a.mid() for a in start]
    spread = [a - c for a, c in zip(start, centre, strict=True)]
    x, J = start, arb_mat([[int(i == j) for j in range(n)] for i in range(n)])
    for step in range(steps + 1):
        offset = _apply(R, [a - b for a, b in zip(x, root, strict=True)])
        if _length(offset) < radius:
            if reading is None:
                reason = f"after {step} steps it is in a ball on which the map contracts"
                return Certificate(claim, True, enclosure, reason)
            size = _length(J.entries())
            if condition * size < 1:
                reason = f"tested for l <= {step}; contraction near the attractor does the rest"
                return Certificate(claim, True, enclosure, reason)
        J = _derivative(M, shift, x) * J
        centre = _map(M, shift, centre)
        # Mean value form beside the plain image: the first keeps the shape of small boxes.
        plain = _map(M, shift, x)
        moved = _apply(J, spread)
        x = [p.intersection(c + m) for p, c, m in zip(plain, centre, moved, strict=True)]
        if reading is not None:
            below = _SIDES[reading](J)
            if below is not True:
                l_ = step + 1
                what = f"the {_WORDS[reading]} of (M^{l_})'"
                if below is False:
                    return Certificate(
                        claim, False, enclosure, f"{what} is > 1 at every point of the box"
                    )
                return Certificate(
                    claim, None, enclosure, f"{what} could not be put on one side of 1"
                )
    return Certificate(
        claim, None, enclosure, f"the image is in no proved trap within {steps} steps"
    )


def _proved_trap(M: maps.Map, u: Box, a: NDArray[np.float64]):
    """Return fixed point, R, radius and |R| |R^-1| of a ball of contraction, or why not.

    The fixed point is the one that the orbit of `a` comes to in floats.
    """
    floats, shift = _in_floats(M), _middle(u)
    with np.errstate(over="ignore", invalid="ignore"):
        a = maps.orbit(floats, a, 5000, shift)[-1, :, 0]
    root = _prove_root(M, u, a) if np.isfinite(a).all() else None
    if root is None:
        return "the orbit of the middle of the box comes to no fixed point that could be proved"
    place = _middle(root.place)
    if not np.allclose(place, a):
        return "the orbit of the middle of the box has not settled on a fixed point"
    values = np.linalg.eigvals(_middle(_derivative(M, u, root.place))).astype(complex)
    values = values[np.argsort(-np.abs(values))]
    proposed = phase_space.trap(floats, phase_space.Cycle(place[np.newaxis], values), shift)
    if proposed is None:
        return "no ball of contraction was found round the fixed point"
    R_floats = np.linalg.cholesky(proposed.forms[0]).T
    R = arb_mat(R_floats.tolist())
    inverse = R.inv()
    for shrink in (0.9, 0.5, 0.1):
        radius = arb(proposed.radius * shrink)
        # |a_i - x_i| <= |row i of R^-1| |R (a - x)|
        reach = [_length(row) * radius for row in inverse.tolist()]
        ball = [(p - r).union(p + r) for p, r in zip(root.place, reach, strict=True)]
        if _contracts(M, u, R, inverse, ball):
            size = [_length(A.entries()) for A in (R, inverse)]
            # Of a multiple of the unit matrix |R| |R^-1| is 1, which Frobenius norms miss.
            plain = not np.any(R_floats - R_floats[0, 0] * np.eye(M.units))
            return root.place, R, radius, arb(1) if plain else size[0] * size[1]
    return "the ball of contraction found in floats could not be proved"


def _contracts(M: maps.Map, u: Box, R: arb_mat, inverse: arb_mat, ball: Box) -> bool:
    """Prove |R M'(a) R^-1| < 1 for all a in `ball`."""
    if not isinstance(M, _Balls) or M.units > 6:
        return _norm_below_one(R * _derivative(M, u, ball) * inverse) is True
    # The norm is convex in the slopes, so it is greatest at a corner of their box.
    slopes = [_sech2(a) for a in ball]
    for corner in product(*[(s.lower(), s.upper()) for s in slopes]):
        scaled = arb_mat((M.W * np.array(corner, dtype=object)).tolist())
        if _norm_below_one(R * scaled * inverse) is not True:
            return False
    return True


# --- thresholds --------------------------------------------------------------------------


def enclose_h_star(w: Number) -> Certificate:
    """Enclose the saddle-node threshold h*(w) = sqrt(w (w - 1)) - arccosh(sqrt w).

    Parameters
    ----------
    w : number or string
        Self-loop weight, > 1.

    Returns
    -------
    Certificate
        `enclosure`, shape (2,): floats below and above h*(w).

    Raises
    ------
    ValueError
        If `w` is not > 1.
    """
    weight = _ball("w", w)
    if not weight > 1:
        raise refuse("w", w, "a number > 1")
    value = (weight * (weight - 1)).sqrt() - weight.sqrt().acosh()
    return Certificate(
        f"h*({_said('w', w)}) lies in the enclosure",
        True if value.is_finite() else None,
        _floats([value])[0],
        "the closed form, evaluated in balls",
    )


# --- counterexamples ---------------------------------------------------------------------


def counterexample_spectral_radius(
    W=(("2.334", "0.611"), ("-4.086", "-0.755")), near=("-1.507", "2.952")
) -> Certificate:
    """Certify that spectral radius < 1 of W leaves room for attractors besides the origin.

    Parameters
    ----------
    W : array_like of numbers or strings, shape (n, n)
        Weights.
    near : array_like of numbers or strings, shape (unit,)
        Where the other attractor is, to 0.01.

    Returns
    -------
    Certificate
        Holds if the spectral radius of W is < 1, yet there is one fixed point near `near`, it is
        not the origin, and all eigenvalues of M' there are < 1.
    """
    M = _system(W)
    n = M.units
    _vector("near", near, n)  # refused under its own name
    radius = certify_spectral_radius(W)
    fixed = certify_fixed_point(W, near, radius="0.01")
    parts = [radius, fixed]
    if fixed.holds is True:
        place = _region("box", fixed.enclosure[0].tolist(), n)
        away = not all(x.contains(0) for x in place)
        parts.append(_decided("the fixed point is not the origin", away or None, "its enclosure"))
        parts.append(_stable(M, [arb(0)] * n, place, "eigenvalues"))
    return together(
        "W has spectral radius < 1 and a stable fixed point besides the origin",
        parts,
        fixed.enclosure,
    )


def counterexample_eigenvalue_reading(
    W=(("0", "2"), ("2", "0")), y1=("0.65", "3"), y2=("3", "0.65"), steps: int = 200
) -> Certificate:
    """Certify that Theorem 4 fails under the eigenvalue reading of Definition 4.

    Parameters
    ----------
    W : array_like of numbers or strings, shape (n, n)
        Weights.
    y1, y2 : array_like of numbers or strings, shape (unit,)
        States that the inputs make the network take in turn, u = y2 - M(y1) and y1 - M(y2).
    steps : int
        Budget of steps.

    Returns
    -------
    Certificate
        Holds if both states lie in the reduced attracting set of the same fixed point, by
        spectral radius, yet the spectral radius of M'(y2) M'(y1) is > 1, so that da_t/da_0
        grows without bound. `enclosure`, shape (2,), is the growth a step, for two units.
    """
    M = _system(W)
    n, nothing = M.units, [arb(0)] * M.units
    states = [_vector(name, y, n) for name, y in (("y1", y1), ("y2", y2))]
    boxes = [np.broadcast_to(_array("y", y), (2, n)).T for y in (y1, y2)]
    parts = [certify_gamma(W, box, reading="eigenvalues", steps=steps) for box in boxes]
    if all(part.holds is True for part in parts):
        ends = [part.enclosure[0].mean(axis=1) for part in parts]
        root = _prove_root(M, nothing, ends[0])
        found = [_region("box", part.enclosure[0].tolist(), n) for part in parts]
        same = root is not None and all(_inside(box, root.alone) for box in found)
        claim = "both states lie in the reduced attracting set of the same fixed point"
        parts.append(_decided(claim, same or None, "one box holds one fixed point, and both"))
    turn = _derivative(M, nothing, states[1]) * _derivative(M, nothing, states[0])
    below = _radius_below_one(turn)
    parts.append(
        _decided(
            "the spectral radius of M'(y2) M'(y1) is > 1",
            None if below is None else not below,
            "proved for the interval matrix",
        )
    )
    growth = None
    if n == 2:
        trace, det = turn[0, 0] + turn[1, 1], turn[0, 0] * turn[1, 1] - turn[0, 1] * turn[1, 0]
        square = trace * trace / 4 - det
        if square > 0:
            growth = _floats([(abs(trace) / 2 + square.sqrt()).sqrt()])[0]
    return together(
        "all states are robustly latched by eigenvalues, yet da_t/da_0 grows", parts, growth
    )


def counterexample_cycle_slope(
    w: Number = "-3", h: Number = "2.4", points=("-0.598", "4.007")
) -> Certificate:
    """Certify a stable 2-cycle of one neuron with |M'| > 1 at one of its points.

    Parameters
    ----------
    w, h : number or string
        Weight and constant input of a_t = w tanh a_{t-1} + h.
    points : sequence of two numbers or strings
        The cycle, to 0.01.

    Returns
    -------
    Certificate
        Definition 2 taken literally does not call it an attractor.
    """
    _ball("w", w)  # refused under its own name
    M, u = _system([[w]]), [_ball("h", h)]
    cycle, places = _cycle(M, _array("points", points).reshape(-1, 1), u, "0.01")
    parts = [cycle]
    if places:
        slopes = [_derivative(M, u, place) for place in places]
        parts.append(_product_below_one(slopes, True))
        outside = [_radius_below_one(s) is False for s in slopes]
        claim = "|M'| > 1 at a point of the cycle"
        parts.append(_decided(claim, any(outside) or None, "the enclosed slope"))
    return together("a stable 2-cycle has |M'| > 1 at a point", parts, cycle.enclosure)


def counterexample_cycle_expands(
    W=(("-0.4", "-2.1"), ("-1.8", "-0.4")),
    u=("-0.4", "0.7"),
    points=(("-2.567", "-0.116"), ("0.239", "2.525")),
) -> Certificate:
    """Certify a cycle with all eigenvalues of M' below 1 at each point that repels all the same.

    Parameters
    ----------
    W : array_like of numbers or strings, shape (n, n)
        Weights.
    u : array_like of numbers or strings, shape (unit,)
        Constant input.
    points : array_like of numbers or strings, shape (period, unit)
        The cycle, to 0.01.

    Returns
    -------
    Certificate
        Definition 2 taken literally calls it an attractor.
    """
    M = _system(W)
    u = _vector("u", u, M.units)
    cycle, places = _cycle(M, points, u, "0.01")
    parts = [cycle]
    if places:
        parts += [_stable(M, u, place, "eigenvalues") for place in places]
        parts.append(_product_below_one([_derivative(M, u, p) for p in places], False))
    return together(
        "M' has spectral radius < 1 at each point of a cycle that repels", parts, cycle.enclosure
    )


def _product_below_one(slopes: list[arb_mat], wanted: bool) -> Certificate:
    turn = slopes[0]
    for slope in slopes[1:]:
        turn = slope * turn
    below = _radius_below_one(turn)
    side = "<" if wanted else ">"
    claim = f"the spectral radius of (M^{len(slopes)})' on the cycle is {side} 1"
    return _decided(claim, None if below is None else below is wanted, "proved for the product")


def counterexample_contraction(alpha: Number = "0.999") -> Certificate:
    """Certify for one alpha < 1 that M(x) = sqrt(1 + x^2) does not contract R by alpha.

    Parameters
    ----------
    alpha : number or string
        The factor to be broken, 0 < alpha < 1.

    Returns
    -------
    Certificate
        Two points x, y with |M(x) - M(y)| > alpha |x - y|, in `enclosure`, shape (2, 2), though
        |M'| < 1 at every point between them. That |M'| < 1 on all of R, that every alpha is
        broken, and that M has no fixed point, is algebra: 1 - M'^2 = 1 / (1 + x^2) and
        M(x) > |x|; see the chapter on contracting maps.

    Raises
    ------
    ValueError
        If `alpha` is not between 0 and 1.
    """
    factor = _ball("alpha", alpha)
    if not (factor > 0 and factor < 1):
        raise refuse("alpha", alpha, "a number between 0 and 1")
    # M' rises and passes alpha at alpha / sqrt(1 - alpha^2): beyond it every secant is steeper.
    x = arb((2 * factor / (1 - factor**2).sqrt()).upper())
    y = x + 1
    steepness, slope2 = _secant(x, y)
    parts = [
        _decided("|M(x) - M(y)| > alpha |x - y|", steepness > factor or None, "evaluated"),
        _decided("|M'| < 1 between x and y", slope2 < 1 or None, "M'^2 enclosed"),
    ]
    return together(f"M does not contract by {_said('alpha', alpha)}", parts, _floats([x, y]))


def _secant(x: arb, y: arb) -> tuple[arb, arb]:
    """Enclose (M(y) - M(x)) / (y - x), and M'^2 between x and y, for M(x) = sqrt(1 + x^2)."""
    image = [(1 + a**2).sqrt() for a in (x, y)]
    between = _hull(x, y)
    # It grows with |x|: the ends bound it, as in _tanh.
    near, far = (1 - 1 / (1 + arb(a) ** 2) for a in (between.abs_lower(), between.abs_upper()))
    return (image[1] - image[0]) / (y - x), near.union(far)


# Here, not as decorators: mutation testing passes over a function that has one.
for _name in filter(str.islower, __all__):
    globals()[_name] = _precisely(globals()[_name])
