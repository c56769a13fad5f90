"""Where to go next: only paths of our own are believed."""

from urllib.parse import urlsplit


def local_path(target: str | None) -> str:
    """Return the target when it is a path of this site, else "/"."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    if any(ord(character) < 32 or character == "\\" for character in target):
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc else target
