"""Fitting BG/NBD beside the package `lifetimes`: same customers, same log-likelihood, its own virtual environment.

The peer is not a dependency of the product. `.bench-venv` is made from requirements/bench.txt; without it our own
figure stands alone.
"""

import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from segmentation.domain import bg_nbd
from segmentation.domain.bg_nbd_likelihood import Likelihood
from segmentation.domain.summary import DAYS_PER_WEEK, Summary

SIZES = {"small": 50_000, "full": 1_000_000}
TIMES_FASTER = 5.0
ROOT = Path(__file__).resolve().parent.parent
PEER = ROOT / ".bench-venv/bin/python"
SCRIPT = Path(__file__).with_name("peer_lifetimes.py")


def run(size: str) -> list[dict[str, Any]]:
    x, t_x, observed = customers(SIZES[size])
    started = time.perf_counter()
    summary = Summary.from_days(x, t_x, observed)
    fitted = bg_nbd.fit(summary)
    ours = time.perf_counter() - started
    peer = _peer(x, t_x, observed)
    same = peer is not None and (fitted.log_likelihood or 0.0) >= _log_likelihood(summary, peer) - 0.05
    faster = peer["seconds"] / ours if peer else None
    return [
        {
            "work": f"BG/NBD fit, {SIZES[size]:,} customers, beside lifetimes",
            "ours": ours,
            "floor": peer and peer["seconds"],
            "ratio": faster and 1 / faster,
            "unit": "s",
            "goal": f"log-likelihood no worse, ≥ {TIMES_FASTER:g}× faster at {SIZES['full']:,}",
            "met": bool(same and faster and (size != "full" or faster >= TIMES_FASTER)),
        }
    ]


def customers(count: int) -> tuple[Any, Any, Any]:
    """x, t_x and T in days of customers who behave as BG/NBD says, with CDNOW's parameters; at most one order a day."""
    chance = np.random.default_rng(1997)
    observed = chance.integers(30, 540, count)
    rate = chance.gamma(0.243, 1 / 4.414, count) / DAYS_PER_WEEK
    leaves = chance.beta(0.793, 2.426, count)
    x, t_x = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    time_of, alive = np.zeros(count), rate > 1e-12
    while alive.any():
        here = np.flatnonzero(alive)
        time_of[here] += np.ceil(chance.exponential(1 / rate[here]))
        here = here[time_of[here] <= observed[here]]
        alive[:] = False
        x[here] += 1
        t_x[here] = time_of[here].astype(np.int64)
        alive[here[chance.random(len(here)) > leaves[here]]] = True
    return x, t_x, observed


def _log_likelihood(summary: Summary, found: dict[str, float]) -> float:
    """Of the peer's parameters, on our scale: the peer reports its own on time it has stretched."""
    theta = np.log([found["r"], found["alpha"], found["a"] / found["b"], found["b"]])
    return Likelihood(summary)(theta)[0]


def _peer(x: Any, t_x: Any, observed: Any) -> dict[str, float] | None:
    if not PEER.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "customers.npy"
        np.save(file, np.stack([x, t_x / DAYS_PER_WEEK, observed / DAYS_PER_WEEK]))
        done = subprocess.run([PEER, "-W", "ignore", SCRIPT, file], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"The peer failed: {done.stderr[-500:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
