"""Links in messages, letters and files. They come from configuration, never from a request."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Links:
    """Absolute addresses. `base_url` None means: links cannot be opened, write none."""

    base_url: str | None

    def task(self, task_id: int) -> str | None:
        """Return the page of one task."""
        return self._to(f"/tasks/{task_id}")

    def tasks(self) -> str | None:
        """Return the reader's own list of tasks."""
        return self._to("/tasks")

    def home(self) -> str | None:
        """Return the 工作台."""
        return self._to("/")

    def report(self, report_id: int) -> str | None:
        """Return the page of a kept report."""
        return self._to(f"/reports/{report_id}")

    def _to(self, path: str) -> str | None:
        return None if self.base_url is None else self.base_url + path
