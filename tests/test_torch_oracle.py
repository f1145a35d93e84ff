"""Hand-derived derivatives against PyTorch's autograd, where PyTorch is installed.

The networks are written anew here, one unit and one step at a time, and know nothing of how
latchlib computes.
"""

import numpy as np
import pytest
from test_backprop import EXACT, WIRINGS, case
from test_bptt import case as neuron

from latchlib import bptt
from latchlib.backprop import CURVATURES, Network, derivatives
from latchlib.cells import CELLS
from latchlib.objective import MinimalObjective
from latchlib.problems import Latch, Parity, TwoSequence
from latchlib.tasks import MinimalTask
from latchlib.wirings import classic, full

torch = pytest.importorskip("torch")

EACH = pytest.mark.parametrize("network", WIRINGS.values(), ids=list(WIRINGS))


def tensor(values, **more):
    return torch.tensor(np.array(values), dtype=torch.float64, **more)


def run(wiring, weights, inputs):
    """Return net inputs a[t][i] and outputs x[t + 1][i]; weights[t, p] are those of step t."""
    a, x = [], [[torch.zeros_like(inputs[0, 0])] * wiring.units]
    for t in range(len(inputs)):
        nets, new = [], []
        for i in range(wiring.units):
            net = sum((inputs[t, c] for unit, c in wiring.fixed if unit == i), 0.0 * inputs[t, 0])
            for p, (target, kind, source) in enumerate(wiring.connections):
                if target == i:
                    read = {"delayed": x[-1], "same": new, "input": inputs[t]}[kind][source]
                    net = net + weights[t, p] * read
            nets.append(net)
            new.append(torch.tanh(net))
        a.append(nets)
        x.append(new)
    return a, x


def cost(wiring, weights, inputs, targets):
    return 0.5 * (run(wiring, weights, inputs)[1][-1][wiring.output] - targets).square().sum()


def per_step(params, steps, **more):
    """Weights (time, n_params, trial), the same at every step, each a variable of its own."""
    return tensor(np.tile(params, (steps, 1, 1)), **more)


def close(found, wanted, rel=1e-11):
    assert found == pytest.approx(wanted.detach().numpy(), rel=rel, abs=1e-13)


@EACH
def test_first_derivatives(network):
    params, inputs, targets = case(network, 11, T=9)
    weights = per_step(params, 9, requires_grad=True)
    total = cost(network.wiring, weights, tensor(inputs), tensor(targets))
    [wanted] = torch.autograd.grad(total, weights)
    steps = derivatives(network, params, inputs, targets, per_step=True)
    close(steps.gradient, wanted)
    whole = derivatives(network, params, inputs, targets)
    close(whole.gradient, wanted.sum(0))
    close(whole.cost.sum(), total)


@pytest.mark.parametrize("name", EXACT)
def test_second_derivatives_where_nothing_is_dropped(name):
    network, T = WIRINGS[name], 5
    params, inputs, targets = case(network, 12, T=T)
    weights = per_step(params, T, requires_grad=True)
    total = cost(network.wiring, weights, tensor(inputs), tensor(targets))
    [first] = torch.autograd.grad(total, weights, create_graph=True)
    found = derivatives(network, params, inputs, targets, curvature="full", per_step=True)
    for t in range(EXACT[name], T):
        for p in range(network.n_params):
            # Trials do not meet, so the sum over them gives the diagonal of each.
            [second] = torch.autograd.grad(first[t, p].sum(), weights, retain_graph=True)
            close(found.curvature[t, p], second[t, p])


def readers(wiring, params, t, i, steps):
    """Return (step, unit, weight) of what reads unit i of step t."""
    found = []
    for p, (target, kind, source) in enumerate(wiring.connections):
        if source == i and kind == "same":
            found.append((t, target, params[p]))
        elif source == i and kind == "delayed" and t + 1 < steps:
            found.append((t + 1, target, params[p]))
    return found


def carried(wiring, params, inputs, targets, form):
    """Return delta and gamma of every unit and step, and the outputs, by autograd alone.

    Becker and LeCun's recursion says: what lies ahead of a unit is, for each of its readers, a
    parabola in that reader's net input, and the readers do not meet. So the parabolas are written
    down as functions of the unit's own net input, and autograd differentiates them twice.
    """
    steps = len(inputs)
    a, x = run(wiring, params.expand(steps, *params.shape), inputs)
    delta, gamma = {}, {}
    for t in range(steps - 1, -1, -1):
        for i in range(wiring.units - 1, -1, -1):
            here = a[t][i].detach().clone().requires_grad_()
            output = torch.tanh(here)
            if form == "gauss-newton":
                # The unit is replaced by its tangent.
                middle = a[t][i]
                output = torch.tanh(middle) + (1 - torch.tanh(middle) ** 2) * (here - middle)
            change = output - x[t + 1][i]
            ahead = 0.0 * here**2  # nothing, differentiable twice
            if t == steps - 1 and i == wiring.output:
                ahead = ahead + 0.5 * (output - targets) ** 2
            for s, target, w in readers(wiring, params, t, i, steps):
                move = w * change
                ahead = ahead + delta[s, target] * move + 0.5 * gamma[s, target] * move**2
            [first] = torch.autograd.grad(ahead.sum(), here, create_graph=True)
            [second] = torch.autograd.grad(first.sum(), here)
            delta[t, i], gamma[t, i] = first.detach(), second
    return delta, gamma, x


@EACH
@pytest.mark.parametrize("form", CURVATURES)
def test_second_derivatives_as_becker_and_lecun_carry_them(network, form):
    T = 7
    params, inputs, targets = case(network, 13, T=T)
    u = tensor(inputs)
    delta, gamma, x = carried(network.wiring, tensor(params), u, tensor(targets), form)
    steps = derivatives(network, params, inputs, targets, curvature=form, per_step=True)
    whole = derivatives(network, params, inputs, targets, curvature=form)
    for p, (target, kind, source) in enumerate(network.weights):
        read = {"delayed": lambda t: x[t], "same": lambda t: x[t + 1], "input": lambda t: u[t]}
        z = [read[kind](t)[source] for t in range(T)]
        first = [(delta[t, target] * z[t]).sum(0) for t in range(T)]
        second = [(gamma[t, target] * z[t] ** 2).sum(0) for t in range(T)]
        close(steps.gradient[:, p], torch.stack(first))
        close(steps.curvature[:, p], torch.stack(second))
        close(whole.curvature[p], sum(second))


@pytest.mark.parametrize("problem", [Latch(12), TwoSequence(12), Parity(12)], ids=str)
def test_padding_and_lengths(problem):
    """Autograd is given each sequence alone, cut to its length."""
    sequences = problem.sample(np.random.default_rng(14).spawn(3), 5)[0]
    network = Network(classic(problem.name))
    params = np.random.default_rng(15).normal(0.0, 0.8, (network.n_params, 3))
    found = derivatives(network, params, sequences.inputs, sequences.targets)
    for r in range(3):
        weights, total = tensor(params[:, r], requires_grad=True), 0.0
        for k in range(5):
            length = sequences.lengths[k, r]
            cut = tensor(sequences.inputs[-length:, :, k, r])
            shared = weights.expand(length, -1)
            total = total + cost(network.wiring, shared, cut, float(sequences.targets[k, r]))
        [wanted] = torch.autograd.grad(total, weights)
        close(found.gradient[:, r], wanted)
        close(found.cost[r], total)


@pytest.mark.parametrize("T", [1, 2, 40])
def test_one_neuron(T):
    w, inputs, targets, a0 = neuron(16, T=T)
    weight, given = tensor(w, requires_grad=True), tensor(inputs, requires_grad=True)
    a = tensor(a0)
    for h in given:
        a = weight * torch.tanh(a) + h
    total = 0.5 * (torch.tanh(a) - tensor(targets)).square().sum()
    by_w, by_h = torch.autograd.grad(total, (weight, given))
    for found in (bptt.gradient(w, inputs, targets, a0), bptt.rtrl(w, inputs, targets, a0)):
        close(found.w, by_w)
        close(found.h, by_h)
        close(found.cost.sum(), total)


def test_the_minimal_task():
    objective = MinimalObjective(MinimalTask(20, 3, 0.5))
    rng = np.random.default_rng(17)
    params, noise = rng.normal(0.5, 0.7, (7, 6)), rng.normal(0.0, 0.5, (17, 2, 6))
    column = tensor(params, requires_grad=True)
    x = torch.zeros(2, 6, dtype=torch.float64)
    for h in [*column[1:].reshape(3, 2, 6), *tensor(noise)]:
        x = torch.tanh(column[0] * x + h)
    total = 0.5 * (x - tensor(objective.task.targets)).square().sum()
    [wanted] = torch.autograd.grad(total, column)
    inputs = np.pad(noise, ((3, 0), (0, 0), (0, 0)))
    found, _ = objective.presenter(6).derivatives(params, np.arange(6), inputs)
    close(found.gradient, wanted)


def gated(name):
    """Return a network of the cell, PyTorch's own layer, and which of our rows its parts are.

    PyTorch's layer has two biases for each part; of an LSTM they are one, so the second is 0. Of a
    GRU the second bias of the new part stands inside the reset, which our row h has as its bias.
    PyTorch's z is what is kept, ours what is renewed: the sign of that row is turned.
    """
    network = Network(full(3, 2), CELLS[name])
    rows = [str(row) for row in CELLS[name].rows]
    if name == "LSTM":
        return network, torch.nn.LSTM(2, 3).double(), rows, dict.fromkeys("ifgo", 1.0)
    return network, torch.nn.GRU(2, 3).double(), rows, {"r": 1.0, "z": -1.0, "n": 1.0}


def given_to(layer, parts, weights):
    """Copy weights, a mapping of (row, what it reads) to a matrix, into PyTorch's layer."""
    n = layer.hidden_size
    for k, (part, sign) in enumerate(parts.items()):
        new, own = ("g", "h") if part == "n" else (part, part)
        both = part == "n"
        for tensor_, value in (
            (layer.weight_ih_l0, weights[new, "U"]),
            (layer.weight_hh_l0, weights[own, "W"]),
            (layer.bias_ih_l0[:, None], weights[new, "1"]),
            (layer.bias_hh_l0[:, None], weights[own, "1"] if both else 0 * weights[own, "1"]),
        ):
            with torch.no_grad():
                tensor_[k * n : (k + 1) * n] = sign * tensor(value)


def taken_from(layer, parts):
    """Return PyTorch's gradient, by the keys of the weights."""
    n, found = layer.hidden_size, {}
    for k, (part, sign) in enumerate(parts.items()):
        new, own = ("g", "h") if part == "n" else (part, part)
        which = slice(k * n, (k + 1) * n)
        found[new, "U"] = sign * layer.weight_ih_l0.grad[which]
        found[own, "W"] = sign * layer.weight_hh_l0.grad[which]
        found[own, "1"] = sign * layer.bias_hh_l0.grad[which, None]
        found[new, "1"] = sign * layer.bias_ih_l0.grad[which, None]
    return found


def by_row(network, column):
    """Return one column of parameters as matrices, by row and what it reads."""
    wiring, rows = network.wiring, [str(row) for row in network.cell.rows]
    parts = {}
    for value, (target, kind, source) in zip(column, network.weights, strict=True):
        row, unit = divmod(target, wiring.units)
        letter = "W" if kind == "delayed" else "1" if source == wiring.bias else "U"
        shape = (wiring.units, {"W": wiring.units, "U": wiring.channels - 1, "1": 1}[letter])
        matrix = parts.setdefault((rows[row], letter), np.zeros(shape))
        matrix[unit, 0 if letter == "1" else source] = value
    return parts


@pytest.mark.parametrize("name", ["LSTM", "GRU"])
def test_gated_cells_are_those_of_pytorch(name):
    network, layer, rows, parts = gated(name)
    rng = np.random.default_rng(1997)
    params = rng.normal(0.0, 0.8, (network.n_params, 1))
    inputs = rng.normal(size=(9, 2, 4, 1))
    targets = rng.choice([-0.8, 0.8], (4, 1))
    zeros = {(row, letter): np.zeros((3, {"W": 3, "U": 2, "1": 1}[letter]))
             for row in rows for letter in "WU1"}  # fmt: skip
    given_to(layer, parts, zeros | by_row(network, params[:, 0]))
    biased = np.concatenate([inputs, np.ones((9, 1, 4, 1))], axis=1)
    found = derivatives(network, params, biased, targets)
    outputs, _ = layer(tensor(inputs[..., 0].swapaxes(1, 2)))
    close(found.outputs[:, 0], outputs[-1, :, -1])
    (0.5 * (outputs[-1, :, -1] - tensor(targets[:, 0])).square().sum()).backward()
    theirs = taken_from(layer, parts)
    ours = by_row(network, found.gradient[:, 0])
    assert set(ours) <= set(theirs)
    for key, gradient in ours.items():
        close(gradient, theirs[key])
