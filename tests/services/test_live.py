"""Events of a run: everything first, then what changes, once for all who watch."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from covidlab.config import TrainingConfig
from covidlab.runs.status import State, Status
from covidlab.runs.store import RunStore
from covidlab.services import live
from covidlab.services.live import Reader, Stream, Streams

# As it is; tests look more often.
LOOK_SECONDS = live.LOOK_SECONDS
ROW = {"loss": 0.5, "accuracy": 0.75, "val_loss": 0.4, "val_accuracy": 1.0, "seconds": 0.1}


@pytest.fixture
def run(monkeypatch):
    """A run that trains, its lock held by this process."""
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.01)
    run = RunStore().create(TrainingConfig(dataset="set", epochs=3))
    with run.locked():
        run.write_status(Status(state=State.RUNNING, epochs=3, device="CPU"))
        yield run


@pytest.fixture
def stream(run):
    """The events of that run; what is drawn is the number of its epochs."""
    with ThreadPoolExecutor(1) as threads:
        yield Stream(run, lambda moment: {"epochs": moment.history["epoch"].tolist()}, threads)


def decoded(encoded: bytes) -> tuple[str, dict]:
    lines = dict(line.split(": ", 1) for line in encoded.decode().splitlines() if line)
    return lines["event"], json.loads(lines["data"])


async def watch(stream, acts=(), *, last_event_id=""):
    """Watch until the end; each act is done once an event has come. Return the events."""
    acts, events = list(acts), []
    with stream.watched():
        async for encoded in stream.events(last_event_id):
            events.append(decoded(encoded))
            if acts:
                await asyncio.to_thread(acts.pop(0))
    return events


def finish(run):
    run.write_status(Status(state=State.FINISHED, epoch=3, epochs=3))


def test_watcher_gets_everything_then_changes_then_the_end(run, stream):
    run.append_history(epoch=1, **ROW)
    events = asyncio.run(watch(stream, [lambda: run.append_history(epoch=2, **ROW), lambda: finish(run)]))
    (first, state), (second, change), (third, end), (last, ended) = events
    assert (first, second, third, last) == ("run", "change", "change", "ended")
    assert [row["epoch"] for row in state["history"]] == [1]
    assert state["drawing"] == {"epochs": [1]}
    assert [row["epoch"] for row in change["history"]] == [2]
    assert change["drawing"] == [[["epochs"], "append", [2]]]
    assert end["status"]["state"] == "finished"
    assert ended == {"state": "finished", "num_watchers": 1}


def test_status_that_goes_out_names_no_process(run, stream):
    events = asyncio.run(watch(stream, [lambda: finish(run)]))
    assert not {"owner", "heartbeat"} & set(events[0][1]["status"])


def test_two_watchers_get_the_same_bytes(run, stream):
    async def both():
        with stream.watched(), stream.watched():
            first, second = stream.events(), stream.events()
            bytes_of = [await anext(first), await anext(second)]
            await asyncio.to_thread(run.append_history, epoch=1, **ROW)
            return [*bytes_of, await anext(first), await anext(second)]

    whole, same_whole, change, same_change = asyncio.run(both())
    assert whole is same_whole
    assert change is same_change


def test_watcher_that_reads_slowly_gets_everything_again_and_holds_nobody_up(run, stream, monkeypatch):
    async def slow_and_fast():
        with stream.watched(), stream.watched():
            slow, fast = stream.events(), stream.events()
            await anext(slow)
            await anext(fast)
            for epoch in range(1, live.EVENTS_KEPT + 3):
                await asyncio.to_thread(run.append_history, epoch=epoch, **ROW)
                await anext(fast)
            return decoded(await anext(slow))

    kind, state = asyncio.run(slow_and_fast())
    assert kind == "run"
    assert len(state["history"]) == live.EVENTS_KEPT + 2


def test_watcher_that_comes_back_gets_only_what_it_has_missed(run, stream):
    async def lose_and_return():
        with stream.watched():
            first = await anext(stream.events())
            await asyncio.to_thread(run.append_history, epoch=1, **ROW)
            other = stream.events()
            await anext(other)
            event_id = first.decode().splitlines()[0].removeprefix("id: ")
            return decoded(await anext(stream.events(event_id)))

    kind, change = asyncio.run(lose_and_return())
    assert kind == "change"
    assert [row["epoch"] for row in change["history"]] == [1]


@pytest.mark.parametrize("event", ["0badcafe-1", "{name}-²", "{name}-" + "9" * 5000, "{name}-"])
def test_watcher_that_names_an_event_of_another_server_or_of_none_gets_everything(run, stream, event):
    event_id = event.format(name=stream._name)
    events = asyncio.run(watch(stream, [lambda: finish(run)], last_event_id=event_id))
    assert events[0][0] == "run"


def test_rows_that_go_where_a_run_is_resumed_bring_everything_again(run, stream):
    for epoch in (1, 2):
        run.append_history(epoch=epoch, **ROW)
    events = asyncio.run(watch(stream, [lambda: run.forget_after(1), lambda: finish(run)]))
    assert [kind for kind, _ in events] == ["run", "run", "change", "ended"]
    assert [row["epoch"] for row in events[1][1]["history"]] == [1]


def test_owner_that_dies_ends_the_events_though_no_file_changes(monkeypatch):
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(live, "STATUS_SECONDS", 0.05)
    run = RunStore().create(TrainingConfig(dataset="set"))
    locked = run.locked()
    locked.__enter__()
    run.write_status(Status(state=State.RUNNING, epoch=2, epochs=3))
    with ThreadPoolExecutor(1) as threads:
        stream = Stream(run, lambda moment: {}, threads)
        events = asyncio.run(watch(stream, [lambda: locked.__exit__(None, None, None)]))
    assert [kind for kind, _ in events] == ["run", "change", "ended"]
    assert events[-1][1]["state"] == "interrupted"


def test_run_that_is_queued_again_is_watched_again(run, stream):
    run.write_status(Status(state=State.INTERRUPTED, epoch=1, epochs=3))
    assert asyncio.run(watch(stream))[-1][1]["state"] == "interrupted"
    run.write_status(Status(state=State.RUNNING, epoch=1, epochs=3))
    # A stream belongs to one event loop: made anew, as in another server.
    again = Stream(run, lambda moment: {}, stream._threads)
    events = asyncio.run(watch(again, [lambda: finish(run)]))
    assert events[0][1]["status"]["state"] == "running"


def test_ended_run_is_drawn_once_for_all_who_come_later(run):
    finish(run)
    drawn = []

    async def three_come():
        streams = Streams(lambda moment: drawn.append(moment) or {})
        return [await watch(streams.of(run)) for _ in range(3)]

    watched = asyncio.run(three_come())
    assert [[kind for kind, _ in events] for events in watched] == [["run", "ended"]] * 3
    assert len(drawn) == 1


def test_ended_run_that_begins_again_is_told_from_what_was(run):
    finish(run)

    async def comes_twice():
        streams = Streams(lambda moment: {})
        await watch(streams.of(run))
        run.write_status(Status(state=State.RUNNING, epoch=1, epochs=9))
        return await watch(streams.of(run), [lambda: finish(run)])

    assert asyncio.run(comes_twice())[0][1]["status"]["state"] == "running"


def test_drawing_that_fails_ends_the_events_and_the_next_watcher_begins_anew(run, caplog):
    def fail(moment):
        raise ZeroDivisionError

    async def watch_twice():
        streams = Streams(fail)
        first = streams.of(run)
        assert await watch(first) == []
        return first is streams.of(run)

    assert asyncio.run(watch_twice()) is False
    assert "ZeroDivisionError" in caplog.text


def test_closed_stream_ends_for_who_waits(stream):
    async def close_while_waiting():
        with stream.watched():
            events = stream.events()
            await anext(events)
            asyncio.get_running_loop().call_later(0.05, stream.close)
            return [event async for event in events]

    assert asyncio.run(asyncio.wait_for(close_while_waiting(), 5)) == []


def test_reader_looks_at_an_unchanged_run_without_reading_it(run, monkeypatch):
    reader = Reader(run)
    assert reader.look() is not None
    monkeypatch.setattr(type(run), "history", lambda self: pytest.fail("the history was read"))
    assert reader.look() is None
    assert reader.look(check_status=True) is None


def test_change_reaches_watchers_at_the_second_look_at_most_a_quarter_of_a_second_later(run, stream, monkeypatch):
    looks, look = [], Reader.look
    monkeypatch.setattr(Reader, "look", lambda reader, **options: looks.append(reader) or look(reader, **options))

    async def count_looks():
        with stream.watched():
            events = stream.events()
            await anext(events)
            known = len(looks)
            run.append_history(epoch=1, **ROW)
            await anext(events)
            return len(looks) - known

    # Counted and not timed, since other tests may take every core; one look may be under way.
    num_looks = asyncio.run(count_looks())
    assert 1 <= num_looks <= 2
    assert 2 * LOOK_SECONDS < 0.25
