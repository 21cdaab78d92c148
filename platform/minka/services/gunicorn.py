"""gunicorn's settings: two processes of four threads each, at `MINKA_BIND` (default 127.0.0.1) and `PORT`.

Loaded before the fork (`preload_app`) the two workers share one copy of the code in memory. A worker is
renewed after some 20,000 requests: too seldom to be felt, often enough to give back what a library leaked. What was
loaded lives as long as the process, so the collector of garbage does not go through it again.
"""

import gc
import logging
import os
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger
from prometheus_client.multiprocess import mark_process_dead

from minka.logs import formatter


class WebLog(Logger):  # type: ignore[misc]
    """Malformed requests are logged with the address they came from, and so is every request where somebody switches
    the access log on: in both it is cut."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            plain = handler.formatter or logging.Formatter()
            handler.setFormatter(formatter(plain._fmt, plain.datefmt))


_host = os.environ.get("MINKA_BIND") or "127.0.0.1"
_port = os.environ.get("PORT") or "8000"

bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
workers = 2
worker_class = "gthread"
threads = 4
preload_app = True
timeout = 60
graceful_timeout = 20
# Longer than a proxy in front keeps an idle connection (a minute, as a rule): whoever closes first while the other
# sends loses a request. A waiting connection costs a socket and no thread.
keepalive = 75
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None
logger_class = WebLog
# No header says under which path the house stands: guards go by the path.
forwarder_headers = ""
# The heartbeat is a file touched every second: on a slow disk that alone gets workers killed.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 -- the one memory file system
# Otherwise a socket in the home directory takes orders; signals from the parent are enough.
control_socket_disable = True


def child_exit(_server: Any, worker: Any) -> None:
    """What a worker counted stays counted (`minka/metrics.py`)."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def when_ready(_server: Any) -> None:
    """Everything is loaded and nobody forked."""
    gc.collect()
    gc.freeze()
