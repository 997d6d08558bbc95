"""The table of a comparison as Markdown, with the machine, the versions and the command, and its place in a document."""

import importlib.metadata
import os
import platform
import re
import subprocess
from datetime import date
from pathlib import Path

BEGIN, END = "<!-- compare-peers: written by scripts/compare-peers -->", "<!-- end of compare-peers -->"


def processor() -> str:
    """The processor's name, its widest vectors and how many of it there are."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return f"{platform.processor() or platform.machine()}, {os.cpu_count()} processors"
    name = re.search(r"model name\s*:\s*(.*)", text)
    family = re.search(r"cpu family\s*:\s*(\d+)", text)
    flags = text.split()
    width = "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "no AVX2"
    return (f"{name[1] if name else platform.machine()} (family {family[1] if family else '?'}, {width}), "
            f"{len(os.sched_getaffinity(0))} processors")


def circumstances() -> dict:
    """Where and when something is measured."""
    return {"machine": f"{processor()}, {platform.system()}", "date": str(date.today())}


def markdown(results: list[dict], ridgeline: Path, threads: int) -> str:
    """A paragraph on the circumstances and a table with a row for each contender."""
    version = " ".join(subprocess.run([ridgeline, "--version"], capture_output=True, text=True, check=False).stdout.split())
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ["torch", "jax"])
    lines = [
        f"On {circumstances()['machine']}; {threads} threads each, in turns; "
        f"Ridgeline: {version}; {versions}.", "", "```sh", "scripts/compare-peers --data-directory data/mnist --rounds 3 --output comparison.json", "```", "",
        "| work | | median (range) | ours / theirs | aim | memory | ours / theirs | aim |", "|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        for index, row in enumerate(result["rows"]):
            cells = [
                f"{result['work']}; {result['rounds']} rounds, {result['date']}" if index == 0 else "", row["contender"],
                f"{row['median']:.3g} {result['unit']} ({row['low']:.3g}-{row['high']:.3g})",
                f"{row['ratio']:.3f}" if "ratio" in row else "", f"{result['promised']}" if "ratio" in row else "",
                f"{row['peak_bytes'] / 1e9:.2f} GB" if "peak_bytes" in row else "",
                f"{row['memory_ratio']:.2f}" if "memory_ratio" in row else "",
                f"{result['memory']}" if "memory_ratio" in row else "",
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def write_section(path: Path, text: str) -> None:
    """Puts `text` between the markers of a document, beside it first, so that the document is whole at any moment."""
    document = path.read_text()
    begin, end = document.find(BEGIN), document.find(END)
    if begin < 0 or end < begin:
        raise SystemExit(f"{path} has no lines '{BEGIN}' and '{END}' to write between")
    beside = path.with_suffix(path.suffix + ".new")
    beside.write_text(document[: begin + len(BEGIN)] + "\n" + text + "\n" + document[end:])
    beside.replace(path)
