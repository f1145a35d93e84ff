// Shows what symbol_notes.py has written about a symbol, and term_notes.py about a term, to whoever points
// at its first use, reaches it by keyboard or taps it. Escape takes it away. A second tap follows the link, as without this script.
const box = document.createElement("div");
box.id = "symbol-note";
box.setAttribute("role", "tooltip");
box.popover = "manual";
let shown = null; // the link that the box belongs to
let waiting = 0;

function hide() {
  clearTimeout(waiting);
  if (shown) box.hidePopover();
  shown = null;
}

function show(link) {
  clearTimeout(waiting);
  if (link === shown) return;
  hide();
  const notes = link.getAttribute("aria-describedby").split(" ");
  box.replaceChildren(...notes.map((id) => {
    const copy = document.getElementById(id).cloneNode(true);
    copy.removeAttribute("id");
    return copy;
  }));
  shown = link;
  box.showPopover();
  // Below the link, or above where there is no room, and never beyond the window's edges.
  const at = link.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const left = Math.max(8, Math.min(at.left, clientWidth - box.offsetWidth - 8));
  const below = at.bottom + 6 + box.offsetHeight <= clientHeight;
  const top = below || at.top < box.offsetHeight + 6 ? at.bottom + 6 : at.top - 6 - box.offsetHeight;
  box.style.left = `${left + scrollX}px`;
  box.style.top = `${top + scrollY}px`;
}

function linkAt({ target }) {
  return target instanceof Element ? target.closest("a:is(.symbol, .term)") : null;
}

function onPointer(event) {
  if (event.pointerType === "touch") return;
  const link = linkAt(event);
  clearTimeout(waiting);
  // A moment to reach the box, which may be read and selected from; and none for who just passes by.
  if (link) waiting = setTimeout(show, shown ? 0 : 120, link);
  else if (shown && shown !== document.activeElement && !box.contains(event.target)) {
    waiting = setTimeout(hide, 250);
  }
}

if ("popover" in HTMLElement.prototype) {
  document.querySelector("main").append(box);
  let tapped = null;
  document.addEventListener("pointerover", onPointer);
  document.addEventListener("pointerdown", (event) => {
    const link = linkAt(event);
    tapped = event.pointerType === "touch" && link !== shown ? link : null;
    if (shown && !link && !box.contains(event.target)) hide();
  });
  document.addEventListener("click", (event) => {
    const link = linkAt(event);
    if (link && link === tapped) {
      event.preventDefault();
      show(link);
    }
    tapped = null;
  });
  document.addEventListener("focusin", (event) => {
    const link = linkAt(event);
    if (link?.matches(":focus-visible")) show(link);
    else if (!tapped) hide();
  });
  document.addEventListener("focusout", (event) => {
    if (linkAt(event) === shown && !tapped) hide();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
}
