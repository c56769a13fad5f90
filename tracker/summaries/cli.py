"""`stats summary`: the paragraphs, as text or JSON."""

import getpass
import json
from datetime import date, datetime
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Region
from tracker.organizations.queries import region_by_code
from tracker.statistics.queries.query import FigureQuery, readable_regions
from tracker.statistics.service import latest_round
from tracker.statistics.shapes import as_data
from tracker.summaries.rules import Purpose
from tracker.summaries.service import Paragraph, bodies, note_of, query_for, write_paragraph
from tracker.web.database import database, today


@click.command("summary")
@click.option("--as-of", "as_of", type=click.DateTime(["%Y-%m-%d"]), help="数据截至日，默认今天。")
@click.option("--region", "region_code", help="地区代码，默认全部地区。")
@click.option("--purpose", type=click.Choice([one.value for one in Purpose]), help="只写这一段。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@with_appcontext
def summary(
    as_of: datetime | None, region_code: str | None, purpose: str | None, as_json: bool
) -> None:
    """写出各地区的总结段落，附口径和空缺的原因。"""
    day = as_of.date() if as_of else today()
    try:
        with database().reading() as session:
            written = _written(session, region_code, purpose, day)
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps(_data(written, day), ensure_ascii=False, indent=2))
    else:
        _print(written, day)


def _written(
    session: Session, region_code: str | None, purpose: str | None, day: date
) -> list[tuple[Region, Paragraph]]:
    actor = Actor(name=f"cli:{getpass.getuser()}")
    regions = (
        [region_by_code(session, region_code)]
        if region_code
        else list(session.scalars(readable_regions(actor)))
    )
    return [
        (region, paragraph)
        for region in regions
        for paragraph in _of_region(session, region, actor, day)
        if purpose is None or paragraph.purpose.value == purpose
    ]


def _of_region(session: Session, region: Region, actor: Actor, day: date) -> list[Paragraph]:
    tour = latest_round(session, region.id, as_of=day)
    query = FigureQuery(
        actor=actor, region_id=region.id, as_of=day, round_id=None if tour is None else tour.id
    )
    return [
        write_paragraph(session, region, query_for(purpose, query), purpose, body)
        for purpose, body in bodies(session, region).items()
    ]


def _data(written: list[tuple[Region, Paragraph]], day: date) -> dict[str, Any]:
    return {
        "as_of": day.isoformat(),
        "paragraphs": [
            {
                "region": region.code,
                "purpose": paragraph.purpose.value,
                "text": paragraph.text,
                "blanks": [
                    {"slot": piece.slot.raw, "reason": piece.reason}
                    for piece in paragraph.blanks
                    if piece.slot is not None
                ],
                "figures": [as_data(figure) for figure in paragraph.figures],
            }
            for region, paragraph in written
        ],
    }


def _print(written: list[tuple[Region, Paragraph]], day: date) -> None:
    click.echo(f"数据截至 {day}")
    for region, paragraph in written:
        click.echo(f"\n{region.name} · {paragraph.purpose.label}")
        click.echo(paragraph.text)
        for piece in paragraph.blanks:
            if piece.slot is not None:
                click.echo(f"  空缺 {{{piece.slot.raw}}}：{piece.reason}")
        for figure in paragraph.figures:
            click.echo(f"  注 {note_of(figure)}")
