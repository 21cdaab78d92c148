"""A little of everything that a page can show, made in a running Minka: `manage.py shell` calls `build`.

What an address holds in place of its blanks is told as JSON on the last line.
"""

import json
from pathlib import Path

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth.models import Permission
from django.utils import timezone

from annotations.assignments import kinds
from annotations.assignments.inquiries.actions import ask_moderators
from annotations.assignments.inquiries.models import Inquiry, OpenAnswer
from annotations.assignments.models import Campaign
from annotations.assignments.stewards.actions import mark_restricted
from annotations.assignments.stewards.forms import FORMS
from annotations.datasets.actions import publish
from annotations.datasets.keeping.actions import name_edition
from annotations.datasets.keeping.deposit import PAPERS
from annotations.datasets.models import Release
from annotations.moderation.purges.models import Purge
from annotations.moderation.sanctions.models import Sanction
from annotations.people.actions import give_consent
from annotations.people.competence.actions import new_vouch_code
from annotations.people.competence.models import Confirmed
from annotations.people.demo import volunteer
from annotations.people.models import Person, Variety
from annotations.people.purposes import LICENCES, NAMES
from annotations.people.stewards import actions as stewards
from annotations.training.actions import Model, ingest_outputs
from annotations.training.boards.actions import make_boards
from annotations.training.evaluations.actions import tell_evaluation
from annotations.training.metrics.actions import record
from tests.cast import answer, appoint, govern, in_days, lead, line, open_export, seat_at, world
from tests.runs.measured import document
from tests.runs.world import a_run, add, engineer, fresh_lines, judged

PASSWORD = "muy-larga-y-rara-7"


def build() -> None:
    print("\n" + json.dumps(made()))


def made() -> dict[str, list[str]]:
    """The scene; returns what stands in addresses' blanks."""
    several = govern("quz", count=2)
    campaign = world(*(line(f"q{number}", variety="quz") for number in range(4)), slug="voces")
    ana = person("ana-ve", "quz", "es-CL")
    give_consent(person=ana, purposes=dict.fromkeys(NAMES, True), language="es", licence=LICENCES[0])
    answer(ana, seat_at(ana, campaign), {"preferred": "tie"})
    mark_restricted(person=ana, assignment_id=seat_at(ana, campaign).pk, knowledge="place", text="No es de todos.")
    stewards.add_label(person=several[0], variety=quz(), system="TK", local_contexts_id="tk-a",
                       name="TK Attribution", community="Qusqu", image_alt="Un círculo con hilos")  # fmt: skip
    open_export(several, "quz")
    world(line("s1", "Una sola.", kind="score"), slug="notas")
    world(line("d1", kind="demonstration", outputs=[]), line("p1", kind="prompt", outputs=[]), slug="escribir",
          kind="demonstration")  # fmt: skip
    world(line("c1", "Una por mejorar.", kind="correction"), slug="mejorar", kind="correction")
    world(line("f1", "Una por mirar.", kind="flag"), slug="senalar", kind="flag")
    world(line("t1", kind="translation", outputs=[], prompt="Oi, {nome}!", prompt_variety="pt-BR"), slug="sala",
          kind="translation")  # fmt: skip
    for kind, facts in (("notice", {}), ("limited", {"most_a_day": 20, "ends_at": in_days(3)})):
        Sanction.objects.create(kind=kind, person=ana, code="hurried", words="Despacio.", **facts)
    done = {"approved_at": timezone.now(), "done_at": timezone.now(), "whole": 3, "taken": 3}
    Purge.objects.create(person=ana, code="several", words="Tres que votan igual.", **done)
    run = a_run_with_curves()
    waiting = stewards.propose(person=several[0], variety=quz(), kind="export", reason="Otra", expires_at=in_days(9))
    stewards.propose_steward(proposer=ana, person=ana, variety=Variety.objects.get(tag="quy"), why="Enseño.")
    picture = Path(settings.MEDIA_ROOT) / "labels" / "tk-a.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_bytes((Path(__file__).parents[2] / "static" / "preview.png").read_bytes())
    newest = publish()
    make_boards()
    name_edition(release=newest, slug="pares", title="Pares", why="Para el taller")  # its address has a campaign's slug
    asked = ask_moderators(person=ana, text="¿Vale decir vienesa?", seat=seat_at(ana, campaign))
    Inquiry.objects.filter(pk=asked.pk).update(answer="Vale.", answered_at=timezone.now())
    OpenAnswer.objects.create(kind="vote", question="¿Vale vienesa?", answer="Vale.")
    Campaign.objects.create(slug="convite", name="Convite", access="link", link="clave-del-convite", about="Un taller.")
    told: dict[str, list[str]] = {
        "slug:invited": ["convite"], "str:link": ["clave-del-convite"],
        "slug:slug": ["pares"], "slug:tag": ["quz"], "slug:what": list(FORMS), "str:code": ["es"],
        "str:wish": [wish_for(ana)],
        "str:kind": kinds.names(), "slug:name": ["tk-a"], "slug:recipe": ["dpo"], "str:letter": ["a"],
        "str:version": [newest.version], "str:older": [Release.objects.earliest("cutoff").version],
        "slug:config": list(newest.previews.values_list("config", flat=True)), "str:name": [*PAPERS],
        "str:file": ["votes.csv"], "path:name": ["README.md"], "uuid:key": [run],
        "uuid:assignment": [str(seat_at(ana, campaign).pk)], "int:pk": [str(waiting.pk)],
        "reset": [way_back(ana), "1-x"], "confirm": [confirmation(ana), "x:y"],
    }  # fmt: skip
    person("llave-ve", "es-CL")
    make_steward("vocera-ve")
    make_lead("lider-ve")
    return told


def a_run_with_curves() -> str:
    """A run that was handed a release, measured something, and whose model answered."""
    campaign = judged(slug="aprende")
    add(campaign, *fresh_lines())
    diego = engineer("diego-ve")
    run = a_run(diego, publish(), campaign="aprende", place="un clúster")
    points = [{"name": name, "step": step, "value": 1 / (step + 1)} for name in ("loss", "margin") for step in range(9)]
    record(owner=diego, run=run.pk, points=points)
    answers = [{"prompt": pk, "text": f"Con pebre, {pk}."} for pk in run.prompts.values_list("prompt", flat=True)]
    ingest_outputs(owner=diego, run=run.pk, model=Model("zorzal-1", "apache-2.0"), answers=answers)
    tell_evaluation(owner=diego, run=run.pk, document=document(run.releases.get()))
    return str(run.pk)


def quz() -> Variety:
    return Variety.objects.get(tag="quz")


def person(name: str, *varieties: str) -> Person:
    return volunteer(name, PASSWORD, *varieties)


def make_steward(name: str) -> None:
    person(name, "es-PE")
    appoint(Person.objects.get(username=name), "quz")


def make_lead(name: str) -> None:
    person(name, "es-CO")
    rights = Permission.objects.filter(codename__in=["help_back_in", "count_sensitivefacts"])
    lead(name).user_permissions.add(*rights)


def arm(name: str) -> None:
    """A code from a telephone as the second step, as if it had been typed in."""
    TOTP.activate(Person.objects.get(username=name), generate_totp_secret())


def wish_for(speaker: Person) -> str:
    """A code that somebody handed to a confirmed speaker."""
    chile = Variety.objects.get(tag="es-CL")
    Confirmed.objects.create(person=speaker, variety=chile, how="lead", reason="Da clases.")
    return new_vouch_code(person=person("pide-ve", "es-CL"), variety=chile)


def way_back(ana: Person) -> str:
    return f"{user_pk_to_url_str(ana)}-{default_token_generator.make_token(ana)}"


def confirmation(ana: Person) -> str:
    address = EmailAddress.objects.create(user=ana, email="ana@example.org", primary=True)
    return str(EmailConfirmationHMAC(address).key)
