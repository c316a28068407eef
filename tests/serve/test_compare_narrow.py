"""The page of comparisons on a telephone: nothing to scroll sideways."""

import pytest

from browser.conftest import CHROMIUM, FLAGS

from .test_compare_page import PATH, versions

__all__ = ["versions"]


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/compare", "/compare?group=chat/production/support", PATH])
def test_400_pixels_are_wide_enough(versions, server, path):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 400, "height": 800})
        page.goto(f"{server.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        browser.close()
