"""What 权限诊断 says of a page is what the page itself answers; no id of the url map is forgotten."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from tests.expected_routes import TABLE_OF
from tests.factories.cast import TESTER, cheap_hash
from tests.furnished_house import ROLES, House
from tests.test_routes import methods_of, named
from tests.visitor import Visitor
from tracker.diagnosis.kinds import KINDS, NO_ROW, PERMISSION_ONLY, kind_of
from tracker.diagnosis.service import diagnose
from tracker.diagnosis.views import target_of_page
from tracker.kernel.clock import at_local
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Role
from tracker.models import metadata
from tracker.people.models import User

READERS = (
    *(Role.OFFICE_CLERK, Role.OFFICE_LEAD, Role.LEADER),
    *(Role.UNIT_LIAISON, Role.UNIT_HEAD, Role.SUPERVISOR),
)
SAMPLES = 2  # rows of each kind, spread over the table
NOON = at_local(date(2026, 11, 16), 12)
OPENED, REFUSED = frozenset({200, 302, 422}), frozenset({403, 404})


def test_every_id_of_the_url_map_is_explained_or_known_to_be_a_matter_of_the_role(
    app: Flask,
) -> None:
    met: set[str] = set()
    for rule in app.url_map.iter_rules():
        for name in rule.arguments - NO_ROW:
            keys = {f"{rule.endpoint}.{name}", f"{rule.endpoint.split('.')[0]}.{name}", name}
            kind = kind_of(rule.endpoint, name)
            assert (kind is None) is (name in PERMISSION_ONLY), f"{rule.endpoint}: {name}"
            met |= keys & {*KINDS, *PERMISSION_ONLY}
    assert met == {*KINDS, *PERMISSION_ONLY}


def people_of(house: House, *, per_role: int) -> Iterator[tuple[User, Visitor]]:
    """Yield of every role that reads business rows a person of the city, then one of a county."""
    with house.database.writing() as session:
        found: dict[tuple[Role, int | None, bool], User] = {}
        for user in session.scalars(select(User).where(User.is_active).order_by(User.id)):
            if user.role in READERS:
                found.setdefault((user.role, user.region_id, user.unit_id is None), user)
        one_each: Counter[Role] = Counter()
        chosen = []
        for (role, _region, _unit), user in found.items():
            one_each[role] += 1
            if one_each[role] <= per_role:
                user.password_hash, user.must_change_password = cheap_hash(), False
                chosen.append(user.id)
        session.commit()
    for user_id in chosen:
        with house.database.reading() as session:
            user = session.get_one(User, user_id)
            visitor = Visitor(house.app)
            visitor.sign_in(user.username)
            yield user, visitor


def addresses(house: House, rule: Rule, samples: dict[str, list[int]]) -> list[str]:
    """Return a page's address for its usual row and for some others of the kind."""
    names = [name for name in rule.arguments if name not in NO_ROW]
    usual = house.path(rule).split("?")[0]
    if len(names) != 1:
        return [usual]
    room = rule.endpoint.split(".")[0]
    table = TABLE_OF.get(f"{room}.{names[0]}") or TABLE_OF[names[0]]
    before, _sign, after = rule.rule.partition(f"<int:{names[0]}>")
    after = after.replace("<int:number>", "1")
    return sorted({usual, *(f"{before}{row_id}{after}" for row_id in samples[table])})


def sampled(session: Session) -> dict[str, list[int]]:
    """Return ids spread over each table."""
    found = {}
    for name in set(TABLE_OF.values()):
        ids = list(session.scalars(select(metadata.tables[name].c.id)))
        found[name] = ids[:: max(1, len(ids) // SAMPLES)][:SAMPLES] + ids[-1:]
    return found


def told(house: House, session: Session, user: User, path: str) -> bool | None:
    """Return what the diagnosis says: seen, not seen, or None where it looks at the role alone."""
    with house.app.test_request_context():
        target = target_of_page(path)
    try:
        answer = diagnose(session, user, target, actor=TESTER, now=NOON)
    except DomainError:
        return False  # no such row
    return None if not answer.rules and not answer.is_whole else answer.is_visible


def test_the_diagnosis_of_a_page_says_what_the_page_answers(house: House) -> None:
    wrong, seen = [], Counter[bool | None]()
    with house.database.reading() as session:
        samples = sampled(session)
    pages = [rule for rule in house.rules() if rule.arguments - NO_ROW - {"code", "kind"}]
    for user, visitor in people_of(house, per_role=2 if house.database.is_sqlite else 1):
        word = next(word for word, role in ROLES.items() if role is user.role)
        for rule in pages:
            if word not in named(rule.endpoint) or "GET" not in methods_of(rule.endpoint):
                continue
            for path in addresses(house, rule, samples):
                with house.database.writing() as session:
                    says = told(house, session, session.get_one(User, user.id), path)
                    session.rollback()
                status = visitor.get(path).status_code
                assert status in OPENED | REFUSED, (path, status)
                seen[says] += 1
                if says is not None and says is not (status in OPENED):
                    wrong.append(f"{user.username} {path}: {says}, {status}")
    assert wrong == []
    assert seen[True] > 100
    assert seen[False] > 100
