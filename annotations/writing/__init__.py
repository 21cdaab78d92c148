"""Writing: an ideal answer to a prompt, a better version of an output, a new prompt.

What is written is checked for what is no text at all, kept with its judgement, and read by others of the same variety
(`reviewing/`). A new prompt that they accept enters the corpus, and the campaign's models are asked it (`asking/`).
"""
