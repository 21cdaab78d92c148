"""Community: the face of it all. The home page, a campaign's own page, one's own work, and the texts one can read.

Public pages carry no form and read no session, so that they can be cached and shared. Nobody is ranked here and
nobody's days in a row are counted; progress is what a campaign and a variety still need.
"""
