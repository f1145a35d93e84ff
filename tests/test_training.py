"""Back-propagation on the minimal task, and a replay of it by hand.

What holds for every rule is in test_training_algorithms.py.
"""

import math

import numpy as np
import pytest

from latchlib import maps
from latchlib import objective as objective_module
from latchlib.objective import MinimalObjective, MinimalPresenter
from latchlib.tasks import MinimalTask
from latchlib.training import BackPropagation, StopReason, train

PLAIN = BackPropagation(momentum=0.0)


def run(rule=PLAIN, *, T=8, sigma=0.2, w0=1.25, trials=6, budget=600, seed=1, **more):
    objective = MinimalObjective(MinimalTask(T, 3, sigma))
    start, noise = np.random.default_rng(seed).spawn(2)
    params0 = objective.initial(w0, 0.1, trials, rng=start)
    return train(objective, params0, rule, rng=noise, max_presentations=budget, **more)


def test_solves_an_easy_case():
    result = run(T=5, sigma=0.0, w0=1.5, trials=20, budget=4000)
    assert result.learned.all()
    # Learned means learned: the trained inputs are latched, and shown by the rollout alone.
    inputs = np.concatenate([result.params[1:].reshape(3, 2, 20), np.zeros((2, 2, 20))])
    W = result.params[0] * np.eye(2)[:, :, np.newaxis]
    outputs = np.tanh(maps.rollout(W, inputs)[-1])
    assert (outputs[0] > 0).all() and (outputs[1] < 0).all()


def test_first_trials_do_not_depend_on_how_many_there_are():
    # T = 20 and w0 = 1 leave few trials standing alone near the end, each at another time.
    hard = dict(T=20, sigma=0.45, w0=1.0, budget=1500)
    many = run(**hard, trials=200)
    for n in (18, 1):
        part = run(**hard, trials=n)
        assert np.array_equal(part.params, many.params[:, :n])
        assert np.array_equal(part.reason, many.reason[:n])
        assert np.array_equal(part.presentations, many.presentations[:n])
    assert len(set(many.presentations.tolist())) > 2


@pytest.mark.parametrize("budget", [1, 2, 3, 99, 100, 101, 199, 250, 333])
def test_budget_is_kept(budget):
    # Noise this large is never classified without error for a block.
    result = run(sigma=30.0, budget=budget)
    assert (result.reason == StopReason.BUDGET).all()
    # Both patterns are shown together, so an odd presentation is left over.
    assert (result.presentations == budget // 2 * 2).all()


def test_presentations_are_counted_once(monkeypatch):
    calls = []

    class Counting(MinimalPresenter):
        def derivatives(self, params, trials, noise):
            calls.append(params.shape[1])
            return super().derivatives(params, trials, noise)

    monkeypatch.setattr(objective_module, "MinimalPresenter", Counting)
    objective = MinimalObjective(MinimalTask(12, 3, 0.4))
    params0 = objective.initial(1.0, 0.1, 8, rng=np.random.default_rng(0))
    rng = np.random.default_rng(2)
    result = train(objective, params0, PLAIN, rng=rng, max_presentations=1001)
    assert sum(calls) * objective.presentations_per_call == result.presentations.sum()
    assert result.learned.any()


def test_callback_stops_after_a_block():
    seen = []

    def stop(presentations, params):
        seen.append((presentations, params.shape))
        return len(seen) == 2

    result = run(sigma=30.0, budget=10_000, callback=stop)
    assert seen == [(100, (7, 6)), (200, (7, 6))]
    assert (result.reason == StopReason.CALLBACK).all()
    assert (result.presentations == 200).all()


def test_divergence_is_an_outcome():
    result = run(BackPropagation(1e308, 0.0), trials=20)
    diverged = result.reason == StopReason.DIVERGED
    assert diverged.any()
    assert np.array_equal(diverged, ~np.isfinite(result.params).all(axis=0))


# --- back-propagation, replayed with plain floats ----------------------------------------


def replay(params, task, stream, rate, block, budget):
    """Train one trial as the docstring says, over Python floats; return reason, rounds, params."""
    w, h = float(params[0]), params[1:].reshape(task.L, 2).tolist()
    done = 0
    while done < budget:
        rounds = min(block, budget - done)
        all_right = True
        for noise in task.noise(stream, rounds).tolist():
            dw, dh = 0.0, [[0.0, 0.0] for _ in range(task.L)]
            for k, target in enumerate((0.8, -0.8)):
                x = [0.0]
                for t in range(task.T):
                    u = h[t][k] if t < task.L else noise[t - task.L][k]
                    x.append(math.tanh(w * x[-1] + u))
                all_right &= x[-1] * target > 0
                delta = (x[-1] - target) * (1 - x[-1] ** 2)
                for t in range(task.T, 0, -1):
                    dw += delta * x[t - 1]
                    if t <= task.L:
                        dh[t - 1][k] = delta
                    delta *= w * (1 - x[t - 1] ** 2)
            w -= rate * dw
            for t in range(task.L):
                for k in range(2):
                    h[t][k] -= rate * dh[t][k]
        done += rounds
        if all_right and rounds == block:
            return StopReason.LEARNED, done, [w, *np.ravel(h)]
    return StopReason.BUDGET, done, [w, *np.ravel(h)]


@pytest.mark.parametrize("block", [1, 7, 20])
def test_training_equals_the_replay(block):
    task, trials = MinimalTask(10, 3, 0.4), 12
    objective = MinimalObjective(task, block)
    params0 = objective.initial(1.0, 0.1, trials, rng=np.random.default_rng(8))
    # 129 rounds: no multiple of a block of 7 or 20, so the last one is cut short.
    rule, rng = BackPropagation(0.2, 0.0), np.random.default_rng(9)
    result = train(objective, params0, rule, rng=rng, max_presentations=259)
    streams = np.random.default_rng(9).spawn(trials)
    for trial in range(trials):
        reason, rounds, params = replay(params0[:, trial], task, streams[trial], 0.2, block, 129)
        assert result.reason[trial] == reason
        assert result.presentations[trial] == 2 * rounds
        # Rounding grows along the way, by far less than this.
        assert result.params[:, trial] == pytest.approx(params, rel=1e-9, abs=1e-9)


def test_a_block_cut_short_is_too_short_to_have_learned():
    trained = run(T=3, sigma=0.0, w0=1.5, trials=4, budget=4000).params
    objective = MinimalObjective(MinimalTask(3, 3))
    for budget, learned in ((98, False), (99, False), (100, True), (150, True)):
        rng = np.random.default_rng(0)
        result = train(objective, trained, PLAIN, rng=rng, max_presentations=budget)
        assert result.learned.all() == learned and result.learned.any() == learned
        assert (result.presentations == min(budget // 2 * 2, 100)).all()
