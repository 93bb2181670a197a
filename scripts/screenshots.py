"""The pictures of the README, and the film of an import in the docs, taken in a real browser: `make screenshots`.

Without --address it starts Huitou on a free port by itself, with the demo shop, and stops it again. A page that is not
there (yet) is named, its old picture stays, and the exit code is 1. Another picture is one more line in SHOTS.
"""

import argparse
import csv
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

CLONE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CLONE))

from crm.demo.accounts import accounts  # noqa: E402 (needs the path above)
from customers.imports.sample import sample_orders  # noqa: E402 (the same)

IMAGES = CLONE / "docs" / "images"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS = 15 * 60  # the first start builds the demo shop
PAGE_MS = 60_000
MAX_PICTURE, MAX_ALL = 200_000, 1_200_000
FILM = "import"  # a file of Shopify is dropped, checked, imported, and the shop is scored
FILM_WIDTH, FILM_HEIGHT, FILM_QUALITY = 860, 540, 55


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
    names = [shot.name for shot in SHOTS]
    parser.add_argument("--only", nargs="*", help="some of the pictures", choices=[*names, FILM])
    options = parser.parse_args()
    wanted = [shot for shot in SHOTS if not options.only or shot.name in options.only]
    try:
        with _running(options.address) as address, _browser() as browser:
            visit = Visit(browser, address, options.shop)
            missing = [shot.name for shot in wanted if not visit.take(shot)]
            if not options.only or FILM in options.only:
                visit.film()
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

    def film(self) -> None:
        """Import a file of Shopify into a shop of its own, by hand, with a still of each step."""
        context = self.browser.new_context(
            storage_state=self.cookies,
            viewport={"width": FILM_WIDTH, "height": FILM_HEIGHT},
            reduced_motion="reduce",
        )
        context.add_cookies([{"name": "django_language", "value": "en", "url": self.address}])
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "orders_export.csv"
            file.write_text(_shopify_export(), encoding="utf-8")
            page = context.new_page()
            page.set_default_timeout(PAGE_MS)
            shop = self._open_shop(page)
            page.goto(f"{shop}imports/")
            page.set_input_files("#file", file)
            _still(page, 1)
            page.get_by_role("button", name="Upload and check").click()
            page.locator("#sums").wait_for()
            _still(page, 2)
            page.locator("main").get_by_role("button", name="Import").click()
            page.get_by_text("See your customers").wait_for()
            _still(page, 3)
            self._wait_for_scores(page, shop)
            _still(page, 4)
        context.close()

    def _open_shop(self, page: Page) -> str:
        page.goto(f"{self.address}/shops/new/")
        page.fill("[name=shop_name]", "Tea House")
        page.select_option("[name=currency]", "GBP")
        page.select_option("[name=timezone]", "Europe/London")
        page.fill("[name=slug]", slug := f"tea-house-{int(time.time())}")  # that of an earlier film is taken
        page.locator("main form button[type=submit]").click()
        page.wait_for_url(f"**/s/{slug}/")
        return page.url

    def _wait_for_scores(self, page: Page, shop: str) -> None:
        end = time.monotonic() + PAGE_MS / 1000
        while time.monotonic() < end:
            page.goto(f"{shop}insights/")
            page.wait_for_load_state("networkidle")
            if page.locator("main [data-chart]").count():
                return
            time.sleep(1)
        raise Trouble("The shop of the film was not scored.")

    def _log_in(self, page: Page) -> None:
        owner = next(account for account in accounts() if account.role == "owner")
        page.set_default_timeout(PAGE_MS)
        page.goto(f"{self.address}/accounts/login/")
        page.locator("input[name=login]").fill(owner.email)
        page.locator("input[name=password]").fill(owner.password)
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url(lambda url: "/accounts/login/" not in url)


def _still(page: Page, number: int) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1_000)  # charts draw themselves
    page.screenshot(path=IMAGES / f"{FILM}-{number}.jpeg", type="jpeg", quality=FILM_QUALITY)
    print(f"  {FILM}-{number}.jpeg", flush=True)


def _shopify_export() -> str:
    """The sample orders as Shopify exports orders: what is of the order stands on its first row."""
    text = io.StringIO()
    rows = list(csv.DictReader(io.StringIO(sample_orders("GBP", "en", datetime.now(UTC).date()))))
    writer = csv.writer(text)
    writer.writerow([
        "Name", "Email", "Financial Status", "Currency", "Shipping", "Created at", "Lineitem quantity", "Lineitem name",
        "Lineitem price", "Lineitem sku", "Lineitem discount", "Billing Name", "Billing City", "Billing Country",
        "Refunded Amount",
    ])  # fmt: skip
    for row in rows:
        status = {"cancelled": "voided", "": ""}.get(row["status"], "paid")
        writer.writerow([
            row["order_id"].replace("SAMPLE-", "#"), row["email"], status, row["currency"] if status else "",
            row["shipping"], f"{row['ordered_at']}:00 +0000", row["quantity"], row["product_name"], row["unit_price"],
            row["product_id"], row["discount"], row["name"], row["city"], row["country"], row["refunded"],
        ])  # fmt: skip
    return text.getvalue()


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
    sizes = {picture.name: picture.stat().st_size for picture in IMAGES.glob("*.*g")}
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
