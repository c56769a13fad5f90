"""A plan's text as it is signed: its one canonical form, and what differs between two of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

Item = Mapping[str, str]
ITEM = {
    "issue": "反馈问题",
    "goal": "整改目标",
    "measures": "整改措施",
    "lead_leader": "责任领导",
    "owners": "责任人",
    "lead_dept": "牵头部门",
    "support_depts": "配合部门",
    "due_on": "整改时限",
    "long_term": "需长期坚持",
}


@dataclass(frozen=True)
class PlanText:
    """What a plan says: whose it is, and by task number one item with the fields of `ITEM`."""

    unit: str
    feedback: str
    items: Mapping[str, Item]


@dataclass(frozen=True)
class Change:
    """One field of one task that reads differently in two texts; empty where there is none."""

    task_no: str
    label: str
    before: str
    after: str


def canonical(text: PlanText) -> str:
    """Return the one way to write a plan down: the same plan, the same bytes."""
    plain = {"unit": text.unit, "feedback": text.feedback, "items": _plain(text.items)}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(items: Mapping[str, Item]) -> dict[str, dict[str, str]]:
    return {task_no: dict(item) for task_no, item in items.items()}


def read_canonical(content: str) -> PlanText:
    """Return the plan that a canonical text writes down."""
    plain = json.loads(content)
    return PlanText(unit=plain["unit"], feedback=plain["feedback"], items=plain["items"])


def changes(before: PlanText, after: PlanText) -> list[Change]:
    """Return what differs, by task and field; a task in one text only differs in all its fields."""
    found = []
    for task_no in sorted({*before.items, *after.items}):
        old, new = before.items.get(task_no, {}), after.items.get(task_no, {})
        found += [
            Change(task_no, label, old.get(name, ""), new.get(name, ""))
            for name, label in ITEM.items()
            if old.get(name, "") != new.get(name, "")
        ]
    return found
