"""What operators run: the steps of prestart.sh, the command line, backups and the first data."""
