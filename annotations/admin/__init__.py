"""The moderators' panel: campaigns, items, judgements, verdicts and releases, to look at; little is changed by hand.

What people wrote and what was settled is read-only here: it changes through actions, which keep the counts true. One
file for what belongs together, over all chapters; what they share is in `panel.py`.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from annotations.admin import (
    audit,
    campaigns,
    checks,
    competence,
    consenting,
    corpus,
    datasets,
    experts,
    external,
    flagging,
    inquiries,
    items,
    judgements,
    kinds,
    people,
    purges,
    quality,
    reliability,
    remits,
    sanctions,
    signals,
    stewards,
    training,
)
from annotations.admin.words import say_in_words

__all__ = ["audit", "campaigns", "checks", "competence", "consenting", "corpus", "datasets", "experts",
           "external", "flagging", "inquiries", "items", "judgements", "kinds", "people", "purges", "quality",
           "reliability", "remits", "sanctions", "signals", "stewards", "training"]  # fmt: skip

say_in_words()

admin.site.site_header = "Minka"
admin.site.site_title = "Minka"
admin.site.index_title = _("The work")
