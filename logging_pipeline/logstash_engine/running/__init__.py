"""Runs pipelines: inputs to filters to outputs, acknowledged only when every output has answered."""
