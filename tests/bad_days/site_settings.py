"""The tiny project, its events going into the shop's data streams."""

import logging_pipeline
from tests.tiny_project.settings import *  # noqa: F403  # all of it is the same

logging_pipeline.configure(app="shop", service_name="bad-days-web")
