"""Four eyes for the consent text: an operator's text takes force once two people approved it, word by word.

What lies in the folder of `MINKA_CONSENT_DIR` is noted when the house starts, and waits. Two people who may look at it
beside the one in force and approve it; a minute later it is what people are asked. Until then the one before stays, out
of the database, whatever the folder says. The draft that comes with the code needs nobody: production refuses it.
"""
