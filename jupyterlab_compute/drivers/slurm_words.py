"""Slurm's words for states and reasons, in ours. Tables only; whatever is missing here is a value, no error."""

from __future__ import annotations

import re

from ..states import Exit, JobState, Reason

#: From Slurm's `job_state_string`, its base states and the flags that squeue shows in their place.
STATES: dict[str, JobState] = {
    "PENDING": JobState.QUEUED,
    "CONFIGURING": JobState.QUEUED,
    "REQUEUED": JobState.QUEUED,
    "REQUEUE_FED": JobState.QUEUED,
    "REQUEUE_HOLD": JobState.HELD,
    "RESV_DEL_HOLD": JobState.HELD,
    "SPECIAL_EXIT": JobState.HELD,
    "RUNNING": JobState.RUNNING,
    "SUSPENDED": JobState.RUNNING,
    "STOPPED": JobState.RUNNING,
    "SIGNALING": JobState.RUNNING,
    "RESIZING": JobState.RUNNING,
    "COMPLETING": JobState.COMPLETING,
    "STAGE_OUT": JobState.COMPLETING,
    "COMPLETED": JobState.SUCCEEDED,
    "CANCELLED": JobState.CANCELLED,
    "FAILED": JobState.FAILED,
    "TIMEOUT": JobState.FAILED,
    "DEADLINE": JobState.FAILED,
    "OUT_OF_MEMORY": JobState.FAILED,
    "NODE_FAIL": JobState.FAILED,
    "BOOT_FAIL": JobState.FAILED,
    "LAUNCH_FAILED": JobState.FAILED,
    "PREEMPTED": JobState.FAILED,
}

#: Reasons for states that explain themselves.
_BY_STATE: dict[str, Reason] = {
    "CONFIGURING": Reason("starting", "Its nodes are being made ready."),
    "REQUEUED": Reason("requeued", "Put back into the queue to run again."),
    "REQUEUE_FED": Reason("requeued", "Put back into the queue to run again."),
    "REQUEUE_HOLD": Reason("held_by_scheduler", "Put back into the queue and held there; release it to run it again."),
    "RESV_DEL_HOLD": Reason("held_by_scheduler", "Its reservation was deleted, so it is held; release it to run it."),
    "SPECIAL_EXIT": Reason("held_by_scheduler", "It ended in a way that the site treats specially, and is held now."),
    "SUSPENDED": Reason("suspended", "Suspended by the scheduler; it will go on later."),
    "STOPPED": Reason("suspended", "Stopped by a signal; it keeps its nodes."),
    "TIMEOUT": Reason("timeout", "It reached its time limit. Ask for more time."),
    "DEADLINE": Reason("timeout", "It could not end before its deadline."),
    "OUT_OF_MEMORY": Reason("out_of_memory", "It used more memory than it had asked for. Ask for more memory."),
    "NODE_FAIL": Reason("node_failed", "A node that it ran on failed. Run it again."),
    "BOOT_FAIL": Reason("node_failed", "A node could not be started for it. Run it again."),
    "LAUNCH_FAILED": Reason("node_failed", "A node could not launch it. Run it again."),
    "PREEMPTED": Reason("preempted", "It had to make room for a job with a higher priority. Run it again."),
    "REVOKED": Reason("moved", "Another cluster of the federation runs it (REVOKED)."),
}

#: Why a job waits. Families of limits are told by `_family`.
_WAITS: dict[str, Reason] = {
    "Resources": Reason("resources", "It starts when enough of the nodes that it can use become free."),
    "Priority": Reason("priority", "Jobs with a higher priority are ahead of it."),
    "Dependency": Reason("dependency", "It starts after another job that it depends on."),
    "DependencyNeverSatisfied": Reason("dependency", "A job that it depends on failed, so it will never start."),
    "JobHeldUser": Reason("held_by_user", "Held by you; release it to let it start."),
    "JobHeldAdmin": Reason("held_by_admin", "Held by an administrator, who must release it."),
    "BeginTime": Reason("begin_time", "It may not start yet: its earliest start is still to come."),
    "JobArrayTaskLimit": Reason("array_limit", "As many tasks of this sweep run as may run at once."),
    "PartitionDown": Reason("queue_closed", "The site has closed this queue for now; it starts when it opens."),
    "PartitionInactive": Reason("queue_closed", "The site has closed this queue for now; it starts when it opens."),
    "PartitionNodeLimit": Reason("never", "It asks for more nodes than this queue allows; it will not start as it is."),
    "PartitionTimeLimit": Reason("never", "It asks for more time than this queue allows; it will not start as it is."),
    "PartitionConfig": Reason("never", "It asks for what this queue does not have; it will not start as it is."),
    "BadConstraints": Reason("never", "No node here can be what it asks for; it will not start as it is."),
    "InvalidAccount": Reason("account", "Its account may not be used here."),
    "AccountNotAllowed": Reason("account", "This queue does not take jobs of its account."),
    "InvalidQOS": Reason("account", "Its quality of service (QOS) may not be used here."),
    "QOSNotAllowed": Reason("account", "This queue does not take jobs of its quality of service (QOS)."),
    "ReqNodeNotAvail": Reason("nodes_unavailable", "Nodes that it needs are down, drained or kept free."),
    "NodeDown": Reason("nodes_unavailable", "A node that it needs is down."),
    # "Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions"
    "Nodes": Reason("nodes_unavailable", "The nodes that it can use are down, drained or kept for others."),
    "Reservation": Reason("reservation", "Its reservation has not begun."),
    "ReservationDeleted": Reason("reservation", "The reservation that it waits for was deleted."),
    "ReservationInvalid": Reason("reservation", "The reservation that it waits for cannot be used."),
    "ReservationMaintenance": Reason("maintenance", "Its nodes are kept free for maintenance."),
    "Licenses": Reason("licenses", "All licences that it needs are in use."),
    "Cleaning": Reason("starting", "The last run of it is still being cleared up."),
    "Prolog": Reason("starting", "Its nodes are being made ready."),
    "FrontEndDown": Reason("nodes_unavailable", "No front-end node is up to start it."),
    "SchedDefer": Reason("priority", "The scheduler looks at new jobs later; it has not been its turn."),
    "JobHoldMaxRequeue": Reason("held_by_scheduler", "It was put back too often and is held; release it to try again."),
    "JobLaunchFailure": Reason("node_failed", "A node could not launch it."),
    "launch_failed_requeued_held": Reason("node_failed", "Its start failed, so it is held; release it to try again."),
    "MaxRequeue": Reason("held_by_scheduler", "It was put back too often and is held."),
    "DeadLine": Reason("never", "It cannot end before its deadline."),
    "WaitingForScheduling": Reason("priority", "The scheduler has not looked at it yet."),
    "None": Reason("priority", "The scheduler has not looked at it yet."),
    "user_env_retrieval_failed_requeued_held": Reason(
        "held_by_scheduler", "Your environment could not be read on the node, so it is held; release it to try again."
    ),
}

#: What squeue says beside FAILED. (sacct keeps there why the job once waited: that is no reason for its end.)
_FAILS: dict[str, Reason] = {
    "OutOfMemory": _BY_STATE["OUT_OF_MEMORY"],
    "TimeLimit": _BY_STATE["TIMEOUT"],
    "NodeDown": _BY_STATE["NODE_FAIL"],
    "SystemFailure": Reason("node_failed", "Slurm itself failed while it ran. Run it again."),
    "JobLaunchFailure": _BY_STATE["LAUNCH_FAILED"],
    "InvalidAccount": _WAITS["InvalidAccount"],
    "InvalidQOS": _WAITS["InvalidQOS"],
    "BadConstraints": _WAITS["BadConstraints"],
}

#: What Slurm gives as the signal of a job whose working folder or output file could not be opened.
_NO_FOLDER = 53

_HELD = frozenset({"held_by_user", "held_by_admin", "held_by_scheduler"})

#: `AssocGrpCpuLimit`, `QOSMaxMemoryPerUser`, `AssocMaxJobsLimit`, `MaxGRESPerAccount` …
_FAMILY = re.compile(r"(?P<whose>Assoc|QOS)?(?P<kind>Grp|Max|Min)(?P<what>[A-Z]\w*)")
_WHAT = (
    (re.compile(r"^(Submit)?Jobs?(Limit|Per|$)"), "jobs", "many"),
    (re.compile(r"Minutes|RunMin"), "computing time", "much"),
    (re.compile(r"Wall"), "time", "much"),
    (re.compile(r"Mem"), "memory", "much"),
    (re.compile(r"GRES|GPU", re.IGNORECASE), "GPUs or other devices", "many"),
    (re.compile(r"Node(?!$)|^Nodes?$"), "nodes", "many"),
    (re.compile(r"Cpu", re.IGNORECASE), "cores", "many"),
    (re.compile(r"License"), "licences", "many"),
)


def state_of(word: str) -> JobState | None:
    """Our state for Slurm's word (`CANCELLED by 1001` included); None if we do not know it."""
    return STATES.get(base(word))


def base(word: str) -> str:
    """The state's own word, without who did it or a `+` of a column that was too narrow."""
    return word.split(" ")[0].rstrip("+")


def is_held(reason: str) -> bool:
    """Whether a pending job with this reason waits for somebody's release."""
    known = _WAITS.get(_head(reason))
    return known is not None and known.code in _HELD


def reason_of(word: str, reason: str, ended: Exit | None = None) -> Reason | None:
    """Why a job in state `word` is so, for people; None where there is nothing to explain.

    `reason` is Slurm's own word for it, `ended` how the job's script ended.
    """
    state = base(word)
    if state in _BY_STATE:
        return _BY_STATE[state]
    ours = STATES.get(state)
    if ours is None:
        return Reason("unknown_word", f"The scheduler says “{word[:60]}”, which Compute does not know.")
    if state == "PENDING":
        return waits(reason)
    if state == "CANCELLED":
        return _cancelled(word)
    if state == "FAILED":
        return _failed(reason, ended)
    return None


def waits(reason: str) -> Reason:
    """Why a pending job waits."""
    head = _head(reason)
    if head in _WAITS:
        known = _WAITS[head]
        nodes = re.search(r"UnavailableNodes:([\w.,\[\]-]{1,80})", reason)
        return Reason(known.code, f"{known.text[:-1]}: {nodes[1]}.") if nodes else known
    if found := _FAMILY.match(head):
        return _limit(found["whose"], found["kind"], found["what"], head)
    return Reason("other", f"The scheduler says: {reason[:120]}")


def _head(reason: str) -> str:
    """`ReqNodeNotAvail, UnavailableNodes:n1` → `ReqNodeNotAvail`; squeue's brackets are gone already."""
    return reason if reason in _WAITS else re.split(r"[,(: ]", reason, maxsplit=1)[0]


def _limit(whose: str | None, kind: str, what: str, head: str) -> Reason:
    thing, many = next((found for pattern, *found in _WHAT if pattern.search(what)), ("what is used", "much"))
    owner = {"QOS": "its quality of service (QOS)", "Assoc": "your account"}.get(whose or "", "the site")
    if kind == "Min":
        text = f"It asks for less than {owner} requires"
    elif kind == "Grp":
        text = f"The limit of {owner} on {thing}, shared with others, is reached"
    elif thing == "jobs":
        text = f"As many of your jobs are there as {owner} allows at once"
    elif "PerJob" in head or "PerNode" in head or thing == "time":
        text = f"It asks for more {thing} than {owner} allows for one job"
    else:
        text = f"Your jobs use as {many} {thing} as {owner} allows"
    return Reason("quota", f"{text} ({head}).")


def _cancelled(word: str) -> Reason | None:
    """None where it is not said who did it. Uid 0 is root: an administrator, or the scheduler itself."""
    by = re.fullmatch(r"CANCELLED by (\d+)", word)
    return Reason("cancelled_by_admin", "Cancelled by an administrator.") if by and by[1] == "0" else None


def _failed(reason: str, ended: Exit | None) -> Reason:
    if ended is not None and ended.signal:
        if ended.signal == 9:
            # Where memory is watched but not fenced, an overrun shows as nothing but this.
            return Reason("killed", "Killed by signal 9; often because it used more memory than it had asked for.")
        if ended.signal == _NO_FOLDER:
            return Reason("error", "The node could not open its run folder, or the log in it.")
        return Reason("killed", f"Killed by signal {ended.signal}.")
    if reason in _FAILS:
        return _FAILS[reason]
    if ended is not None and ended.code is not None:
        return Reason("error", f"It ended with exit code {ended.code}.")
    return Reason("error", "It ended with an error.")
