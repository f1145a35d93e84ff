// What is wider than its column scrolls, so the keyboard must reach it; the rest it may pass by. The
// theme looks at everything on the page at once, which costs a phone a third of a second: see
// light_pages.py. This looks at what the browser has laid out.
// An equation within the text may be wider than a phone if it is long: see book.css.
const SCROLLS =
  "pre, .cell_output > .output, div.math > mjx-container, span.math:has(mjx-math :nth-child(10))";

const watch = new ResizeObserver((changes) => {
  for (const { target } of changes) {
    const over = target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
    if (over) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const place of document.querySelectorAll(SCROLLS)) watch.observe(place);
