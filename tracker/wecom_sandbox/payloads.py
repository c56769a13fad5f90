"""The rules of each msgtype: what a payload must hold, in bytes of UTF-8 where a length counts.

Source: the public page on message pushes (消息推送配置说明), limits per type.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import Any

from tracker.wecom_sandbox.answers import (
    BAD_FILE_TYPE,
    BAD_IMAGE_MD5,
    BAD_MEDIA_SIZE,
    BAD_PARAMETER,
    BAD_URL_IN_NEWS,
    EMPTY_CONTENT,
    EMPTY_MEDIA,
    Refused,
    text_of,
)

MAX_CONTENT_BYTES = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}
MAX_IMAGE_BYTES = 2 * 1024 * 1024
MAX_ARTICLES = 8
MAX_NEWS_BYTES = {"title": 128, "description": 512}
IMAGE_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
CARD_TYPES = frozenset({"text_notice", "news_notice"})

Payload = dict[str, Any]


def _bad(what: str) -> Refused:
    return Refused(BAD_PARAMETER, f"{what}. {text_of(BAD_PARAMETER)}")


def check_content(msgtype: str, payload: Payload) -> Payload:
    """Text and both markdowns: a content that is there and short enough."""
    content = payload.get("content", "")
    if not isinstance(content, str):
        raise _bad(f"{msgtype}.content type error")
    if not content.strip():
        raise Refused(EMPTY_CONTENT)
    if len(content.encode()) > MAX_CONTENT_BYTES[msgtype]:
        raise _bad(f"{msgtype}.content exceed max length {MAX_CONTENT_BYTES[msgtype]}")
    return payload if msgtype == "text" else {"content": content}


def check_text(payload: Payload) -> Payload:
    """Text may name people; the lists hold userids and mobiles, or "@all"."""
    kept = {"content": check_content("text", payload)["content"]}
    for name in ("mentioned_list", "mentioned_mobile_list"):
        people = payload.get(name) or []
        if not isinstance(people, list) or not all(isinstance(one, str) for one in people):
            raise _bad(f"text.{name} type error")
        kept[name] = people
    return kept


def check_image(payload: Payload) -> Payload:
    """JPG or PNG, at most 2 MB before base64, with the md5 of the raw bytes."""
    try:
        data = base64.b64decode(str(payload.get("base64", "")), validate=True)
    except (binascii.Error, ValueError):
        raise _bad("image.base64 decode error") from None
    if not data:
        raise Refused(EMPTY_MEDIA)
    if len(data) > MAX_IMAGE_BYTES:
        raise Refused(BAD_MEDIA_SIZE)
    if not data.startswith(IMAGE_STARTS):
        raise Refused(BAD_FILE_TYPE)
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if str(payload.get("md5", "")).lower() != md5:
        raise Refused(BAD_IMAGE_MD5)
    return {"md5": md5, "size": len(data)}


def check_news(payload: Payload) -> Payload:
    """One to eight articles with title and address; long titles are cut, as nowhere else."""
    articles = payload.get("articles")
    if not isinstance(articles, list) or not 1 <= len(articles) <= MAX_ARTICLES:
        raise _bad(f"news.articles must be 1 to {MAX_ARTICLES}")
    return {"articles": [_article(article) for article in articles]}


def _article(article: object) -> dict[str, str]:
    if not isinstance(article, dict) or not article.get("title") or not article.get("url"):
        raise _bad("news.articles need title and url")
    if not str(article["url"]).startswith(("http://", "https://")):
        raise Refused(BAD_URL_IN_NEWS)
    kept = {name: str(article.get(name, "")) for name in ("url", "picurl")}
    for name, limit in MAX_NEWS_BYTES.items():
        kept[name] = _cut(str(article.get(name, "")), limit)
    return kept


def _cut(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore")


def check_card(payload: Payload) -> Payload:
    """A card jumps somewhere (card_action) and says something."""
    if payload.get("card_type") not in CARD_TYPES:
        raise _bad("template_card.card_type")
    action = payload.get("card_action")
    if not isinstance(action, dict) or action.get("type") not in (1, 2):
        raise _bad("template_card.card_action")
    title = payload.get("main_title")
    title = title if isinstance(title, dict) else {}
    if not title.get("title") and not payload.get("sub_title_text"):
        raise Refused(EMPTY_CONTENT)
    return {**payload, "main_title": title}


CHECKS: dict[str, Callable[[Payload], Payload]] = {
    "text": check_text,
    "markdown": lambda payload: check_content("markdown", payload),
    "markdown_v2": lambda payload: check_content("markdown_v2", payload),
    "image": check_image,
    "news": check_news,
    "template_card": check_card,
}
