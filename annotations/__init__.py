"""The work a community does together, told in chapters.

    people -> corpus -> assignments -> rating | flagging -> quality -> datasets -> training -> community

People come and say what they speak and what they agree to. The corpus holds what models said. Assignments give each
person a seat at one item. Rating keeps their votes; flagging has its words so far. Quality settles items into verdicts.
Datasets turn what is settled into releases, training turns releases into models whose answers come back to the corpus,
and community is the face all of it shows. Later chapters import earlier ones, never the reverse.

Inside a chapter the same file name means the same thing everywhere:

    urls -> views | api | admin | jobs -> forms -> actions -> queries -> models
"""
