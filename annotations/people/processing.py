"""The record of processing: what is stored of people, why, for how long and who sees it, in words for everybody.

The page `/privacy/processing/` is made of this list, of the purposes (`purposes.py`) and of the settings: who answers,
where the data lie, who handles them. A row names
the purposes it rests on, so that what people agree to and what is done do not drift apart unseen.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.people.purposes import PURPOSES


@dataclass(frozen=True)
class Stored:
    """One category of personal data.

    Attributes:
        what: the data.
        why: what they are for.
        how_long: when they go.
        who: who sees them.
        purposes: names of the consent purposes it rests on; empty where it is needed for the account itself.
    """

    what: Promise
    why: Promise
    how_long: Promise
    who: Promise
    purposes: tuple[str, ...] = ()

    @property
    def labels(self) -> list[Promise]:
        return [purpose.label for purpose in PURPOSES if purpose.name in self.purposes]


_UNTIL_ERASED = _("Until the account is erased.")
_TEAM = _("The team of moderation and of the campaign, as far as they need it.")
STORED: Final = (
    Stored(_("User name, password in a form that cannot be read back, language of the pages"),
           _("To come back to one's own work."), _UNTIL_ERASED, _TEAM),
    Stored(_("E-mail address, if one is given"),
           _("To write what must be said of the account; news only with that permission."), _UNTIL_ERASED,
           _("Whoever runs the platform."), ("email",)),
    Stored(_("That one wants a note when there is more to do"),
           _("To write it, once."), _("Until it is written or taken back; half a year at most."),
           _("Whoever runs the platform."), ("email",)),
    Stored(_("Varieties one speaks and how one came to them"),
           _("To offer only what one can judge."), _UNTIL_ERASED, _TEAM, ("annotate", "special")),
    Stored(_("In which varieties one's knowledge is confirmed, how, since when, and who said so"),
           _("So that campaigns that ask for it ask only people who know a variety."), _UNTIL_ERASED,
           _("The team, and the variety's stewards. Speakers one hands a code to see one's user name."),
           ("annotate", "special")),
    Stored(_("That one's word on a variety is trusted, since when, who said so and why"),
           _("So that what many say is checked by people who are known to know a variety."), _UNTIL_ERASED, _TEAM,
           ("annotate", "special")),
    Stored(_("That one works at the desk of the experts: an account on our Argilla server, under a name that says "
             "nothing of one, and what one answers there"),
           _("So that what is disputed is judged by people who know a variety well."),
           _("Until one leaves the desk, takes the consent back or erases the account; then it is removed there too."),
           _TEAM, ("annotate", "special")),
    Stored(_("Judgements, with the day, the hour and the seconds they took"),
           _("To make open datasets, with which models are trained and evaluated."),
           _("Until their person erases them. What was published before stays with those who took copies."),
           _("Everybody, under a code that changes with every release; exact hours and a code that stays, only the "
             "team and partners with a written agreement; names, only the team."),
           ("annotate", "publish", "train")),
    Stored(_("Texts one writes: answers, corrections, questions, translations, reviews, reasons"),
           _("To be read by others of the same variety and, once accepted, to make open datasets."),
           _("Until their person erases them. What was published before stays with those who took copies."),
           _("Whoever reads them for review, without a name; everybody, once they are published."),
           ("annotate", "publish", "train")),
    Stored(_("Accepted questions, sent to the servers of the models a campaign names, without anything of their "
             "author"),
           _("To have them answered, so that the answers can be judged."),
           _("Here as the question itself; there as those servers say."),
           _("Whoever runs those servers."), ("annotate", "transfer")),
    Stored(_("That one gave a very great part of some work, how great, and what of it was kept aside for that"),
           _("So that nobody outweighs the others in what is published, and two people can let it count."),
           _("Until it is no longer so; what was kept aside stays, and says no more whose it was when the account is "
             "erased."),
           _TEAM, ("annotate",)),
    Stored(_("Where somebody looks for it: that many answers came faster than one reads, or by one button, or that a "
             "text is like another one; how many, and what whoever looked at it says"),
           _("So that somebody looks, and asks. It is no verdict, and nothing is decided by it."),
           _("Until it is no longer so; half a year at most after the last answer, or after somebody looked at it."),
           _("Those of the team who have the right to, and nobody about themselves."), ("annotate",)),
    Stored(_("In how many of one's answers the guidelines, trusted speakers and most of the others say the same"),
           _("So that people can see it and object, and a team knows what to explain better. Nothing is decided by it, "
             "and nobody's answers weigh more or less."),
           _UNTIL_ERASED, _("Their person, and moderators with a right of its own."), ("annotate",)),
    Stored(_("Notes to the moderators, and what they answered"), _("So that what is not clear is answered."),
           _("Until the account is erased; at most a year."),
           _("Their person, and whoever answers; what is answered in the open names nobody."), ("annotate",)),
    Stored(_("That one was let into a campaign that is by invitation, since when, and by whom"),
           _("So that only who was invited takes part."), _UNTIL_ERASED, _("Those who lead campaigns."), ("annotate",)),
    Stored(_("Objections to that, and what was answered"), _("So that a human looks again, and one can read why."),
           _UNTIL_ERASED, _("Their person, and whoever answers."), ("annotate",)),
    Stored(_("What the team decided about an account: a notice, a limit, a pause, that it is closed; why, and what was "
             "said against it"),
           _("To protect others and the work, so that one can read why and object, and another human looks again."),
           _("Until the account is erased; at most three years after it is over."),
           _("Their person, and those of the team who have the right to, and nobody about themselves.")),
    Stored(_("That two people of the team took out what an account gave, why, what each answer was before, "
             "and what was said against it"),
           _("To protect the work of others; so that one can read why, and it can be put back as it was."),
           _("Until the account is erased; at most three years after it was asked for."),
           _("Their person, and those of the team who have the right to, and nobody about themselves.")),
    Stored(_("Answers begun and not sent yet"), _("So that nothing is lost when the network or the phone fails."),
           _("Until they are sent; at most 90 days."), _("Nobody but their person.")),
    Stored(_("What one says is wrong in an answer: the words, the kind of harm, how grave, and why"),
           _("To hide what harms, to have somebody look at it, and to make open datasets of what is wrong."),
           _("Until their person erases them; what was hidden stays hidden until somebody decides."),
           _TEAM, ("annotate", "publish", "train")),
    Stored(_("Which tasks one took along to work without a network, and until when"),
           _("So that what lies on a phone is asked of nobody else meanwhile."),
           _("90 days."), _TEAM, ("annotate",)),
    Stored(_("Kinds of hurtful content one never wants to meet, if any are named"),
           _("Not to show them."), _UNTIL_ERASED, _("Nobody but their person.")),
    Stored(_("What was agreed to and what was not, when, and the exact text"),
           _("To prove that consent was given; the law asks it of whoever answers for the data."),
           _("It stays when the account is erased, and then says no more whose it was."),
           _("Whoever runs the platform.")),
    Stored(_("User name in the list of thanks"), _("To thank by name whoever wants it."),
           _("Until the permission is taken back."), _("Everybody."), ("credit",)),
    Stored(_("The name to be thanked by, an affiliation and an ORCID, if any are given"),
           _("For thanks, certificates and co-authorship."),
           _("Until they are emptied, the permission is taken back or the account is erased."), _TEAM, ("credit",)),
    Stored(_("Permission to be asked for studies"), _("To pass on invitations; nobody gets the address."),
           _("Until the permission is taken back."), _("Whoever runs the platform."), ("research",)),
    Stored(_("Answers to optional questions about oneself"), _("To know whether all kinds of people take part."),
           _("None are stored: no such question is asked yet."), _("Nobody. They would be kept encrypted and apart."),
           ("demographics",)),
    Stored(_("Votes that people gave elsewhere, the day, and a sum under a key of ours in the place of their name"),
           _("To publish them apart, as the document says under which they were given there."),
           _("Until that document is withdrawn."), _("Everybody, under a code that changes with every release.")),
    Stored(_("Tokens for programs, as a hash"), _("To answer over the API."), _("Until they are ended."),
           _("Nobody; the hash opens nothing.")),
    Stored(_("What staff did in the panel"), _("To see who changed what."),
           _("It stays: who has power over others' work answers for it."), _("Whoever runs the platform.")),
    Stored(_("Technical logs, without addresses and names"), _("To find faults."),
           _("90 days."), _("Whoever runs the platform.")),
)  # fmt: skip
