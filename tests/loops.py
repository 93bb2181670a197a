"""Event loops in tests."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


def run(coroutine):
    """As asyncio.run, in a thread of its own: Playwright may keep a loop running in this one for later tests."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
