"""A browser of the tests: parses every page, sends CSRF tokens, one context per request."""

import contextvars
import re
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
HIDDEN = re.compile(r'<input[^>]*name="(submission|version)"[^>]*value="([^"]+)"')
VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)
PASSWORD = "Stone-7-river"  # the password of everybody in the cast


class PageError(AssertionError):
    """A page whose HTML does not nest."""


class Nesting(HTMLParser):
    """Checks that tags nest, and that nothing inline slips past the CSP."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, _value in attrs:
            if name == "style" or name.startswith("on"):
                raise PageError(f"inline {name} on <{tag}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            raise PageError(f"</{tag}> does not close what is open: {self.open[-3:]}")


class Visitor:
    """One browser: its cookies, its last page."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        self.text = ""

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self._send("GET", path, **kwargs)

    def post(
        self,
        path: str,
        data: dict[str, Any] | None = None,
        *,
        via: str | None = None,
        **kwargs: Any,
    ) -> TestResponse:
        """Send a form with the page's hidden fields. `via` is the page the form stands on; by
        default the target itself."""
        page = self.get(via or path).get_data(as_text=True)
        token = TOKEN.search(page)
        fields = {**dict(HIDDEN.findall(page)[::-1]), **(data or {})}
        if token:
            fields["csrf_token"] = token.group(1)
        headers = {"Origin": "http://localhost", **kwargs.pop("headers", {})}
        return self._send("POST", path, data=fields, headers=headers, **kwargs)

    def post_raw(
        self, path: str, data: dict[str, Any] | None = None, **kwargs: Any
    ) -> TestResponse:
        """Send a form as it stands, without fetching a token."""
        return self._send("POST", path, data=data or {}, **kwargs)

    def sign_in(self, username: str, password: str = PASSWORD) -> TestResponse:
        response = self.post("/sign-in", {"username": username, "password": password})
        if response.status_code != 302:
            raise AssertionError(f"sign-in of {username} gave {response.status_code}")
        return response

    def _send(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        context = contextvars.Context()
        response: TestResponse = context.run(
            self.client.open, path, method=method, buffered=True, **kwargs
        )
        if response.mimetype == "text/html" and response.status_code != 302:
            self.text = response.get_data(as_text=True)
            parser = Nesting()
            parser.feed(self.text)
        return response
