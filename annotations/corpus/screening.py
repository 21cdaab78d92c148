"""Looking at texts as they enter: what is no answer, or shows who somebody is, is held back, and says why."""

import re

from annotations.corpus.personal_data import proven

REASONS = ("error_answer", "personal_data")
"""What screening holds back for; a person may let it go (`assignments/imports.py:let_go`)."""

# What an endpoint says when it fails. Short and anchored at the start: an answer *about* errors is an answer.
_ERROR_ANSWER = re.compile(
    r"\s*(?:traceback \(most recent call last\)"
    r"|\{\s*\"?error\"?\s*:"
    r"|(?:http\s*)?(?:error\s*(?:code)?\s*:?\s*)?(?:4\d\d|50\d)\s*(?:[-:]\s*)?(?:bad request|unauthorized"
    r"|forbidden|not found"
    r"|too many requests|internal server error|bad gateway|service unavailable|gateway time-?out)"
    r"|rate limit (?:reached|exceeded)"
    r"|(?:openai|anthropic|requests|httpx)\.[\w.]*(?:error|exception))",
    re.IGNORECASE,
)


def reason_to_hold(text: str) -> str:
    """`error_answer` when the text is an endpoint's failure, `personal_data` when a number of somebody's identity or
    card stands in it with the right check digit, else empty. Telephones, mail addresses, names in networks and links
    are no reason: in an answer they are mostly an office's."""
    if _ERROR_ANSWER.match(text):
        return "error_answer"
    return "personal_data" if proven(text) else ""
