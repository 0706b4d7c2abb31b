"""Send a job with PSI/J, say its id, and say when PSI/J knows that it has ended."""

from __future__ import annotations

import json
from datetime import timedelta

from psij import Job, JobAttributes, JobExecutor, JobSpec

job = Job(
    JobSpec(
        executable="/bin/sleep",
        arguments=["600"],
        attributes=JobAttributes(queue_name="closed", duration=timedelta(minutes=20)),
    )
)
JobExecutor.get_instance("slurm").submit(job)
print(json.dumps({"native_id": job.native_id}), flush=True)
status = job.wait()
print(json.dumps({"state": str(status and status.state)}), flush=True)
