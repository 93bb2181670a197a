"""Runs with the peer's own Python, not with ours: fits BG/NBD by the package lifetimes and prints one JSON line."""

import json
import sys
import time
from importlib import import_module  # the package is not there where our own types are checked

import numpy as np


def main() -> None:
    x, t_x, observed = np.load(sys.argv[1])
    fitter = import_module("lifetimes").BetaGeoFitter(penalizer_coef=0.0)
    started = time.perf_counter()
    fitter.fit(x, t_x, observed)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, **{name: float(fitter.params_[name]) for name in ("r", "alpha", "a", "b")}}))


main()
