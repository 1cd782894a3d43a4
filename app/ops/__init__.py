"""Tools for operators: the steps of prestart.sh, the command line, backups and the first data."""
