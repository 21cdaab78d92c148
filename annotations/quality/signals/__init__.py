"""Signals: work that looks as if nobody had read it, and texts that look like other texts.

A signal is evidence for a human, with its figures, and decides nothing: no verdict, no seat, no sanction and no release
reads it. A class that copies one exercise, a fast reader, and somebody who pastes what they wrote elsewhere look the
same as somebody who does not care; only a person who asks can tell. They are looked for in campaigns that somebody
named for it (`Watched`), in none by itself.

Of work there are two: answers given in less time than anybody reads, and one button nearly always. Of texts two: one
that is like another text, and one that is like what a model wrote, each only where somebody wrote from nothing: whoever
corrects begins with an output, and is near it for that. `rules.py` are functions of counts and texts, with the sources
of their limits; `alike.py` finds the few texts that are worth comparing, so that never all are compared with all.

What is no longer so goes by itself. What somebody looked at, and said why there is nothing to it, stays with those
words for a while, and only work that came later is counted anew.
"""
