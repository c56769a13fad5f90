"""Errors that carry a Chinese sentence telling the user what to do next."""


class DomainError(Exception):
    """A rule said no. `str(error)` is shown to the user as it stands."""


class StaleVersionError(DomainError):
    """Somebody else saved the same row meanwhile; nothing was overwritten."""

    def __init__(self, what: str = "这条记录") -> None:
        super().__init__(f"{what}已被别人修改。您填写的内容仍在本页，请核对最新内容后再次提交。")


class NotVisibleError(DomainError):
    """The row does not exist, or is not for this person: one answer for both."""

    def __init__(self) -> None:
        super().__init__("没有找到您要的内容。请从列表重新进入。")


def rule_of(error: DomainError) -> str:
    """Return the rule that said no, by its place: `letters.service.letter_steps.ensure_may`."""
    while isinstance(error.__cause__, DomainError):
        error = error.__cause__
    place = error.__traceback__
    if place is None:
        return ""
    while place.tb_next is not None:
        place = place.tb_next
    module = str(place.tb_frame.f_globals["__name__"]).removeprefix("tracker.")
    return f"{module}.{place.tb_frame.f_code.co_name}"


class ConfigError(Exception):
    """The configuration cannot work; the sentence says which variable to change."""
