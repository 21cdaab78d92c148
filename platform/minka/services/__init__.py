"""The services behind one command: database, web server, worker and timetable, with nothing to install.

`up` is the parent. It asks `postgres` for a database out of a wheel, prepares the tables, then starts
gunicorn (with the settings in `gunicorn`) and Celery, restarts what falls, and takes everything down with it
when it goes, also when it is killed without a word. Production may use the same parent with `DATABASE_URL`
set, or systemd, which starts each part by itself (`one`). `backups` receives the database's log and backs it up,
`restoring` brings it back and tries every night whether it could, by `proofs` of what was in the tables.

Nothing here imports Django: the parent lives as long as the house does and should cost next to nothing.
"""
