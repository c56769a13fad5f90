"""The subset of markdown, and nothing that a browser would run."""

import pytest

from tracker.wecom_sandbox.markup import render_markdown, render_text


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ("# 今日到期", '<p class="md-heading md-heading-1">今日到期</p>'),
        ("#今日到期", '<p class="md-line">#今日到期</p>'),
        ("**2 项**", '<p class="md-line"><strong>2 项</strong></p>'),
        ("`7-3-012`", '<p class="md-line"><code>7-3-012</code></p>'),
        ("> 逾期 3 天", '<blockquote class="md-quote">逾期 3 天</blockquote>'),
        (
            '<font color="warning">逾期</font>',
            '<p class="md-line"><span class="md-warning">逾期</span></p>',
        ),
        ("<@zhangsan>", '<p class="md-line"><span class="mention">@zhangsan</span></p>'),
        ("<@all>", '<p class="md-line"><span class="mention">@所有人</span></p>'),
        ("一\n二", '<p class="md-line">一</p><p class="md-line">二</p>'),
        ("- 一项", '<p class="md-line">- 一项</p>'),
        (
            "[查看](https://tracker.invalid/tasks/1?a=1&b=2)",
            (
                '<p class="md-line"><a href="https://tracker.invalid/tasks/1?a=1&amp;b=2"'
                ' rel="noopener noreferrer">查看</a></p>'
            ),
        ),
    ],
)
def test_the_subset_is_rendered(content: str, html: str) -> None:
    assert render_markdown(content) == html


@pytest.mark.parametrize(
    "content",
    [
        "<script>alert(1)</script>",
        "**<img src=x onerror=alert(1)>**",
        '<font color="red" onclick="x">红</font>',
        '<font color="info"><b>粗</b></font>',
        "[x](javascript:alert(1))",
        '[x](https://a.invalid/"onmouseover="alert(1))',
        "`<b>`",
        "<@<b>x>",
    ],
)
def test_nothing_typed_becomes_a_tag_or_an_attribute(content: str) -> None:
    for html in (render_markdown(content), render_text(content)):
        bare = html.replace("<strong>", "").replace('"noopener noreferrer"', "")
        assert not any(bad in bare for bad in ("<script", "<img", "<b>", "<font", 'href="java'))
        assert '" onclick' not in bare
        assert '"onmouseover' not in bare


def test_addresses_in_a_text_become_links() -> None:
    assert render_text("查看 https://tracker.invalid/tasks/1。") == (
        '查看 <a href="https://tracker.invalid/tasks/1" rel="noopener noreferrer">'
        "https://tracker.invalid/tasks/1</a>。"
    )
    assert "</a>." in render_text("见 http://tracker.invalid/.")


def test_markdown_signs_in_a_text_stay_signs() -> None:
    assert render_text("**2 项**\n# 一") == "**2 项**\n# 一"
