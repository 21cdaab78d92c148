"""A stand-in for the Hub's HTTP API, as much of it as sending and taking away a release asks for: repositories with
branches, preupload, Git LFS, commits, trees, and the list of large files. It keeps everything in memory."""

import base64
import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_una-llave-de-prueba"


@dataclass
class Kept:
    """`repos`: by name, their branches, each {path: bytes, or the oid of a large file}."""

    repos: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    large: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    spoils: bool = False

    def files(self, repo: str, branch: str) -> dict[str, bytes]:
        rows = self.repos.get(repo, {}).get(branch, {})
        return {path: self.large[what] if isinstance(what, str) else what for path, what in rows.items()}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"  # a connection for each question: none outlives the server
    kept: Kept

    def reply(self, body: Any, code: int = 200, **headers: str) -> None:
        data = json.dumps(body).encode()
        self.send_response(code)
        for name, value in {"content-type": "application/json", "content-length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def body(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        out = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            out += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return out

    def act(self) -> None:
        raw, path = self.body(), urlsplit(self.path).path
        self.kept.asked.append((self.command, path))
        if not path.startswith("/store/") and self.headers.get("authorization") != f"Bearer {TOKEN}":
            return self.reply({"error": "Invalid credentials"}, 401)
        parts = [unquote(part) for part in path.strip("/").split("/")]
        return self.route(parts, raw)

    do_GET = do_POST = do_PUT = do_DELETE = act  # noqa: N815 -- the library's names

    def route(self, parts: list[str], raw: bytes) -> None:
        if parts[0] == "store":
            return self.store(parts[1], raw)
        if parts == ["api", "repos", "create"]:
            return self.create(json.loads(raw))
        if parts[-2:] == ["objects", "batch"]:
            return self.batch(json.loads(raw))
        if parts == ["api", "validate-yaml"]:
            return self.reply({"warnings": [], "errors": []})
        repo = "/".join(parts[2:4])
        if repo not in self.kept.repos:
            return self.reply({"error": "Repository not found"}, 404, **{"X-Error-Code": "RepoNotFound"})
        return self.of_repo(self.kept.repos[repo], repo, parts[4:], raw)

    def of_repo(self, branches: dict[str, dict[str, Any]], repo: str, rest: list[str], raw: bytes) -> None:
        what, name = (rest[0] if rest else ""), (rest[1] if len(rest) > 1 else "")
        if what == "branch" and self.command == "POST":
            known = name in branches
            branches.setdefault(name, dict(branches["main"]))
            return self.reply({"error": "exists"} if known else {}, 409 if known else 200)
        if what == "branch":
            del branches[name]
            return self.reply({})
        if what == "preupload":
            return self.reply({"files": [
                {"path": each["path"], "uploadMode": "lfs" if each["path"].endswith(".parquet") else "regular",
                 "shouldIgnore": False, "oid": None} for each in json.loads(raw)["files"]
            ]})  # fmt: skip
        if what == "tree" and name not in branches:
            return self.reply({"error": "no such branch"}, 404, **{"X-Error-Code": "RevisionNotFound"})
        if what == "tree":
            return self.reply([self.row(path, known) for path, known in branches[name].items()])
        if what == "commit":
            return self.commit(branches[name], raw)
        if what == "lfs-files" and name == "batch":
            return self.forget(branches, json.loads(raw)["deletions"])
        if what == "lfs-files":
            return self.reply([
                {"fileOid": oid, "filename": "f", "oid": hashlib.sha1(oid.encode()).hexdigest(),
                 "pushedAt": "2026-11-23T06:00:00.000Z", "ref": None,
                 "size": len(data)} for oid, data in self.kept.large.items()
            ])  # fmt: skip
        return self.reply({"id": repo, "sha": "0" * 40, "siblings": []})

    def create(self, asked: dict[str, Any]) -> None:
        repo = f"{asked.get('organization') or 'stub'}/{asked['name']}"
        known = repo in self.kept.repos
        self.kept.repos.setdefault(repo, {"main": {}})
        url = f"http://{self.headers['host']}/datasets/{repo}"
        self.reply({"url": url, "name": repo, "id": "0"}, 409 if known else 200)

    def batch(self, asked: dict[str, Any]) -> None:
        """What is stored already has no `actions` at all."""
        base = f"http://{self.headers['host']}/store"
        self.reply({"transfer": "basic", "objects": [
            {"oid": each["oid"], "size": each["size"], "authenticated": True} | (
                {} if each["oid"] in self.kept.large
                else {"actions": {"upload": {"href": f"{base}/{each['oid']}", "header": {}}}})
            for each in asked["objects"]
        ]})  # fmt: skip

    def store(self, oid: str, data: bytes) -> None:
        if hashlib.sha256(data).hexdigest() != oid:
            return self.reply({"error": "sha256 mismatch"}, 400)
        self.kept.large[oid] = data
        return self.reply({})

    def commit(self, branch: dict[str, Any], raw: bytes) -> None:
        for line in raw.splitlines():
            told = json.loads(line)
            value = told["value"]
            if told["key"] == "file":
                branch[value["path"]] = base64.b64decode(value["content"]) + (b"!" if self.kept.spoils else b"")
            elif told["key"] == "lfsFile":
                branch[value["path"]] = value["oid"]
            elif told["key"] == "deletedFile":
                branch.pop(value["path"])
        url = f"http://{self.headers['host']}/datasets/x/y/commit/{'0' * 40}"
        self.reply({"commitUrl": url, "commitOid": "0" * 40, "pullRequestUrl": None})

    def row(self, path: str, known: Any) -> dict[str, Any]:
        data = self.kept.large.get(known, b"") if isinstance(known, str) else known
        blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        large = {"lfs": {"oid": known, "size": len(data), "pointerSize": 130}} if isinstance(known, str) else {}
        return {"type": "file", "oid": blob, "size": len(data), "path": path} | large

    def forget(self, branches: dict[str, dict[str, Any]], deletions: dict[str, Any]) -> None:
        for oid in deletions["sha"]:
            self.kept.large.pop(oid, None)
            for branch in branches.values():
                for path in [path for path, what in branch.items() if what == oid]:
                    del branch[path]
        self.reply({})

    def log_message(self, *_words: Any) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    def handle_error(self, *_facts: Any) -> None:
        """A client that hangs up is no news."""


@dataclass
class Hub:
    """A running stand-in. `stop` and `start` keep its port and what it holds."""

    kept: Kept = field(default_factory=Kept)
    port: int = 0

    def start(self) -> "Hub":
        handler = type("Bound", (Handler,), {"kept": self.kept})
        self.server = Server(("127.0.0.1", self.port), handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
