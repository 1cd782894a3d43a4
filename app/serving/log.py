"""The log of the master process."""

import logging

from gunicorn import glogging
from gunicorn.config import Config

from app.observability.logging import set_up_log


class Logger(glogging.Logger):
    """Gunicorn's, writing as all others do; `logconfig_dict` says in which format."""

    def setup(self, cfg: Config) -> None:
        """Set up the log, also when a reload has read the configuration again."""
        self.cfg = cfg
        set_up_log(cfg.loglevel.upper(), cfg.logconfig_dict.get("format") == "json")
        logging.captureWarnings(True)
