"""The canonical form of a certificate, its code, and what differs."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tracker.rectification.rules.certificate import (
    FACTS,
    SECTIONS,
    Content,
    canonical,
    code_of,
    differences,
    grouped,
    read_canonical,
    typed_code,
)

TEXTS = st.text(max_size=8)
CONTENTS = st.builds(
    Content,
    facts=st.fixed_dictionaries(dict.fromkeys(FACTS, TEXTS)),
    lines=st.fixed_dictionaries(
        {
            section: st.lists(st.fixed_dictionaries(dict.fromkeys(columns, TEXTS)), max_size=2)
            for section, (_title, columns) in SECTIONS.items()
        }
    ),
)


@given(CONTENTS, CONTENTS)
def test_two_contents_have_the_same_code_only_when_nothing_differs(
    one: Content, other: Content
) -> None:
    assert read_canonical(canonical(one)) == one
    assert differences(one, one) == []
    same_code = code_of(canonical(one)) == code_of(canonical(other))
    assert same_code == (one == other)


@given(CONTENTS, st.sampled_from(sorted(FACTS)), st.text(min_size=1, max_size=3))
def test_an_older_form_is_held_to_the_fields_it_printed(
    content: Content, key: str, added: str
) -> None:
    facts = {name: value for name, value in content.facts.items() if name != key}
    older = replace(content, facts=facts)
    changed = replace(content, facts={**content.facts, key: content.facts[key] + added})
    assert differences(older, changed) == []
    assert [each.what for each in differences(content, changed)] == [FACTS[key]]


@given(st.binary(min_size=32, max_size=32), st.booleans())
def test_a_code_is_read_however_it_was_typed(raw: bytes, loud: bool) -> None:
    code = raw.hex()
    written = grouped(code).upper() if loud else f" {code}\n"
    assert typed_code(written) == code
    assert typed_code(code[:-1]) is None
