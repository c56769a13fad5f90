"""The table and the diagram that people read are the table that decides."""

from flask import Flask

from tests.source_files import ROOT
from tracker.rectification.rules.picture import markdown_table, mermaid, step_lines
from tracker.rectification.rules.transitions import TABLE


def test_the_docs_show_the_table_and_the_diagram_of_the_code() -> None:
    page = (ROOT / "docs" / "workflow.md").read_text("utf-8")
    assert markdown_table() in page
    assert mermaid() in page


def test_every_row_is_a_line_and_names_somebody() -> None:
    assert len(step_lines()) == len(TABLE)
    assert all(line.who for line in step_lines())


def test_the_command_prints_the_same(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["workflow", "table"]).output.strip() == markdown_table()
    assert runner.invoke(args=["workflow", "diagram"]).output.strip() == mermaid()
