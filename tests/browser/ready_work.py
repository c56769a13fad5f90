"""Work that waits for somebody in the morning, brought there through the product's own steps."""

import io
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tests.browser.product import Product
from tests.factories.files import pdf
from tests.factories.letters import make_letter
from tests.factories.work import Work, make_work
from tracker.files.storage import FileStorage
from tracker.kernel.db import born
from tracker.kernel.permissions import Actor
from tracker.rectification.models import Task, UnitDocument
from tracker.rectification.rules.watching import DEFAULT_LEVELS
from tracker.rectification.rules.words import CompletionClass, DocumentKind, TaskState
from tracker.rectification.service import (
    closing,
    extending,
    monthly,
    plan_steps,
    planning,
    proving,
    side_steps,
)
from tracker.rectification.service.watching import WatchOrder, set_watch
from tracker.rectification.service.working import Progress

S = TaskState
DONE_ON = date(2026, 11, 13)


class ReadyWork:
    """One round of the city with tasks where a person's day finds them."""

    def __init__(self, product: Product, session: Session, *, needs_cosign: bool = False) -> None:
        self.product, self.session = product, session
        self.now = product.clock.now()
        self.work: Work = make_work(
            session, product.people, now=self.now, needs_cosign=needs_cosign
        )

    def actor(self, username: str) -> Actor:
        return self.product.people.actor(username)

    def task(self, state: TaskState = TaskState.IN_PROGRESS, **changes: Any) -> Task:
        """A task of unit a; `unit="b"` for another one."""
        return self.work.task(
            self.session, self.product.people, state=state, now=self.now, **changes
        )

    def asked_to_close(self, *, unit: str = "a") -> Task:
        """A task whose liaison has uploaded, reported and asked for closing."""
        task, liaison = self.task(unit=unit), self.actor(f"liaison_{unit}")
        files = FileStorage(self.product.config.evidence_dir)
        kept = files.store(io.BytesIO(pdf()), "制度文本.pdf", actor=liaison, now=self.now)
        said = proving.Statement(
            title="制度文本", document_on=DONE_ON, is_confirmed_not_secret=True
        )
        self.session.add(kept)
        proving.add_evidence(self.session, task, kept, said, actor=liaison, now=self.now)
        self.session.flush()  # the request reads what proves it
        done = Progress(
            text="制度已印发执行。",
            completion=CompletionClass.DONE,
            done_measures=frozenset(measure.id for measure in task.measures),
            done_on=DONE_ON,
        )
        closing.request_closure(self.session, task, done, actor=liaison, now=self.now)
        self.session.flush()  # the next step reads the history
        return task

    def before_the_office(self, *, unit: str = "a") -> Task:
        """A closing request that the head has signed."""
        task = self.asked_to_close(unit=unit)
        closing.sign_closure(self.session, task, actor=self.actor(f"head_{unit}"), now=self.now)
        self.session.flush()  # the next step reads the history
        return task

    def closed(self) -> Task:
        """A task that the lead has closed."""
        task = self.before_the_office()
        closing.close_task(self.session, task, actor=self.actor("lead"), now=self.now)
        self.session.flush()  # the caller wants it readable
        return task

    def month_reported(self, task: Task) -> None:
        """The liaison's report of the month, waiting for the head."""
        said = Progress(text="已召开专题会。", completion=CompletionClass.PARTLY)
        row = monthly.FilledRow(task=task, seen=task.version, progress=said)
        monthly.report_month(self.session, [row], actor=self.actor("liaison_a"), now=self.now)

    def extension_signed(self) -> Task:
        """A task whose unit asks for more time, signed by the head."""
        task = self.task()
        reason = "采购流程须公示 20 天"
        extending.ask_extension(
            self.session,
            task,
            date(2026, 12, 20),
            reason,
            actor=self.actor("liaison_a"),
            now=self.now,
        )
        self.session.flush()  # the signature looks for it
        extending.sign_extension(self.session, task, actor=self.actor("head_a"), now=self.now)
        return task

    def long_term_asked(self) -> Task:
        """A task whose head asks for 长期整改."""
        task = self.task()
        wish = side_steps.LongTermWish(
            reason="涉及历史遗留用地，需分阶段办理",
            stage_goal="年内完成权属核查",
            next_review_on=date(2027, 1, 15),
        )
        side_steps.ask_long_term(self.session, task, wish, actor=self.actor("head_a"), now=self.now)
        return task

    def plan_signed(self) -> int:
        """A task whose plan the liaison wrote and the head signed, waiting for the lead."""
        task = self.task(S.PLANNING)
        plan = UnitDocument(
            feedback_id=task.feedback_id,
            unit_id=task.lead_unit_id,
            kind=DocumentKind.PLAN,
            **born(actor=self.actor("clerk"), now=self.now),
        )
        self.session.add(plan)
        item = planning.PlanItem(
            goal="议事决策全程留痕",
            measures=("修订议事规则",),
            lead_leader="方一鸣",
            owners=("柳青",),
            lead_dept="办公室",
            support_depts="",
            due_on=date(2026, 12, 1),
            is_long_term=False,
        )
        liaison, head = self.actor("liaison_a"), self.actor("head_a")
        planning.write_plan_item(self.session, task, item, actor=liaison, now=self.now)
        self.session.flush()  # the plan reads its tasks
        plan_steps.submit_plan(self.session, plan, actor=liaison, now=self.now)
        self.session.flush()  # the signature reads the plan's history
        plan_steps.sign_plan(self.session, plan, actor=head, now=self.now)
        self.session.flush()  # the caller wants the state
        return task.id

    def letter_drafted(self) -> int:
        """A letter that the clerk has written."""
        folder = self.product.config.evidence_dir
        letter = make_letter(self.session, self.product.people, folder, now=self.now)
        self.session.flush()  # the caller wants its id
        return letter.id

    def watched(self, task_id: int) -> None:
        """Put a task under 挂牌督办."""
        order = WatchOrder(level=DEFAULT_LEVELS[0], leader="方一鸣", reason="群众反映强烈")
        task = self.session.get_one(Task, task_id)
        set_watch(self.session, task, order, actor=self.actor("lead"), now=self.now)
