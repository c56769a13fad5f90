"""`make screenshots`: pictures of the pages, as each role sees them, into var/screenshots."""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from playwright.sync_api import Browser, Page, sync_playwright

from tests.databases import free_port

TARGET = Path("var/screenshots")
WIDTHS = (1440, 360)
PAGES = {
    "巡察办经办人": [
        "/",
        "/tasks",
        "/plans",
        "/letters",
        "/letter-kinds",
        "/interviews",
        "/accountability",
        "/feedbacks",
        "/rounds",
        "/visits",
        "/assessments",
        "/spot-checks",
        "/imports",
        "/figures",
        "/reports",
        "/reminders",
        "/court",
        "/deliveries",
        "/units",
        "/persons",
    ],
    "巡察办主任": ["/", "/reminders", "/reports", "/tasks?state=office_review"],
    "单位联络员": ["/", "/tasks", "/plans", "/letters"],
    "党组织主要负责人": ["/", "/tasks"],
    "巡察工作领导小组成员": ["/", "/figures"],
    "系统管理员": ["/", "/accounts", "/channels", "/deliveries"],
    "安全管理员": ["/access-diagnosis"],
    "审计管理员": ["/audit"],
}
FIRST_ROWS = {
    "/tasks": "a[href^='/tasks/']",
    "/plans": "a[href^='/plans/']",
    "/letters": "td a[href^='/letters/']",
    "/interviews": "td a[href^='/interviews/']",
    "/accountability": "td a[href^='/accountability/']",
    "/feedbacks": "td a[href^='/feedbacks/']",
    "/rounds": "td a[href^='/rounds/']",
    "/visits": "td a[href^='/visits/']",
    "/assessments": "td a[href^='/assessments/']",
    "/spot-checks": "td a[href^='/spot-checks/']",
    "/reports": "a[href^='/reports/']",
    "/audit": "td a[href^='/audit/']",
}


def main() -> int:
    """Take the pictures, from a demonstration started here or from --url."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url")
    parser.add_argument("--place", default="", help="part of the place's name on the sign-in page")
    wanted = parser.parse_args()
    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--disable-gpu"]
        )
        if wanted.url:
            take(browser, wanted.url, wanted.place)
        else:
            with demonstration() as url:
                take(browser, url, wanted.place)
        browser.close()
    sys.stdout.write(f"{len(list(TARGET.glob('*.png')))} pictures in {TARGET}\n")
    return 0


@contextmanager
def demonstration() -> Iterator[str]:
    """Run `make run`'s program on free ports with data of its own."""
    port, robots = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "jobs.demo_run",
            "--port",
            str(port),
            "--simulator-port",
            str(robots),
            "--data-dir",
            folder,
        ]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(f"http://127.0.0.1:{port}/healthz")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _wait(url: str) -> None:
    for _ in range(120):
        try:
            if requests.get(url, timeout=1).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.5)
    raise SystemExit("the demonstration did not start")


def take(browser: Browser, url: str, place: str) -> None:
    """Walk every role's pages at every width."""
    for width in WIDTHS:
        for role, paths in PAGES.items():
            context = browser.new_context(
                locale="zh-CN", base_url=url, viewport={"width": width, "height": 900}
            )
            page = context.new_page()
            page.goto("/sign-in")
            if role == "巡察办经办人":
                _picture(page, "sign-in", "", width)
            here = page.get_by_role("button", name=re.compile(f"{place}.*{role}"))
            (
                here if here.count() else page.get_by_role("button", name=re.compile(role))
            ).first.click()
            for path in paths:
                page.goto(path)
                _picture(page, role, path, width)
                inner = FIRST_ROWS.get(path.split("?")[0])
                link = page.locator(inner).first if inner else None
                if link is not None and link.count():
                    link.click()
                    _picture(page, role, path + "-one", width)
            context.close()


def _picture(page: Page, role: str, path: str, width: int) -> None:
    name = re.sub(r"[^\w]+", "-", f"{role}{path}").strip("-")
    page.screenshot(path=TARGET / f"{name}-{width}.png", full_page=True)


if __name__ == "__main__":
    sys.exit(main())
