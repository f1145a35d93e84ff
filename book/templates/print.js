// Makes a built page part of the printed book: tools/pdf.py runs it before the page is printed. What a
// page does by itself, paper cannot: a question is asked as text, its answer stands with the solutions
// at the end of the exercises, an explorable says where it moves, and a link on which page its target is.
async (data) => {
  const { base, chapters, front, numbers, online, page, questions, style } = JSON.parse(data);
  document.documentElement.dataset.theme = "light";
  document.body.hidden = true; // it is laid out once, when all is there
  if (front) document.body.innerHTML = front;
  const article = document.querySelector("article");
  const make = (tag, props = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), props);
    node.append(...children);
    return node;
  };
  const choices = (texts) => make("ol", { type: "a" }, ...texts.map((text) => make("li", {}, text)));
  const pointer = (text, target) =>
    make("p", { className: "pointer" }, make("a", { href: `#${target}` }, text));

  // --- the title --------------------------------------------------------------------------
  const heading = article.querySelector("h1");
  if (page.renamed) heading.textContent = page.renamed;

  // --- questions and answers --------------------------------------------------------------
  const end = make("section", { id: "answers-and-solutions" }, make("h3", {}, "Answers and solutions"));
  const answer = (id, name, ...nodes) =>
    end.append(make("div", { id, className: "answer" }, make("h4", {}, name), ...nodes));
  for (const box of article.querySelectorAll(".question-static")) {
    const cell = box.closest(".cell");
    const [, kind, name] = /(predict|drill|check)\("([\w-]+)"/.exec(cell.querySelector("pre").textContent);
    const [asked, offered, answers] = questions[kind][name];
    const after = cell.nextElementSibling;
    const list = offered.length ? [choices(offered)] : [];
    if (kind === "check") {
      document.getElementById(name).append(...list);
      cell.remove();
      continue;
    }
    const folded = after?.matches("details") && after.querySelector("summary").textContent.trim() === "Answer";
    const shown = folded ? [...after.querySelector(".sd-summary-content").childNodes] : [];
    if (folded) after.remove();
    answer(`answer-${kind}`, kind === "drill" ? "The drill" : "The prediction", ...shown,
      offered.length ? choices(answers) : make("p", {}, ...answers));
    cell.replaceWith(make("div", { className: "asked" }, make("p", {}, asked), ...list,
      pointer("Answer", `answer-${kind}`)));
  }
  for (const solution of article.querySelectorAll(".solution")) {
    end.append(solution);
    document.getElementById(solution.id.replace(/-solution$/, "")).append(pointer("Solution", solution.id));
  }
  if (end.children.length > 1) (document.getElementById("exercises") ?? article).append(end);

  // --- explorables ------------------------------------------------------------------------
  for (const picture of article.querySelectorAll(".explorable-static img")) {
    const place = `${page.path}#${picture.closest("[id^='cell-']").id}`;
    picture.after(make("p", {}, make("strong", {}, "Explorable. "),
      `${picture.alt} On the page it moves: `,
      online ? make("a", { href: online + place, className: "as-is" }, online + place) : make("code", {}, place), "."));
  }

  // --- links ------------------------------------------------------------------------------
  // On paper these say only that there is something elsewhere.
  const bare = new Set(["cell", "ledger", "map", "the text"]);
  const said = [];
  for (const link of article.querySelectorAll("a[href]:not(.headerlink, .picture-download, .as-is)")) {
    const target = link.href.replace(base, "");
    const [path, id] = target.split("#");
    if (!(path in chapters)) {
      // It may still be found online, but not in the folder where this was printed.
      if (link.href.startsWith(base) && online) link.href = online + target;
      else if (link.href.startsWith(base)) link.replaceWith(...link.childNodes);
      continue;
    }
    const text = link.textContent;
    if (link.matches(".symbol, .term, :is(h1, h2, h3, h4) *") || /\d\)?$/.test(text) || path.endsWith("references.html")) continue;
    const before = link.previousSibling?.textContent.trim() ?? "";
    const alone = bare.has(text) && (!before || /[(:;,.*]$/.test(before));
    if (!alone && chapters[path] && (!id || id.startsWith("ch-"))) {
      link.append(` (chapter\u00a0${chapters[path]})`);
      continue;
    }
    const where = `p.\u00a0${numbers[target] ?? "000"}`;
    if (alone) link.textContent = where;
    else link.append(` (${where})`);
    said.push(target);
  }
  for (const { id } of article.querySelectorAll("[id]"))
    // Chromium keeps the places that links of the same page lead to.
    article.append(make("a", { href: `#${id}`, hidden: true }));

  // --- what is told back ------------------------------------------------------------------
  const plain = (node) => {
    const copy = node.cloneNode(true);
    for (const each of copy.querySelectorAll(".headerlink, .tex, mjx-math")) each.remove();
    return copy.textContent.trim().replace(/\s+/g, " ");
  };
  const title = plain(heading);
  document.head.append(make("style", {}, style, `html { counter-reset: page ${page.first - 1} }
    @page { @top-left { content: ${JSON.stringify(title)} } }`));
  if (page.part) heading.before(make("p", { className: "part" }, page.part));
  for (const picture of article.querySelectorAll("img")) {
    picture.loading = "eager";
    await picture.decode();
  }
  await Promise.all([...document.fonts].map((font) => font.load()));
  document.body.hidden = false;
  const edge = article.getBoundingClientRect().right + 1;
  const tooWide = (node) => node.checkVisibility() && !node.closest("mjx-assistive-mml")
    && node.getBoundingClientRect().right > edge;
  return {
    title,
    said,
    headings: [...article.querySelectorAll("h2, h3")].map((node) =>
      [Number(node.tagName[1]), plain(node), node.id || node.closest("section").id]),
    wide: [...article.querySelectorAll("p, li, pre, code, td, img, svg, mjx-math")].filter(tooWide)
      .map((node) => node.outerHTML.slice(0, 80)),
  };
}
