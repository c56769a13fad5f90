"""Columns of the rows behind a closing that mean nothing for it, each with its reason."""

MOVED = "when and by whom the row was last saved; the audit trail keeps each change"
KEPT = "who wrote the row down; the form names who did what, the audit trail the rest"
SIGN_IN = "the sign-in behind a name that is printed"
STAMPS = {
    "created_at": KEPT,
    "created_by": KEPT,
    "updated_at": MOVED,
    "updated_by": MOVED,
    "version": MOVED,
}
STAMPED = ("tasks", "issues", "measures", "progress_reports", "evidences", "extensions")
WITHOUT_MEANING: dict[str, str] = {
    **{
        f"{table}.{name}": reason
        for table in (*STAMPED, "task_duties")
        for name, reason in STAMPS.items()
        if (table, name) not in {("progress_reports", "created_by"), ("evidences", "created_by")}
    },
    "tasks.due_text_raw": "how the ledger worded the date; the dates it stands for are printed",
    "tasks.is_due_doubtful": "a reminder to the office to look at the date while the task is open",
    "tasks.is_long_term": "what the ledger's wording said; kind and outcome are printed",
    "tasks.completion": "repeats the newest progress report, which is printed",
    "tasks.next_review_on": "a sustained closing is reviewed on and on: it moves by right",
    "tasks.stage_goal": "an aim on the way of a long-term task, not what it was closed for",
    "tasks.watch_level": "挂牌督办 is lifted by right after the closing; watch_changes keep it",
    "tasks.watch_leader_id": "as watch_level",
    "tasks.watched_from": "as watch_level",
    "tasks.last_progress_on": "repeats the newest progress report, which is printed",
    "tasks.remark": "a note of the office beside the case",
    "tasks.extra": "cells of the ledger that have no column of ours",
    "issues.feedback_id": "the task's own feedback is printed",
    "issues.inspection_id": "the inspected unit and the feedback are printed",
    "issues.region_id": "the task's own region is printed",
    "issues.importance": "the office's order of work",
    "issues.sensitivity": "how the text is handled, not what it says; may be raised by right",
    "issues.raised_on": "where an immediate issue's clock began; its dates are printed",
    "issues.repeats_issue_id": "a link to a former issue, for statistics",
    "progress_reports.undone_measures": "how the measures moved on the way; their days are printed",
    "progress_reports.is_no_change": "a mark of the month's page; the text is printed",
    "progress_reports.reporter_user_id": SIGN_IN,
    "evidences.is_confirmed_not_secret": "a tick without which nothing is stored at all",
    "evidences.withdrawn_reason": "of a piece that is withdrawn, which the form leaves out",
    "evidences.uploader_user_id": SIGN_IN,
    "stored_files.extension": "how the file is offered for download; name and bytes are held",
    "stored_files.media_type": "as extension",
    "stored_files.stored_at": "bytes are held by their digest, however they came",
    "stored_files.stored_by": "as stored_at",
    "sign_offs.signer_user_id": SIGN_IN,
    "extensions.asker_user_id": SIGN_IN,
    "extensions.signer_user_id": SIGN_IN,
    "due_changes.recorded_at": "the day it counts for is printed; the audit trail has the hour",
    "due_changes.extension_id": "the application itself is printed",
    "task_transitions.actor_user_id": SIGN_IN,
    "reviews.recorded_at": "the day it counts for is printed; the audit trail has the hour",
    "reviews.reviewer_user_id": SIGN_IN,
    "reviews.transition_id": "the submission it answers; both stand in the history",
}
