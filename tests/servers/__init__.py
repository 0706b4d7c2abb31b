"""Real schedulers, started on this machine for the tests, the browser stories and the bench."""
