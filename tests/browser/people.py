"""One person's browser: pages by their Chinese words, as the person reads them."""

import re
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, expect

from tests.visitor import PASSWORD


class Desk:
    """One signed-in person. Complaints of the browser's console fail the test at `leave`."""

    def __init__(self, browser: Browser, url: str, username: str) -> None:
        self.context = browser.new_context(
            locale="zh-CN", base_url=url, viewport={"width": 1440, "height": 900}
        )
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text) if message.type == "error" else None
            ),
        )
        self.username = username
        self.sign_in()

    def sign_in(self) -> None:
        """Sign in, or in again after the session has ended."""
        self.page.goto("/sign-in")
        self.fill(登录名=self.username, 密码=PASSWORD)
        self.press("登录")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("工作台")

    def go(self, path: str) -> None:
        self.page.goto(path)

    def follow(self, words: str) -> None:
        self._unfold("link", words)
        self.page.get_by_role("link", name=words, exact=True).first.click()

    def fill(self, **fields: str) -> None:
        for label, value in fields.items():
            self.page.get_by_label(re.compile(rf"^{re.escape(label)}")).first.fill(value)

    def choose(self, label: str, words: str) -> None:
        self.page.get_by_label(re.compile(rf"^{re.escape(label)}")).first.select_option(label=words)

    def tick(self, *labels: str) -> None:
        for label in labels:
            self.page.get_by_label(label).check()

    def attach(self, label: str, file: Path) -> None:
        self.page.get_by_label(label).set_input_files(file)

    def press(self, words: str, *, confirm: str | None = None) -> None:
        self._unfold("button", words)
        self.page.get_by_role("button", name=words, exact=True).first.click()
        if confirm:
            self.page.get_by_role("dialog").get_by_role("button", name=confirm).click()

    def _unfold(self, role: Literal["button", "link"], words: str) -> None:
        """Open the menu that something stands in, where it stands nowhere else."""
        if self.page.get_by_role(role, name=words, exact=True).count():
            return
        folded = self.page.get_by_role(role, name=words, exact=True, include_hidden=True)
        menu = self.page.locator("details.menu:not([open]):visible").filter(has=folded)
        if menu.count():
            menu.first.locator("summary").click()

    def sees(self, words: str) -> None:
        expect(self.page.get_by_role("main").or_(self.page.locator("body")).first).to_contain_text(
            words
        )

    def leave(self) -> None:
        assert self.complaints == []
        self.context.close()
