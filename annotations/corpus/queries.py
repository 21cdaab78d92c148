"""Questions about what is in the corpus."""

from collections.abc import Mapping, Sequence

from annotations.corpus.grouping import group_key
from annotations.corpus.models import Prompt


def same_question(messages: Sequence[Mapping[str, str]], variety: str) -> Prompt | None:
    """The earliest prompt of these words in this variety that may be used for anything."""
    prompts = Prompt.objects.filter(group__key=group_key(messages), variety=variety)
    return prompts.exclude(source__permitted_use=[]).order_by("pk").first()
