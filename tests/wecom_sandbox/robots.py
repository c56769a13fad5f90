"""A program that posts to a robot, over real HTTP."""

from dataclasses import dataclass
from typing import Any

import requests

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Robot:
    """One robot's key at one host."""

    url: str
    key: str

    def post(self, body: Any, *, timeout: float = TIMEOUT_SECONDS) -> requests.Response:
        """POST any JSON, or bytes as they are; redirects are not followed."""
        content: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body}
        return requests.post(
            f"{self.url}/cgi-bin/webhook/send",
            params={"key": self.key},
            timeout=timeout,
            allow_redirects=False,
            **content,
        )

    def answer(self, body: Any) -> dict[str, Any]:
        """The JSON object that comes back; the HTTP status must be 200."""
        response = self.post(body)
        assert response.status_code == 200
        answer: dict[str, Any] = response.json()
        return answer

    def errcode(self, body: Any) -> int:
        """The errcode that comes back."""
        return int(self.answer(body)["errcode"])

    def say(self, content: str, **more: Any) -> int:
        """Send a text; the errcode."""
        return self.errcode({"msgtype": "text", "text": {"content": content, **more}})

    def upload(
        self, data: bytes, *, name: str = "整改报告.docx", kind: str = "file", field: str = "media"
    ) -> dict[str, Any]:
        """Upload a file; the JSON object that comes back."""
        response = requests.post(
            f"{self.url}/cgi-bin/webhook/upload_media",
            params={"key": self.key, "type": kind},
            files={field: (name, data)},
            timeout=TIMEOUT_SECONDS,
        )
        assert response.status_code == 200
        answer: dict[str, Any] = response.json()
        return answer
