"""Pages travel compressed, without telling by their length what stands in them; files travel as they are."""

import gzip
import re

import pytest
from django.http import StreamingHttpResponse
from django.test import Client, RequestFactory

from minka.compression import Compressed

TOKEN = re.compile(r'csrfmiddlewaretoken" value="(\w+)"')


@pytest.mark.parametrize("path", ["/", "/terms/", "/guidelines/vote/"])
def test_a_page_is_compressed_for_who_can_read_it(path: str, db: None) -> None:
    plain = Client().get(path)
    packed = Client().get(path, headers={"accept-encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain["Vary"]
    assert int(packed["Content-Length"]) == len(packed.content) < 0.6 * len(plain.content)
    assert gzip.decompress(packed.content) == plain.content


def test_the_length_of_a_page_tells_nothing_and_its_token_is_never_the_same_bytes(db: None) -> None:
    client = Client()
    pages = [client.get("/join/", headers={"accept-encoding": "gzip"}).content for _ in range(20)]
    tokens = [TOKEN.findall(gzip.decompress(page).decode())[0] for page in pages]
    assert len(set(tokens)) == 20
    assert max(map(len, pages)) - min(map(len, pages)) > 20


@pytest.mark.parametrize("kind", ["application/vnd.apache.parquet", "application/json", "text/html"])
def test_a_stream_is_left_as_it_is(kind: str) -> None:
    """Ranges of it would be of other bytes."""
    whole = b"x" * 10_000
    request = RequestFactory().get("/", headers={"accept-encoding": "gzip"})
    answer = Compressed(lambda _: StreamingHttpResponse([whole], content_type=kind))(request)
    assert b"".join(answer) == whole
    assert "Content-Encoding" not in answer.headers
