"""What a process that runs pipelines does with its memory."""

import subprocess
import sys

_BATCHES = """
import gc, resource
from logging_pipeline.logstash_engine.memory import keep_memory

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def batches(count):
    for _ in range(count):
        [bytes(1_000) for _ in range(1_000)]

keep_memory()
batches(3)
before = faults()
batches(20)
print(faults() - before, gc.get_threshold()[0], gc.get_freeze_count() > 0)
"""


def test_a_batch_takes_the_memory_of_the_one_before():
    """The system is not asked for memory anew with every batch, and garbage is not looked for in each of them."""
    run = subprocess.run([sys.executable, "-c", _BATCHES], capture_output=True, text=True, check=True)
    faults, threshold, frozen = run.stdout.split()
    assert int(faults) < 20 * 10  # a page each; a batch takes 250
    assert int(threshold) > 20_000
    assert frozen == "True"
