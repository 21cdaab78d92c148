"""Gold: items whose answer is known, mixed in among the others.

A campaign may have some (`Campaign.gold`). Chance decides turn by turn whether one takes the place of real work, the
less often the more somebody has answered there: whoever is new is compared with the guidelines soon, and whoever is not
gives nearly all they give to the work. A gold item looks like any other, holds a seat like any other and is answered
like any other; what is said of it settles nothing. What comes of it stands in `quality/reliability/`.
"""
