"""Pages against the smallest page that shows the same rows, and against the bare aggregate."""

from collections.abc import Callable, Iterator

from flask import Flask, render_template_string
from sqlalchemy import select, text
from sqlalchemy.orm import joinedload

from tests.bench.office import BigOffice
from tests.bench.timing import Measured, compare, statements_of
from tracker.rectification.models import Task, TaskTransition

OPEN = "state NOT IN ('closed', 'void', 'ended')"
LIST = """<table>{% for task in tasks %}<tr><td>{{ task.lead_unit.short_name }}<td>{{ task.task_no }}
<td>{{ task.issue.text }}<td>{{ task.due_on }}<td>{{ task.state.label }}</tr>{% endfor %}</table>"""
ONE = """<h1>{{ task.task_no }}</h1><p>{{ task.issue.text }}<p>{{ task.lead_unit.name }}
<ul>{% for step in history %}<li>{{ step.recorded_at }} {{ step.to_state.label }}</li>{% endfor %}"""
HOME_ALLOWANCE_MS = 5.0


def measure_pages(office: BigOffice) -> Iterator[Measured]:
    """Yield list, its last pages, task page, home and statistics page."""
    floor = _floor_app(office).test_client()
    client = office.visitor().client
    task = office.filled.task_ids[len(office.filled.task_ids) // 2]
    aggregate = _aggregate(office)

    def page(path: str) -> Callable[[], object]:
        return lambda: client.get(path).get_data()

    def bare(path: str) -> Callable[[], object]:
        return lambda: floor.get(path).get_data()

    yield _line("G7 open list, page 1 / ORM page", page("/tasks"), bare("/tasks"), 12, 8)
    far = f"/tasks?only=all&after={_middle(office)}"
    first = "/tasks?only=all"
    yield _line("G11 page by keyset / page 1", page(far), page(first), 1.2, 8)
    one = f"/tasks/{task}"
    yield _line("G10 task page / ORM page", page(one), bare(one), 8, 16)
    yield _line("G9 home (less 5 ms) / aggregate", page("/"), aggregate, 3, 8, HOME_ALLOWANCE_MS)
    yield _line("statistics page / aggregate", page("/figures"), aggregate, None, 56)


def _line(
    name: str,
    ours: Callable[[], object],
    floor: Callable[[], object],
    goal: float | None,
    most_statements: int,
    allowance: float = 0.0,
) -> Measured:
    mine, theirs = compare(ours, floor)
    return Measured(
        name=name,
        ours=mine,
        floor=theirs,
        goal=goal,
        statements=statements_of(ours),
        most_statements=most_statements,
        allowance=allowance,
    )


def _floor_app(office: BigOffice) -> Flask:
    app = Flask("floor")

    @app.get("/tasks")
    def tasks() -> str:
        query = select(Task).where(text(OPEN)).order_by(Task.due_on, Task.id).limit(50)
        parts = (joinedload(Task.issue), joinedload(Task.lead_unit))
        with office.database.reading() as session:
            return render_template_string(LIST, tasks=list(session.scalars(query.options(*parts))))

    @app.get("/tasks/<int:task_id>")
    def task(task_id: int) -> str:
        query = select(Task).where(Task.id == task_id)
        history = select(TaskTransition).where(TaskTransition.task_id == task_id)
        parts = (joinedload(Task.issue), joinedload(Task.lead_unit))
        with office.database.reading() as session:
            return render_template_string(
                ONE,
                task=session.scalars(query.options(*parts)).one(),
                history=list(session.scalars(history)),
            )

    return app


def _aggregate(office: BigOffice) -> Callable[[], object]:
    query = text(
        "SELECT state, lead_unit_id, due_on < :today, count(*) FROM tasks"
        " WHERE region_id = :region GROUP BY 1, 2, 3"
    )
    today = office.clock.now().date()
    values = {
        "today": today.isoformat() if office.database.is_sqlite else today,
        "region": office.cast.regions["city"],
    }

    def read() -> object:
        with office.database.read_engine.connect() as connection:
            return connection.execute(query, values).all()

    return read


def _middle(office: BigOffice) -> str:
    """Return the keyset of the row in the middle of the whole list."""
    query = select(Task.due_on, Task.id).order_by(Task.due_on, Task.id)
    with office.database.reading() as session:
        row = session.execute(query.offset(len(office.filled.task_ids) // 2).limit(1)).one()
    return f"{row.due_on}_{row.id}"
