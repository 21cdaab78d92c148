"""What a run measures while it trains: numbers with a name and a step, kept as they come, drawn as curves.

A picture is made here on the server, of a few hundred stretches of steps however many there were: the mean of each as a
line, lowest and highest as a band around it. The table behind it says the same in numbers.
"""
