"""How a run ends before its end: one sentence for a person, an exit status for a machine."""

from typing import Final

REFUSED: Final = 2
ROWS_LOST: Final = 3
DIVERGED: Final = 4
CANCELLED: Final = 5


class Stopped(Exception):
    """The run ends here. `status` is what the process exits with."""

    def __init__(self, sentence: str, status: int = REFUSED) -> None:
        self.status = status
        super().__init__(sentence)
