"""Pages travel compressed: a volunteer pays for every kilobyte.

What is compressed tells its length, and over many requests the length can tell a secret that stands in the same page as
something the asker chose (BREACH). Ours is closed three times: our cookies are `SameSite=Lax`, so another site gets a
person's pages fetched only by opening them in plain sight; the form token is masked anew for each page; and Django adds
up to a hundred random bytes to each answer (Heal The Breach).

Files are left alone: static ones lie compressed already, releases are, and a range of a file must be its bytes.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/html", "application/json")


class Compressed(GZipMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or response.get("Content-Type", "").partition(";")[0] not in TEXTS:
            return response
        return super().process_response(request, response)
