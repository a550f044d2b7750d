"""The head of the error tree. Each room derives its own errors from it in its own `errors.py`."""


class TutelaError(Exception):
    """An error that Tutela raises on purpose: what is wrong, where, and what to do about it.

    `exit_status` is what a command ends with when nobody handles the error (see `docs/commands.md`).
    Messages never hold a fingerprint, a PIN, a key or a person's name.
    """

    exit_status = 2

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(what)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}. {self.remedy}" if self.remedy else text
