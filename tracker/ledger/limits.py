"""What a row must not be to be imported: values longer than we can keep, names that are no names."""

from collections.abc import Iterator

from tracker.ledger.columns import BY_FIELD, Field
from tracker.ledger.items import ItemRow
from tracker.ledger.notes import Note, doubt

LONGEST = {
    Field.ISSUE_NO: 40,
    Field.CATEGORY_1: 120,
    Field.CATEGORY_2: 120,
    Field.LEAD_DEPT: 200,
    Field.SUPPORT_DEPTS: 400,
    Field.DUE: 400,
}
LONGEST_NAME = 60
LONGEST_MOBILE = 20
MOST = 9_999
MOST_WAN = 99_999_999


def faults_of(item: ItemRow) -> Iterator[Note]:
    """Give a note for each value that cannot be kept; the row is then listed, not cut."""
    for wanted, longest in LONGEST.items():
        if len(item.text(wanted)) > longest:
            yield _too_long(wanted, longest)
    for wanted, names in ((Field.LEAD_LEADER, item.lead_leaders), (Field.OWNER, item.owners)):
        if any(len(name) > LONGEST_NAME for name in names):
            yield _too_long(wanted, LONGEST_NAME)
    counts = {
        Field.INSTITUTIONS: item.institutions,
        Field.ACCOUNTABILITY: item.accountability,
    }
    for wanted, count in counts.items():
        if count is not None and count > MOST:
            yield _too_many(wanted)
    if item.recovered is not None and item.recovered > MOST_WAN:
        yield _too_many(Field.RECOVERED)


def _too_long(wanted: Field, longest: int) -> Note:
    title = BY_FIELD[wanted].title
    return doubt(
        "too_long", f"“{title}”超过 {longest} 个字，本行没有导入。请精简后重新导入。", title
    )


def _too_many(wanted: Field) -> Note:
    title = BY_FIELD[wanted].title
    return doubt("too_many", f"“{title}”的数字过大，本行没有导入。请核对后重新导入。", title)
