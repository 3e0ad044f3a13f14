"""Engines as processes of their own that run inferences in turns."""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile


class EngineFailed(Exception):
    """What went wrong in an engine's process."""


class Worker:
    """A process that obeys `run N` and `outputs`; stopped between its turns."""

    def __init__(self, name, command, environment=None):
        self.name = name
        self.facts = {}
        self.missing = None
        self.times = []
        self.peak_megabytes = None
        self._errors = tempfile.TemporaryFile(mode="w+")
        self._process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._errors, text=True, env={**os.environ, **(environment or {})})
        try:
            word, _, rest = self._read().partition(" ")
            if word == "ready":
                self.facts = json.loads(rest)
                self._signal(signal.SIGSTOP)
            else:
                self.missing = rest if word == "missing" else f"it said {word}"
        except EngineFailed as error:
            self.missing = str(error)

    def ask(self, order):
        """Lets the process go on for one order."""
        self._signal(signal.SIGCONT)
        try:
            self._process.stdin.write(order + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise EngineFailed(self._last_words()) from None
        answer = json.loads(self._read())
        # Engines spin for work for a while; stopped, they take nothing from the next one.
        self._signal(signal.SIGSTOP)
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def turn(self, runs):
        """Runs and counts; one run more at first fetches what the others drove from the caches."""
        self.times += self.ask(f"run {runs + 1}")["milliseconds"][1:]

    def stop(self):
        """Ends the process and learns its peak memory."""
        self._signal(signal.SIGCONT)
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass
        self._process.stdout.close()
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self.peak_megabytes = megabytes(usage)

    @property
    def pid(self):
        return self._process.pid

    @property
    def median(self):
        return statistics.median(self.times)

    @property
    def minimum(self):
        return min(self.times)

    def _signal(self, number):
        # The process is there until `stop` has waited for it, even where it has ended.
        os.kill(self._process.pid, number)

    def _read(self):
        line = self._process.stdout.readline()
        if not line:
            raise EngineFailed(self._last_words())
        return line.strip()

    def _last_words(self):
        self._errors.seek(0)
        last = [text.strip() for text in self._errors.read().splitlines() if text.strip()][-1:]
        return f"{self.name}: {last[0] if last else 'its process ended without a word'}"


def megabytes(usage):
    """Peak resident memory; the system tells kilobytes, macOS bytes."""
    return usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024)


def take_turns(workers, rounds, runs):
    """Rounds in which each engine runs a few times; every second round runs backwards, so that
    none always follows the same one."""
    for index in range(rounds):
        for worker in workers[::-1] if index % 2 else workers:
            worker.turn(runs)
