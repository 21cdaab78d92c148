"""What a request leaves to the worker."""

from typing import Any

from kombu.exceptions import OperationalError

from annotations.errors import Refused


def later(job: Any, *arguments: Any, **options: Any) -> None:
    """Leave a job to the worker; `options` are Celery's: `countdown` and `expires`, in seconds.

    Raises:
        Refused: `try_later`, where the queue is away. This job was left to nobody.
    """
    try:
        job.apply_async(args=arguments, **options)
    except OperationalError:
        raise Refused("try_later") from None
