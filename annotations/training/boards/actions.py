"""Making boards."""

from django.conf import settings
from django.db import connection, transaction

from annotations.datasets.models import Release
from annotations.datasets.names import terms_of
from annotations.datasets.queries import published
from annotations.datasets.snapshot import open_snapshot
from annotations.training.boards.battles import Battle, Naming, Scored, battles, columns, scored, values
from annotations.training.boards.files import are_there, keep_only, put_in_place, staging_of, write
from annotations.training.boards.models import Board
from annotations.training.boards.queries import HISTORY

_BOARDS_LOCK = 0x6D696E6B000B
"""One at a time (a transaction's advisory lock); whoever comes meanwhile has nothing to do."""


@transaction.atomic
def make_boards(*, again: bool = False) -> Release | None:
    """Make the boards of the newest release where they are not there, or all the same if `again`; files of any other
    go. Returns the release they were made of, if they were."""
    if not _alone():
        return None
    release = published().first()
    keep_only(release.version if release else None)
    if release is None or (not again and _is_made(release)):
        return None
    _make(release)
    _let_old_ones_go()
    return release


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_BOARDS_LOCK])
        return bool(cursor.fetchone()[0])


def _is_made(release: Release) -> bool:
    return are_there(release.version) and Board.objects.filter(release=release).exists()


def _make(release: Release) -> None:
    """One reading of the database, as the release's own terms see it, makes files and numbers."""
    from annotations.training.boards.columns import Scores, Votes  # numpy is the night's
    from annotations.training.boards.measuring import VERSION, limits, score_boards, vote_boards

    terms, votes, scores = terms_of(release.version, release.cutoff), Votes(), Scores()
    staging = staging_of(release.version)
    with open_snapshot() as snapshot:
        naming = Naming.read(snapshot)
        every_vote = votes.passing(battles(snapshot, terms, naming))
        write(staging, "votes", columns(Battle), map(values, every_vote))
        every_score = scores.passing(scored(snapshot, terms, naming))
        write(staging, "scores", columns(Scored), map(values, every_score))
    fewest = limits(settings.MINKA_SMALL_CELL)
    Board.objects.filter(release=release).delete()
    Board.objects.bulk_create(
        Board(release=release, **each.part._asdict(), votes=each.votes, people=each.people, left_out=each.left_out,
              lines=each.lines, pulls=each.pulls, version=VERSION)
        for each in (*vote_boards(votes, fewest), *score_boards(scores, fewest))
    )  # fmt: skip
    put_in_place(staging, release.version)


def _let_old_ones_go() -> None:
    with_boards = Release.objects.filter(boards__isnull=False).distinct().order_by("-cutoff", "-published_at")
    old = list(with_boards.values_list("pk", flat=True)[HISTORY:])
    Board.objects.filter(release__in=old).delete()
