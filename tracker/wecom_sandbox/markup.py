"""What a group sees of a content: the first markdown's subset, or text with links; always escaped.

Anything that is not in the subset stays as it was typed, as it does in the real client.
"""

import re
from collections.abc import Callable

from markupsafe import Markup, escape

HEADING = re.compile(r"(#{1,6}) +(.+)")
QUOTE = re.compile(r"> ?(.*)")
INLINE = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\*\*(?P<bold>[^*]+)\*\*"
    r"|\[(?P<label>[^\[\]]+)\]\((?P<url>https?://[^\s()]+)\)"
    r'|<font color="(?P<colour>info|comment|warning)">(?P<tinted>.*?)</font>'
    r"|<@(?P<person>[^<>\s]+)>"
)
ADDRESS = re.compile(
    r"(?P<address>https?://[A-Za-z0-9\-._~:/?#@!$&'*+,;=%]+)|<@(?P<person>[^<>\s]+)>"
)
NOT_AT_THE_END = ".,;:!?'"

Render = Callable[[re.Match[str]], Markup]


def render_markdown(content: str) -> Markup:
    """Headings, bold, links, inline code, quotes, three colours and mentions; line by line."""
    return Markup("").join(_line(line) for line in content.splitlines())


def render_text(content: str) -> Markup:
    """Text with its web addresses as links and `<@userid>` as a mention."""
    return _replace(ADDRESS, content, _text_part)


def mention_label(person: str) -> str:
    """How a mention reads in the chat."""
    return "@所有人" if person in ("@all", "all") else f"@{person}"


def _line(line: str) -> Markup:
    if match := HEADING.fullmatch(line):
        text = _inline(match[2])
        return Markup('<p class="md-heading md-heading-{}">{}</p>').format(len(match[1]), text)
    if match := QUOTE.fullmatch(line):
        return Markup('<blockquote class="md-quote">{}</blockquote>').format(_inline(match[1]))
    return Markup('<p class="md-line">{}</p>').format(_inline(line))


def _inline(text: str) -> Markup:
    return _replace(INLINE, text, _markdown_part)


def _replace(pattern: re.Pattern[str], text: str, render: Render) -> Markup:
    """Render each match, escape all between."""
    parts: list[Markup] = []
    end = 0
    for match in pattern.finditer(text):
        parts += (escape(text[end : match.start()]), render(match))
        end = match.end()
    parts.append(escape(text[end:]))
    return Markup("").join(parts)


def _markdown_part(match: re.Match[str]) -> Markup:
    if match["code"]:
        return Markup("<code>{}</code>").format(match["code"])
    if match["bold"]:
        return Markup("<strong>{}</strong>").format(_inline(match["bold"]))
    if match["label"]:
        return _link(match["url"], _inline(match["label"]))
    if match["colour"]:
        return Markup('<span class="md-{}">{}</span>').format(
            match["colour"], _inline(match["tinted"])
        )
    return _mention(match["person"])


def _text_part(match: re.Match[str]) -> Markup:
    if match["person"]:
        return _mention(match["person"])
    address = match["address"].rstrip(NOT_AT_THE_END)
    return _link(address, address) + escape(match["address"][len(address) :])


def _link(url: str, label: str) -> Markup:
    return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(url, label)


def _mention(person: str) -> Markup:
    return Markup('<span class="mention">{}</span>').format(mention_label(person))
