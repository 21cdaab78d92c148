"""Asking the campaign's models what somebody proposed, so that their answers can be judged.

A `Question` is one accepted prompt for one model. The job finds what is due from the rows, asks over the protocol that
most servers of models speak, and tries again later where no answer came. With two clean answers the prompt is an item.
"""
