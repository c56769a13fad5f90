"""The one error of this room: a file that is not read, and why."""

from tracker.kernel.errors import DomainError


class RefusedFileError(DomainError):
    """The file is refused as a whole; `code` is stable, `str(error)` is the Chinese sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
