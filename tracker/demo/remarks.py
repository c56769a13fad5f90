"""What is said about a few tasks: recommended, confirmed, commented on, one watched."""

from sqlalchemy import select

from tracker.demo.book import Book
from tracker.demo.organizations import CITY, COUNTY
from tracker.kernel.permissions import Actor
from tracker.people.service import actor_of
from tracker.rectification.models import Task
from tracker.rectification.rules.watching import DEFAULT_LEVELS
from tracker.rectification.rules.words import CompletionClass, TaskState
from tracker.rectification.service.commenting import add_comment
from tracker.rectification.service.confirming import confirm_completion
from tracker.rectification.service.reviewing import recommend_closure
from tracker.rectification.service.watching import WatchOrder, set_watch

REASON = "群众反映强烈，逾期时间长，由包案领导推动。"


def add_remarks(book: Book) -> None:
    """Let each of the two offices say something about tasks of its own."""
    book.session.flush()  # the tasks are looked up
    for region, prefix in ((CITY, "city"), (COUNTY, "county")):
        clerk, lead = (actor_of(book.users[f"{prefix}-{post}"]) for post in ("clerk", "lead"))
        _review(book, region, clerk)
        _confirm(book, region, clerk)
        _watch(book, region, book.users[f"{prefix}-leader"].person.name, lead)


def _review(book: Book, region: str, clerk: Actor) -> None:
    task = _first(book, region, TaskState.OFFICE_REVIEW)
    if task is None:
        return
    opinion = "措施已落实，材料齐全，建议销号。"
    recommend_closure(book.session, task, opinion, actor=clerk, now=book.now)
    text = "已电话核实，制度印发后执行正常。"
    add_comment(book.session, task, text, is_internal=True, actor=clerk, now=book.now)


def _confirm(book: Book, region: str, clerk: Actor) -> None:
    task = _first(book, region, TaskState.IN_PROGRESS)
    if task is None:
        return
    task.completion = CompletionClass.MOSTLY
    confirm_completion(book.session, task, "主要措施已完成。", actor=clerk, now=book.now)
    text = "请在销号申请中附上修订前后对照表。"
    add_comment(book.session, task, text, actor=clerk, now=book.now)


def _watch(book: Book, region: str, leader: str, lead: Actor) -> None:
    """The task that is late the longest."""
    query = select(Task).where(
        Task.region_id == book.regions[region].id,
        Task.state == TaskState.IN_PROGRESS,
        Task.due_on < book.today,
    )
    task = book.session.scalars(query.order_by(Task.due_on, Task.id).limit(1)).first()
    if task is not None:
        order = WatchOrder(level=DEFAULT_LEVELS[0], leader=leader, reason=REASON)
        set_watch(book.session, task, order, actor=lead, now=book.now)


def _first(book: Book, region: str, state: TaskState) -> Task | None:
    query = select(Task).where(Task.region_id == book.regions[region].id, Task.state == state)
    return book.session.scalars(query.order_by(Task.id).limit(1)).first()
