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
