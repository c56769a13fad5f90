"""人员变动交接: who left a post, who came, and the list of what was open that day."""

from datetime import date, datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.files.models import StoredFile
from tracker.handover.rules import AcknowledgeWay, ChangeState, ItemKind
from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.organizations.models import Unit
from tracker.people.models import Person, Post, PostHolding
from tracker.rectification.models import Task, TaskDuty, UnitDocument


class PostChange(Row, Base):
    """One post passing from one person to another on a day. The past stays under the old name."""

    __tablename__ = "post_changes"

    region_id: Mapped[int] = foreign_key("regions.id")
    unit_id: Mapped[int] = foreign_key("units.id")
    post_id: Mapped[int] = foreign_key("posts.id")
    holding_id: Mapped[int] = foreign_key("post_holdings.id")
    leaving_id: Mapped[int] = foreign_key("persons.id")
    arriving_id: Mapped[int] = foreign_key("persons.id")
    effective_on: Mapped[date]
    state: Mapped[ChangeState] = mapped_column(enum_type(ChangeState, "state"))
    note: Mapped[str | None] = mapped_column(String(400))
    confirmed_on: Mapped[date | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(120))
    acknowledged_on: Mapped[date | None]
    acknowledged_by: Mapped[str | None] = mapped_column(String(120))
    acknowledged_at: Mapped[datetime | None]
    way: Mapped[AcknowledgeWay | None] = mapped_column(enum_type(AcknowledgeWay, "way"))
    file_id: Mapped[int | None] = foreign_key("stored_files.id", nullable=True)
    feedback_again_due: Mapped[date | None]
    feedback_again_on: Mapped[date | None]

    unit: Mapped[Unit] = relationship()
    post: Mapped[Post] = relationship()
    holding: Mapped[PostHolding] = relationship()
    leaving: Mapped[Person] = relationship(foreign_keys=leaving_id)
    arriving: Mapped[Person] = relationship(foreign_keys=arriving_id)
    file: Mapped[StoredFile | None] = relationship()
    items: Mapped[list["PostChangeItem"]] = relationship(
        back_populates="change", order_by="PostChangeItem.id"
    )


class PostChangeItem(Base):
    """One line of the list, written down at confirmation and never changed.

    `is_kept`: the leaving person stays responsible for it. `old_duty_id` ended and `new_duty_id`
    began for a duty that passed.
    """

    __tablename__ = "post_change_items"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    change_id: Mapped[int] = foreign_key("post_changes.id")
    kind: Mapped[ItemKind] = mapped_column(enum_type(ItemKind, "kind"))
    task_id: Mapped[int | None] = foreign_key("tasks.id", nullable=True)
    old_duty_id: Mapped[int | None] = foreign_key("task_duties.id", nullable=True)
    new_duty_id: Mapped[int | None] = foreign_key("task_duties.id", nullable=True)
    document_id: Mapped[int | None] = foreign_key("unit_documents.id", nullable=True)
    letter_id: Mapped[int | None] = mapped_column(Id)
    is_kept: Mapped[bool] = mapped_column(default=False)
    label: Mapped[str] = mapped_column(String(200))

    change: Mapped[PostChange] = relationship(back_populates="items")
    task: Mapped[Task | None] = relationship()
    old_duty: Mapped[TaskDuty | None] = relationship(foreign_keys=old_duty_id)
    new_duty: Mapped[TaskDuty | None] = relationship(foreign_keys=new_duty_id)
    document: Mapped[UnitDocument | None] = relationship()
