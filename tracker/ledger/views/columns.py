"""对应列: the first step of an import, and the header words that an office has confirmed there."""

import json

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.ledger import importing, learning, queries
from tracker.ledger.forms import ColumnsForm, HeaderWordForm
from tracker.ledger.header_words import label_of, meaning_from
from tracker.ledger.matching import group_tables, not_heeded, words_to_learn
from tracker.ledger.models import ImportBatch
from tracker.ledger.packing import unpack_layouts
from tracker.ledger.reading_apart import read_apart
from tracker.ledger.rules import BatchState
from tracker.ledger.views import bp
from tracker.ledger.views.keeping import question_of
from tracker.web.access import actor, requires
from tracker.web.database import database, db, now
from tracker.web.forms import accepted, refusal_of_press, seen, status_of


@bp.route("/imports/<int:batch_id>/columns", methods=["GET", "POST"])
@requires(Permission.LEDGER_IMPORT)
def import_columns(batch_id: int) -> ResponseReturnValue:
    """Say what each column means; the file is read again by that, and the office remembers it."""
    with database().reading() as read:
        batch = queries.get_batch(read, batch_id, actor=actor())
    groups = group_tables(unpack_layouts(json.loads(batch.layouts)))
    if batch.state is not BatchState.PREVIEW or not groups:
        flash("这份台账不能再调整对应列。如需调整，请重新上传。", "warning")
        return redirect(url_for(".one_import", batch_id=batch.id))
    form = ColumnsForm.of(groups, batch.version)
    if form.validate_on_submit() and accepted(form, lambda: _read_again(form, batch)):
        db().commit()
        flash("已按对应列重新读取，本办今后导入同样的表头时照此对应。", "ok")
        return redirect(url_for(".one_import", batch_id=batch.id))
    form.version.data = str(batch.version)
    page = render_template("ledger/import_columns.html", batch=batch, groups=groups, form=form)
    return page, status_of(form)


def _read_again(form: ColumnsForm, batch: ImportBatch) -> None:
    """Read the stored file in a process of its own, and only then open the transaction."""
    check_version(batch, seen(form), "这次导入")
    words = words_to_learn(form.groups, form.choices)
    with database().reading() as read:
        asked = question_of(read, batch)
    reading = read_apart(asked.with_words(words))
    learning.check_heeded(not_heeded(form.groups, form.choices, reading.layouts))
    fresh = queries.get_batch(db(), batch.id, actor=actor())
    check_version(fresh, seen(form), "这次导入")
    learning.learn_words(db(), fresh.region_id, words, actor=actor(), now=now())
    importing.reread_import(db(), fresh, reading, actor=actor(), now=now())


@bp.get("/header-words")
@requires(Permission.LEDGER_IMPORT)
def header_words() -> ResponseReturnValue:
    """List the header words of the own office."""
    words = [
        (row, label_of(meaning_from(row.meaning)))
        for row in queries.list_header_words(db(), actor=actor())
    ]
    return render_template("ledger/header_words.html", words=words)


@bp.route("/header-words/<int:header_word_id>/edit", methods=["GET", "POST"])
@requires(Permission.LEDGER_IMPORT)
def edit_header_word(header_word_id: int) -> ResponseReturnValue:
    """Choose another field for a word."""
    row = queries.get_header_word(db(), header_word_id, actor=actor())
    form = HeaderWordForm(obj=row)

    def save() -> None:
        check_version(row, seen(form), "这个表头")
        meaning = meaning_from(form.meaning.data)
        learning.change_word(db(), row, meaning, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存，此后导入的台账按新的对应读取。", "ok")
        return redirect(url_for(".header_words"))
    form.version.data = str(row.version)
    return render_template("ledger/edit_header_word.html", form=form, row=row), status_of(form)


@bp.post("/header-words/<int:header_word_id>/remove")
@requires(Permission.LEDGER_IMPORT)
def remove_header_word(header_word_id: int) -> ResponseReturnValue:
    """Forget a word of the own office."""
    row = queries.get_header_word(db(), header_word_id, actor=actor())

    def press() -> None:
        learning.remove_word(db(), row, actor=actor(), now=now())

    refusal = refusal_of_press(row, "这个表头", press)
    if refusal is None:
        db().commit()
    flash(refusal or "已删除，此后按通用表头读取。", "warning" if refusal else "ok")
    return redirect(url_for(".header_words"))
