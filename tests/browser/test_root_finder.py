"""The root finder on the page: which exercises have one, what it finds and what it refuses."""

import pytest
import sympy as sp
from test_symbol_notes import extension

from latchbook.questions import exercises

PAGES = {
    "ex-ten-steps": ("latch-neuron", 0, "2*x/sinh(2*x) - 2^(-1/10)", lambda x: x / sp.tanh(x)),
    "ex-noise-reading": ("minimal-task", 0, "sqrt(x*(x-1)) - arcosh(sqrt(x)) - sqrt(0.2)", None),
    "ex-edge-of-eigenvalues": (
        "reduced-attracting-set",
        0,
        "4/(cosh(x)^2*cosh(2*tanh(x))^2) - 1",
        None,
    ),
}
ENDS = {"ex-ten-steps": (0.1, 2), "ex-noise-reading": (1.1, 3), "ex-edge-of-eigenvalues": (0.1, 2)}

pytestmark = pytest.mark.browser


def start(box, f, low, high) -> str:
    """Start the root finder by keyboard, and return what it says."""
    for name, value in [("f(x) =", f), ("from", low), ("to", high)]:
        box.get_by_label(name, exact=True).fill(str(value))
    box.get_by_label("to", exact=True).press("Enter")
    return box.get_by_role("status").text_content()


def test_the_exercises_are_those_that_need_one():
    assert extension("root_finder").EXERCISES == {*PAGES, "ex-margin-design"}


@pytest.mark.parametrize("exercise", PAGES)
def test_it_finds_what_the_exercise_asks_for(open_page, exercise):
    name, number, f, then = PAGES[exercise]
    page = open_page(f"book/{name}.html", from_disk=True, draw=False)
    box = page.locator(".root-finder").nth(number)
    assert "Now halve" in start(box, f, *ENDS[exercise])
    for _ in range(3):
        box.get_by_role("button", name="Halve 10 times").press("Enter")
    said = box.get_by_role("status").text_content()
    low, high = map(sp.Float, said.removesuffix(".").partition("between ")[2].split(" and "))
    wanted = exercises()[exercise].expected()
    ends = [then(x) if then else x for x in (low, high)]
    assert ends[0] - 1e-8 <= wanted <= ends[1] + 1e-8 and ends[1] - ends[0] < 1e-7
    assert box.locator("tbody tr").count() == 30


def test_one_step_keeps_the_half_with_the_change_of_sign(open_page):
    page = open_page("book/minimal-task.html", draw=False)
    box = page.locator(".root-finder")
    start(box, "x^2 - 2", 1, 2)
    halve = box.get_by_role("button", name="Halve", exact=True)
    for interval in ["1 and 1.5", "1.25 and 1.5", "1.375 and 1.5"]:
        halve.press("Enter")
        assert box.get_by_role("status").text_content() == f"The root lies between {interval}."
    cells = box.locator("tbody tr").last.locator("td").all_text_contents()
    assert cells[:4] == ["3", "1.25", "1.5", "< 0"]


@pytest.mark.parametrize(
    ("f", "low", "high", "message"),
    [
        ("x^2 + 2", 1, 2, "above 0 at 1 and above 0 at 2: take an interval"),
        ("x - 1.5", 2, 1, "“from” must be less than “to”."),
        ("ln(x)", -1, 2, "f has no finite value at -1."),
        ("x - alert(1)", 1, 2, "alert"),
        ("x", "1/0", 2, "from: that has no finite value."),
        ("", 1, 2, ""),
    ],
)
def test_what_it_cannot_do_it_says(open_page, f, low, high, message):
    box = open_page("book/minimal-task.html", draw=False).locator(".root-finder")
    said = start(box, f, low, high)
    assert said and message in said
    assert box.get_by_role("button", name="Halve", exact=True).is_disabled()
    assert box.locator("tbody tr").count() == 0
