"""The work a community does together, told in chapters.

    people -> corpus -> assignments -> rating | writing | translating | flagging -> reviewing -> quality -> datasets
           -> training -> moderation -> community

People come and say what they speak and what they agree to. The corpus holds what models said. Assignments give each
person a seat at one item. Rating keeps their votes and scores, writing and translating what they write, flagging what
they say is wrong; reviewing has others read what was written. Quality settles items into verdicts. Datasets turn what
is settled into releases, training turns releases into models whose answers come back to the corpus, moderation tells
people in plain words where they harm others or the work, and community is the face all of it shows. Later chapters
import earlier ones, never the reverse; the four in the middle do not know each other.

Inside a chapter the same file name means the same thing everywhere:

    urls -> views | api | admin | jobs -> forms -> actions -> queries -> models
"""
