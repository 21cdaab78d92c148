"""A network that cuts: a small TCP proxy which lets a request through, waits for the first byte of the server's answer
(what was asked is committed by then), and closes the line before any of it arrives."""

import socket
import struct
import threading
from contextlib import suppress

RESET = struct.pack("ii", 1, 0)


class Cutting:
    """Listens on a port of its own. `cuts` answers to a POST whose address holds `to` are still to be cut."""

    def __init__(self, port: int, to: bytes = b"/send/") -> None:
        self._server = ("127.0.0.1", port)
        self._to = to
        self.cuts = self.done = 0
        self._counting = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._door.accept()
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(self._server) as server:
            doomed = threading.Event()
            back = threading.Thread(target=self._answer, args=[server, client, doomed], daemon=True)
            back.start()
            while data := client.recv(65_536):
                if data.startswith(b"POST ") and self._to in data.split(b"\r\n", 1)[0] and self._may_cut():
                    doomed.set()
                server.sendall(data)

    def _may_cut(self) -> bool:
        with self._counting:
            wanted = self.cuts > 0
            self.cuts -= wanted
            return wanted

    def _answer(self, server: socket.socket, client: socket.socket, doomed: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65_536):
                if doomed.is_set():
                    self.done += 1
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    break
                client.sendall(data)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
