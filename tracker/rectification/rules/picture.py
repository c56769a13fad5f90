"""The path as people read it: a table of steps and a diagram, both made from the one table."""

from dataclasses import dataclass

from tracker.kernel.permissions import GRANTS, LENDABLE, Role
from tracker.rectification.rules.transitions import TABLE, Transition, Verb
from tracker.rectification.rules.words import TaskState

IMPORTS = frozenset({Verb.IMPORT_CLOSED})


@dataclass(frozen=True)
class StepLine:
    """One line of the table: from which states, what, to which state, by whom."""

    sources: tuple[str, ...]
    verb: str
    target: str
    who: tuple[str, ...]
    needs_reason: bool


def who_may(row: Transition) -> tuple[str, ...]:
    """Return the roles that a step's permissions are granted to, and whose powers may be lent."""
    roles = [role.label for role in Role if row.permissions & GRANTS[role]]
    lent = [f"{role.label}授权的代理人" for role in LENDABLE if row.permissions & LENDABLE[role]]
    return (*roles, *lent)


def step_lines() -> list[StepLine]:
    """Return the whole table in Chinese, in its own order."""
    return [
        StepLine(
            sources=tuple(state.label for state in TaskState if state in row.sources),
            verb=row.verb.label,
            target="下一环节" if row.verb is Verb.SKIP else row.target.label,
            who=("台账导入",) if row.verb in IMPORTS else who_may(row),
            needs_reason=row.needs_reason,
        )
        for row in TABLE
    ]


def markdown_table() -> str:
    """Return the table as Markdown, for the docs."""
    lines = ["| 从 | 办理 | 到 | 谁可以办 | 须写理由 |", "|---|---|---|---|---|"]
    lines += [
        f"| {'、'.join(line.sources)} | {line.verb} | {line.target} "
        f"| {'、'.join(line.who)} | {'是' if line.needs_reason else ''} |"
        for line in step_lines()
    ]
    return "\n".join(lines)


def mermaid() -> str:
    """Return the path as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{state.label}" as {state.value}' for state in TaskState]
    lines.append("    [*] --> draft: 登记")
    drawn = set()
    for row in TABLE:
        for source in (state for state in TaskState if state in row.sources):
            edge = f"    {source.value} --> {row.target.value}: {row.verb.label}"
            if row.verb is not Verb.SKIP and edge not in drawn:
                drawn.add(edge)
                lines.append(edge)
    return "\n".join(lines)
