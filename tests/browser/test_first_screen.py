"""The first screen of the book: a bit held in a landscape of two valleys, to be pushed about."""

import re

import pytest

from latchlib.formulas import formula
from latchlib.neuron import fixed_points, h_star

PAGE = "book/index.html"
BACK = 10
#: Stands in for what Math.random draws.
DRAWS = (0.9, 0.2, 0.55, 0.01, 0.7, 0.35)
SCREENS = {"laptop": (1280, 720), "phone": (390, 844)}

pytestmark = pytest.mark.browser


@pytest.fixture
def still(open_page):
    """Return a function that opens the page for a reader who wants no motion."""

    def open_(**options):
        def before(page):
            page.emulate_media(reduced_motion="reduce")
            page.add_init_script(
                f"{{ let k = 0; const all = {list(DRAWS)}; "
                "Math.random = () => all[k++ % all.length]; }"
            )

        return open_page(PAGE, before=before, **options)

    return open_


def numbers(page) -> tuple[float, float]:
    """Return the state and what is left of the gradient."""
    data = page.locator("#hold").evaluate("node => ({...node.dataset})")
    return float(data["state"]), float(data["left"])


def setting(page) -> tuple[float, float]:
    """Return weight and noise."""
    values = (page.locator(f"#hold-{name}").input_value() for name in ("depth", "noise"))
    return tuple(map(float, values))


def shapes(page) -> list[float]:
    """Return every number of the landscape and the needle."""
    drawn = page.locator("#hold svg").evaluate_all("all => all.map(each => each.innerHTML)")
    return [float(x) for x in re.findall(r'(?<=[",ML(V])-?\d+\.\d+', " ".join(drawn))]


@pytest.mark.parametrize("screen", SCREENS)
def test_it_fits_the_first_screen(open_page, screen):
    page = open_page(PAGE, width=SCREENS[screen][0])
    page.set_viewport_size(dict(zip(("width", "height"), SCREENS[screen], strict=True)))
    for part in (".hold-what", "#hold-land", ".hold-gauge", ".hold-buttons", "#hold-said"):
        box = page.locator(part).bounding_box()
        assert box["height"] > 0 and 0 < box["y"] < SCREENS[screen][1] - box["height"], part


def test_the_script_begins_with_the_picture_that_was_there(open_page, still):
    before, after = shapes(open_page(PAGE, js=False)), shapes(still())
    # The script goes by places that are written with three digits; the ground rises by 5 at most.
    assert len(before) > 200 and before == pytest.approx(after, abs=0.003)


def test_every_step_is_that_of_the_package(still):
    page = still()
    w, noise = setting(page)
    a = fixed_points(w)[-1].a
    slopes = [fixed_points(w)[-1].slope] * BACK
    assert numbers(page)[0] == pytest.approx(a, rel=1e-12)
    pushes = {1: "← Push", 2: "Push →"}
    for k, draw in enumerate(2 * DRAWS):
        name = pushes.get(k, "Step")
        page.get_by_role("button", name=name, exact=True).click()
        push = {"← Push": -1.0, "Push →": 1.0}.get(name, 0.0)
        slopes = [*slopes[1:], formula("slope")(a, w)]
        a = formula("step")(a, w, push + noise * (2 * draw - 1))
        left = 1.0
        for slope in slopes:
            left *= slope
        assert numbers(page) == pytest.approx((a, left), rel=1e-9)


def test_the_safer_the_bit_the_less_is_left_of_the_gradient(still):
    page = still()
    depth, noise = page.locator("#hold-depth"), page.locator("#hold-noise")
    noise.press("Home")
    largest = float(noise.get_attribute("max"))
    seen = []
    for keys in (["Home"], ["PageUp"], ["PageUp"] * 3, ["End"]):
        for key in keys:
            depth.press(key)
        page.evaluate(
            "() => { for (let k = 0; k < 200; k++) document.getElementById('hold-step').click(); }"
        )
        w = setting(page)[0]
        left = numbers(page)[1]
        assert left == pytest.approx(fixed_points(w)[-1].slope ** BACK, rel=1e-4)
        safe = float(page.locator("#hold").evaluate("n => n.style.getPropertyValue('--safe')"))
        assert safe * largest == pytest.approx(h_star(w), abs=largest * 0.0006)
        seen.append((w, safe, -left))
    assert seen[0][0] == float(depth.get_attribute("min"))
    assert seen[-1][0] == float(depth.get_attribute("max"))
    for column in zip(*seen, strict=True):
        assert list(column) == sorted(set(column))
    assert seen[0][2] < -0.3 and seen[-1][2] > -1e-7


def test_everything_is_done_by_keyboard(still):
    page = still()
    page.locator("#hold-ball").evaluate("node => node.focus({focusVisible: true})")
    order = []
    for _ in range(7):
        now = "document.activeElement"
        order.append(page.evaluate(f"() => {now}.id || {now}.innerText"))
        page.keyboard.press("Tab")
    assert order == [
        *("hold-ball", "hold-depth", "hold-noise"),
        *("← Push", "Push →", "hold-play", "hold-step"),
    ]
    ball = page.get_by_role("slider", name="The ball")
    for _ in range(3):
        ball.press("ArrowLeft")
    assert numbers(page)[0] < 0
    page.wait_for_function("() => document.getElementById('hold-ball').ariaValueNow === '0'")
    said = page.locator("#hold-said")
    assert said.text_content().startswith("The bit is 0. From the bottom")
    page.get_by_label("Noise").press("End")
    heard = "() => /one day will/.test(document.getElementById('hold-said').innerText)"
    page.wait_for_function(heard)
    assert said.get_attribute("aria-live") == "polite"
    assert page.get_by_label("Noise").get_attribute("aria-valuetext") == "0.6, not safe"


def test_without_motion_it_waits_and_play_plays(still):
    page = still()
    assert page.get_by_role("button", name="Play").is_visible()
    state = numbers(page)
    page.evaluate("() => new Promise(done => setTimeout(done, 500))")
    assert numbers(page) == state
    page.get_by_role("button", name="Play").click()
    moved = "state => +document.getElementById('hold').dataset.state !== state"
    page.wait_for_function(moved, arg=state[0])


def test_it_plays_by_itself_until_it_is_paused_or_out_of_sight(open_page):
    page = open_page(PAGE)
    moved = "state => document.getElementById('hold').dataset.state !== state"
    state = "() => document.getElementById('hold').dataset.state"
    page.wait_for_function(moved, arg=page.evaluate(state))
    page.evaluate("() => scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    twice = """() => new Promise(done => new IntersectionObserver(() => setTimeout(done, 100))
        .observe(document.getElementById('hold-land')))"""
    page.evaluate(twice)
    before = page.evaluate(state)
    page.evaluate("() => new Promise(done => setTimeout(done, 600))")
    assert page.evaluate(state) == before
    page.evaluate("() => scrollTo({top: 0, behavior: 'instant'})")
    page.wait_for_function(moved, arg=before)
    page.get_by_role("button", name="Pause").click()
    before = page.evaluate(state)
    page.evaluate("() => new Promise(done => setTimeout(done, 600))")
    assert page.evaluate(state) == before


def test_noise_that_flips_the_bit_again_and_again_is_not_read_out(open_page):
    page = open_page(PAGE)
    page.evaluate(
        """() => {
            window.heard = [];
            const said = document.getElementById('hold-said');
            new MutationObserver(() => heard.push(said.ariaLive)).observe(said, {childList: true});
            document.getElementById('hold-depth').value = 1.05;
            document.getElementById('hold-noise').value = 0.6;
        }"""
    )
    page.wait_for_function("() => heard.length > 3")
    assert set(page.evaluate("() => heard")) == {"off"}


@pytest.mark.parametrize("touch", [False, True])
def test_the_ball_is_dragged_and_a_tap_beside_it_pushes_it(still, touch):
    page = still(touch=touch, width=390 if touch else 1280)
    land, ball = page.locator("#hold-land"), page.locator("#hold-ball")
    box, at = land.bounding_box(), ball.bounding_box()
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.3, y, steps=4)
    page.mouse.up()
    width = float(land.get_attribute("viewBox").split()[2])
    assert numbers(page)[0] == pytest.approx(-0.2 * width, abs=0.02 * width)
    before = numbers(page)[0]
    place = (box["x"] + box["width"] * 0.9, box["y"] + 10)
    (page.touchscreen.tap if touch else page.mouse.click)(*place)
    w, noise = setting(page)
    assert numbers(page)[0] == pytest.approx(formula("step")(before, w, 1.0), abs=noise)


def test_without_javascript_there_is_the_picture(open_page):
    page = open_page(PAGE, js=False)
    assert page.locator("#hold-land").is_visible() and page.locator(".hold-gauge").is_visible()
    assert page.locator("#hold button:visible, #hold input:visible").count() == 0
    assert page.locator("#hold noscript p").is_visible()
