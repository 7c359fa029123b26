"""Event loops of their own for tests that share a process with the browser tests."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.fixture(autouse=True)
def event_loops_in_threads_of_their_own(monkeypatch):
    """Playwright keeps an event loop running in the thread of the tests, where ``asyncio.run`` then refuses to begin another."""
    run = asyncio.run

    def run_in_thread(main, **options):
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(run, main, **options).result()

    monkeypatch.setattr(asyncio, "run", run_in_thread)
