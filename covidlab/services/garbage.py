"""Python's garbage collected now and then, in place of Streamlit's collection after every run of a page."""

import asyncio
import gc

# Python's own collector counts objects, not bytes: a few cycles that hold pictures would wait for it for long.
COLLECT_SECONDS = 10.0


async def collect_now_and_then() -> None:
    """Collect all generations again and again, beside the event loop, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(COLLECT_SECONDS)
        await loop.run_in_executor(None, gc.collect)
