"""Nothing left to do: why, what else there is, and a note when there is more, for whoever asks for one."""
