// What is wider than its column scrolls, so the keyboard must reach it; the rest it may pass by. The
// theme looks at everything on the page at once, which costs a phone a third of a second: see
// light_pages.py. This looks at what the browser has laid out.
// An equation within the text may be wider than a phone if it is long: see book.css.
const SCROLLS =
  "pre, .cell_output > .output, div.math > mjx-container, span.math:has(mjx-math :nth-child(10))";

function look(places) {
  const over = places.map((place) =>
    place.scrollWidth > place.clientWidth || place.scrollHeight > place.clientHeight);
  places.forEach((place, number) => {
    if (over[number]) place.tabIndex = 0;
    else place.removeAttribute("tabindex");
  });
}

const places = [...document.querySelectorAll(SCROLLS)];
const watch = new ResizeObserver((changes) => look(changes.map(({ target }) => target)));
for (const place of places) watch.observe(place);
// What a place holds can change while its own size does not.
addEventListener("laidout", () => look(places));
