"""Scripted faults: what the next N requests meet instead of, or on top of, an answer."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

TRANSPORT_KINDS = frozenset(
    {
        "http500",
        "http502",
        "http503",
        "html",
        "body",
        "hang",
        "drip",
        "redirect",
        "accept_then_drop",
    }
)
ACCEPTING_KINDS = frozenset({"drip", "accept_then_drop"})
APP_ENDPOINTS = frozenset({"gettoken", "message", "userinfo"})
ENDPOINTS = frozenset({"send", "upload"}) | APP_ENDPOINTS
DEFAULT_LOCATION = "https://redirected.invalid/"
MAX_SECONDS = 600.0
MAX_TIMES = 100_000


@dataclass(frozen=True)
class Fault:
    """One line of the script.

    kind: an errcode as text ("45009", "-1") or one of TRANSPORT_KINDS; key and endpoint: None
    means any; seconds: how long `hang` holds and `drip` stretches; accepted: whether the message
    is posted all the same (by default for `drip` and `accept_then_drop` only).
    """

    kind: str
    key: str | None = None
    endpoint: str | None = None
    times: int = 1
    seconds: float = 30.0
    location: str = DEFAULT_LOCATION
    body: str = ""
    accepted: bool = False

    @property
    def errcode(self) -> int | None:
        """The errcode to answer, or None when the fault is one of the transport."""
        return None if self.kind in TRANSPORT_KINDS else int(self.kind)

    def meets(self, key: str, endpoint: str) -> bool:
        """Whether a request of this key to this endpoint is concerned."""
        return self.key in (None, key) and self.endpoint in (None, endpoint)


def parse_fault(wanted: Mapping[str, Any]) -> Fault:
    """A Fault from JSON fields; ValueError with a Chinese sentence when one does not fit."""
    kind = _kind(wanted.get("kind"))
    endpoint = wanted.get("endpoint")
    if endpoint is not None and endpoint not in ENDPOINTS:
        raise ValueError(
            "endpoint 只能是 send、upload、gettoken、message 或 userinfo，请修改后重试。"
        )
    return Fault(
        kind=kind,
        key=_text_or_none(wanted.get("key")),
        endpoint=endpoint,
        times=int(_number(wanted, "times", 1, low=1, high=MAX_TIMES)),
        seconds=_number(wanted, "seconds", 30.0, low=0, high=MAX_SECONDS),
        location=_header_value(wanted.get("location") or DEFAULT_LOCATION),
        body=str(wanted.get("body", "")),
        accepted=bool(wanted.get("accepted", kind in ACCEPTING_KINDS)),
    )


def _kind(raw: object) -> str:
    kind = str(raw).strip().replace("-", "_") if isinstance(raw, str) else str(raw)
    if kind in TRANSPORT_KINDS:
        return kind
    try:
        errcode = int(str(raw))
    except ValueError:
        errcode = 0
    if errcode == 0:
        names = "、".join(sorted(TRANSPORT_KINDS))
        raise ValueError(f"kind 须是非零的错误码或以下之一：{names}。")
    return str(errcode)


def _number(
    wanted: Mapping[str, Any], name: str, default: float, *, low: float, high: float
) -> float:
    value = wanted.get(name, default)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (is_number and math.isfinite(value) and low <= value <= high):
        raise ValueError(f"{name} 须是 {low:g} 到 {high:g} 之间的数，请修改后重试。")
    return float(value)


def _text_or_none(value: object) -> str | None:
    return None if value in (None, "", "*") else str(value)


def _header_value(value: object) -> str:
    text = str(value)
    if not text.isprintable():
        raise ValueError("location 不能含有换行等控制字符，请修改后重试。")
    return text


class FaultScript:
    """The faults still to come, in the order they were scripted."""

    def __init__(self) -> None:
        self._lines: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Append one line."""
        self._lines.append(fault)

    def take(self, key: str, endpoint: str) -> Fault | None:
        """The fault this request meets, used up by one; None when there is none."""
        for position, fault in enumerate(self._lines):
            if fault.meets(key, endpoint):
                if fault.times > 1:
                    self._lines[position] = replace(fault, times=fault.times - 1)
                else:
                    del self._lines[position]
                return fault
        return None

    def remaining(self) -> list[Fault]:
        """What is still scripted; `times` counts down."""
        return list(self._lines)

    def clear(self) -> None:
        """Forget all of it."""
        self._lines.clear()
