"""The board: what waits for a human, how much and since when, by variety, and a click away. Who may not do something
about a queue does not see it."""
