"""How long an explorable takes to compute and draw, in Chromium, for every step of every slider.

Two times, of which a frame has 16 ms: to compute and draw (the measure of common.js), and of the
whole frame, with every explorable that is linked and the browser's style, layout and paint.
"""

import numpy as np
import pytest

from tools.book import ROOT
from tools.chromium import ADVICE, FLAGS, draw_widgets, find_chromium

PAGE = ROOT / "_build" / "html" / "book" / "latch-neuron.html"
# The other sliders stand at their largest: most noise, widest axes.
MOVE = """async explorable => {
    const sliders = [...explorable.querySelectorAll('input[type=range]')];
    const set = (slider, value) => {
        slider.value = value;
        slider.dispatchEvent(new Event('input', {bubbles: true}));
    };
    const frame = () => new Promise(done => requestAnimationFrame(() => {
        const began = performance.now();
        setTimeout(() => done(performance.now() - began));
    }));
    for (const slider of sliders) set(slider, slider.max);
    await frame();
    const times = {'compute and draw': [], 'whole frame': []};
    const seen = new PerformanceObserver(list => times['compute and draw'].push(
        ...list.getEntriesByName('latchlib:frame').map(entry => entry.duration)));
    seen.observe({type: 'measure'});
    for (const slider of sliders)
        for (let value = +slider.min; value <= +slider.max; value += +slider.step) {
            // Asked for before the explorable asks, so that it is called before it.
            const after = frame();
            set(slider, value);
            times['whole frame'].push(await after);
        }
    seen.disconnect();
    return times;
}"""


def test_frames(note):
    path = find_chromium() or pytest.skip(ADVICE)
    if not PAGE.is_file():
        pytest.skip("the page of the latch neuron is not built: make book")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.goto(PAGE.as_uri())
        draw_widgets(page)
        for explorable in page.locator(".ll").all():
            for kind, times in explorable.evaluate(MOVE).items():
                assert times, "no frame was measured: has `latchlib:frame` another name?"
                name = f"{explorable.get_attribute('aria-label')}: {kind}, {len(times)} times"
                some = np.quantile(times, (0.5, 0.95, 1.0))
                line = "median {:.1f} ms, 95 % below {:.1f}, most {:.1f}".format(*some)
                note("explorables of The latch neuron", f"{name}: {line}")
        chromium.close()
