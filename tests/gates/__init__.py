"""What says how well the tests look: `make coverage` (which branches they take), `make mutants` (whether they see that
something is wrong there)."""
