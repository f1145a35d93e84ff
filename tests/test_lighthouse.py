"""The tool that runs Lighthouse: what it serves, and what it calls too low."""

import gzip
import http.client

import pytest

from tools import lighthouse

REPORT = {
    "categories": {
        "performance": {"score": 0.9},
        "accessibility": {"score": 1},
        "best-practices": {"score": 1},
        "seo": {"score": None},
    }
}


def test_scores_below_what_is_wanted_are_named():
    found = lighthouse.scores(REPORT)
    assert found == {"performance": 90, "accessibility": 100, "best-practices": 100, "seo": 0}
    assert lighthouse.below(found, "mobile") == ["seo"]
    assert lighthouse.below(found, "desktop") == ["performance", "seo"]
    assert lighthouse.below({}, "mobile") == list(lighthouse.WANTED["mobile"])


def test_what_costs_points_is_named_with_its_first_element():
    refs = [
        {"id": name, "weight": weight}
        for name, weight in (
            ("label", 7),
            ("contrast", 3),
            ("note", 0),
            ("manual", 1),
            ("speed", 10),
        )
    ]
    audits = {
        "label": {"id": "label", "score": 1},
        "contrast": {
            "id": "contrast",
            "score": 0,
            "details": {"items": [{"node": {"snippet": "<p class='pale'>"}}, {}]},
        },
        "note": {"id": "note", "score": 0},
        "manual": {"id": "manual", "score": None},
        "speed": {"id": "speed", "score": 0.4, "displayValue": "4 s", "details": {"items": []}},
    }
    report = {"categories": {"accessibility": {"auditRefs": refs}}, "audits": audits}
    found = lighthouse.failed(report, "accessibility")
    assert found == ["contrast <p class='pale'>", "speed 4 s"]


@pytest.mark.parametrize(("name", "packed"), [("a page.html", True), ("font.woff", False)])
def test_text_is_sent_with_gzip(tmp_path, name, packed):
    (tmp_path / name).write_bytes(b"text " * 100)
    server = lighthouse.serve(tmp_path)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
        connection.request("GET", f"/{name.replace(' ', '%20')}?v=1")
        answer = connection.getresponse()
        data = answer.read()
        assert answer.getheader("Content-Encoding") == ("gzip" if packed else None)
        assert (gzip.decompress(data) if packed else data) == b"text " * 100
        connection.request("GET", "/nowhere.html")
        assert connection.getresponse().status == 404
    finally:
        server.shutdown()
        server.server_close()


def test_without_a_browser_it_says_so(monkeypatch, capsys):
    monkeypatch.setattr(lighthouse, "find_chromium", lambda: None)
    assert lighthouse.main([]) == 1
    assert lighthouse.ADVICE in capsys.readouterr().err
