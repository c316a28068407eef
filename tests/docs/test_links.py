"""Links within the repository; docs/make/links.py lists where others lead, nobody fetches it."""

import re
from urllib.parse import unquote, urlsplit

import pytest

from .pages import DOCS, PAGES, ROOT, anchors, links, name


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"], ids=name
)
def test_links_lead_somewhere(page):
    for link in links(page):
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme in ("https", "http", "mailto"), link
            assert parts.scheme != "http" or parts.hostname in ("127.0.0.1", "localhost"), link
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        assert target.exists(), f"{name(page)} links to {link}"
        assert target.is_relative_to(ROOT), link
        if parts.fragment:
            assert parts.fragment in anchors(target), f"{name(page)} links to {link}"
        if page.is_relative_to(DOCS):
            assert target.is_relative_to(DOCS), f"{link} is not on the site; name the file as code"


def test_links_from_the_code_lead_to_pages():
    for file in (ROOT / "src").rglob("*"):
        if file.suffix in (".py", ".sql", ".html") and "docs/" in (text := file.read_text()):
            for page, anchor in re.findall(r"\bdocs/([\w/-]+\.md)(?:#([\w-]+))?", text):
                assert (DOCS / page).is_file(), f"{file} names {page}"
                assert not anchor or anchor in anchors(DOCS / page), f"{file}: {page}#{anchor}"


def test_every_picture_is_shown_and_small():
    shown = {
        (page.parent / link).resolve()
        for page in PAGES
        for link in links(page)
        if "images/" in link
    }
    for picture in (DOCS / "images").iterdir():
        assert picture in shown, picture
        assert picture.stat().st_size < 150_000, picture
