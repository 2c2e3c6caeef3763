"""Background jobs over RQ: jobs named by their dotted path, arguments are ids only.

There are two queues. The jobs of one speak with other houses, which may let us wait: nothing of ours
waits behind them, and in containers the worker of that queue alone is let out (`TONGDAI_JOBS`).

Jobs are idempotent: killing a worker may leave a job half done, and the sweeps that `cron` starts each
minute find what was lost. So a Redis that is away loses nothing either.
"""

import importlib
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

import redis
import structlog
from rq import Queue, Worker
from rq.cron import CronJob, CronScheduler
from rq.exceptions import StopRequested
from rq.job import Job
from rq.queue import EnqueueData

from hotline import bus, children
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.errors import HotlineError
from hotline.job_data import JobData
from hotline.settings import settings

_log = structlog.get_logger()

QUEUE, OUTSIDE_QUEUE = "tongdai", "tongdai-outside"
_OUTSIDE_JOBS = ("intake.handovers.webhooks.deliver",)
_WORKED_ON = {
    "all": (QUEUE, OUTSIDE_QUEUE),
    "inside": (QUEUE,),
    "outside": (OUTSIDE_QUEUE,),
}
"""The queues of a worker, in the order in which it empties them."""
EVERY_TEN_SECONDS = ("hotline.audit_work.seal_new",)
EVERY_MINUTE = (
    "intake.recordings.recording_work.sweep",
    "intake.recordings.recording_care.watch_disks",
    "intake.calls.call_counts.sweep",
    "intake.statistics.rollups.sweep",
    "routing.going_home.sweep",
    "routing.set_states.sweep",
    "intake.reports.report_care.watch",
    "intake.cases.case_warnings.sweep",
    "dashboard.case_mail.sweep",
    "dashboard.document_work.sweep",
    "intake.handovers.handover_care.watch",
    "intake.handovers.webhooks.sweep",
    "intake.data_requests.request_care.watch",
    "dashboard.packet_work.sweep",
    "dashboard.research_work.sweep",
    "dashboard.official_report_work.sweep",
    "dashboard.official_report_mail.sweep",
)
DAILY = (
    "hotline.jobs.sweep_sessions",
    "hotline.audit_work.verify_all",
    "intake.odd_looks.sweep",
    "intake.recordings.recording_care.look_over",
    "intake.retention.erasing.run_all",
)
_DAILY_AT = "17 19 * * *"
"""02:17 in Vietnam on a server whose clock is UTC: the quiet hour."""

_TIMEOUT_SECONDS = 600
_RECORDING_SECONDS = 3 * 3600
"""A recording takes a fiftieth of its call's length, on a busy machine a tenth; a day is the longest."""
_LONG_JOBS = ("intake.recordings.recording_work.", "hotline.audit_work.verify_all")
"""Ten million audit rows are proven in two to five minutes, and there are more each year."""
_KEEP_FAILED_SECONDS = 7 * 24 * 3600
_LONGEST_WAIT_SECONDS = 5.0


class JobFailed(HotlineError):
    """A job raised. Names the job and the type only: RQ keeps this text in Redis."""


def enqueue(job: str, *ids: str | int) -> None:
    """Have a worker call the function of this dotted path. Call it after commit.

    A Redis that is away is logged and otherwise ignored: the sweeps do the work later.
    """
    enqueue_all([(job, *ids)])


def enqueue_all(jobs: Sequence[tuple[str, *tuple[str | int, ...]]]) -> None:
    """The same for several at once: dotted paths, each with its arguments."""
    if not jobs:
        return
    try:
        for name in (QUEUE, OUTSIDE_QUEUE):
            if theirs := [each for each in jobs if _queue_of(each[0]) == name]:
                queue(name).enqueue_many([_prepared(*each) for each in theirs])
    except redis.RedisError as error:
        _log.warning("job_not_queued", job=jobs[0][0], error=type(error).__name__)


def _queue_of(job: str) -> str:
    return OUTSIDE_QUEUE if job in _OUTSIDE_JOBS else QUEUE


def queue(name: str = QUEUE) -> Queue:
    """Its jobs are JSON (`hotline.job_data`)."""
    return Queue(name, connection=bus.client(), serializer=JobData)


def _prepared(job: str, *ids: str | int) -> EnqueueData:
    return Queue.prepare_data(
        run,
        args=(job, *ids),
        timeout=seconds_of(job),
        result_ttl=0,
        failure_ttl=_KEEP_FAILED_SECONDS,
        description=job,
    )


def seconds_of(job: str) -> int:
    """How long a job may take before it is ended."""
    return _RECORDING_SECONDS if job.startswith(_LONG_JOBS) else _TIMEOUT_SECONDS


def run(job: str, *ids: str | int) -> None:
    """In the worker: call the job. Raises JobFailed, so that no message of an error gets into Redis."""
    try:
        getattr(importlib.import_module(_module_of(job)), job.rpartition(".")[2])(*ids)
    except Exception as error:
        _log.exception("job_failed", job=job, error=type(error).__name__)
        raise JobFailed(f"{job}: {type(error).__name__}") from None


def _module_of(job: str) -> str:
    return job.rpartition(".")[0]


def sweep_sessions() -> None:
    """Daily job: drop log-in sessions that have run out."""
    from hotline import sessions  # costs a quarter of a second that worker and cron need not spend

    with transaction() as session:
        sessions.sweep(session, utc_now())


def worker_command() -> None:
    """Do background jobs (those of TONGDAI_JOBS) until told to stop."""
    _go_on("worker", lambda: _worker().told_to_stop())


def cron_command() -> None:
    """Queue the jobs that are due, until told to stop."""
    _go_on("cron", _keep_time)


class _Worker(Worker):
    """Forks for each job; the fork must not outlive us, not even when we are killed with SIGKILL.

    What a job needs is imported before the fork, and so once: it takes up to a second of a processor,
    and there are several jobs each minute.
    """

    max_connection_wait_time = _LONGEST_WAIT_SECONDS

    _told = False

    def told_to_stop(self) -> bool:
        """Work until stopped or cut off; True when it was a signal that stopped us.

        Stopping takes leave of Redis; one that is away must not turn the stop into another try.
        """
        try:
            self.work()
        except redis.RedisError:
            if not self._told:
                raise
        return self._told

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self._told = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        with suppress(Exception):  # the fork fails in the same way, and says so
            importlib.import_module(_module_of(job.args[0]))
        super().fork_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]
        children.end_with(self.pid)


def _worker() -> _Worker:
    queues = [queue(name) for name in _WORKED_ON[settings().jobs]]
    return _Worker(queues, connection=bus.client(), serializer=JobData)


class _Clock(CronScheduler):
    """RQ's own queues its jobs pickled."""

    def enqueue_jobs(self) -> list[CronJob]:
        """Queue what is due; raises RedisError when Redis goes away."""
        now = utc_now()
        due = [job for job in self.get_jobs() if job.should_run()]
        if due:
            queue().enqueue_many([_prepared(*job.args) for job in due])
        for job in due:
            job.set_enqueue_time(now)
        return due


def _keep_time() -> bool:
    """Queue due jobs until stopped; raises RedisError when Redis goes away."""
    clock = _Clock(connection=bus.client())
    for job in EVERY_TEN_SECONDS:
        clock.register(run, QUEUE, args=(job,), interval=10, name=job)
    for job in EVERY_MINUTE:
        clock.register(run, QUEUE, args=(job,), interval=60, name=job)
    for job in DAILY:
        clock.register(run, QUEUE, args=(job,), cron=_DAILY_AT, name=job)
    clock.start()  # type: ignore[no-untyped-call]
    return True


def _go_on(process: str, work: Callable[[], bool]) -> None:
    """Repeat `work` until it was stopped on purpose; a Redis that is away is waited for, said once."""
    wait, away = 0.2, False
    while True:
        began = time.monotonic()
        try:
            if work():
                return
            error = "stopped"
        except StopRequested:
            return
        except redis.RedisError as problem:
            error = type(problem).__name__
        if time.monotonic() - began > 60:
            wait, away = 0.2, False
        if not away:
            _log.warning("redis_away", process=process, error=error)
            away = True
        try:
            time.sleep(wait)
        except StopRequested:
            return
        wait = min(wait * 2, _LONGEST_WAIT_SECONDS)
