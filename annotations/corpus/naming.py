"""Answers that say which model they are. Whoever reads "soy ChatGPT" votes on a name, and no longer on an answer.

What counts is that the answer speaks of itself: it introduces itself, answers "as a model of", or says who made it, and
a name follows; in Spanish, Portuguese or English. To speak *about* a model is no leak, and "como modelo de lenguaje" is
none either, because every model says it. Of words that name other things too (a llama, a copilot, a person called
Gemma) only the forms count that are a model's and nothing else.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_MAKERS: Final = (
    r"open\s?ai", "anthropic", r"google(?:\s(?:ai|deepmind))?", "deepmind", r"meta\s?ai", r"mistral\s?ai", "deepseek",
    r"alibaba(?:\scloud)?", "microsoft", r"x\.?ai", "cohere", r"hugging\s?face", "nvidia", r"maritaca(?:\sai)?",
    "cenia",
)  # fmt: skip
_MODELS: Final = (
    r"chat\s?gpt[\w.-]*", r"gpt(?:[\s-]?\d[\w.-]*)?", "(?<! a )gemini", r"google\sbard", "claude", r"meta[\s-]?llama",
    r"llama[\s-]?\d[\w.-]*", r"(?:microsoft|github)\scopilot", "mixtral", r"mistral[\s-](?:large|small|nemo|\d+b)",
    r"qwen[\w.-]*", "grok", r"gemma[\s-]?\d[\w.-]*", r"phi-\d[\w.-]*", r"command[\s-]r", r"sabi[áa]-?\d[\w.-]*",
    r"latam[\s-]?gpt",
)  # fmt: skip
_I_AM: Final = (
    "soy", "me llamo", "mi nombre es", "sou", "me chamo", "chamo-me", "meu nome é", "i am", "i['’]m", "my name is",
)  # fmt: skip
_MADE: Final = (
    "entrenad[oa]", "treinad[oa]", "trained", "desarrollad[oa]", "desenvolvid[oa]", "developed", "cread[oa]",
    "criad[oa]", "created", "hech[oa]", "feit[oa]", "made", "built",
)  # fmt: skip
_BETWEEN: Final = (
    "el", "la", "un", "una", "o", "a", "um", "uma", "the", "an", "modelos?", "model", "asistente", "assistente",
    "assistant", "chatbot", "bot", "ia", "ai", "inteligencia", "inteligência", "artificial", "virtual",
    "conversacional", "grande", "gran", "large", "language", "lenguaje", "linguagem", "de", "del", "do", "da", "of",
    "llamad[oa]", "chamad[oa]", "called", "named", *_MADE, "por", "pel[oa]", "by", "from", "empresa", "company",
)  # fmt: skip
_A_MODEL: Final = "(?:modelo|model|asistente|assistente|assistant|chatbot|ia|ai|inteligencia|inteligência)"
_WAS_MADE: Final = (
    rf"(?:fui|he sido|i was|i have been|i['’]ve been)\s(?:{'|'.join(_MADE)})\s(?:por|pel[oa]|by)"
    r"|me\s(?:cre[óo]|criou|entren[óo]|treinou|desarroll[óo]|desenvolveu)"
)
_SHORTEST: Final = 3
"""A name of the house that is shorter, like `m1`, is found in too much."""


def says_who_it_is(text: str, names: Iterable[str] = ()) -> bool:
    """Whether an answer names the model it is.

    Args:
        names: of models beside those everybody knows: the house's own.
    """
    return _pattern(frozenset(names)).search(text) is not None


@lru_cache(maxsize=4)
def _pattern(names: frozenset[str]) -> re.Pattern[str]:
    between = rf"(?:[\s,:]+(?:{'|'.join(_BETWEEN)})(?!\w))"
    own = (_written(name) for name in sorted(names) if len(name) >= _SHORTEST)
    who = rf"[\s,:]+[\"'“‘«*_]*(?:{'|'.join([*_MAKERS, *_MODELS, *own])})(?!\w)"
    ways = (
        rf"(?:{'|'.join(_I_AM)})(?!\w){between}{{0,14}}{who}",
        rf"(?:como|as){between}{{0,4}}[\s,:]+{_A_MODEL}(?!\w){between}{{0,10}}{who}",
        rf"(?:{_WAS_MADE})(?!\w){between}{{0,4}}{who}",
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(ways)})", re.IGNORECASE)


def _written(name: str) -> str:
    """However the parts of a name are put together; of `house/model` the model will do."""
    parts = re.split(r"[-_\s.:]+", name.rpartition("/")[2] or name)
    return r"[-_\s.:]?".join(re.escape(part) for part in parts if part) or re.escape(name)
