"""Appeals: what somebody says against a sanction, or against what was taken out of their work, once; and what a human
who had no part in it answers. Where it is granted, the sanction is over, or what was taken out is put back.
"""
