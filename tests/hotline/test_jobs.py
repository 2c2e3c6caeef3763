"""Jobs on a real Valkey: done once queued, lost by no outage, never carrying anybody's data."""

import json
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rq import Queue
from rq.job import Job
from rq.registry import FailedJobRegistry

from hotline import bus, jobs
from hotline.job_data import JobData
from hotline.settings import ROOT
from tests.hotline import example_jobs
from tests.waiting import until

WRITE = "tests.hotline.example_jobs.write"
Start = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Run `tongdai worker` or `tongdai cron`; its log is in <name>.log."""
    running: list[subprocess.Popen[bytes]] = []

    def started(name: str) -> subprocess.Popen[bytes]:
        with (tmp_path / f"{name}.log").open("ab") as log:
            command = [sys.executable, "-m", "hotline.cli", name]
            running.append(subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log))
        return running[-1]

    yield started
    for process in running:
        process.kill()
        process.wait()


def _text(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_worker_does_what_was_queued_and_stops_when_told(
    redis: str, start: Start, tmp_path: Path
) -> None:
    jobs.enqueue("tests.hotline.example_jobs.write", str(tmp_path / "written"))
    worker = start("worker")
    until((tmp_path / "written").exists)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0


def test_a_job_is_json_in_redis_and_names_nothing_but_its_function_and_ids(redis: str) -> None:
    jobs.enqueue("intake.recordings.recording_work.finish", "hn-1.1", 7)
    (job,) = jobs.queue().get_jobs()
    kept = json.loads(zlib.decompress(bus.client().hget(job.key, "data")))  # type: ignore[arg-type]
    called = ["intake.recordings.recording_work.finish", "hn-1.1", 7]
    assert kept == ["hotline.jobs.run", None, called, {}]


def test_who_waits_for_another_house_keeps_nothing_of_ours_waiting(
    redis: str, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In containers two workers do the jobs, and the one that opens recordings is not let out."""
    outside = jobs.queue(jobs.OUTSIDE_QUEUE)
    jobs.enqueue_all([("intake.handovers.webhooks.deliver", 1), (WRITE, str(tmp_path / "written"))])
    monkeypatch.setenv("TONGDAI_JOBS", "inside")
    inside = start("worker")
    until((tmp_path / "written").exists)
    assert len(outside) == 1
    inside.send_signal(signal.SIGTERM)
    assert inside.wait(10) == 0
    jobs.enqueue(WRITE, str(tmp_path / "later"))
    monkeypatch.setenv("TONGDAI_JOBS", "outside")
    start("worker")
    until(lambda: len(outside) == 0)
    until(lambda: len(FailedJobRegistry(queue=outside)) == 1)  # there is no database here
    assert len(jobs.queue()) == 1
    monkeypatch.setenv("TONGDAI_JOBS", "all")
    start("worker")
    until((tmp_path / "later").exists)


def test_a_job_that_an_earlier_release_queued_is_done(redis: str, start: Start, tmp_path: Path) -> None:
    earlier = Queue(jobs.QUEUE, connection=bus.client())  # which pickles
    earlier.enqueue(jobs.run, "tests.hotline.example_jobs.write", str(tmp_path / "written"))
    start("worker")
    until((tmp_path / "written").exists)


def test_a_job_that_would_run_code_when_it_is_read_is_refused(
    redis: str, start: Start, tmp_path: Path
) -> None:
    evil = Queue(jobs.QUEUE, connection=bus.client())
    evil.enqueue(jobs.run, example_jobs.WhenRead(str(tmp_path / "evil")))
    jobs.enqueue("tests.hotline.example_jobs.write", str(tmp_path / "after"))
    start("worker")
    until((tmp_path / "after").exists)
    assert not (tmp_path / "evil").exists()
    assert len(FailedJobRegistry(queue=jobs.queue())) == 1


def test_what_a_job_needs_is_imported_by_the_worker_and_not_by_each_of_its_forks(
    redis: str, start: Start, tmp_path: Path
) -> None:
    jobs.enqueue("tests.hotline.example_jobs.say_who_imported", str(tmp_path / "importer"))
    worker = start("worker")
    assert until(lambda: _text(tmp_path / "importer")) == str(worker.pid)


def test_a_failed_job_leaves_no_message_in_redis_or_log(
    redis: str, start: Start, tmp_path: Path
) -> None:
    failed = FailedJobRegistry(queue=jobs.queue())
    jobs.enqueue("tests.hotline.example_jobs.fail", "Nguyễn Thị Đào")
    start("worker")
    until(lambda: len(failed) == 1)
    (job_id,) = failed.get_job_ids()
    result = Job.fetch(job_id, connection=bus.client(), serializer=JobData).latest_result()
    assert result
    kept = str(result.exc_string)
    log = (tmp_path / "worker.log").read_text("utf-8")
    assert "JobFailed: tests.hotline.example_jobs.fail: ValueError" in kept
    assert "job_failed" in log
    assert "hotline/example_jobs.py" in log
    for place in (kept, log):
        assert "cannot read the record" not in place
        assert "Đào" not in place


def test_a_killed_worker_leaves_no_half_done_job_running(
    redis: str, start: Start, tmp_path: Path
) -> None:
    mark = tmp_path / "pid"
    jobs.enqueue("tests.hotline.example_jobs.hang", str(mark))
    worker = start("worker")
    until(lambda: mark.exists() and mark.read_text("utf-8"))
    worker.kill()
    worker.wait()
    until(lambda: _gone(int(mark.read_text("utf-8"))))


def test_a_recording_of_eight_hours_has_the_time_it_takes(redis: str) -> None:
    """Half as much again as a tenth of its length, which is what a busy machine needs."""
    jobs.enqueue("intake.recordings.recording_work.finish", "hn-1.1")
    jobs.enqueue("intake.recordings.recording_care.look_over")
    recording, other = jobs.queue().get_jobs()
    assert (recording.timeout or 0) >= 8 * 3600 / 10 * 1.5
    assert other.timeout == 600
    assert jobs.seconds_of("hotline.audit_work.verify_all") > 3600


def test_cron_queues_each_minutes_sweeps_at_once(redis: str, start: Start) -> None:
    cron = start("cron")
    queue = jobs.queue()
    due = [*jobs.EVERY_TEN_SECONDS, *jobs.EVERY_MINUTE]
    until(lambda: len(queue) == len(due))
    assert [job.args[0] for job in queue.get_jobs()] == due
    assert [job.timeout for job in queue.get_jobs()] == [jobs.seconds_of(job) for job in due]
    cron.send_signal(signal.SIGTERM)
    assert cron.wait(10) == 0


@pytest.mark.parametrize("name", ["worker", "cron"])
def test_redis_away_is_said_once_and_waited_for(
    name: str, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGDAI_REDIS_URL", f"unix://{tmp_path / 'nobody'}")
    process = start(name)
    log = tmp_path / f"{name}.log"
    until(lambda: "redis_away" in log.read_text("utf-8"))
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) is not None
    assert log.read_text("utf-8").count("redis_away") == 1


def test_queueing_while_redis_is_away_harms_nobody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TONGDAI_REDIS_URL", f"unix://{tmp_path / 'nobody'}")
    jobs.enqueue("hotline.jobs.sweep_sessions")


def test_the_daily_sweep_runs(db: object) -> None:
    jobs.sweep_sessions()


def test_every_job_that_cron_starts_exists() -> None:
    for job in (*jobs.EVERY_TEN_SECONDS, *jobs.EVERY_MINUTE, *jobs.DAILY):
        module, name = job.rsplit(".", 1)
        assert callable(getattr(__import__(module, fromlist=[name]), name))
