"""The house itself: settings, addresses, security, the clock of the night, and the services of the one-command start.

What people do with it stands in `annotations/`, which never imports from here.
"""
