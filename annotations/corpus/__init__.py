"""The corpus: prompts, and what models answered to them.

Every text has a source with a licence and a permitted use. A prompt's role (train or evaluate), its group and its
split are fixed when it enters and never move: what evaluates must never train. An output is unique by prompt, model
and sample, so that the same answer arriving twice adds nothing.
"""
