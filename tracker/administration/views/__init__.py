"""Pages of 单位, 职务, 人员, 地区."""

from flask import Blueprint

bp = Blueprint("administration", __name__)

from tracker.administration.views import directory, posts  # noqa: E402

__all__ = ["bp", "directory", "posts"]
