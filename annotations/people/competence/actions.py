"""Asking to be confirmed, vouching, naming, taking back.

Every change of what somebody's confirmation rests on locks their row first, so that of two words that come at once the
second finds the first.
"""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from annotations.errors import Refused
from annotations.people.codes import new_code, plain
from annotations.people.competence.models import Confirmed, Vouch, VouchCode
from annotations.people.competence.queries import (
    NEEDED,
    counting_vouches,
    ended_by_a_person,
    in_force,
    is_confirmed,
    may_name,
    speaks,
)
from annotations.people.models import Person, Variety
from annotations.people.queries import showing_origin
from annotations.people.standing import require_standing
from annotations.people.stewards.actions import note

_SALT = "annotations.people.competence"


def require_good_standing(person: Person) -> None:
    """Nothing is kept without consent, and nobody's word counts who is suspended."""
    require_standing(person)
    if person.consent_id is None:
        raise Refused("consent_required")


@transaction.atomic
def confirm(*, person: Person, variety: Variety, how: str) -> Confirmed | None:
    """Confirm by a rule, a quiz or two speakers. None where a person took it back: then only a person confirms anew.

    One that is in force already stays as it is.
    """
    person = Person.objects.lock(person)
    if found := in_force().filter(person=person, variety=variety).first():
        return found
    if ended_by_a_person(person, variety):
        return None
    return _confirm(person, variety, how=how)


def _confirm(person: Person, variety: Variety, **facts: object) -> Confirmed:
    VouchCode.objects.filter(person=person, variety=variety).delete()
    return Confirmed.objects.create(person=person, variety=variety, **facts)


# Two speakers -------------------------------------------------------------------------------------------------------


@transaction.atomic
def new_vouch_code(*, person: Person, variety: Variety) -> str:
    """A fresh code to hand to two confirmed speakers of a variety one speaks; the one before stops working. Shown this
    once.

    Raises:
        Refused: `consent_required`, `suspended`, `invalid` (not of what they speak), `not_open` (it is confirmed, or
            was taken back by a person).
    """
    person = Person.objects.lock(person)
    require_good_standing(person)
    if not speaks(person, variety):
        raise Refused("invalid", _("That is asked for what one speaks, as the profile says it."))
    if is_confirmed(person, variety):
        raise Refused("not_open", _("This is confirmed already."))
    if ended_by_a_person(person, variety):
        raise Refused("not_open", _("A person took this back, so a person has to confirm it anew."))
    code, lasts = new_code(), timezone.now() + VouchCode.LASTS
    VouchCode.objects.update_or_create(
        person=person, variety=variety,
        defaults={"digest": _digest(code), "made_at": timezone.now(), "expires_at": lasts},
    )  # fmt: skip
    return code


def asked_with(code: str, *, speaker: Person) -> VouchCode:
    """The wish behind a code, for a speaker who may meet it.

    Raises:
        Refused: `not_found` (no such code, or its days are over), `invalid` (one's own), `consent_required`,
            `suspended`, `competence_required` (the reader's own knowledge of the variety is not confirmed).
    """
    wishes = VouchCode.objects.select_related("person", "variety")
    wish = wishes.filter(digest=_digest(code), expires_at__gt=timezone.now()).first()
    if wish is None:
        raise Refused("not_found", _("This code is not known, or its days are over."))
    if wish.person_id == speaker.pk:
        raise Refused("invalid", _("Nobody confirms themselves: this code is for two others who speak it."))
    require_good_standing(speaker)
    if not is_confirmed(speaker, wish.variety):
        raise Refused("competence_required", _("Only who is confirmed in this variety can confirm somebody in it."))
    return wish


@transaction.atomic
def vouch(*, speaker: Person, code: str) -> Confirmed | None:
    """A confirmed speaker says that who gave them this code speaks the variety. Said twice it is one word; the second
    speaker's confirms. Returns the confirmation, if that makes one.

    Raises:
        Refused: as `asked_with`.
    """
    asked = asked_with(code, speaker=speaker)
    # Both rows, in the order of their ids: theirs whose confirmation grows, and the speaker's, which may end just now.
    locked = {pk: Person.objects.lock(Person(pk=pk)) for pk in sorted([asked.person_id, speaker.pk])}
    wish = asked_with(code, speaker=locked[speaker.pk])
    person, variety = locked[wish.person_id], wish.variety
    if not _takes_part(person, variety):
        raise Refused("not_found", _("Whoever asked does not take part at the moment, or does not speak it any more."))
    Vouch.objects.get_or_create(speaker=locked[speaker.pk], person=person, variety=variety)
    if len(counting_vouches(person, variety)) < NEEDED:
        return None
    return confirm(person=person, variety=variety, how=Confirmed.How.SPEAKERS)


def _digest(code: str) -> str:
    return salted_hmac(_SALT, plain(code), algorithm="sha256").hexdigest()


# By name ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def name_speaker(*, by: Person, person: Person, variety: Variety, reason: str) -> Confirmed:
    """A steward of the variety, or a lead where nobody governs it, confirms somebody who says that they speak it: so
    the first ones come. One's word is enough, since it opens no text to the outside and is taken back at once.

    Raises:
        Refused: `not_found` (not theirs to name), `suspended`, `invalid` (oneself; no reason; who is named does not say
            that they speak it, or has no consent in force), `not_open` (confirmed already).
    """
    how = _namer(by, variety)
    person = Person.objects.lock(person)
    if person.pk == by.pk:
        raise Refused("invalid", _("Nobody confirms themselves."), {"person": "oneself"})
    if not _takes_part(person, variety):
        raise Refused("invalid", _("Whoever is confirmed takes part and says that they speak it."), {"person": "no"})
    try:
        with transaction.atomic():
            confirmed = _confirm(person, variety, how=how, confirmed_by=by, reason=_said(reason))
    except IntegrityError:
        raise Refused("not_open", _("This is confirmed already.")) from None
    if how == Confirmed.How.STEWARDS:
        note(variety=variety, person=by, act="confirm", about=f"confirmed {confirmed.pk}")
    return confirmed


@transaction.atomic
def take_back(*, by: Person, confirmed: Confirmed, code: str, reason: str) -> Confirmed:
    """End a confirmation, however it came, with a reason its person reads. What was judged under it stands, and seats
    they hold may still be answered. The way back is a person's: a lead or the stewards name them anew.

    Raises:
        Refused: `not_found` (not theirs to decide), `suspended`, `invalid` (no such code, no reason).
    """
    how = _namer(by, confirmed.variety)
    Person.objects.lock(confirmed.person)
    confirmed = Confirmed.objects.select_for_update(of=("self",)).select_related("variety").get(pk=confirmed.pk)
    if confirmed.until:
        return confirmed
    if code not in Confirmed.Code.values:
        raise Refused("invalid", _("This reason is not known."), {"code": "unknown"})
    confirmed.until, confirmed.ended_by = timezone.now(), by
    confirmed.ended_code, confirmed.ended_reason = code, _said(reason)
    confirmed.save(update_fields=["until", "ended_by", "ended_code", "ended_reason"])
    if how == Confirmed.How.STEWARDS:
        note(variety=confirmed.variety, person=by, act="unconfirm", about=f"confirmed {confirmed.pk}")
    return confirmed


def _namer(by: Person, variety: Variety) -> Confirmed.How:
    require_standing(by)
    how = may_name(by, variety)
    if how is None:
        raise Refused("not_found")
    return how


def _takes_part(person: Person, variety: Variety) -> bool:
    """Whether somebody is here, consents and says that they speak it: nobody is confirmed in what they do not say."""
    here = person.is_active and person.standing == Person.Standing.GOOD and person.consent_id is not None
    return here and speaks(person, variety)


def _said(reason: str) -> str:
    if not reason.strip():
        raise Refused("invalid", _("A reason is needed."), {"reason": "empty"})
    return reason.strip()


# Rights -------------------------------------------------------------------------------------------------------------


def forget_origin(*, person: Person) -> None:
    """What is confirmed of varieties that can show ethnic origin goes with the purpose `special`, and so do the words
    that its person gave about others: they say what they speak themselves."""
    for table in (Confirmed, Vouch, VouchCode):
        table._default_manager.filter(showing_origin(), person=person).delete()
    Vouch.objects.filter(showing_origin(), speaker=person).delete()


def forget_namings(person: Person) -> int:
    """The words in which somebody confirmed others, or took it back, go with them; that it was done stays."""
    named = Confirmed.objects.filter(confirmed_by=person).update(reason="")
    return named + Confirmed.objects.filter(ended_by=person).update(ended_reason="")
