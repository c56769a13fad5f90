"""Groups: one robot key each, with the name people see."""

import re
from dataclasses import dataclass

WELL_FORMED_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
ROBOT_NAME = "整改提醒机器人"


@dataclass(frozen=True)
class Group:
    """A chat group and its robot."""

    key: str
    name: str
    robot_name: str = ROBOT_NAME


class GroupBook:
    """Who may post where. An open book takes any well-formed key as a new group."""

    def __init__(self, names: dict[str, str] | None = None, *, is_open: bool = True) -> None:
        self._is_open = is_open
        self._groups: dict[str, Group] = {}
        self._removed: set[str] = set()
        for key, name in (names or {}).items():
            self.register(key, name)

    def register(self, key: str, name: str = "", robot_name: str = "") -> Group:
        """Add or rename a group, and bring a removed robot back. ValueError on a malformed key."""
        if not WELL_FORMED_KEY.fullmatch(key):
            raise ValueError("key 只能由 1 到 64 个字母、数字、下划线或连字符组成，请修改后重试。")
        self._removed.discard(key)
        group = Group(key, name or f"群 {key}", robot_name or ROBOT_NAME)
        self._groups[key] = group
        return group

    def remove(self, key: str) -> None:
        """The robot is taken out of its group: its address is dead, the chat remains."""
        self._removed.add(key)

    def accepts(self, key: str) -> bool:
        """Whether a message under this key reaches a group."""
        if key in self._removed:
            return False
        return key in self._groups or (self._is_open and bool(WELL_FORMED_KEY.fullmatch(key)))

    def find(self, key: str) -> Group | None:
        """The group of a key, also one nobody has posted to yet; None when there can be none."""
        if key in self._groups:
            return self._groups[key]
        return Group(key, f"群 {key}") if self.accepts(key) else None

    def note(self, key: str) -> None:
        """Remember a group that a first message has just made."""
        self._groups.setdefault(key, Group(key, f"群 {key}"))

    def all(self) -> list[Group]:
        """Every group known, in the order they came."""
        return list(self._groups.values())

    def is_removed(self, key: str) -> bool:
        """Whether the robot was taken out of this group."""
        return key in self._removed
