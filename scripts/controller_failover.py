#!/usr/bin/env python3
"""Controller fail-over and controlled shutdown against the number of partitions.

usage: scripts/controller_failover.py [--isrlab PATH] [--partitions N...]

Runs five brokers and five ZooKeeper servers with one topic of replication factor 2, the cluster of
Kafka's published measurements, and prints a Markdown table: how long the controller that takes over
reads the cluster's state, when the first and the last partition of the dead broker lead again, and
how long a clean stop of a broker takes.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
KINDS = (
    "ControllerElected",
    "ControllerReady",
    "LeaderElected",
    "ControlRequestSent",
    "ControlledShutdownStarted",
    "ControlledShutdownDone",
)


def scenario(partitions, fault, settle):
    """The fault strikes when the topic has had time to be created."""
    return {
        "schema": "kafka-failure-scenario/1",
        "name": "controller-failover",
        "duration": f"{settle + 60 + partitions // 400}s",
        "cluster": {
            "brokers": {
                "count": 5,
                "config": {
                    "auto.leader.rebalance.enable": False,
                    "controller.socket.timeout.ms": "10m",
                },
            },
            "zookeeper": {"count": 5},
        },
        "topics": [{"name": "orders", "partitions": partitions, "replication.factor": 2}],
        "faults": [{"at": f"{settle}s", **fault}],
    }


def events(isrlab, document):
    """Events of KINDS as dictionaries, in order."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        command = [isrlab, "run", str(path), "--no-save", "--check", "off", "--no-progress", "-q"]
        command += ["-o", str(Path(folder) / "result.txt"), "--trace", "/dev/stdout"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
            for line in run.stdout:
                if any(f'"kind":"{kind}"' in line for kind in KINDS):
                    yield json.loads(line)
        if run.returncode not in (0, 1):
            raise SystemExit(f"isrlab ended with {run.returncode}")


def failover(isrlab, partitions, settle):
    """(state read, first partition back, last partition back) in seconds after the election."""
    elected = loaded = first = last = None
    for event in events(isrlab, scenario(partitions, {"kill": "controller"}, settle)):
        if event["time"] < settle * 10**9:
            continue
        kind = event["kind"]
        if kind == "ControllerElected" and elected is None:
            elected = event["time"]
        elif kind == "ControlRequestSent" and elected is not None and loaded is None:
            loaded = event["time"]
        elif kind == "LeaderElected" and elected is not None:
            first = first or event["time"]
            last = event["time"]
    return [(time - elected) / 1e9 for time in (loaded, first, last)]


def shutdown(isrlab, partitions, settle):
    """Seconds from SIGTERM until the leaders of the broker are moved."""
    started = None
    document = scenario(partitions, {"stop": "leader of orders-0"}, settle)
    for event in events(isrlab, document):
        if event["kind"] == "ControlledShutdownStarted":
            started = event["time"]
        if event["kind"] == "ControlledShutdownDone" and started is not None:
            return (event["time"] - started) / 1e9
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--isrlab", default=str(TOP / "build" / "bin" / "isrlab"))
    parser.add_argument("--partitions", type=int, nargs="+", default=[1000, 10000, 100000])
    arguments = parser.parse_args()
    print("| partitions | state read | first back | last back | clean stop of a broker |")
    print("|---|---|---|---|---|")
    for partitions in arguments.partitions:
        settle = 30 + partitions // 400
        cells = failover(arguments.isrlab, partitions, settle)
        cells.append(shutdown(arguments.isrlab, partitions, settle))
        text = " | ".join("-" if cell is None else f"{cell:.2f} s" for cell in cells)
        print(f"| {partitions} | {text} |", flush=True)


if __name__ == "__main__":
    main()
