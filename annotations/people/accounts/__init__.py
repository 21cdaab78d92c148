"""The account: getting in, getting back in, and what keeps others out.

django-allauth carries the log-in, the mails, the second factor; here stands what is ours. An account needs a user name
or an e-mail address and nothing from a third party. Who joins shows a proof of work made on their own device
(`proof.py`), or, without JavaScript, waits a moment and counts once somebody has looked. Who has no e-mail address gets
codes to write down or photograph; who has lost those too is helped by a lead, with a second person's word. Sessions and
tokens are listed and ended by their owner, and a new password or second factor ends all the others.
"""
