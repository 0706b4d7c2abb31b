"""What an admin sees on the server's own /metrics."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

SENT = Counter("compute_jobs_sent", "Jobs that a scheduler took.", ["cluster"])
ENDED = Counter("compute_jobs_ended", "Jobs that were seen to end.", ["cluster", "state"])
QUERIES = Counter("compute_scheduler_queries", "Questions put to a scheduler.", ["cluster", "kind"])
ANSWER_S = Histogram("compute_scheduler_answer_seconds", "How long a scheduler took to answer.", ["cluster"])
