"""`check_mail` says whether mail leaves the house, and what a server that does not take it said."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@contextmanager
def post_office(says: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that answers the sender so, and what it was told."""
    told: list[bytes] = []

    class Clerk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            body = False
            for line in self.rfile:
                told.append(line)
                word = line[:4].upper()
                body = (body or word == b"DATA") and line != b".\r\n"
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                elif not body:
                    self.wfile.write(says if word == b"MAIL" else b"250 ok\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clerk) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        yield server.server_address[1], told
        server.shutdown()


def test_a_letter_that_is_taken_is_told(settings, capsys: pytest.CaptureFixture[str]) -> None:
    with post_office(b"250 ok\r\n") as (port, told):
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", port
        call_command("check_mail", "ana@example.org")
    assert "127.0.0.1 took a letter" in capsys.readouterr().out
    assert any(line.startswith(b"To: ana@example.org") for line in told)


def test_what_a_server_said_is_told(settings) -> None:
    with post_office(b"550 nobody sends from here\r\n") as (port, _told):
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", port
        with pytest.raises(CommandError, match=r"did not take it.*nobody sends from here"):
            call_command("check_mail", "ana@example.org")


def test_a_server_that_is_not_there_is_told(settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", 1
    with pytest.raises(CommandError, match=r"127\.0\.0\.1:1 did not take it"):
        call_command("check_mail", "ana@example.org")


def test_mail_that_stays_in_files_is_no_mail(settings, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    with pytest.raises(CommandError, match="EMAIL_URL is not set"):
        call_command("check_mail", "ana@example.org")


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(CommandError, match="is no address"):
        call_command("check_mail", "ana")
    assert mail.outbox == []
