"""What happens to a whole house while people work in it: kills of its programs, a queue that is erased."""
