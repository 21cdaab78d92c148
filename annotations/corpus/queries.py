"""Questions about what is in the corpus."""

from collections.abc import Mapping, Sequence

from annotations.corpus.grouping import group_key
from annotations.corpus.models import Prompt


def same_question(messages: Sequence[Mapping[str, str]], variety: str) -> Prompt | None:
    """The earliest prompt of these words in this variety that may be used for anything."""
    key = group_key(messages)
    of_the_group = Prompt.objects.filter(group__prompts__wordings__key=key, variety=variety)
    usable = of_the_group.exclude(source__permitted_use=[]).order_by("pk")
    return next((prompt for prompt in usable.iterator() if group_key(prompt.messages) == key), None)
