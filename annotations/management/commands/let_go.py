"""`manage.py let_go CAMPAIGN ITEM --by USERNAME --reason TEXT`: lift what screening held back of an item."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.assignments.imports import let_go
from annotations.assignments.models import Item
from annotations.errors import Refused
from annotations.people.models import Person


class Command(BaseCommand):
    help = "Let an item go that screening held back. Who did it and why stays in the panel's log."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", help="the campaign's slug")
        parser.add_argument("item", help="the item's id, as it was imported")
        parser.add_argument("--by", required=True, help="the user name of who answers for it")
        parser.add_argument("--reason", required=True)

    def handle(self, *_args: Any, campaign: str, item: str, by: str, reason: str, **_options: Any) -> None:
        try:
            row = Item.objects.get(campaign__slug=campaign, source_id=item)
            person = Person.objects.get_by_natural_key(by)
            cells = let_go(item=row, person=person, reason=reason)
        except (Item.DoesNotExist, Person.DoesNotExist) as missing:
            raise CommandError(str(missing)) from None
        except Refused as refused:
            raise CommandError(str(refused.detail)) from None
        self.stdout.write(f"{item} is let go, {cells} to be judged")
