"""The pictures of the README, taken in a real browser: `make screenshots`.

Without --address it starts Huitou on a free port by itself, with the demo shop, and stops it again. A page that is not
there (yet) is named, its old picture stays, and the exit code is 1. Another picture is one more line in SHOTS.
"""

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

CLONE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CLONE))

from crm.demo.accounts import accounts  # noqa: E402 (needs the path above)

IMAGES = CLONE / "docs" / "images"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS = 15 * 60  # the first start builds the demo shop
PAGE_MS = 60_000
MAX_PICTURE, MAX_ALL = 200_000, 1_200_000


class Shot(NamedTuple):
    """One picture. `path` is below the shop; `opens` is a link to follow from there, its href as a pattern."""

    name: str
    path: str
    opens: str = ""
    width: int = 1440
    height: int = 800
    theme: Literal["light", "dark"] = "light"
    language: str = "en"


SHOTS = (
    Shot("overview", ""),
    Shot("customers", "customers/"),
    Shot("customer", "customers/?stage=at_risk&sort=value", opens=r"/customers/\d+/$"),
    Shot("rfm", "insights/"),
    Shot("cohorts", "insights/cohorts/"),
    Shot("forecast", "insights/forecast/"),
    Shot("imports", "imports/", opens=r"/imports/\d+/$"),
    Shot("overview-dark", "", theme="dark"),
    Shot("overview-zh", "", language="zh-hans"),
    Shot("customers-phone", "customers/", width=390, height=844),
)


class Trouble(Exception):
    """One sentence that says what is in the way."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", help="a Huitou that runs already, like http://localhost:8000")
    parser.add_argument("--shop", default="demo")
    parser.add_argument("--only", nargs="*", help="some of the pictures", choices=[shot.name for shot in SHOTS])
    options = parser.parse_args()
    wanted = [shot for shot in SHOTS if not options.only or shot.name in options.only]
    try:
        with _running(options.address) as address, _browser() as browser:
            visit = Visit(browser, address, options.shop)
            missing = [shot.name for shot in wanted if not visit.take(shot)]
        too_large = _too_large()
    except (Trouble, BrowserError) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    for line in too_large:
        print(line, file=sys.stderr)
    return int(bool(missing or too_large))


@contextmanager
def _running(address: str | None) -> Iterator[str]:
    """The address of a Huitou with its demo shop; ours is stopped at the end, whatever happens."""
    if address:
        yield address.rstrip("/")
        return
    port = _free_port()
    command = [sys.executable, "-m", "crm.supervisor", "--demo"]
    environment = {**os.environ, "PORT": str(port), "BASE_URL": f"http://localhost:{port}"}
    process = subprocess.Popen(command, cwd=CLONE, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(f"http://localhost:{port}/healthz", process)
        yield f"http://localhost:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise Trouble("Huitou ended before it was up; its lines above say why.")
        try:
            with urllib.request.urlopen(address, timeout=10):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise Trouble(f"Huitou was not up after {START_SECONDS // 60} minutes.")


@contextmanager
def _browser() -> Iterator[Browser]:
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        raise Trouble("No Chromium is installed (Debian, Ubuntu: apt-get install chromium fonts-noto-cjk).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """One browser, logged in once; each picture has a context of its own with these cookies."""

    def __init__(self, browser: Browser, address: str, shop: str) -> None:
        self.browser, self.address, self.shop = browser, address, f"{address}/s/{shop}/"
        context = browser.new_context()
        self._log_in(context.new_page())
        self.cookies = context.storage_state()
        context.close()

    def take(self, shot: Shot) -> bool:
        """Take one picture; False where the page is not there."""
        context = self.browser.new_context(
            storage_state=self.cookies,
            viewport={"width": shot.width, "height": shot.height},
            color_scheme=shot.theme,
            reduced_motion="reduce",
        )
        context.add_cookies([{"name": "django_language", "value": shot.language, "url": self.address}])
        try:
            page = context.new_page()
            page.set_default_timeout(PAGE_MS)
            if not _go_to(page, self.shop, shot):
                print(f"  {shot.name}: {shot.path or 'the first page'} is not there", file=sys.stderr)
                return False
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(1_000)  # charts draw themselves
            _keep(page, shot)
            return True
        finally:
            context.close()

    def _log_in(self, page: Page) -> None:
        owner = next(account for account in accounts() if account.role == "owner")
        page.set_default_timeout(PAGE_MS)
        page.goto(f"{self.address}/accounts/login/")
        page.locator("input[name=login]").fill(owner.email)
        page.locator("input[name=password]").fill(owner.password)
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url(lambda url: "/accounts/login/" not in url)


def _keep(page: Page, shot: Shot) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    path = IMAGES / f"{shot.name}.png"
    page.screenshot(path=path)
    print(f"  {path.name}  {path.stat().st_size // 1000} kB", flush=True)


def _go_to(page: Page, shop: str, shot: Shot) -> bool:
    answer = page.goto(shop + shot.path)
    if answer is None or not answer.ok:
        return False
    if not shot.opens:
        return True
    hrefs = page.locator("main a[href]").evaluate_all("links => links.map(link => link.href)")
    target = next((href for href in hrefs if re.search(shot.opens, href.partition("?")[0])), None)
    answer = page.goto(target) if target else None
    return answer is not None and answer.ok


def _too_large() -> list[str]:
    sizes = {picture.name: picture.stat().st_size for picture in IMAGES.glob("*.png")}
    found = [
        f"{name} is {size // 1000} kB, more than {MAX_PICTURE // 1000}"
        for name, size in sizes.items()
        if size > MAX_PICTURE
    ]
    if sum(sizes.values()) > MAX_ALL:
        found.append(f"The pictures are {sum(sizes.values()) // 1000} kB, more than {MAX_ALL // 1000}")
    return found


if __name__ == "__main__":
    sys.exit(main())
