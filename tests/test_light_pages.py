"""What the build does to the pages: one small stylesheet, scripts that wait, images with a size."""

import base64
import importlib.util
import io
import json
import re
import struct
import sys
from importlib import resources

import pytest
import tinycss2
from fontTools.ttLib import TTFont

from latchbook.explorables import GradientThroughTime, Latch, Rectangle
from latchbook.questions import drill, drills, predict
from tools.book import ROOT


def extension(name):
    """Import an extension of the book's."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "book" / "extensions" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


light = extension("light_pages")
typeset = extension("typeset_math")


# --- stylesheets -------------------------------------------------------------------------


def prune(css, used):
    return light.pruned(tinycss2.parse_stylesheet(css, skip_whitespace=True), set(used.split()))


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".a{x:1}", ".a{x:1}"),
        (".b{x:1}", ""),
        (".a .b{x:1}", ""),
        (".a,.b,p{x:1}", ".a,p{x:1}"),
        (".a:not(.b) > p{x:1}", ".a:not(.b) > p{x:1}"),
        (":is(.b, .a) p{x:1}", ":is(.b, .a) p{x:1}"),
        ("#b{x:1}", ""),
        ("#a.a::before{x:'}'}", '#a.a::before{x:"}"}'),
        ("[class~=b]{x:1}", "[class~=b]{x:1}"),
        ("p{margin:.5em}", "p{margin:.5em}"),
        ("@media print{.b{x:1}}", ""),
        ("@media print{.b{x:1}.a{y:2}}", "@media print{.a{y:2}}"),
        ("@supports (x: 1){@media print{.b{x:1}}}", ""),
        ("@font-face /* 0 */ {font-family: F}", "@font-face{font-family: F}"),
        ("@keyframes b{from{x:1}}", "@keyframes b{from{x:1}}"),
        (".bs-tooltip-end{x:1}", ".bs-tooltip-end{x:1}"),
        ("/*! a licence *//* a remark */", "/*! a licence */"),
    ],
)
def test_rules_that_find_nothing_go(css, kept):
    assert prune(css, "a") == kept


def test_a_broken_stylesheet_is_refused():
    with pytest.raises(ValueError, match="stylesheet"):
        prune(".a{x:1}}", "a")


def test_names_come_from_classes_ids_and_scripts_not_from_the_text(tmp_path):
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "own.js").write_text("node.classList.add('from-script')")
    (tmp_path / light.ICON_SCRIPT).write_text("'from-icons'")
    page = '<p class="one two" id="three">four</p>'
    used = light.names_used([page], tmp_path)
    assert {"one", "two", "three", "from-script"} <= used
    assert not {"four", "from-icons"} & used


def test_imports_and_addresses_still_lead_to_their_files(tmp_path):
    (tmp_path / "styles").mkdir()
    (tmp_path / "basic.css").write_text("p{background:url(file.png)}")
    sheet = tmp_path / "styles" / "theme.css"
    sheet.write_text('@import "../basic.css"; a{background:url("../i/x.svg#y"),url(data:,z)}')
    text = light.read_stylesheet(sheet, tmp_path)
    assert re.findall(r"url\((.*?)\)", text) == ['"file.png"', '"i/x.svg#y"', "data:,z"]


@pytest.fixture(scope="module")
def icon_font():
    """The theme's font of icons."""
    import pydata_sphinx_theme

    [folder] = pydata_sphinx_theme.__path__
    path = f"{folder}/theme/pydata_sphinx_theme/static/vendor/fontawesome/webfonts"
    return ROOT / path / "fa-solid-900.ttf"


def test_a_font_is_cut_to_its_characters_and_keeps_its_licence(icon_font):
    cut = light.font_cut_to(icon_font, {0xF00C, 0xF0C9})
    font = TTFont(io.BytesIO(cut))
    assert set(font.getBestCmap()) == {0xF00C, 0xF0C9}
    assert "Copyright" in font["name"].getDebugName(0)
    assert len(cut) < 3000 < icon_font.stat().st_size
    assert light.font_cut_to(icon_font, {0xF00C, 0xF0C9}) == cut


def test_icons_go_into_the_stylesheet_and_equations_get_small_fonts(icon_font, tmp_path):
    mathjax = ROOT / "book/assets/vendor/mathjax/output/chtml/fonts/woff-v2"
    brands = icon_font.with_name("fa-brands-400.ttf")
    for path in (
        icon_font,
        brands,
        mathjax / "MathJax_Zero.woff",
        mathjax / "MathJax_Main-Regular.woff",
    ):
        (tmp_path / path.name).symlink_to(path)
    css = (
        "@font-face{font-family:I;src:url(fa-solid-900.woff2),url(fa-solid-900.ttf)}"
        "@font-face{font-family:J;src:url(fa-solid-900.woff2),url(fa-solid-900.ttf)}"
        "@font-face{font-family:K;src:url(fa-brands-400.woff2),url(fa-brands-400.ttf)}"
        "@font-face{font-family:Z;src:url(MathJax_Zero.woff)}"
        "@font-face{font-family:M;src:url(MathJax_Main-Regular.woff)}"
        'i::before{content:"\\f00c"}b::before{content:"\uf0c9"}mjx-c::before{content:"x"}'
    )
    css = light.with_cut_fonts(css, tmp_path, {"fas"})
    assert re.findall("family:(.)", css) == ["I", "Z", "M"]
    data = base64.b64decode(re.search("base64,([^)]*)", css)[1])
    assert set(TTFont(io.BytesIO(data)).getBestCmap()) == {0xF00C, 0xF0C9}
    assert "url(MathJax_Zero.woff)" in css
    [small] = (tmp_path / "fonts").iterdir()
    assert f'url("fonts/{small.name}")' in css
    assert ord("x") in TTFont(small).getBestCmap()
    assert ord("y") not in TTFont(small).getBestCmap()


# --- images ------------------------------------------------------------------------------


@pytest.fixture
def images(tmp_path):
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 400)
    (tmp_path / "a.png").write_bytes(header)
    svg = '<svg xmlns="http://www.w3.org/2000/svg" {}/>'
    (tmp_path / "b.svg").write_text(svg.format('width="460.8pt" height="96px"'))
    (tmp_path / "c.svg").write_text(svg.format('width="100%" height="96"'))
    return tmp_path


def test_sizes_of_images(images):
    assert light.image_size(images / "a.png") == (640, 400)
    assert light.image_size(images / "b.svg") == (614, 96)
    assert light.image_size(images / "c.svg") is None
    assert light.image_size(images / "d.gif") is None


@pytest.mark.parametrize(
    ("tag", "added"),
    [
        ('<img alt="x" src="a.png" />', 'loading="lazy" decoding="async" width="640" height="400"'),
        (
            '<img src="b.svg" />',
            'loading="lazy" decoding="async" width="614" height="96" style="aspect-ratio:614/96"',
        ),
        ('<img src="a.png" style="width: 50%" />', 'loading="lazy" decoding="async"'),
        ('<img src="c.svg">', 'loading="lazy" decoding="async"'),
        ('<img src="nowhere.png" />', ""),
        ('<img src="https://example.org/a.png" />', ""),
        ('<img src="a.png" loading="eager" />', ""),
    ],
)
def test_an_image_says_its_size_and_waits(images, tag, added):
    found = light.with_sizes(images / "page.html", tag)
    assert found == (tag if not added else tag.rstrip("/> ") + f" {added} />")


# --- scripts -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("p.html", '<script src="_static/a.js?v=1"></script>', 'src="_static/a.js?v=1" defer>'),
        ("p.html", '<script async src="_static/a.js"></script>', "<script async src="),
        ("p.html", "<script>let a = 1</script>", "<script>let a = 1</script>"),
        ("p.html", '<script src="_static/documentation_options.js"></script>', ">const O</script>"),
        ("search.html", '<script src="searchindex.js"></script>', 'src="searchindex.js" defer>'),
    ],
)
def test_scripts_wait_for_the_text(tmp_path, name, before, after):
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "documentation_options.js").write_text("const O")
    assert after in light.with_light_scripts(tmp_path / name, before, tmp_path / "_static")


@pytest.mark.parametrize(
    ("script", "used", "not_used"),
    [
        ("copybutton.js", "<pre>x</pre>", "<p>pre</p>"),
        ("clipboard.min.js", '<pre class="a">x</pre>', "<present>"),
        ("togglebutton.js", '<div class="note toggle">', '<button class="sidebar-toggle">'),
        ("togglebutton.js", '<div class="dropdown admonition">', '<div class="dropdown b-x">'),
        ("design-tabs.js", '<div class="sd-tab-set">', '<div class="sd-tabs">'),
    ],
)
def test_a_script_is_loaded_where_there_is_something_for_it(tmp_path, script, used, not_used):
    tag = f'<script src="_static/{script}?v=1"></script>'
    for page, count in ((used, 1), (not_used, 0)):
        found = light.with_light_scripts(tmp_path / "p.html", page + tag, tmp_path / "_static")
        assert found.count("<script") == count


@pytest.mark.parametrize(
    "script", ["../_static/scripts/fontawesome.js?digest=1", "../searchindex.js?v=2"]
)
def test_scripts_without_use_go(tmp_path, script):
    tag = f'<p></p><script defer src="{script}"></script>'
    found = light.with_light_scripts(tmp_path / "book" / "p.html", tag, tmp_path / "_static")
    assert found == "<p></p>"


def test_widgets_share_their_code_and_leave_the_page(tmp_path):
    static, page = tmp_path / "_static", tmp_path / "book" / "p.html"
    models = {
        id_: {
            "model_name": "AnyModel",
            "state": {"_esm": esm, "_anywidget_id": "l.e.Latch", "w": 2},
        }
        for id_, esm in [("m1", "one </scr" + "ipt>"), ("m2", "one </scr" + "ipt>"), ("m3", "two")]
    }
    text = json.dumps({"state": models}).replace("</", "<\\/")
    tag = f'<script type="{light.STATE}">{text}</script>'
    found = light.attributes(light.with_light_scripts(page, tag, static))
    assert sorted(path.name.partition("-")[0] for path in (static / "widgets").iterdir()) == [
        "Latch",
        "Latch",
        "p",
    ]
    state = light.local_path(page, found["data-src"]).read_text()
    moved = json.loads(
        re.fullmatch(r"\(globalThis.latchStates\?\?=\[\]\).push\((.*)\);\n", state)[1]
    )
    texts = [moved["state"][id_]["state"]["_esm"] for id_ in models]
    assert texts[0] == texts[1] != texts[2]
    assert moved["state"]["m1"]["state"]["w"] == 2
    [one] = texts[0]
    code = light.local_path(static / light.LOADER, one["file"]).read_text()
    assert f'["{one["name"]}"]="one </script>";' in code


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("one", [("Own", "one")]),
        ("//# part a\none\n//# part b\ntwo\n", [("a", "one\n"), ("b", "two\n")]),
        ("zero\n//# part b\ntwo", [("Own", "zero\n"), ("b", "two")]),
        ("one //# part b\ntwo", [("Own", "one //# part b\ntwo")]),
    ],
)
def test_a_module_is_taken_apart_at_the_lines_that_name_its_parts(text, found):
    assert light.parts(text, "Own") == found


def test_explorables_share_all_but_their_own_part():
    """The module that JupyterLab gets is the parts that a page loads, one after the other."""
    own = {}
    for cls in (Latch, GradientThroughTime, Rectangle):
        module = cls()._esm
        (first, shared), (name, rest) = light.parts(module, "")
        assert first == "shared" and "FORMULAS = {" in shared and "FORMULAS = {" not in rest
        assert f"//# part shared\n{shared}//# part {name}\n{rest}" == module
        own[name] = shared
        assert len(rest) < 0.15 * len(shared)
    assert sorted(own) == ["gradient", "latch", "rectangle"] and len(set(own.values())) == 1


def test_drills_share_the_script_of_all_questions():
    scripts = [dict(light.parts(drill(name)._esm, "")) for name in list(drills())[:3]]
    assert {tuple(one) for one in scripts} == {("drill", "questions")}
    assert len({one["questions"] for one in scripts}) == 1
    assert len({one["drill"] for one in scripts}) == 3
    assert max(len(one["drill"]) for one in scripts) < 1500
    assert dict(light.parts(predict("latch-neuron")._esm, "")).keys() == {"questions"}


def theme_script() -> str:
    """Return the script of the theme that is installed."""
    theme = resources.files("pydata_sphinx_theme") / "theme/pydata_sphinx_theme/static"
    return (theme / light.THEME_SCRIPT).read_text("utf-8")


def test_the_themes_script_no_longer_looks_for_what_scrolls():
    before = theme_script()
    after = light.without_scrolling(before)
    assert '"pre",' in before and '"pre",' not in after and "[].forEach" in after
    assert len(before) - 200 < len(after) < len(before)


def test_a_script_of_the_theme_that_has_changed_is_refused():
    script = theme_script()
    changed = script.replace("document.querySelectorAll([", "document.body.querySelectorAll([")
    for other, count in ((changed, 0), (2 * script, 2), ("", 0)):
        with pytest.raises(light.ExtensionError, match=f"at {count} places, not 1"):
            light.without_scrolling(other)


def test_a_page_is_made_light_as_a_whole(tmp_path):
    static = tmp_path / "_static"
    for name, content in {
        "styles/theme.css": ".used{color:red}.unused{color:blue}",
        "own.css": "p{color:green}",
        "print.css": "p{color:black}",
        "scripts/fontawesome.js": "",
        "scripts/fontawesome.js.map": "",
        light.THEME_SCRIPT: theme_script(),
        "vendor/fontawesome/webfonts/f.ttf": "",
        "locales/de/x.mo": "",
    }.items():
        (static / name).parent.mkdir(parents=True, exist_ok=True)
        (static / name).write_text(content)
    head = (
        '<link rel="preload" as="script" href="../_static/scripts/x.js" />'
        '<link href="../_static/styles/theme.css?v=1" rel="stylesheet" />'
        '<link rel="stylesheet" href="../_static/own.css" />'
        '<link rel="stylesheet" media="print" href="../_static/print.css" />'
        '<link rel="stylesheet" href="../_static/nowhere.css" />'
    )
    (tmp_path / "book").mkdir()
    page = tmp_path / "book" / "p.html"
    page.write_text(f'<head>{head}</head><p class="used">')
    light.lighten(tmp_path)
    [css] = static.glob("book-*.css")
    assert css.read_text() == ".used{color:red}\np{color:green}"
    hrefs = re.findall('href="([^"]*)"', page.read_text())
    assert hrefs == [
        f"../_static/{css.name}",
        "../_static/print.css",
        "../_static/nowhere.css",
    ]
    left = sorted(path.relative_to(static).as_posix() for path in static.rglob("*.*"))
    assert left == sorted([css.name, "print.css", light.THEME_SCRIPT])
    assert (static / light.THEME_SCRIPT).read_text() == light.without_scrolling(theme_script())


# --- equations ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mathjax():
    maker = typeset.Typesetter()
    yield maker
    maker.close()


def test_an_equation_is_set_with_mathml_beside_it(mathjax):
    found = mathjax.typeset(r"h^\star = \sqrt{w - 1}", display=False)
    assert found.startswith("<mjx-container") and "display" not in found.partition(">")[0]
    assert "<msup><mi>h</mi><mo>⋆</mo></msup>" in found
    assert 'aria-hidden="true"' in found  # what is not MathML
    shown = mathjax.typeset("x", display=True)
    assert 'display="true"' in shown.partition(">")[0]
    rules = mathjax.stylesheet()
    assert "mjx-c.mjx-c221A::before" in rules  # the root
    assert typeset.RULES in rules
    assert f'url("{typeset.FONTS}/MathJax_Main-Regular.woff")' in rules


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        (r"\frac{1", "Missing close brace"),
        (r"\nothing", r"Undefined control sequence \\nothing"),
        (r"\begin{align} a", "Missing .end.align."),
        ("a_b_c", "Double subscripts"),
    ],
)
def test_bad_tex_is_refused(mathjax, tex, said):
    for _ in range(2):  # an answer is kept
        with pytest.raises(ValueError, match=said):
            mathjax.typeset(tex, display=True)
    assert "<mi>x</mi>" in mathjax.typeset("x", display=True)


def test_without_mathjax_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(typeset, "MATHJAX", tmp_path / "nowhere")
    with pytest.raises(typeset.ExtensionError, match=r"pip install -e \."):
        typeset.Typesetter().typeset("x", display=False)


def test_what_a_widget_names_stays_in_its_order(tmp_path):
    """A list of choices is made from the keys of a mapping."""
    values = {"weights": {"two": [1], "flip": [2], "a": [3]}}
    state = {"version_major": 2, "state": {"m": {"model_name": "AnyModel", "state": values}}}
    path = light.moved_state(tmp_path / "page.html", state, tmp_path / "_static")
    assert '{"two":[1],"flip":[2],"a":[3]}' in path.read_text()
