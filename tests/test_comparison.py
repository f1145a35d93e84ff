"""The comparison and the sensitivity study: what a row says, and that it does not depend on how."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace

import numpy as np
import pytest
from test_experiments import SAVED, contents, environment, run

from latchlib.experiments import (
    EXPERIMENTS,
    Comparison,
    Sensitivity,
    _trials,
    cell_row,
    comparison,
    load,
    table,
    trials_of,
)
from latchlib.experiments.sensitivity import INERT, Change
from latchlib.objective import SequenceObjective
from latchlib.problems import Latch
from latchlib.statistics import mean_interval, share_interval, wilson_interval
from latchlib.training import ALGORITHMS, COMPARED, Gradient, StopReason, train

SEED = 5
EVERY = dict.fromkeys(COMPARED, 200)
SMALL = Comparison("latch", (4, 6), (0.2,), EVERY, trials=5)
STUDY = Sensitivity(
    "sensitivity",
    ("latch", "two-sequence"),
    (8,),
    (
        Change("back-propagation", "none", "-"),
        Change("back-propagation", "learning_rate", 0.3),
        Change("back-propagation", "budget", 60),
        Change("pseudo-Newton", "output", 0),
    ),
)


# --- a row -------------------------------------------------------------------------------


@pytest.mark.parametrize("method", COMPARED)
def test_a_row_says_what_training_gives(method):
    """The same trials, put together here by hand from the documented streams."""
    cell = {"method": method, "noise": 0.2, "T": 6}
    (row,) = SMALL.rows(cell, SEED)
    problem = Latch(T=6, noise=0.2)

    def stream(*purpose):
        key = (2, 0, 6, 200_000, *purpose)
        return np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=key))

    train_set, test_set = problem.sample(stream(0).spawn(5), 20, 100)
    objective = SequenceObjective(problem, train_set)
    rule = ALGORITHMS[method]()
    result = train(
        objective,
        objective.initial(rng=stream(1)),
        rule,
        rng=stream(2, rule.stream),
        max_presentations=200,
    )
    wrong = objective.classification_error(result.params, units=rule.units)
    fresh = objective.classification_error(result.params, test_set, units=rule.units)
    learned = int((result.reason == StopReason.LEARNED).sum())
    spent = result.presentations
    assert row == {
        **cell,
        "budget": 200,
        "trials": 5,
        "learned": learned,
        "learned_low": wilson_interval(learned, 5)[0],
        "learned_high": wilson_interval(learned, 5)[1],
        "stuck": int((result.reason == StopReason.STUCK).sum()),
        "diverged": int((result.reason == StopReason.DIVERGED).sum()),
        "error": wrong.mean(),
        "error_sd": wrong.std(ddof=1),
        "error_low": share_interval(wrong, 20)[0],
        "error_high": share_interval(wrong, 20)[1],
        "test_error": fresh.mean(),
        "test_error_sd": fresh.std(ddof=1),
        "test_error_low": share_interval(fresh, 100)[0],
        "test_error_high": share_interval(fresh, 100)[1],
        "presentations": spent.mean(),
        "presentations_sd": spent.std(ddof=1),
        "presentations_low": mean_interval(spent)[0],
        "presentations_high": mean_interval(spent)[1],
        "median_presentations": np.median(spent),
        "sequences": 20,
        "reasons": " ".join(map(str, result.reason)),
        "wrong": " ".join(str(round(20 * share)) for share in wrong),
        "test_wrong": " ".join(str(round(100 * share)) for share in fresh),
        "spent": " ".join(map(str, spent)),
    }
    of_trials = trials_of(row)
    assert np.array_equal(of_trials["learned"], result.learned)
    assert np.array_equal(of_trials["error"], wrong)
    assert np.array_equal(of_trials["test_error"], fresh)
    assert np.array_equal(of_trials["presentations"], spent)
    assert np.array_equal(of_trials["reason"], result.reason)


def test_methods_share_their_training_sets_and_starts(monkeypatch):
    seen = {}

    def spy(objective, params0, rule, *, rng, **more):
        seen[rule.name] = (objective.sequences.inputs.copy(), params0.copy(), rng.random())
        return train(objective, params0, rule, rng=rng, **more)

    monkeypatch.setattr(_trials, "train", spy)
    for cell in SMALL.cells()[::2]:
        SMALL.rows(cell, SEED)
    inputs, params0, _ = seen["back-propagation"]
    assert len(seen) == len(COMPARED)
    for others in seen.values():
        assert np.array_equal(others[0], inputs) and np.array_equal(others[1], params0)
    assert len({first for *_, first in seen.values()}) == len(COMPARED)


def test_lengths_noises_and_problems_do_not_share_their_draws():
    cells = [
        ("latch", 0.2, 6), ("latch", 0.0, 6), ("latch", 0.2, 7), ("two-sequence", 0.2, 6),
    ]  # fmt: skip
    firsts = set()
    for name, noise, T in cells:
        grid = replace(SMALL, name=name, noise=(noise,), T=(T,), budgets={"random guessing": 20})
        (row,) = grid.rows({"method": "random guessing", "noise": noise, "T": T}, SEED)
        firsts.add((row["error"], row["test_error"], row["test_error_low"]))
    assert len(firsts) == len(cells)


def test_a_long_length_gets_its_share_of_the_budget():
    grid = replace(SMALL, long={6: 10})
    cell = {"method": "multigrid random search", "noise": 0.2, "T": 6}
    assert grid.rows(cell, SEED)[0]["budget"] == 20
    assert grid.rows({**cell, "T": 4}, SEED)[0]["budget"] == 200
    special = replace(grid, special=(("multigrid random search", 0.2, 6, 40),))
    assert special.rows(cell, SEED)[0]["budget"] == 40
    assert special.rows({**cell, "noise": 0.0}, SEED)[0]["budget"] == 20


@pytest.mark.slow
def test_the_study_starts_from_the_comparison_itself():
    """A change of nothing gives the row of the comparison's own cell."""
    base = EXPERIMENTS["latch"]["full"]
    for method in ("multigrid random search", "back-propagation"):
        change = {"problem": "latch", "method": method, "setting": "none", "value": "-", "T": 5}
        study = replace(STUDY, T=(5,), changes=(Change(method, "none", "-"),))
        (moved,) = study.rows(change, SEED)
        (own,) = base.rows({"method": method, "noise": 0.2, "T": 5}, SEED)
        assert {k: moved[k] for k in own} == own


@pytest.mark.slow
def test_the_study_moves_what_it_says():
    rows = {
        (row["problem"], row["setting"]): row
        for cell in STUDY.cells()
        for row in STUDY.rows(cell, SEED)
    }
    # The output unit is a choice on 2-sequence alone.
    assert set(rows) == {
        *((problem, s) for problem in STUDY.problems for s in ("none", "learning_rate", "budget")),
        ("two-sequence", "output"),
    }
    for problem in STUDY.problems:
        assert rows[problem, "budget"]["presentations"] <= 60
        assert rows[problem, "none"]["presentations"] > 60
        assert rows[problem, "learning_rate"]["error"] != rows[problem, "none"]["error"]


def test_the_study_covers_every_method_and_every_shared_choice():
    changes = EXPERIMENTS["sensitivity"]["full"].changes
    assert {c.method for c in changes} == set(COMPARED)
    assert {"budget", "sequences", "tolerance", "mu", "learning_rate", "output"} <= {
        c.setting for c in changes
    }
    assert len(set(changes)) == len(changes)
    study = EXPERIMENTS["sensitivity"]["full"]
    assert all(study.cost(cell) > 0 for cell in study.cells())


# --- on disk, and over workers -----------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("latch")
    assert run(folder, SMALL).computed == len(SMALL.cells())
    return contents(folder)


@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes(small, tmp_path):
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
        client.get_executor() as executor,
    ):
        run(tmp_path, SMALL, executor=executor)
    assert contents(tmp_path) == small


@pytest.mark.slow
def test_the_set_of_instructions_does_not_change_the_bytes(small, tmp_path):
    """NumPy takes other code where the processor has AVX-512; tanh must not show it."""
    program = (
        "from latchlib.experiments import Comparison, reproduce\n"
        f"reproduce({SMALL!r}, {str(tmp_path)!r}, seed={SEED}, progress=False)\n"
    )
    env = {**environment(), "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR"}
    if "NPY_DISABLE_CPU_FEATURES" in os.environ:  # then the other way round
        del env["NPY_DISABLE_CPU_FEATURES"]
    subprocess.run([sys.executable, "-c", program], env=env, check=True)
    assert contents(tmp_path) == small


# --- bad input ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"name": "xor"}, {"T": ()}, {"T": (0,)}, {"noise": ()}, {"noise": (-0.1,)},
        {"budgets": {}}, {"budgets": {"gradient": 100}}, {"budgets": {"back-propagation": 0}},
        {"trials": 1}, {"sequences": 0}, {"tolerance": 1.0}, {"tolerance": -0.1},
        {"long": {6: 0}}, {"long": {0: 2}}, {"special": (("x", 0.2, 6, 40),)},
        {"special": (("back-propagation", 0.2, 6, 0),)}, {"name": "two-sequence", "T": (4,)},
    ],
)  # fmt: skip
def test_bad_grids_are_refused(change):
    with pytest.raises(ValueError, match="accepted"):
        replace(SMALL, **change)


def test_the_settings_of_a_cell_are_plain_data_and_all_that_decides():
    special = (("back-propagation", 0.2, 6, 40),)
    grid = replace(SMALL, long={4: 2}, special=special)
    cell = {"method": "back-propagation", "noise": 0.2, "T": 6}
    assert grid.settings(cell) == {
        "problem": {"name": "latch", "T": 6, "noise": 0.2},
        "rule": {"name": "back-propagation", "learning_rate": 0.1, "momentum": 0.8},
        "max_presentations": 40, "trials": 5, "sequences": 20, "tolerance": 0.0, "within": None,
        "initial_bound": 0.5,
    }  # fmt: skip
    assert grid.settings({**cell, "T": 4})["max_presentations"] == 100
    for name in NAMES:
        grid = EXPERIMENTS[name]["full"]
        for cell in grid.cells():
            assert json.loads(json.dumps(grid.settings(cell))) == grid.settings(cell)


def test_a_new_method_computes_its_own_cells_and_touches_no_other(small, tmp_path, monkeypatch):
    """Nobody's draws hang on how many methods there are, or in which order."""

    @dataclass(frozen=True)
    class Sleep(Gradient):
        name = "a rule that sleeps"

        def change(self, run, params, item):
            return np.zeros_like(params), run.derivatives(params, item)[1]

    run(tmp_path, SMALL)
    monkeypatch.setattr(comparison, "ALGORITHMS", {Sleep.name: Sleep, **ALGORITHMS})
    grid = replace(SMALL, budgets={Sleep.name: 100, **SMALL.budgets})
    done = run(tmp_path, grid)
    assert (done.computed, done.resumed) == (2, 14)
    assert small.items() <= contents(tmp_path).items()
    assert cell_row(grid, SMALL.cells()[0], SEED) == cell_row(SMALL, SMALL.cells()[0], SEED)
    assert list(table(grid, tmp_path).method[:2]) == [Sleep.name] * 2


@pytest.mark.parametrize("setting", ["rate", "bound", "momentum + budgets"])
def test_a_setting_that_does_not_exist_is_refused(setting):
    changes = (Change("back-propagation", setting, (1, 2)),)
    with pytest.raises(ValueError, match=r"setting is .*; accepted: a name of one setting"):
        replace(STUDY, changes=changes)


def test_several_settings_are_moved_at_once():
    change = Change("back-propagation", "within + learning_rate", (0.1, 0.01))
    assert change.moved == {"within": 0.1, "learning_rate": 0.01}
    singles = [Change(change.method, *one) for one in change.moved.items()]
    study = replace(STUDY, changes=(change, *singles))
    spent = [study.rows(cell, SEED)[0]["spent"] for cell in study.cells()[:3]]
    assert len(set(spent)) == 3


# --- the saved results -------------------------------------------------------------------

NAMES = ("latch", "two-sequence", "parity", "sensitivity", "tuning", "set-size", "shorter-first")


def test_a_setting_that_is_moved_moves_something_or_is_declared_inert():
    saved, still = load("sensitivity", SAVED), set()
    for _, rows in saved.groupby(["problem", "method"]):
        own = rows[rows.setting == "none"].iloc[0]
        for row in rows[rows.setting != "none"].itertuples():
            if all(getattr(row, name) == own[name] for name in ("reasons", "test_wrong", "spent")):
                still.add((row.problem, row.method, row.setting, row.value))
    assert still == INERT


def test_the_studies_agree_where_they_overlap():
    one, other = load("sensitivity", SAVED), load("tuning", SAVED)
    keys = list(EXPERIMENTS["tuning"]["full"].keys)
    both = one.merge(other, on=keys, suffixes=("", "_again"))
    assert len(both) == 12
    for name in set(one) - set(keys):
        assert (both[name] == both[f"{name}_again"]).all(), name


def test_every_moved_row_is_a_pair_with_its_own():
    """Starts and sets are shared, so what was right at its start is right in every row."""
    saved = load("latch", SAVED).query("noise == 0 and T == 100")
    online = ("back-propagation", "pseudo-Newton", "time-weighted pseudo-Newton")
    learned = [trials_of(row)["learned"] for row in saved.to_dict("records")]
    rows = [ok for ok, name in zip(learned, saved.method, strict=True) if name in online]
    assert len(rows) == 3 and all(np.array_equal(rows[0], row) for row in rows)
