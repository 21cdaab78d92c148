"""The quiz confirms."""

from annotations.assignments.competence.queries import quiz_of
from annotations.assignments.models import Campaign
from annotations.people.competence.actions import confirm
from annotations.people.competence.models import Confirmed
from annotations.people.models import Person, Variety


def confirm_by_quiz(*, person: Person, campaign: Campaign, variety: Variety) -> Confirmed | None:
    """Confirm somebody in a variety where they answered all practice items that the campaign asks of them in it, and
    agree with what was expected in four of five. None where they did not, or where a person took it back before.

    Called with every answer to a practice item, inside its transaction.
    """
    quiz = quiz_of(person, campaign, variety.pk)
    if quiz is None or not quiz.is_passed:
        return None
    return confirm(person=person, variety=variety, how=Confirmed.How.QUIZ)
