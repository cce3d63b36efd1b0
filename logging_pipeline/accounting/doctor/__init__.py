"""Looks at every hop of the journey, from this process' point of view, and names the cure of what is wrong."""

from logging_pipeline.accounting.doctor.examination import examine
from logging_pipeline.accounting.doctor.finding import Finding, Verdict

__all__ = ["Finding", "Verdict", "examine"]
