"""`flask workflow table|diagram`, and what may be done to one task."""

import json

import click
from flask.cli import AppGroup

from tracker.rectification.rules.picture import markdown_table, mermaid, step_lines

workflow_group = AppGroup("workflow", help="整改任务的办理流程")


@workflow_group.command("table")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def table(as_json: bool) -> None:
    """Print every step of the path: from, what, to, by whom."""
    if as_json:
        print(json.dumps([vars(line) for line in step_lines()], ensure_ascii=False, indent=2))
    else:
        print(markdown_table())


@workflow_group.command("diagram")
def diagram() -> None:
    """Print the path as a Mermaid state diagram."""
    print(mermaid())
