"""Letters, interviews, accountability."""

from tracker.feedback.rules import IssueNature
from tracker.kernel.permissions import Permission
from tracker.organizations.rules import UnitCategory
from tracker.statistics.filters import OF_DATED_RECORDS, Filter
from tracker.statistics.queries import letters
from tracker.statistics.queries.drill import RowKind
from tracker.statistics.readers import Counted
from tracker.statistics.registry.metric import Definition, G, K, Metric, U

LETTERS = (
    Metric(
        Definition(
            code="letters_issued",
            name="制发函件",
            group=G.LETTERS,
            wording="本届由本级签发、签发日不晚于数据截至日的函件份数，按种类分列；截至当日已作废的不计入。",
            unit=U.COPY,
            spans_by="签发日",
            permission=Permission.LETTER_READ,
        ),
        Counted(numerator=letters.letters_issued, rows=RowKind.LETTER, has_own_words=True),
    ),
    Metric(
        Definition(
            code="units_written_to",
            name="收到函件的单位",
            group=G.LETTERS,
            wording="本届收到本级函件（已送达、未作废）的单位数，同一单位只计一次。",
            unit=U.OBJECT,
            takes=OF_DATED_RECORDS | {Filter.CATEGORY},
            spans_by="送达日",
            permission=Permission.LETTER_READ,
        ),
        Counted(numerator=letters.units_written_to, rows=RowKind.UNIT, labels=UnitCategory),
    ),
    Metric(
        Definition(
            code="issues_urged",
            name="督促问题整改",
            group=G.LETTERS,
            wording=(
                "本届已送达的函件涉及的问题中，截至当日已整改（任务全部销号）的条数/全部条数；"
                "同一问题多次发函只计一次。"
            ),
            unit=U.ITEM,
            kind=K.OF,
            spans_by="函件送达日",
            permission=Permission.LETTER_READ,
        ),
        Counted(
            numerator=letters.issues_urged_closed,
            denominator=letters.issues_urged,
            rows=RowKind.ISSUE,
            labels=IssueNature,
        ),
    ),
    Metric(
        Definition(
            code="persons_interviewed",
            name="约谈",
            group=G.LETTERS,
            wording="本届约谈、约谈日不晚于数据截至日的人数，同一人多次约谈只计一人；作废的记录不计入。",
            unit=U.PERSON,
            spans_by="约谈日",
            permission=Permission.INTERVIEW_READ,
        ),
        Counted(numerator=letters.persons_interviewed(heads_only=False), rows=RowKind.INTERVIEW),
    ),
    Metric(
        Definition(
            code="heads_interviewed",
            name="约谈一把手",
            group=G.LETTERS,
            wording="本届约谈的、约谈时任党组织主要负责人的人数，同一人多次约谈只计一人；作废的记录不计入。",
            unit=U.PERSON,
            spans_by="约谈日",
            permission=Permission.INTERVIEW_READ,
        ),
        Counted(numerator=letters.persons_interviewed(heads_only=True), rows=RowKind.INTERVIEW),
    ),
    Metric(
        Definition(
            code="organs_held",
            name="问责党组织",
            group=G.LETTERS,
            wording="巡察办登记的、本届作出决定的问责党组织个数，同一党组织只计一次；不含单位在进展中填报的累计数。",
            unit=U.OBJECT,
            spans_by="决定日",
            permission=Permission.ACCOUNTABILITY_READ,
        ),
        Counted(numerator=letters.organs_held, rows=RowKind.ACCOUNTABILITY),
    ),
    Metric(
        Definition(
            code="persons_held",
            name="问责人次",
            group=G.LETTERS,
            wording="巡察办登记的、本届作出决定的问责人次，按方式分列，同一人两次问责计两人次；不含单位在进展中填报的累计数。",
            unit=U.OCCASION,
            spans_by="决定日",
            permission=Permission.ACCOUNTABILITY_READ,
        ),
        Counted(numerator=letters.persons_held, rows=RowKind.ACCOUNTABILITY, has_own_words=True),
    ),
    Metric(
        Definition(
            code="dispatches_sent",
            name="报送",
            group=G.LETTERS,
            wording="本届登记的报送次数，报送日不晚于数据截至日；同一内容多次报送逐次计，作废的登记不计入。",
            unit=U.TIME,
            spans_by="报送日",
            permission=Permission.DISPATCH_READ,
        ),
        Counted(numerator=letters.dispatches_sent, rows=RowKind.DISPATCH),
    ),
)
