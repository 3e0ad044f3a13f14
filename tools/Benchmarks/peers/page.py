"""The page of the docs that holds the tables, and the words that stand above each."""

import datetime
import os
import platform
import re
import sys

from environment import ROOT

PAGE = ROOT / "Sources" / "GraphRuntime" / "Performance.md"


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            text = file.read()
    except OSError:
        return platform.processor() or platform.machine()
    name = re.search(r"model name\s*: (.*)", text)
    flags = re.search(r"flags\s*: (.*)", text)
    name = name[1] if name else platform.machine()
    sets = [word for word in ("avx2", "avx512f", "avx512_bf16", "amx_bf16")
            if flags and word in flags[1].split()]
    return f"{name} ({', '.join(sets)})" if sets else name


def processors():
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def circumstances(*more):
    """Machine and date, and whatever else the numbers depend on, as one line."""
    today = datetime.date.today().isoformat()
    return ", ".join([f"{today}: {processor()}, {processors()} cores", *more]) + "."


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def publish(section, text, write):
    """Prints a section, and puts it between its markers in the page if asked to."""
    print(text)
    if not write:
        return
    page = PAGE.read_text()
    start, end = f"<!-- {section} -->\n", f"<!-- end of {section} -->"
    if start not in page or end not in page:
        sys.exit(f"{PAGE.relative_to(ROOT)} lacks the comments that mark its section {section}")
    head, _, rest = page.partition(start)
    PAGE.write_text(head + start + text + "\n" + end + rest.partition(end)[2])
