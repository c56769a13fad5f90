"""The style guide shows every macro; what it shows is what pages get."""

import json
import re
from html import unescape

import pytest
from flask import Flask, render_template_string

from tests.web.look_app import TEMPLATES, make_look_app


@pytest.fixture(scope="module")
def look_app() -> Flask:
    return make_look_app()


@pytest.fixture(scope="module")
def guide(look_app: Flask) -> str:
    return look_app.test_client().get("/").get_data(as_text=True)


def render(app: Flask, source: str) -> str:
    with app.test_request_context():
        return " ".join(render_template_string(source).split())


def test_the_style_guide_uses_every_public_macro() -> None:
    guide = (TEMPLATES / "style_guide/index.html").read_text("utf-8")
    defined = {
        name
        for path in (TEMPLATES / "_macros").glob("*.html")
        for name in re.findall(r"{% macro ([a-z]\w*)", path.read_text("utf-8"))
    }
    assert {name for name in defined if not re.search(rf"\b{name}\(", guide)} <= {"hidden_csrf"}


def test_the_frame_names_the_product_the_person_and_the_standing_notice(guide: str) -> None:
    for words in (
        "巡察整改跟踪系统",
        "癸示例",
        "巡察办经办人",
        "不得录入涉密信息",
        "数据截至",
        "跳到正文",
    ):
        assert words in guide
    assert 'aria-current="page">整改任务</a>' in guide


def test_htmx_may_neither_evaluate_nor_leave_the_site_nor_keep_pages(guide: str) -> None:
    found = re.search(r'<meta name="htmx-config"\s+content=\'([^\']+)\'', guide)
    assert found
    config = json.loads(unescape(found[1]))
    assert config["selfRequestsOnly"] is True
    assert config["historyCacheSize"] == 0
    for name in ("allowEval", "allowScriptTags", "includeIndicatorStyles"):
        assert config[name] is False


def test_ids_are_unique_and_every_label_points_to_a_control(guide: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', guide)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'\sfor="([^"]+)"', guide)) <= set(ids)
    assert set(re.findall(r'href="#([^"]+)"', guide)) - set(ids) <= {
        "工作台", "巡察轮次", "反馈问题", "整改任务", "提醒", "周报", "统计"
    }  # fmt: skip


def test_an_error_stands_beside_its_field_and_in_the_list_on_top(guide: str) -> None:
    assert '<a href="#title">任务名称：请填写任务名称。</a>' in guide
    assert '<a href="#klass-0">完成情况：请选择完成情况。</a>' in guide
    control = re.search(r'<input[^>]*\bid="title"[^>]*>', guide)
    assert control
    assert 'aria-describedby="title-error"' in control[0]
    assert 'aria-invalid="true"' in control[0]


def test_what_was_typed_is_kept(guide: str) -> None:
    assert "已召开专题会议。</textarea>" in guide


def test_messages_of_the_library_are_chinese(guide: str) -> None:
    errors = re.findall(r'class="form-error"[^>]*>.*?</span>([^<]+)</p>', guide)
    assert len(errors) == 3
    assert not [error for error in errors if re.search(r"[A-Za-z]{4}", error)]


@pytest.mark.parametrize(
    ("days_left", "words"),
    [("-12", "逾期 12 天"), ("0", "今天到期"), ("6", "还有 6 天"), ("none", "")],
)
def test_a_due_date_says_in_words_how_far_it_is(
    look_app: Flask, days_left: str, words: str
) -> None:
    source = "{% from '_macros/status.html' import due %}{{ due('2026-11-09', " + days_left + ") }}"
    text = re.sub(r"<[^>]+>", "", render(look_app, source))
    assert text.split("2026-11-09")[1].strip() == words
    assert ('class="overdue"' in render(look_app, source)) == (days_left == "-12")


def test_a_task_without_a_readable_due_date_is_never_red(look_app: Flask) -> None:
    shown = render(look_app, "{% from '_macros/status.html' import due %}{{ due(none, -3) }}")
    assert "时限待确认" in shown
    assert "overdue" not in shown


def test_words_from_users_are_escaped(look_app: Flask) -> None:
    shown = render(
        look_app,
        "{% from '_macros/timeline.html' import timeline %}"
        "{% from '_macros/confirm.html' import post_button %}"
        "{{ timeline([{'when': 'x', 'what': '<b>', 'reason': '<i>'}]) }}"
        "{{ post_button('/x', '<u>', question='\"><s>') }}",
    )
    assert not re.search(r"<(b|i|u|s)>", shown)


def test_an_empty_table_says_so_over_all_columns(guide: str) -> None:
    assert re.search(r'<td class="empty-row" colspan="2">没有符合条件的任务。', guide)


def test_the_error_page_gives_a_sentence_a_reference_and_a_way_back(look_app: Flask) -> None:
    page = look_app.test_client().get("/error").get_data(as_text=True)
    for words in ("没有找到这个页面", "q7f3-20ce", "返回工作台", "404", "不得录入涉密信息"):
        assert words in page


def test_a_fact_that_is_not_there_shows_a_dash(look_app: Flask) -> None:
    source = """{% from "_macros/description_list.html" import description_list %}
    {{ description_list([("甲", none), ("乙", ""), ("丙", "有" if false), ("丁", 0)]) }}"""
    shown = re.findall(r"<dd>(.*?)</dd>", render(look_app, source))
    assert shown == ["—", "—", "—", "0"]
