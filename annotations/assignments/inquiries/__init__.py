"""A note to the moderators, about an item or about how to judge, and what they answer.

Who asks reads the answer on a page of their own. Where it helps all, it stands beside the guidelines too, under a
question in the moderators' words: it names neither the item nor who asked. Who answers sees the item as who asked saw
it. How others voted stands nowhere on that page while the item is not settled, so that no answer tells it.
"""
