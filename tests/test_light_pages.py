"""What the build does to the pages: one small stylesheet, scripts that wait, images with a size."""

import io
import re
import unicodedata
from importlib import resources

import pytest
import tinycss2
from bs4 import BeautifulSoup
from built import extension
from fontTools.ttLib import TTFont

from latchbook.explorables import GradientThroughTime, Latch, Rectangle
from latchbook.questions import drill, drills, predict
from tools.book import ROOT

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


# --- scripts -----------------------------------------------------------------------------


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


COLOURS = (
    *[(symbol, "of-state") for symbol in ("a_t", "a", r"\tilde{a}_t")],
    *[(symbol, "of-noise") for symbol in ("h_t", "h")],
    *[(symbol, "of-map") for symbol in (r"a_{\pm}", "a_+")],
    ("h^*", "of-safe"),
    ("w", ""),
)


@pytest.mark.parametrize(
    ("tex", "coloured"),
    [
        (r"a_t = w \tanh(a_{t-1}) + h_t", {"of-state": "at at−1", "of-noise": "ht"}),
        (r"\tilde{a}_{t+1}^2 + a_0^p h", {"of-state": "~a2t+1 ap0", "of-noise": "h"}),
        (r"a_+ < h^*(w) < a_{\pm}^2 - a_-", {"of-map": "a+ a2±", "of-safe": "h\u2217"}),
        (r"\frac{\partial a_t}{\partial a_0} a", {"of-gradient": "∂at∂a0", "of-state": "a"}),
        (r"a\,\partial C/\partial a_t", {"of-state": "a", "of-gradient": "∂ C / ∂ at"}),
        (r"\sqrt{\nabla C \cdot h}", {"of-gradient": "∇ C", "of-noise": "h"}),
        (r"w^2 + \frac{w}{2} + b_t", {}),
    ],
)
def test_a_symbol_has_the_colour_of_its_quantity(mathjax, tex, coloured):
    drawn, _, mathml = mathjax.typeset(tex, display=False, colours=COLOURS).partition("<mjx-assis")
    assert " class=" not in mathml
    found = {}
    for part in BeautifulSoup(drawn, "html.parser").select("[class*=of-]"):
        kind = next(name for name in part["class"] if name.startswith("of-"))
        text = "".join(chr(int(c["class"][0][len("mjx-c") :], 16)) for c in part.select("mjx-c"))
        text = unicodedata.normalize("NFKC", text)
        found[kind] = f"{found[kind]} {text}" if kind in found else text
    assert found == coloured
    assert "of-" not in mathjax.typeset(tex, display=False)


def test_a_chapter_has_the_colours_of_its_own_symbols():
    """In the chapter on multigrid ``a`` is a distance, and in that on gates sigma is no noise."""

    def colours(chapter):
        page = (ROOT / "_build" / "html" / "book" / f"{chapter}.html").read_text("utf-8")
        return set(re.findall(r'class="[^"]*(of-\w+)"', page))

    assert {"of-state", "of-map", "of-safe", "of-noise", "of-gradient"} <= colours("latch-neuron")
    assert "of-state" not in colours("multigrid")
    assert not colours("glossary")
