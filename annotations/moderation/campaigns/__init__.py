"""Work on a campaign: what stands in its way, when each variety will have what is wanted of it, how it looks to whoever
sits at it, what an import would bring, and another one like it."""
