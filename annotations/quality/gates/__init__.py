"""Gates on concentration: before anything is published, nobody's part of it is too great.

Whoever wants to push one answer needs many votes, from one account or from many that were made together. So of every
slice of a campaign, what was judged in one variety and what was judged about one model, it is asked how much one
account gave and how much those who joined on one day, and of texts how many are one account's. Nothing is asked of what
people said: a slice chosen by that would take away votes of one side only, and move the result itself.

A campaign's `gate` says what follows: nothing, a report, or a hold. What is held is the newest, as many as bring the
rest down to the limit; it leaves the release with the reason `concentration`, its places are open for others, and
everything else goes out. It counts again when two people say so, one with a reason, and is then never held again.

`rules.py` are functions of counts and nothing else; `queries.py` counts.
"""
