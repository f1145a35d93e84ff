"""Checked exercises: right answers pass, slips get their word, other kinds are refused."""

import re

import numpy as np
import pytest
import sympy as sp

from latchbook.questions import box, check, exercises
from tools.book import ROOT, read_notebook

EXERCISES = exercises()
CHOICES = [label for label, exercise in EXERCISES.items() if exercise.choices]
VALUES = [label for label in EXERCISES if label not in CHOICES]
SLIPS = [(label, text) for label, exercise in EXERCISES.items() for text in exercise.slips]
ONE = sp.Add(sp.sin(1) ** 2, sp.cos(1) ** 2, evaluate=False)  # 1, and SymPy leaves it unsaid


def describe(label: str) -> dict:
    """Return what the box of an exercise sends to the page."""
    return box.describe(label, EXERCISES[label])


@pytest.mark.parametrize("label", EXERCISES)
def test_right_answer(label):
    exercise = EXERCISES[label]
    feedback = check(label, exercise.expected())
    assert feedback and repr(feedback) == f"Right. {exercise.why}"


@pytest.mark.parametrize("label", VALUES)
def test_right_answer_in_another_form(label):
    expected = sp.sympify(EXERCISES[label].expected())
    # A reader's symbols carry no assumptions, the book's do.
    theirs = {s: sp.Symbol(s.name) for s in expected.free_symbols}
    forms = [
        sp.Mul(expected, ONE, evaluate=False),
        expected.rewrite(sp.exp),
        expected.rewrite(sp.log),
        expected.subs(theirs),
        sp.expand(expected.subs(theirs) * (ONE + 1)) / 2,
    ]
    for form in forms:
        assert check(label, form), form


@pytest.mark.parametrize("label", VALUES)
def test_a_number_counts_within_the_tolerance_and_not_beyond(label):
    exercise = EXERCISES[label]
    expected = sp.sympify(exercise.expected())
    if expected.free_symbols:
        return
    value = float(expected)
    for kind in (float, np.float64, sp.Float):
        assert check(label, kind(value * (1 + 0.5 * exercise.relative))), kind
        assert not check(label, kind(value * (1 + 2 * exercise.relative))), kind
    assert not check(label, -value)
    assert not check(label, value + 1j)
    for other in (sp.Symbol("q"), sp.nan, sp.oo, sp.zoo, float("nan"), float("inf")):
        assert not check(label, other), other


def test_an_expression_off_by_a_little_is_not_equal():
    w = sp.Symbol("w")
    answer = sp.sqrt((w - 1) / w)
    assert check("ex-read-derivative", answer)
    for wrong in (answer + sp.Rational(1, 10**6), answer * w, -answer, answer.subs(w, 2), 1 / w):
        assert not check("ex-read-derivative", wrong), wrong
    assert not check("ex-read-derivative", sp.sqrt((w - 1) / sp.Symbol("v")))


@pytest.mark.parametrize(("label", "text"), SLIPS)
def test_slip_gets_its_feedback_and_is_refused(label, text):
    feedback = check(label, EXERCISES[label].slips[text]())
    assert not feedback
    assert repr(feedback) == f"Not yet. {text}"


@pytest.mark.parametrize("label", EXERCISES)
def test_any_other_wrong_answer_is_sent_to_the_hint(label):
    exercise = EXERCISES[label]
    if exercise.choices:
        taken = {exercise.expected(), *(slip() for slip in exercise.slips.values())}
        wrong = [choice for choice in exercise.choices if choice not in taken]
    else:
        wrong = [sp.Rational(123457, 11)]
    for answer in wrong:
        feedback = check(label, answer)
        assert not feedback and "hint" in repr(feedback)


@pytest.mark.parametrize("label", ["", "ex-threshold", "threshold-at-two", None])
def test_unknown_label_is_refused_with_the_known_ones(label):
    with pytest.raises(ValueError) as refused:
        check(label, 1)
    assert f"label is {label!r}" in str(refused.value)
    for known in EXERCISES:
        assert known in str(refused.value)


@pytest.mark.parametrize(
    "answer", ["0.5", "", None, [0.5], (1, 2), {}, sp.Matrix([1]), True, sp.true, sp.tanh]
)
def test_another_kind_of_answer_is_refused(answer):
    for label, kind in ((VALUES[0], "a number or a SymPy expression"), (CHOICES[0], "")):
        with pytest.raises(ValueError, match=f"accepted: {kind}") as refused:
            check(label, answer)
        assert f"answer is {answer!r}" in str(refused.value)


def test_a_string_is_not_run_as_code(tmp_path):
    target = tmp_path / "touched"
    code = f"__import__('pathlib').Path({str(target)!r}).touch()"
    for label in EXERCISES:
        with pytest.raises(ValueError, match="accepted"):
            check(label, code)
    assert not target.exists()
    # What would have happened: SymPy's own parser runs it.
    sp.sympify(code)
    assert target.exists()


def exercises_in_book():
    """Return label and text of the exercises of every chapter."""
    found = []
    for path in sorted((ROOT / "book").glob("*.ipynb")):
        for cell in read_notebook(path)["cells"]:
            if cell["cell_type"] == "markdown":
                found += re.findall(
                    r"^:label: (ex-[a-z0-9-]+)$(.*?)^:::", cell["source"], re.MULTILINE | re.DOTALL
                )
    return found


def test_every_exercise_of_the_book_can_be_checked_and_every_check_has_its_exercise():
    found = [label for label, _ in exercises_in_book()]
    assert len(set(found)) == len(found)
    assert sorted(found) == sorted(EXERCISES)


# --- how precise an answer must be


@pytest.mark.parametrize("label", VALUES)
def test_as_many_digits_as_the_page_asks_for_are_enough(label):
    expected = sp.sympify(EXERCISES[label].expected())
    if expected.free_symbols:
        return
    words = describe(label)["help"].split()
    digits = {"three": 3, "four": 4, "five": 5}[words[words.index("significant") - 1]]
    assert check(label, float(f"{float(expected):.{digits}g}"))


def test_whole_numbers_are_exact_and_slips_beside_them_may_be_rounded():
    assert check("ex-steps-to-accuracy", 27) and not check("ex-steps-to-accuracy", 26.95)
    off = 2.0 * float(EXERCISES["ex-steps-to-accuracy"].expected())
    assert not check("ex-steps-to-accuracy", off)
    (text, wrong), *_ = EXERCISES["ex-rtrl-memory"].slips.items()
    assert repr(check("ex-rtrl-memory", 1.004 * float(wrong()))) == f"Not yet. {text}"


@pytest.mark.parametrize(
    ("label", "answer", "said"),
    [
        ("ex-read-value", 1.31, "three significant digits"),
        ("ex-threshold-at-two", 0.53, "three significant digits"),
        ("ex-margin-design", 0.4, "three significant digits"),
        ("ex-criterion", 0.37, "three significant digits"),
        ("ex-how-many-runs", 0.82, "three significant digits"),
        ("ex-guess-box", 0.12, "four significant digits"),
        ("ex-ten-steps", 1.035, "five significant digits"),
        ("ex-walk-steps", 401, "must be exact"),
        ("ex-half-slope", 1.99, "must be exact"),
        ("ex-how-deep", 6.21 * sp.Symbol("temp"), "close at every point"),
    ],
)
def test_a_near_miss_is_told_to_be_near(label, answer, said):
    feedback = check(label, answer)
    assert not feedback and "close" in feedback.text and said in feedback.text
    assert "hint" in check(label, 1.2 * answer).text
