"""Who may take part in a campaign that is not for everybody: whoever comes by its link, or whom a lead names.

A campaign that is not open to all stands on no list; its page says that it is by invitation. Nothing else about it is
another: who takes part speaks what is asked, consents, and finds their seats as everywhere. Who takes part no more gets
no new seat; what they gave stays, and an answer to a seat they had is welcome still.
"""
