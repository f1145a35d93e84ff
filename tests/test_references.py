"""The bibliography and the citations: they parse, and an entry leads to what it cites."""

import re

from built import soup
from pybtex.database import BibliographyData, parse_string

from tools.book import ROOT

BIBLIOGRAPHY = ROOT / "book" / "references.bib"
DOI = re.compile(r"10\.\d{4,9}/\S+")


def is_isbn(text: str) -> bool:
    """Say whether the last digit of an ISBN agrees with the others."""
    digits = [10 if digit == "X" else int(digit) for digit in text if digit not in "- "]
    if len(digits) == 10:
        return sum(n * d for n, d in zip(range(10, 0, -1), digits, strict=True)) % 11 == 0
    return len(digits) == 13 and sum(d * (1 + 2 * (n % 2)) for n, d in enumerate(digits)) % 10 == 0


def problems(data: BibliographyData) -> list[str]:
    """Return what an entry lacks to lead somewhere: a DOI, or why it has none and another way."""
    found = []
    for name, entry in data.entries.items():
        fields = entry.fields
        doi, reason = fields.get("doi", ""), fields.get("nodoi", "")
        if doi and not DOI.fullmatch(doi):
            found.append(f"{name}: {doi} is no DOI")
        if bool(doi) == bool(reason):
            found.append(f"{name}: wanted is a doi, or nodoi = {{why there is none}}")
        if not re.match(r"https://|$", fields.get("url", "")):
            found.append(f"{name}: {fields['url']} does not begin with https://")
        if "isbn" in fields and not is_isbn(fields["isbn"]):
            found.append(f"{name}: {fields['isbn']} is no ISBN")
        if not doi and not {"url", "isbn", "note"} & set(fields):
            found.append(f"{name}: it leads nowhere")
        if not entry.persons.get("author"):
            found.append(f"{name}: it has no author")
        if "year" not in fields and entry.type != "misc":
            found.append(f"{name}: it has no year")
    return found


def bibliography() -> BibliographyData:
    return parse_string(BIBLIOGRAPHY.read_text(encoding="utf-8"), "bibtex")


def citations(page: str) -> list[BibliographyData]:
    """Return what the BibTeX blocks of a page hold."""
    blocks = re.findall(r"^```bibtex\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    return [parse_string(block, "bibtex") for block in blocks]


def test_every_entry_leads_somewhere():
    assert problems(bibliography()) == []


def test_every_doi_is_a_link_on_the_page():
    page = soup("book/references")
    links = {link["href"].lower() for link in page.select("article a[href^='https://']")}
    fields = [entry.fields for entry in bibliography().entries.values()]
    wanted = {f"https://doi.org/{f['doi']}".lower() for f in fields if "doi" in f}
    assert len(wanted) > 5
    assert wanted <= links
    assert {f["url"].lower() for f in fields if "url" in f} <= links


def test_the_page_and_the_citation_file_name_the_same():
    import yaml

    file = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    _, book = citations((ROOT / "book" / "cite.md").read_text(encoding="utf-8"))
    [entry] = book.entries.values()
    assert file["title"] == entry.fields["title"].partition(":")[0]
    assert f"Version {file['version']}" == entry.fields["note"]
    [paper] = [item for item in file["references"] if item.get("doi")]
    assert paper["doi"] == bibliography().entries["bengio1994learning"].fields["doi"]
