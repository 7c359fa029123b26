"""The bytes of a request as they come: from a client that falls silent, or sends only now and then a few, no more are waited for."""

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.requests import Request

from covidlab.services.v1.problems import Problem

# A client that sends nothing for so long holds what others wait for.
SILENT_SECONDS = 30.0
# So does one that sends a byte now and then: beyond that time it must have sent so much for each second that it was waited for.
LEAST_BYTES_A_SECOND = 16 * 1024


async def chunks_of(request: Request) -> AsyncIterator[bytes]:
    """Yield the bytes as they come; raises Problem 408 where they do not."""
    stream, waited, num_bytes = request.stream(), 0.0, 0
    while True:
        begun, left = time.monotonic(), SILENT_SECONDS + num_bytes / LEAST_BYTES_A_SECOND - waited
        try:
            chunk = await asyncio.wait_for(anext(stream), min(SILENT_SECONDS, left))
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Problem(408, "The rest of the request did not come. Send it again.") from None
        # What the server itself takes for a file is not the client's.
        waited += time.monotonic() - begun
        num_bytes += len(chunk)
        yield chunk
