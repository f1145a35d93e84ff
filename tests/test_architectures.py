"""The experiment on architectures: the read-out, starting biases, and what its rows are made of."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from latchlib.backprop import Backpropagator, Network
from latchlib.cells import CELLS
from latchlib.experiments import EXPERIMENTS, Architectures, load
from latchlib.experiments.architectures import ARCHITECTURES, RULES, Place, each_of
from latchlib.experiments.explosion import best_rates
from latchlib.problems import Latch, SignedLatch
from latchlib.wirings import full

SAVED = Path(__file__).parents[1] / "book" / "data"
FULL = EXPERIMENTS["architectures"]["full"]
SMALL = Architectures(
    "architectures",
    {"latch": Place((6,), units=1, budget=400), "adding": Place((5,), units=2, budget=100)},
    architectures=("slow leak", "attention"),
    rates=(0.03, 0.1),
    trials=8,
    tuning_trials=4,
)


def rows(problem="latch", name="slow leak", grid=SMALL, seed=3):
    T = grid.places[problem].lengths[0]
    return grid.rows({"problem": problem, "architecture": name, "T": T}, seed)


# --- the read-out ------------------------------------------------------------------------


@pytest.mark.parametrize("units", [1, 3])
@pytest.mark.parametrize("name", ["tanh", "LSTM", "state space, complex", "selective"])
def test_the_gradient_of_a_read_out_is_that_of_the_cost(name, units):
    rng = np.random.default_rng(0)
    network = Network(full(units, 2), CELLS[name], readout=True)
    runner = Backpropagator(network)
    params = rng.uniform(-0.5, 0.5, (network.n_params, 3))
    inputs, targets = rng.normal(size=(6, 3, 2, 3)), rng.normal(size=(2, 3))
    found = runner.derivatives(params, inputs, targets)
    step = 1e-6
    for k in range(network.n_params):
        up, down = params.copy(), params.copy()
        up[k] += step
        down[k] -= step
        costs = [runner.derivatives(at, inputs, targets).cost for at in (up, down)]
        assert np.allclose((costs[0] - costs[1]) / (2 * step), found.gradient[k], atol=1e-8)
    assert np.allclose(runner.last_outputs(params, inputs), found.outputs, rtol=1e-12, atol=0)


def test_a_read_out_answers_with_all_units():
    network = Network(full(2, 1), readout=True)
    y = np.array([[[1.0]], [[2.0]]])
    params = np.zeros((network.n_params, 1))
    params[-3:, 0] = 10.0, 100.0, 1000.0
    assert Backpropagator(network).answers(params, y) == 1210.0
    assert network.n_params == Network(full(2, 1)).n_params + 3


def test_a_read_out_has_no_curvature():
    network = Network(full(1, 1), readout=True)
    params, inputs = np.zeros((network.n_params, 1)), np.zeros((3, 2, 1, 1))
    with pytest.raises(ValueError, match="neither, of a read-out"):
        Backpropagator(network).derivatives(params, inputs, np.ones((1, 1)), curvature="full")


# --- where the biases start --------------------------------------------------------------


def test_starting_biases_replace_those_of_their_rows_and_nothing_else():
    network = Network(full(3, 1), CELLS["LSTM"])
    plain, set_to = (
        network.initial(np.random.default_rng(1).spawn(4), biases=biases)
        for biases in (None, {"f": (1.0, 100), "i": (-1.0, 100), "o": 2.0})
    )
    forget, write, show = map(network.biases_of, "fio")
    others = np.setdiff1d(np.arange(network.n_params), forget + write + show)
    assert (plain[others] == set_to[others]).all()
    assert (set_to[forget] == -set_to[write]).all() and (set_to[show] == 2.0).all()


def test_chrono_is_the_logarithm_of_a_uniform_time():
    network = Network(full(1, 1), CELLS["LSTM"])
    streams = np.random.default_rng(1).spawn(4_000)
    times = np.exp(network.initial(streams, biases={"f": (1.0, 51)})[network.biases_of("f")[0]])
    assert times.min() >= 1.0 and times.max() <= 50.0
    assert abs(times.mean() - 25.5) < 4 * 49 / np.sqrt(12 * 4_000)


@pytest.mark.parametrize(
    ("biases", "name"), [({"q": 1.0}, "row"), ({"f": (1.0, 2)}, "T of biases")]
)
def test_biases_that_there_are_not(biases, name):
    with pytest.raises(ValueError, match=rf"^{name}.*accepted"):
        Network(full(1, 1), CELLS["LSTM"]).initial([np.random.default_rng(1)], biases=biases)


# --- rows --------------------------------------------------------------------------------


def test_all_architectures_get_the_same():
    settings = [FULL.settings(cell) for cell in FULL.cells() if cell["problem"] == "latch"]
    for one in settings:
        del one["architecture"], one["problem"]["T"]
    assert all(one == settings[0] for one in settings)
    assert settings[0]["rates"] == FULL.rates
    assert {cell["architecture"] for cell in FULL.cells()} == set(ARCHITECTURES)


def test_a_length_may_be_for_some_architectures_only():
    place = Place((5, 50), only={50: ("tanh",)})
    grid = replace(SMALL, places={"latch": place}, architectures=("tanh", "GRU"))
    found = [(cell["architecture"], cell["T"]) for cell in grid.cells()]
    assert found == [("tanh", 5), ("tanh", 50), ("GRU", 5)]


def test_a_cell_has_its_tuning_its_trials_and_its_guesses():
    found = pd.DataFrame(rows())
    tuned, shown = (found[found.part == part] for part in ("tuned", "shown"))
    assert len(tuned) == len(RULES) * 2 and (tuned.trials == 4).all()
    assert list(shown.rule) == [*RULES, "random guessing"] and (shown.trials == 8).all()
    best = best_rates(tuned, ("rule",))
    assert all(best[(row.rule,)] == row.rate for row in shown.itertuples() if row.rule in RULES)
    assert not found.duplicated(list(SMALL.keys)).any()


def test_trials_do_not_hang_on_the_other_rates_or_on_their_number():
    alone = pd.DataFrame(rows(grid=replace(SMALL, rates=(0.1,))))
    both = pd.DataFrame(rows())
    one, other = (
        found[(found.part == "tuned") & (found.rate == 0.1)].spent.tolist()
        for found in (alone, both)
    )
    assert one == other
    assert pd.DataFrame(rows(seed=4)).spent.tolist() != both.spent.tolist()


def test_what_the_trained_latch_became():
    (adam,) = [row for row in rows() if (row["rule"], row["part"]) == ("Adam", "shown")]
    assert adam["learned"] > 0
    assert set(each_of(adam, "held")) <= {0.0, 1.0, 2.0}
    for name in ("wrong_2T", "wrong_10T", "wrong_50T", "half_life", "clock"):
        assert len(each_of(adam, name)) == 8
    assert adam["error_10T"] == pytest.approx(each_of(adam, "wrong_10T").mean() / 10)


def test_a_head_sees_no_marks_and_has_no_clock():
    assert ("adding", "attention") not in [(c["problem"], c["architecture"]) for c in SMALL.cells()]
    for row in rows(name="attention"):
        assert row["clock"] == row["half_life"] == ""


def test_adding_is_not_guessed():
    *_, guessed = rows("adding")
    assert guessed["rule"] == "random guessing" and guessed["learned"] == 0


def test_the_latch_is_that_of_the_comparison_on_one_channel():
    one, three = (
        kind(9).sample(np.random.default_rng(2).spawn(3), 5)[0] for kind in (SignedLatch, Latch)
    )
    start, other, noise = np.moveaxis(three.inputs, 1, 0)
    assert (one.inputs[:, 0] == start - other + noise).all()
    assert (one.targets == three.targets).all()


def test_what_is_shown_has_the_best_rate():
    saved = load("architectures", SAVED)
    trained = saved[saved.rule != "random guessing"]
    shown = trained[trained.part == "shown"]
    assert (shown.trials == 100).all()
    best = best_rates(trained[trained.part == "tuned"], ("problem", "architecture", "rule", "T"))
    assert all(
        best[row.problem, row.architecture, row.rule, row.T] == row.rate
        for row in shown.itertuples()
    )


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("architecture", {"architectures": ("LSTM 2050",)}),
        ("rates", {"rates": ()}),
        ("learning_rate", {"rates": (0.0,)}),
        ("problem", {"places": {"counting": Place((5,))}}),
        ("T", {"places": {"latch": Place((0,))}}),
        ("budget", {"places": {"latch": Place((5,), budget=3)}}),
    ],
)
def test_bad_grids_are_refused(name, change):
    with pytest.raises(ValueError, match=rf"^{name} is .*accepted"):
        replace(SMALL, **change)
