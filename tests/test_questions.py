"""Questions answered on the page: the page's script, run in Node, says what latchlib says."""

import itertools
import json
import re
from collections import Counter

import numpy as np
import pytest
import sympy as sp
from test_formulas import run_javascript

from latchlib import exercises
from latchlib.exercises import EXERCISES
from latchlib.explorables._base import bundle
from latchlib.formulas import FORMULAS
from latchlib.questions import DRILLS, PREDICTIONS, Prediction, check, drill, predict
from latchlib.questions._drill import SEEDS, Drill, Range, Task, _draws
from latchlib.questions._widget import WIDTH
from latchlib.questions.box import describe
from latchlib.questions.predictions import Choice

VIEW = "application/vnd.jupyter.widget-view+json"
CHOICES = [label for label, exercise in EXERCISES.items() if exercise.choices]
VALUES = [label for label in EXERCISES if label not in CHOICES]
TASKS = [(name, k) for name, drill in DRILLS.items() for k in range(len(drill.tasks))]


def page(body: str, functions: str = "") -> object:
    """Run `body` with what questions.js exports; it returns what is compared."""
    module = bundle("questions.js").encode()
    return run_javascript(
        f"""{functions.replace("const FORMULAS", "globalThis.FORMULAS")}
        const script = new Blob([Buffer.from({json.dumps(module.hex())}, "hex")]);
        script.arrayBuffer().then(async (bytes) => {{
          const text = Buffer.from(bytes).toString("base64");
          const {{ asked, compare, read }} = await import(`data:text/javascript;base64,${{text}}`);
          const tried = (job) => {{
            try {{ return job(); }} catch (error) {{ return error.message; }}
          }};
          const run = () => {{ {body} }};
          console.log(JSON.stringify(run()));
        }});"""
    )


# --- what is typed -----------------------------------------------------------------------

W = sp.Symbol("w", positive=True)
#: What may be typed, and what it means.
READ = {
    "0.53": 0.53, "0,53": 0.53, ".5": 0.5, ",5": 0.5, "5.": 5, "53e-2": 0.53, "5,3E-1": 0.53,
    "1.000": 1, "1000": 1000, "0,125": 0.125, "12,3456": 12.3456, "1234,567": 1234.567,
    "3/8": sp.Rational(3, 8), "-3/8": -sp.Rational(3, 8), "+2": 2, "--2": 2, "2--3": 5,
    "\u22122": -2,
    "2+3*4": 14, "2*3+4": 10, "10-4-3": 3, "16/4/2": 2, "2*-3": -6, "(2+3)*4": 20, "((7))": 7,
    "2^3^2": 512, "2**3**2": 512, "-2^2": -4, "(-2)^2": 4, "2^-1": 0.5, "2^-2^2": 1 / 16,
    "-2^-2": -0.25, "2 * 3 ^ 2": 18, "3\u00b2": 9, "2\u00b3": 8, "6\u00f74": 1.5, "2\u00b73": 6,
    "sqrt(2)": sp.sqrt(2), "\u221a(2)": sp.sqrt(2), "sqrt(2)/2": sp.sqrt(2) / 2, "pi": sp.pi,
    "2*\u03c0": 2 * sp.pi,
    "e": sp.E, "e^2": sp.exp(2), "exp(1)": sp.E, "ln(2)": sp.log(2), "log(2)": sp.log(2),
    "abs(-3)": 3, "sin(1)": sp.sin(1), "cos(1)": sp.cos(1), "tan(1)": sp.tan(1),
    "sinh(1)": sp.sinh(1), "cosh(1)": sp.cosh(1), "tanh(1)": sp.tanh(1),
    **{f"{name}(2)": sp.asinh(2) for name in ("asinh", "arsinh", "arcsinh")},
    **{f"{name}(2)": sp.acosh(2) for name in ("acosh", "arcosh", "arccosh")},
    **{f"{name}(1/2)": sp.atanh(sp.Rational(1, 2)) for name in ("atanh", "artanh", "arctanh")},
    "sqrt( 2 ) - ln( 1 + sqrt( 2 ) )": sp.sqrt(2) - sp.log(1 + sp.sqrt(2)),
    "w": W, "sqrt((w-1)/w)": sp.sqrt((W - 1) / W), "w\u00b2/2": W**2 / 2, "2*w^w": 2 * W**W,
    "  w ": W,
}  # fmt: skip
#: What is refused, and what is said about it.
UNREAD = {
    "": "Type an answer first.", "  ": "Type an answer first.",
    "2 3": "operator", "2w": "operator", "2(3)": "operator", "w w": "operator",
    "2sqrt(2)": "operator", "2+": "missing at the end", "*2": "missing before",
    "2*/3": "missing before", "()": "missing before",
    "(2": "not closed", "sqrt(2": "not closed", "2)": "not opened", "sqrt 2": "needs parentheses",
    "\u221a2": "needs parentheses", "sqrt": "needs parentheses",
    "1,000": "two ways. Write 1000 or 1.000", "12,345": "two ways", "1,000,000": "two ways",
    "v": "no name that I know", "constructor": "no name", "__proto__": "no name", "Math": "no name",
    "toString(2)": "no name", "process.exit()": "cannot read", "W": "no name",
    "2%": "from 0 to 1, without %", "2;3": "cannot read", "x = 2": "cannot read",
    "[2]": "cannot read", "'2'": "cannot read", "w=>w": "cannot read", "`2`": "cannot read",
    "1" * 201: "At most 200",
}  # fmt: skip


def test_what_is_typed_means_the_same_on_the_page():
    at = 1.7
    got = page(
        f"return {json.dumps(list(READ))}.map((text) => tried(() => read(text, ['w'])([{at}])));"
    )
    for (text, meant), value in zip(READ.items(), got, strict=True):
        wanted = float(sp.sympify(meant).subs(W, at))
        assert isinstance(value, (int, float)) and value == pytest.approx(
            wanted, rel=1e-14, abs=0.0
        ), text


def test_what_cannot_be_read_is_refused_with_a_reason():
    got = page(
        f"return {json.dumps(list(UNREAD))}.map((text) => tried(() => read(text, ['w'])([2])));"
    )
    for (text, why), said in zip(UNREAD.items(), got, strict=True):
        assert isinstance(said, str) and re.search(why, said), (text, said)


def test_a_symbol_of_the_exercise_goes_before_a_constant():
    assert page("return [read('e', ['e'])([5]), read('2*mu', ['mu'])([3])];") == [5, 6]


def random_expression(rng: np.random.Generator, depth: int) -> str:
    """Draw an expression of the page's grammar that SymPy reads too."""
    if depth == 0:
        return rng.choice(["w", "2", "0.5", "1.25", "3e-1", "7"])
    left, right = (random_expression(rng, depth - 1) for _ in range(2))
    kind = rng.integers(8)
    if kind < 5:
        return f"{left} {'+-*/'[kind % 4]} {right}" if kind < 4 else f"({left}) ** ({right})"
    if kind == 5:
        return f"-({left})"
    if kind == 6:
        return f"({left}) - ({right})"
    return f"{rng.choice(['tanh', 'cosh', 'exp', 'sqrt', 'log', 'asinh'])}({left})"


def test_random_expressions_mean_what_sympy_reads():
    rng = np.random.default_rng(5)
    texts = [random_expression(rng, int(rng.integers(1, 4))) for _ in range(400)]
    texts = [text for text in texts if len(text) <= 200]
    got = page(f"return {json.dumps(texts)}.map((text) => read(text, ['w'])([1.7]));")
    compared = 0
    for text, value in zip(texts, got, strict=True):
        wanted = complex(sp.sympify(text, locals={"w": W}).subs(W, sp.Float(1.7, 30)).evalf(30))
        if wanted.imag or not 1e-100 < abs(wanted) < 1e100:
            continue
        assert value == pytest.approx(wanted.real, rel=1e-9, abs=0.0), text
        compared += 1
    assert compared > 250


# --- the box of an exercise --------------------------------------------------------------


def typed(expr: object) -> str:
    """Write an expression as a reader would type it."""
    return sp.sstr(sp.sympify(expr), full_prec=True).replace("Abs(", "abs(").replace("E", "e")


def said_by_the_page(cases: list[tuple[str, str]]) -> list[str]:
    """Return what the page says to each pair of label and typed text."""
    data = {label: describe(label) for label in {label for label, _ in cases}}
    return page(
        f"""const data = {json.dumps(data)};
        return {json.dumps(cases)}.map(([label, text]) => tried(() => {{
          const answer = read(text, data[label].symbols);
          return compare(answer, data[label].points, data[label]).text;
        }}));"""
    )


def test_the_page_says_to_every_answer_what_the_notebook_says():
    cases, wanted = [], []
    for label in VALUES:
        exercise = EXERCISES[label]
        right = sp.sympify(exercise.expected())
        others = [sp.sympify(slip()) for slip in exercise.slips.values()]
        forms = [right, sp.expand(2 * right) / 2, right.rewrite(sp.exp), *others]
        forms += [sp.Rational(11, 7) * right, right + sp.Rational(1, 1000)]
        if not right.free_symbols:
            value = sp.N(right, 17)
            for factor in (1, 1 + 0.9 * exercise.relative, 1 - 0.9 * exercise.relative):
                forms.append(value * factor)
            forms += [value * (1 + 1.1 * exercise.relative), -value, 100 * value, 100.2 * value]
        # Nobody types an integer of thousands of digits, or more than the page takes.
        forms = [
            form
            for form in forms
            if all(max(abs(n.p), n.q) < 10**20 for n in form.atoms(sp.Rational))
        ]
        for form in forms:
            if len(typed(form)) <= 200:
                cases.append((label, typed(form)))
                wanted.append(repr(exercises.check(label, form)))
    said = said_by_the_page(cases)
    differ = [(*case, s, w) for case, s, w in zip(cases, said, wanted, strict=True) if s != w]
    assert differ == []
    # Nothing was left out, and each kind of feedback occurred.
    assert len(cases) > 5 * len(VALUES)
    kinds = Counter("hint" if "hint" in s else s.split(".")[0] for s in said)
    assert set(kinds) == {"Right", "Not yet", "hint"} and min(kinds.values()) > 50


def test_the_page_would_show_a_wrong_expected_value(monkeypatch):
    label = "ex-threshold-at-two"
    right = typed(EXERCISES[label].expected())
    assert said_by_the_page([(label, right)]) == [repr(check(label, EXERCISES[label].expected()))]
    whole = describe(label)
    whole["right"]["values"] = [whole["right"]["values"][0] * 1.01]
    monkeypatch.setitem(globals(), "describe", lambda _: whole)
    assert said_by_the_page([(label, right)]) == [whole["otherwise"]]


@pytest.mark.parametrize("text", ["ln(-1)", "1/0", "0/0", "sqrt(-2)", "10^400"])
def test_what_has_no_finite_value_is_no_answer(text):
    assert said_by_the_page([("ex-threshold-at-two", text)]) == ["That has no finite real value."]


@pytest.mark.parametrize("label", CHOICES)
def test_every_choice_gets_what_the_notebook_says(label):
    options = describe(label)["options"]
    assert [option["text"] for option in options] == list(EXERCISES[label].choices)
    for option in options:
        feedback = exercises.check(label, option["text"])
        assert (option["right"], option["says"]) == (bool(feedback), repr(feedback))


@pytest.mark.parametrize("label", EXERCISES)
def test_a_box_is_plain_data_and_small(label):
    assert len(json.dumps(describe(label), allow_nan=False)) < 4096


@pytest.mark.parametrize("label", VALUES)
def test_points_of_a_box_are_those_of_the_notebook(label):
    data, expected = describe(label), sp.sympify(EXERCISES[label].expected())
    assert data["symbols"] == sorted(symbol.name for symbol in expected.free_symbols)
    assert len(data["points"]) == (20 if data["symbols"] else 1)
    assert all(len(point) == len(data["symbols"]) for point in data["points"])
    for name in data["symbols"]:
        assert re.search(rf"\b{name}\b", data["help"])
    assert ("compared with the right one" in data["help"]) == bool(data["symbols"])


def test_without_an_answer_there_is_a_box_and_the_same_text():
    feedback = check("ex-threshold-at-two", ...)
    assert not feedback and repr(feedback) == repr(exercises.check("ex-threshold-at-two", ...))
    data, _ = feedback._repr_mimebundle_()
    assert data["text/plain"] == repr(feedback) and VIEW in data


def test_with_an_answer_check_is_that_of_the_exercises():
    for answer in (0.53284, sp.sqrt(2) / 2, 7):
        got, wanted = (
            check("ex-threshold-at-two", answer),
            exercises.check("ex-threshold-at-two", answer),
        )
        assert (bool(got), repr(got)) == (bool(wanted), repr(wanted))
        assert not hasattr(got, "_repr_mimebundle_")
    with pytest.raises(ValueError, match="label is 'ex-none'"):
        check("ex-none", ...)


# --- predictions -------------------------------------------------------------------------


def prediction_problems(prediction: Prediction) -> list[str]:
    """Say what a prediction lacks."""
    texts = [choice.text for choice in prediction.choices]
    reasons = [choice.reason for choice in prediction.choices]
    found = []
    if not 3 <= len(texts) <= 4:
        found.append(f"{len(texts)} choices; accepted: 3 or 4")
    if sum(choice.right for choice in prediction.choices) != 1:
        found.append("not exactly one choice is right")
    for kind, all_ in (("choice", texts), ("reason", reasons)):
        found += [f"{kind} twice: {text}" for text, n in Counter(all_).items() if n > 1]
        found += [
            f"{kind} is no sentence: {text!r}" for text in all_ if not re.search(r"\w.*\.$", text)
        ]
    if not prediction.question.endswith("?"):
        found.append("the question is no question")
    return found


@pytest.mark.parametrize("name", PREDICTIONS)
def test_a_prediction_has_one_right_choice_and_a_reason_for_each(name):
    assert prediction_problems(PREDICTIONS[name]) == []
    options = PREDICTIONS[name].describe()["options"]
    for option in options:
        assert option["says"].startswith("Right. " if option["right"] else "Not so. ")


def test_a_prediction_that_lacks_something_is_found():
    one, other = Choice("Yes.", "It is.", right=True), Choice("No.", "It is not.")
    found = prediction_problems(Prediction("Is it", (one, other, Choice("No.", ""))))
    assert len(found) == 3 and "twice: No." in found[0] and "no question" in found[2]
    assert prediction_problems(Prediction("Is it?", (one, one, other)))[0].startswith("not exactly")
    assert prediction_problems(Prediction("Is it?", (one, other)))[0].startswith("2 choices")


def test_the_right_choice_has_no_favourite_place():
    places = Counter([c.right for c in p.choices].index(True) for p in PREDICTIONS.values())
    assert max(places.values()) <= len(PREDICTIONS) / 2 and len(places) == 4


@pytest.mark.parametrize("name", PREDICTIONS)
def test_a_prediction_reads_well_without_a_page(name):
    data, _ = predict(name)._repr_mimebundle_()
    assert VIEW in data
    lines = data["text/plain"].splitlines()
    assert max(map(len, lines)) <= WIDTH
    letters = [line[:6] for line in lines if line.startswith("  (")]
    assert letters == [f"  ({letter}) " for letter in "abcd"[: len(PREDICTIONS[name].choices)]]
    flat = " ".join(data["text/plain"].split())
    assert flat.startswith(" ".join(PREDICTIONS[name].question.split()))
    assert all(choice.text in flat for choice in PREDICTIONS[name].choices)


# --- drills ------------------------------------------------------------------------------


def grid_values(name: str, k: int) -> tuple[list[dict[str, float]], list[np.ndarray]]:
    """Return every setting of a task, and the values of its answer and of each slip there."""
    task = DRILLS[name].tasks[k]
    right, wrong = DRILLS[name]._formulas[k]
    settings = [
        dict(zip(task.ranges, values, strict=True))
        for values in itertools.product(*(list(r) for r in task.ranges.values()))
    ]
    columns = {n: np.array([setting[n] for setting in settings]) for n in task.ranges}

    def values(of) -> np.ndarray:
        found = np.asarray(of(*(columns[s.name] for s in of.args)), float)
        return np.broadcast_to(found, len(settings))

    return settings, [values(of) for of in (right, *wrong)]


@pytest.mark.parametrize(("name", "k"), TASKS)
def test_no_slip_of_a_drill_passes_for_its_answer(name, k):
    task = DRILLS[name].tasks[k]
    settings, (answers, *slips) = grid_values(name, k)
    assert len(settings) >= 9, "hardly anything to draw"
    assert np.isfinite(answers).all() and (np.abs(answers) > 1e-3).all()
    for text, wrong in zip(task.slips, slips, strict=True):
        near = np.abs(wrong - answers) <= 2 * task.tolerance * np.abs(answers)
        assert not near.any(), (text, settings[int(near.argmax())])
    # Two slips may meet here and there; then the first is named.
    for one, other in itertools.combinations(slips, 2):
        assert np.mean(np.abs(one - other) <= task.tolerance * np.abs(one)) <= 0.05


@pytest.mark.parametrize(("name", "k"), TASKS)
def test_an_answer_to_three_digits_counts(name, k):
    task = DRILLS[name].tasks[k]
    _, (answers, *_) = grid_values(name, k)
    rounded = np.array([float(f"{value:.3g}") for value in answers])
    assert (np.abs(rounded - answers) <= task.tolerance * np.abs(answers)).all()


def test_a_drill_names_per_cent_and_rounded_slips():
    share = next(q for q in map(DRILLS["weight-gradient"].question, range(99)) if "share" in q.text)
    said = share.check(round(100 * share.answer, 1))
    assert not said and "from 0 to 1" in said.text
    steps = next(
        q for q in map(DRILLS["contracting-maps"].question, range(99)) if "how many steps" in q.text
    )
    unrounded = float(f"{steps.slips['Steps are whole numbers. Round up.']:.4g}")
    assert "Round up" in steps.check(unrounded).text


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_asks_the_same_on_the_page_and_here(name):
    drilled = DRILLS[name]
    rng = np.random.default_rng(7)
    seeds = [0, 1, SEEDS - 1, *map(int, rng.integers(SEEDS, size=500))]
    got = page(
        f"""return {json.dumps(seeds)}.map((seed) => {{
          const found = asked({json.dumps(drilled.describe())}, seed);
          const values = [found.right, ...found.slips].map((one) => one.values[0]);
          const tried = [...values, 1e9, 100 * values[0], ...values.map((value) => 1.004 * value)];
          const said = tried.map((value) => compare(() => value, [[]], found).text);
          return {{ ...found, values, said }};
        }});""",
        drilled.javascript(),
    )
    texts = set()
    for seed, found in zip(seeds, got, strict=True):
        mine = drilled.question(seed)
        texts.add(mine.text)
        assert (found["text"], found["shown"]) == (mine.text, mine.shown)
        wanted = [mine.answer, *mine.slips.values()]
        assert found["values"] == pytest.approx(wanted, rel=1e-12, abs=0.0)
        tried = (*wanted, 1e9, 100 * wanted[0], *(1.004 * value for value in wanted))
        assert found["said"] == [repr(mine.check(value)) for value in tried]
    assert len(texts) > 20
    for task in drilled.tasks:
        assert any(text.startswith(task.text.split("{")[0]) for text in texts)


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_checks_answers(name):
    rng = np.random.default_rng(3)
    for _ in range(20):
        asked = drill(name).ask(rng=rng)
        assert asked.check(asked.answer) and asked.check(float(f"{asked.answer:.4g}"))
        assert not asked.check(-asked.answer) and not asked.check(1e9)
        for text, wrong in asked.slips.items():
            assert not asked.check(wrong)
            assert "{" not in text + asked.text + asked.shown
    with pytest.raises(ValueError, match="answer is '3'"):
        asked.check("3")


def test_a_drill_is_drawn_from_its_generator_and_nothing_else():
    one, other = (drill("latch-neuron").ask(rng=np.random.default_rng(2)) for _ in range(2))
    assert one.text == other.text and one.numbers == other.numbers


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_is_made_of_formulas_of_its_own_symbols(name):
    for task in DRILLS[name].tasks:
        named = set(re.findall(r"\{(\w+)\}", task.text))
        assert named == set(task.ranges), "each number is said, and each is used"
        assert set(re.findall(r"\{(\w+)\}", task.why)) <= {*task.ranges, "answer"}


def test_draws_are_even():
    draws = [_draws(seed)(7) for seed in range(7000)]
    counts = np.bincount(draws, minlength=7)
    assert np.abs(counts - 1000).max() < 5 * np.sqrt(1000 * 6 / 7)


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_reads_well_without_a_page(name):
    shown = drill(name)
    data, _ = shown._repr_mimebundle_()
    assert VIEW in data and max(map(len, data["text/plain"].splitlines())) <= WIDTH
    assert " ".join(data["text/plain"].split()) == f"Drill: {shown.asked().text}"


def test_the_numbers_of_a_range_are_the_decimals_one_reads():
    assert list(Range(0.1, 0.9, 0.1)) == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    assert list(Range(-1, 1, 0.5)) == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert list(Range(0.001, 0.003, 0.001)) == [0.001, 0.002, 0.003]


@pytest.mark.parametrize("values", [(0, 1, 0.3), (1, 0, 0.1), (0, 1, 0), (0, 1, -1), (1, 1, 1)])
def test_a_range_that_does_not_come_out_is_refused(values):
    with pytest.raises(ValueError, match="range is Range"):
        Range(*values)


def test_a_task_that_does_not_fit_is_refused():
    h_star = FORMULAS["h_star"].expr
    with pytest.raises(ValueError, match="ranges is"):
        Task("Which?", h_star, {"a": Range(1, 2, 1)}, "Because.")
    other = sp.Symbol("w")  # not the book's, which is positive
    with pytest.raises(ValueError, match="symbols of a task"):
        Drill(Task("Which?", other, {"w": Range(1, 2, 1)}, "Because.")).question(0)


@pytest.mark.parametrize("seed", [-1, SEEDS, 1.0, "1", None])
def test_a_seed_is_a_whole_number_of_32_bits(seed):
    with pytest.raises(ValueError, match="seed is"):
        DRILLS["latch-neuron"].question(seed)


@pytest.mark.parametrize("ask", [predict, drill])
@pytest.mark.parametrize("name", ["", "how-to-read", None])
def test_an_unknown_chapter_is_refused_with_the_known_ones(ask, name):
    with pytest.raises(
        ValueError, match=r"chapter is .*; accepted: three-conditions, minimal-task"
    ):
        ask(name)
