"""X-Forwarded-* is believed from named proxies only."""

from collections.abc import Iterable
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix


class TrustedProxies:
    """Puts the visitor's own address and scheme in place when a trusted proxy hands them on."""

    def __init__(self, app: Any, proxies: tuple[str, ...]) -> None:
        """Wrap an application; `proxies` are the addresses that may be believed."""
        self._plain = app
        self._behind = ProxyFix(app, x_for=1, x_proto=1, x_host=0)
        self._proxies = frozenset(proxies)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        trusted = environ.get("REMOTE_ADDR") in self._proxies
        answer: Iterable[bytes] = (self._behind if trusted else self._plain)(
            environ, start_response
        )
        return answer
