"""Runs that the house trains itself: whoever asks for one says `here`, and a worker with a GPU takes it up.

The worker of the queue `gpu` starts the recipe as a process of its own, in the trainer's environment, which knows
neither the database nor a secret; it reads what the process leaves in its folder, and tells it of the run: signs of
life, metrics, the model's answers, what was measured of it, the end. Which runs wait is in their rows, so that a
message may get lost; a recipe that was cut off goes on from its last checkpoint.
"""
