"""Error pages: a clear Chinese sentence, a reference number, never a stack."""

import secrets

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from tracker.kernel.errors import DomainError, NotVisibleError, StaleVersionError
from tracker.kernel.logs import get_logger
from tracker.web.access import PUBLIC, NotPermittedError, access_of
from tracker.web.database import has_saved, let_go
from tracker.web.refusals import Refusal, tell, tell_step

log = get_logger(__name__)

SENTENCES = {
    400: "请求不完整。请返回上一页，核对后再提交。",
    403: "您的角色不能使用这个功能。如有需要，请联系管理员。",
    404: "没有找到您要的内容。请从列表重新进入。",
    405: "这个地址不能这样使用。请从页面上的按钮进入。",
    413: "上传的文件太大。请压缩或拆分后再上传。",
    500: "系统出了问题，您的数据没有改动。请稍后再试；仍不行请把编号告诉管理员。",
    503: "系统正忙或数据库暂时不可用，您的数据没有改动。请稍后再试。",
}


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(NotVisibleError, _not_visible)
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(IntegrityError, _collision)
    app.register_error_handler(OperationalError, _database_down)
    app.register_error_handler(Exception, _unexpected)


def page(status: int, sentence: str, reference: str = "") -> ResponseReturnValue:
    """Return an error page."""
    html = render_template(
        "errors/error.html", status=status, sentence=sentence, reference=reference
    )
    return html, status


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, SecurityError):  # no address of ours can be made for a foreign host
        return Response("请用管理员告知的地址访问本系统。\n", 400, mimetype="text/plain")
    status = error.code or 500
    if error.response is not None or 300 <= status < 400:
        return error
    _tell_refused(error, status)
    return page(status, SENTENCES.get(status, SENTENCES[400]))


def _tell_refused(error: HTTPException, status: int) -> None:
    """A page or a row that is not for this person; an address that is none of ours is nobody's."""
    if isinstance(error, NotPermittedError):
        tell(Refusal.PAGE, permission=error.permission.value)
    elif request.endpoint is not None and access_of(request.endpoint) != PUBLIC:
        kind = {403: Refusal.PAGE, 404: Refusal.ROW}.get(status)
        if kind is not None:
            tell(kind)


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    tell(Refusal.TOKEN)
    return page(400, "页面已失效。请返回上一页刷新后再提交，您填写的内容仍在那一页。")


def _not_visible(error: NotVisibleError) -> ResponseReturnValue:
    tell(Refusal.ROW)
    return page(404, str(error))


def _domain_error(error: DomainError) -> ResponseReturnValue:
    tell_step(error)
    return page(409 if isinstance(error, StaleVersionError) else 422, str(error))


def _stale(_error: StaleDataError) -> ResponseReturnValue:
    """Two people saved the same row in the same instant; one of them was first."""
    return _once_more() or _too_late(str(StaleVersionError()), rule="stale")


def _collision(error: IntegrityError) -> ResponseReturnValue:
    """Two people saved the same number or name in the same instant; one of them was first."""
    log.warning("integrity refused", endpoint=request.endpoint, kind=type(error.orig).__name__)
    return _once_more() or _too_late(
        "编号或名称刚被别人用了，本次没有保存。请返回上一页，换一个后再提交。", rule="taken"
    )


def _too_late(sentence: str, *, rule: str) -> ResponseReturnValue:
    tell(Refusal.STEP, rule=rule)
    return page(409, sentence)


def _once_more() -> ResponseReturnValue | None:
    """Run the view again: it now reads what the first one saved, and refuses on the form itself,
    where nothing typed is lost. None when it has run twice or has saved something already."""
    if "runs_again" in g or request.endpoint is None or has_saved():
        return None
    g.runs_again = True
    let_go()
    view = current_app.view_functions[request.endpoint]
    try:
        return make_response(view(**request.view_args or {}))
    except Exception as error:
        return current_app.handle_user_exception(error)


def _database_down(error: OperationalError) -> ResponseReturnValue:
    reference = secrets.token_hex(4)
    log.error("database unavailable", reference=reference, kind=type(error.orig).__name__)
    return page(503, SENTENCES[503], reference)


def _unexpected(error: Exception) -> ResponseReturnValue:
    reference = secrets.token_hex(4)
    log.error("request failed", reference=reference, endpoint=request.endpoint, exc_info=error)
    return page(500, SENTENCES[500], reference)
