"""A run that the house handed over: `--manifest`, from a packed folder without any network, or from the house itself,
which is told how it goes and need not be there for it."""

import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from . import runs
from .releases import VERSION, canonical_sha256, write_release
from .runs import RECIPES, read_lineage, refusal, start, told

RUN = str(uuid.uuid4())


def handed(release, **changes):
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    return {
        "format": 1,
        "run": RUN,
        "recipe": {"name": "dpo", "commit": "", "sha256": runs.sha256(RECIPES / "dpo.py")},
        "seed": 11,
        "base_model": {"name": "colibri", "licence": "apache-2.0"},
        "config": "preference",
        "releases": [{"version": VERSION, "release_id": manifest["release_id"]}],
    } | changes


def pack(folder, **changes):
    """A packed folder: the manifest, the release. Returns the manifest's path."""
    release = write_release(folder / "releases" / VERSION)
    path = folder / "handed.json"
    path.write_text(json.dumps(handed(release, **changes)), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "words", "sentence"),
    [
        (
            {"recipe": {"name": "kto"}},
            (),
            "the run was handed over for the recipe 'kto', and this is 'dpo'",
        ),
        (
            {},
            ("--seed", "12"),
            "the run was handed over with the seed 11, and the command line says 12",
        ),
        (
            {"releases": [{"version": VERSION, "release_id": "0" * 64}]},
            (),
            f"the run was not handed the release {VERSION}",
        ),
        (
            {"releases": [{"version": VERSION, "release_id": "0"}, {"version": "x", "release_id": "1"}]},
            (),
            "the run was handed 2 releases: --release says which of them is trained on",
        ),
    ],
)
def test_what_does_not_fit_the_run_is_refused(changes, words, sentence, base, tmp_path):
    manifest = pack(tmp_path, **changes)
    done = start("dpo", base, tmp_path / "out", "--manifest", manifest, *words)
    assert refusal(done, "dpo") == sentence
    assert not (tmp_path / "out").exists()


def test_another_model_than_the_base_that_the_house_knows_is_refused(base, tmp_path):
    known = {"name": "colibri", "licence": "apache-2.0", "checkpoint": "f" * 64}
    manifest = pack(tmp_path, base_model=known)
    sentence = refusal(start("dpo", base, tmp_path / "out", "--manifest", manifest), "dpo")
    assert sentence.startswith(
        f"the base model is not the colibri that the house knows, whose checkpoint_id is {'f' * 64}"
    )


def test_what_is_no_manifest_is_refused(base, tmp_path):
    (tmp_path / "handed.json").write_text("{}", encoding="utf-8")
    sentence = refusal(start("dpo", base, tmp_path / "out", "--manifest", tmp_path / "handed.json"), "dpo")
    assert sentence.endswith("handed.json is not the manifest of a run, in the format 1 that this recipe reads")
    sentence = refusal(start("dpo", base, tmp_path / "out", "--manifest", "http://localhost:1/runs/1/"), "dpo")
    assert sentence.endswith("is not the address of a run's manifest: …/api/v1/runs/ID/manifest/")


def test_two_processes_train_one_model_from_a_packed_folder(base, tmp_path):
    """Of another script than the one that was handed over, which is said once, and no obstacle."""
    known = {"name": "colibri", "licence": "x", "checkpoint": canonical_sha256(runs.files(base))}
    manifest = pack(tmp_path, recipe={"name": "dpo", "sha256": "0" * 64}, base_model=known)
    words = ("--manifest", manifest, "--max-steps", "3")
    two = ("-m", "torch.distributed.run", "--nproc_per_node", "2")
    done = start("dpo", base, tmp_path / "out", *words, launch=two, env={"MINKA_TOKEN": ""})
    assert done.returncode == 0, done.stderr
    lineage = read_lineage(tmp_path / "out")
    (sitting,) = lineage["sittings"]
    assert (sitting["processes"], lineage["rows_trained_on"], lineage["steps"]) == (2, 24, 3)
    assert (lineage["run"], lineage["seed"]) == (RUN, 11), "the run's seed, and not the 7 of the YAML"
    assert lineage["epochs"] == 1.0, "two processes with four rows each, three times"
    assert told(done, "dpo") == ["this dpo.py is not the one that was handed over; lineage.json says what trains"]


# The house answers, and does not -------------------------------------------------------------------------------------


class House(ThreadingHTTPServer):
    """What a house says over its API of one run and its release. It fails after so many words of a run."""

    def __init__(self, release: Path, *, fails_after: int) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.release, self.fails_after = release, fails_after
        self.heard: list[tuple[str, dict]] = []
        self.refused = 0
        self.token = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answers(BaseHTTPRequestHandler):
    server: House

    def log_message(self, *args) -> None:
        pass

    def answer(self, body, status=200) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        house, path = self.server, self.path.removeprefix("/api/v1")
        house.token = self.headers.get("Authorization", "")
        if path == f"/runs/{RUN}/":
            return self.answer(run("queued"))
        if path == f"/runs/{RUN}/manifest/":
            return self.answer(handed(house.release))
        if path == "/releases/":
            return self.answer([released(house.release)])
        return self.answer((house.release / path.removeprefix("/files/")).read_bytes())

    def do_POST(self) -> None:
        self.told()

    def do_PUT(self) -> None:
        self.told()

    def told(self) -> None:
        house = self.server
        said = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        if house.fails_after <= len(house.heard) and house.refused < 1:
            house.refused += 1
            return self.answer({"code": "unavailable", "detail": "not now"}, 503)
        house.heard.append((self.path.split("/")[-2], said))
        return self.answer({"kept": 1} if self.path.endswith("/metrics/") else run("running"))


def run(state):
    return {
        "id": RUN, "state": state, "recipe": "dpo", "base_model": "colibri", "releases": [VERSION], "recalled": [],
        "campaign": None, "prompts": {}, "models": [], "problem": "", "mine": True, "heard_at": None,
    }  # fmt: skip


def released(folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    files = {name: {"url": f"/api/v1/files/{name}", **facts} for name, facts in manifest["files"].items()}
    return {
        "version": VERSION, "cutoff": "2026-11-23T06:00:00+00:00", "release_id": manifest["release_id"],
        "configs": manifest["configs"], "files": files | {"manifest.json": {"url": "/api/v1/files/manifest.json"}},
        "state": "published", "replaced_by": None,
    }  # fmt: skip


@pytest.fixture
def house(tmp_path):
    serving = House(write_release(tmp_path / "served"), fails_after=3)
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    yield serving
    serving.shutdown()
    serving.server_close()


def test_the_house_hears_how_it_goes_and_its_silence_stops_nothing(house, base, tmp_path):
    address = f"{house.address}/api/v1/runs/{RUN}/manifest/"
    output = tmp_path / "out"
    done = start("dpo", base, output, "--manifest", address, env={"MINKA_TOKEN": "palabra"})
    assert done.returncode == 0, done.stderr
    lineage = read_lineage(output)
    assert (lineage["run"], lineage["seed"], lineage["steps"]) == (RUN, 11, 8)
    assert house.token == "Token palabra"
    assert (tmp_path / "releases" / VERSION / "manifest.json").is_file(), "fetched beside the model's folder"

    assert house.heard[0] == ("state", {"state": "running", "problem": ""})
    live, (last, everything) = house.heard[1:-1], house.heard[-1]
    assert {word for word, _said in live} == {"metrics"}
    assert house.refused == 1
    assert told(done, "dpo") == ["the house did not take what it was told: unavailable: not now"]
    assert last == "metrics"
    losses = {point["step"] for point in everything["metrics"] if point["name"] == "loss"}
    assert losses == set(range(1, 9)), "at the end all of it comes once more"


def test_a_house_that_does_not_answer_hands_nothing_over(base, tmp_path):
    address = f"http://127.0.0.1:9/api/v1/runs/{RUN}/manifest/"
    sentence = refusal(start("dpo", base, tmp_path / "out", "--manifest", address), "dpo")
    assert sentence.startswith("the manifest cannot be fetched: ")
    assert not (tmp_path / "out").exists()
