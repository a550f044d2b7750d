"""Runs every benchmark and prints the tables of `bench/README.md`: ``make bench``.

Those on real photographs need a folder of them: TUTELA_CORPORA names one with `photos` in it.
"""

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
BENCHES = {
    "Bytes to PDQ": ("hashing.py",),
    "The near tier on real photographs": ("near.py", "--calibrate"),
    "Derived matches on real photographs": ("derived.py", "--peers", "30"),
    "Derived matches among many": ("derived_size.py",),
    "Folders on one core and on two": ("folder.py",),
    "The command line on real photographs": ("real.py",),
    "Search": ("search.py",),
    "Files, readers, clusters": ("upkeep.py",),
    "Opening a bank": ("opening.py", "--sizes", "100000"),
    "How soon a withdrawal arrives": ("feed.py",),
    "How soon it arrives over HTTP": ("workers.py",),
    "The service under load": ("load.py",),
    "The service killed": ("faults.py", "--kills", "40"),
    "The page's fingerprints": ("browser.py",),
    "Reading": ("posts.py",),
    "Observing, measuring, reporting": ("observe.py",),
    "Intervals and power on simulated populations": ("calibration.py",),
}
NEED_PHOTOS = ("near.py", "real.py", "derived.py", "derived_size.py", "browser.py")


def surroundings() -> str:
    """Machine, versions: what a figure means nothing without."""
    packages = ("numpy", "pillow", "pi-heif", "ijson", "msgspec", "sqlalchemy", "cryptography")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{_processor()}, {cores} cores; {platform.platform()}; Python {platform.python_version()}; {versions}"


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main() -> None:
    """Each benchmark in a process of its own, so that none warms another's caches."""
    print(f"{surroundings()}\n")
    failed = False
    for title, (script, *options) in BENCHES.items():
        print(f"## {title}\n", flush=True)
        if script in NEED_PHOTOS and "TUTELA_CORPORA" not in os.environ:
            print("not run: set TUTELA_CORPORA to a folder that holds `photos`\n")
            continue
        failed |= subprocess.run([sys.executable, HERE / script, *options], check=False).returncode != 0
        print(flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
