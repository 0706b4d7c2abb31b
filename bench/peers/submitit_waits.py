"""Send a job with submitit, say its id, and say when submitit knows that it has ended."""

from __future__ import annotations

import json
import time

import submitit

executor = submitit.AutoExecutor(folder="log", cluster="slurm")
executor.update_parameters(slurm_partition="closed", timeout_min=20)
job = executor.submit(time.sleep, 600)
print(json.dumps({"native_id": job.job_id}), flush=True)
while not job.done():
    # It asks Slurm at its own pace, however often it is asked itself.
    time.sleep(0.05)
print(json.dumps({"state": job.state}), flush=True)
