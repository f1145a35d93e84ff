"""One unit of any cell as a map: its steps, slopes and certificates."""

import math

import numpy as np
import pytest
from misuse import refused

from latchlib import intervals, maps, neuron
from latchlib.cells import CELLS
from latchlib.gated import CellUnit, certify_kept, gru_boxes, with_gate

GRU, LSTM = CELLS["GRU"], CELLS["LSTM"]


def logistic(x):
    return 1 / (1 + math.exp(-x))


def test_steps_of_a_gru_and_of_an_lstm_by_hand():
    unit = CellUnit(
        GRU, {"z.W": 1.5, "z.1": -2.0, "r.U": 0.7, "h.W": 3.0, "h.1": 0.1, "g.U": 0.4, "g.1": 0.2}
    )
    s, u = 0.3, -0.8
    z, r = logistic(1.5 * s - 2.0), logistic(0.7 * u)
    wanted = (1 - z) * s + z * math.tanh(0.4 * u + 0.2 + r * (3.0 * s + 0.1))
    assert maps.step(unit, [s], [u]) == pytest.approx([wanted], rel=1e-13)
    unit = CellUnit(LSTM, {"f.1": 2.0, "i.W": 0.5, "o.U": 1.0, "g.W": 2.0})
    c, y = -0.4, 0.6
    after = logistic(2.0) * c + logistic(0.5 * y) * math.tanh(2.0 * y)
    wanted = [after, logistic(u) * math.tanh(after)]
    assert maps.step(unit, [c, y], [u, u]) == pytest.approx(wanted, rel=1e-13)


@pytest.mark.parametrize("name", sorted(name for name, cell in CELLS.items() if cell.phi))
def test_slopes_are_those_of_differences_and_within_their_bounds(name):
    cell, rng = CELLS[name], np.random.default_rng(2)
    named = [f"{row}.{what}" for row, reads in cell.rows.items() for what in reads]
    unit = CellUnit(cell, dict(zip(named, rng.normal(0, 1, len(named)), strict=True)))
    a, u = rng.uniform(-0.9, 0.9, (unit.units, 7)), np.full((unit.units, 1), 0.3)
    J, eps = unit.jacobian(a, u), 1e-6
    for j in range(unit.units):
        shift = eps * (np.arange(unit.units) == j)[:, np.newaxis]
        change = (unit.step(a + shift, u) - unit.step(a - shift, u)) / (2 * eps)
        assert J[:, j] == pytest.approx(change, rel=1e-7, abs=1e-9)
    least, greatest = unit.slope_bound(a - 0.01, a + 0.01, u)
    assert (least <= J).all() and (J <= greatest).all() and (greatest - least < 1.0).all()


def test_a_gru_rests_where_the_latch_in_it_does_whatever_its_update_gate():
    reset = 1.0
    latch = [math.tanh(p.a) for p in neuron.fixed_points(4.0 * logistic(reset))]
    for update in ({"z.1": 0.0}, {"z.1": -4.0, "z.W": 2.0}, {"z.U": 3.0, "z.1": 1.0}):
        unit = CellUnit(GRU, {"h.W": 4.0, "r.1": reset, **update})
        found = intervals.certify_all_fixed_points(unit, [[-1, 1]]).require().enclosure
        assert found.mean(axis=2)[:, 0] == pytest.approx(latch, abs=1e-12)


def test_what_is_kept_is_what_the_threshold_says():
    unit = CellUnit(with_gate(GRU, "z", 1), {"h.W": 4.0, "g.U": 1.0})  # a latch of weight 2
    edge = math.sqrt(0.5)
    assert certify_kept(unit, edge, 1.0, 0.53, parts=400).holds is True
    assert certify_kept(unit, edge, 1.0, 0.54, parts=400).holds is None
    assert certify_kept(unit, 0.2, 1.0, 0.53).holds is None


def test_boxes_are_held_only_where_every_weight_holds():
    loops, resets = np.linspace(2.0, 5.0, 5), np.linspace(-1.0, 1.0, 4)
    held = gru_boxes(loops, resets, 0.3)
    rng = np.random.default_rng(4)
    for i, j in np.ndindex(held.shape):
        weakest = loops[j] * logistic(resets[i])
        assert held[i, j] == (weakest > 1 and neuron.h_star(weakest) > 0.3)
        if not held[i, j]:
            continue
        unit = CellUnit(
            GRU,
            {
                "h.W": rng.uniform(*loops[j : j + 2]),
                "r.1": rng.uniform(*resets[i : i + 2]),
                "g.U": 1.0,
                "z.U": rng.normal(0, 3),
                "z.W": rng.normal(0, 3),
            },
        )
        pushes = rng.uniform(-0.3, 0.3, (500, 1, 20))
        path = maps.rollout(unit, pushes, [1.0])
        assert path.min() > math.sqrt(1 - 1 / weakest)


test_what_cannot_be_is_refused = refused(
    ("cell", lambda: CellUnit(CELLS["tanh"], {})),
    ("weights", lambda: CellUnit(GRU, {"q.W": 1.0})),
    ("z.W", lambda: CellUnit(GRU, {"z.W": math.nan})),
    ("z.W", lambda: CellUnit(GRU, {"z.W": (2.0, 1.0)})),
    ("z.W", lambda: CellUnit(GRU, {"z.W": (1.0, 2.0, 3.0)})),
    ("row", lambda: with_gate(GRU, "q", 1)),
    ("row", lambda: with_gate(GRU, "g", 1)),
    ("share", lambda: with_gate(GRU, "z", 2)),
    ("units of M", lambda: certify_kept(CellUnit(LSTM, {}), 0, 1, 0)),
    ("low", lambda: certify_kept(CellUnit(GRU, {}), 1, 0, 0)),
    ("bound", lambda: certify_kept(CellUnit(GRU, {}), 0, 1, -1)),
    ("loops", lambda: gru_boxes([2.0, 1.0], [0.0, 1.0], 0.3)),
    ("resets", lambda: gru_boxes([1.0, 2.0], [0.0], 0.3)),
)
