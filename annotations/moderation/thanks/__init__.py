"""Whom to thank: of those who agreed to be named, what each of them gave. For certificates and co-authorship, and for
nothing else: it is nobody's ranking, and stands on no public page."""
