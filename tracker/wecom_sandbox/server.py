"""Start and stop the simulator: in a thread for tests, in the foreground for people."""

import socket
import threading
from collections.abc import Mapping
from typing import Any, Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tracker.wecom_sandbox.app import create_app
from tracker.wecom_sandbox.apps import AppHost
from tracker.wecom_sandbox.clock import Now, system_now
from tracker.wecom_sandbox.faults import APP_ENDPOINTS, parse_fault
from tracker.wecom_sandbox.groups import GroupBook
from tracker.wecom_sandbox.host import RobotHost
from tracker.wecom_sandbox.limiter import Limiter, Window

LOOPBACK = "127.0.0.1"
BACKLOG = 128
STOP_CHECKED_EVERY_SECONDS = 0.02


class PortTakenError(Exception):
    """Another program listens on the port; str() is a Chinese sentence for people."""


class QuietRequestHandler(WSGIRequestHandler):
    """Logs nothing: a request line holds the robot's key."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing."""


class RunningSandbox:
    """A simulator that is listening. Also a context manager that stops it."""

    def __init__(
        self, server: BaseWSGIServer, host: RobotHost, apps: AppHost, stopping: threading.Event
    ) -> None:
        self.host = host
        self.apps = apps
        self.port = server.port
        self.url = f"http://{LOOPBACK}:{server.port}"
        self._server = server
        self._stopping = stopping
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def start(self) -> Self:
        """Serve in a thread of its own."""
        self._thread.start()
        return self

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=STOP_CHECKED_EVERY_SECONDS)

    def webhook_url(self, key: str) -> str:
        """The address a robot would have."""
        return f"{self.url}/cgi-bin/webhook/send?key={key}"

    def group_url(self, key: str) -> str:
        """The chat page of a group."""
        return f"{self.url}/groups/{key}"

    def seen(self, key: str | None = None) -> list[dict[str, Any]]:
        """Accepted messages as `GET /seen` gives them, of one group or of all."""
        return [message.as_json() for message in self.host.messages(key)]

    def attempts(self, key: str | None = None) -> list[dict[str, Any]]:
        """Every request to the API, refused ones included, as `GET /attempts` gives them."""
        return [attempt.as_json() for attempt in self.host.attempts(key)]

    def wait_for_messages(
        self, count: int, *, key: str | None = None, timeout_seconds: float = 10.0
    ) -> list[dict[str, Any]]:
        """The accepted messages once there are `count`; TimeoutError when they do not come."""
        is_there = self.host.wait_until(
            lambda: len(self.host.messages(key)) >= count, timeout_seconds=timeout_seconds
        )
        if not is_there:
            raise TimeoutError(
                f"{len(self.seen(key))} of {count} messages after {timeout_seconds} s"
            )
        return self.seen(key)

    def script_fault(self, kind: str | int, **fields: Any) -> None:
        """Script a fault: key, endpoint, times, seconds, location, body, accepted as `POST /faults`."""
        fault = parse_fault({"kind": kind, **fields})
        (self.apps if fault.endpoint in APP_ENDPOINTS else self.host).script(fault)

    def clear_faults(self) -> None:
        """Answer honestly again."""
        self.host.clear_faults()

    def clear(self) -> None:
        """Forget messages and attempts."""
        self.host.clear()

    def name_group(self, key: str, name: str, robot_name: str = "") -> None:
        """Give a group its Chinese name; brings a removed robot back."""
        self.host.register(key, name, robot_name)

    def remove_robot(self, key: str) -> None:
        """Take the robot out of its group: its address answers 93000."""
        self.host.remove_robot(key)

    def stop(self) -> None:
        """Stop listening, release what a fault holds, and wait for the thread. May be repeated."""
        self._stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def wait(self) -> None:
        """Block until the server ends."""
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()


def start_sandbox(
    port: int = 0,
    window_seconds: float = 60.0,
    now: Now = system_now,
    *,
    groups: Mapping[str, str] | None = None,
    open_to_any_key: bool = True,
    window: Window = Window.SLIDING,
    count_failures: bool = True,
) -> RunningSandbox:
    """A simulator on 127.0.0.1, serving in a thread.

    port 0 takes a free one; `now` gives aware instants and rules quota, media and times shown;
    `groups` maps keys to Chinese names. Raises PortTakenError.
    """
    limiter = Limiter(window_seconds=window_seconds, window=window, count_failures=count_failures)
    book = GroupBook(dict(groups or {}), is_open=open_to_any_key)
    host = RobotHost(now=now, limiter=limiter, groups=book)
    apps = AppHost(now=now)
    stopping = threading.Event()
    with _listen(port) as listener:
        server = make_server(
            LOOPBACK,
            listener.getsockname()[1],
            create_app(host, apps, stopping),
            threaded=True,
            request_handler=QuietRequestHandler,
            fd=listener.fileno(),
        )
    return RunningSandbox(server, host, apps, stopping).start()


def _listen(port: int) -> socket.socket:
    """A listening socket of our own: the server would answer a busy port in English and exit."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise PortTakenError(
            f"端口 {port} 无法使用（可能已被其他程序占用），请关闭占用它的程序，或用 --port 换一个端口。"
        ) from error
    return listener
