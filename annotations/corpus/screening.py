"""Looking at outputs as they enter: what is no answer is held back, and says why."""

import re

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
    """`error_answer` when the text is an endpoint's failure, else empty."""
    return "error_answer" if _ERROR_ANSWER.match(text) else ""
