"""Take the pictures of pages in docs/images: ``python docs/make/screens.py``.

Runs the demo into a store of its own, opens its pages in a headless Chromium, and keeps each
picture under 150 kB. ``CHROMIUM`` names the browser; it needs the extras ``docs`` and ``test``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page, sync_playwright

IMAGES: Final = Path(__file__).parents[1] / "images"
CHROMIUM: Final = os.environ.get("CHROMIUM", "/usr/bin/chromium")
MOST: Final = 150_000
WIDTH: Final = 1280
HEIGHT: Final = 860
PAGES: Final = {
    "signals": "/",
    "charts-overview": "/charts/overview",
    "charts-signals": "/charts/signals",
    "charts-drift": "/charts/drift",
    "review": "/review",
}


@contextmanager
def demo() -> Iterator[str]:
    """The demo of four weeks, on a free port; its address."""
    with tempfile.TemporaryDirectory() as directory:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
        command = [str(Path(sys.executable).with_name("otel-ai-feedback")), "demo"]
        process = subprocess.Popen(
            [*command, "--listen", "127.0.0.1:0"],
            env=ours | {"OTEL_AI_FEEDBACK_STATE_DIR": directory},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stderr is not None
            for line in process.stderr:
                if line.startswith("Pages: ") and (
                    found := re.search(r"http://127\.0\.0\.1:\d+", line)
                ):
                    yield found[0]
                    return
            raise RuntimeError("the demo ended before its pages could be seen")
        finally:
            process.terminate()
            process.wait(60)


def take(page: Page, address: str, name: str) -> None:
    """One picture of what is below the head of a page and the lines about the demo's own state."""
    page.goto(address, wait_until="networkidle")
    top = page.locator("main").bounding_box()
    assert top is not None
    height = HEIGHT - top["y"]
    page.screenshot(
        path=IMAGES / f"{name}.png", clip={"x": 0, "y": top["y"], "width": WIDTH, "height": height}
    )
    shrink(IMAGES / f"{name}.png")


def incident(page: Page, address: str) -> str:
    """The path of the open incident that is due first."""
    page.goto(f"{address}/triage")
    link = page.locator("main a[href^='/triage/']:not([href='/triage/report'])").first
    return link.get_attribute("href") or ""


def shrink(file: Path) -> None:
    """Rewrite a picture in a palette of up to 256 colours, in fewer while it is too large."""
    with Image.open(file) as opened:
        picture = opened.convert("RGB")
    for colours in (256, 64, 32, 16):
        picture.quantize(colours).save(file, optimize=True)
        if file.stat().st_size < MOST:
            return
    raise ValueError(f"{file} is over {MOST} bytes in 16 colours")


def main() -> None:
    """Take them all."""
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for name, path in PAGES.items():
            take(page, address + path, name)
        take(page, address + incident(page, address), "triage")
        browser.close()


if __name__ == "__main__":
    main()
