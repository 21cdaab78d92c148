"""The lead's page: what came in lately, by variety, country and domain, and a text about it for a chat group."""
