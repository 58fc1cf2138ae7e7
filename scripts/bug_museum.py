#!/usr/bin/env python3
"""Writes results/tables/bug-museum.md: how soon random faults find each historic bug.

usage: scripts/bug_museum.py [--isrlab build/bin/isrlab] [--seeds 100000] [--most 20000]
                             [--only WORD]

Each row is a sweep of the scenario bug-museum that demands the invariants the bug breaks and ends
at the first seed that breaks one. The last rows have no bug: all invariants, all seeds.
"""
import argparse
import json
import os
import resource
import subprocess
import sys

SCENARIO = "scenarios/library/bug-museum.json"
PROTOCOL = "/cluster/brokers/config/replication.protocol="
BUG = "/cluster/bugs/"
# Control messages alone are held, and for longer: what needs several elections that one broker
# does not hear of.
LONG = ['/chaos/lasts="300ms..10s"', '/chaos/messages=["LeaderAndIsr"]',
        '/chaos/weights={"hold":8,"expire_session":16,"pause":2}']
# The same with kills and slower fetches: a follower stays behind for longer.
SLOW = [LONG[0], LONG[1], '/chaos/weights={"hold":8,"expire_session":16,"kill":4}',
        '/network={"default":{"latency":"30ms","jitter":"5ms"}}']
TWO = "/topics/orders/replication.factor=2"
DATA = ["no_acked_record_lost", "consistent_read", "log_matching", "committed_prefix_matching",
        "follower_prefix", "leader_completeness", "leader_candidate_completeness", "hw_bounds",
        "hw_monotonic", "no_truncation_below_hw", "offset_unique"]
ACKED, MATCHING = ["no_acked_record_lost"], ["log_matching", "follower_prefix"]

# What is switched on, and what it must break (reference, sections 2 and 7).
ROWS = [
    ([PROTOCOL + "truncate-to-high-watermark"], ["leader_candidate_completeness"]),
    ([PROTOCOL + "truncate-to-high-watermark"], ACKED),
    ([PROTOCOL + "truncate-to-high-watermark", TWO], ACKED),
    ([PROTOCOL + "kip-101"], ACKED),
    ([PROTOCOL + "kip-101", TWO], MATCHING),
    ([PROTOCOL + "kip-101", TWO], ACKED),
    ([PROTOCOL + "kip-279"], DATA),
    ([PROTOCOL + "kip-279"], ACKED),
    ([PROTOCOL + "kip-320-first-try", *LONG], DATA),
]


def switch(name, value, breaks, *more):
    ROWS.append(([BUG + name + "=" + value, *more], breaks))


switch("fetch_epoch_check", "off", DATA, *LONG)
switch("truncate_fence", "off", DATA, PROTOCOL + "kip-320")
switch("hw_epoch_fence", "off", DATA)
switch("hw_epoch_fence", "off", ACKED)
switch("isr_expand_leso", "off", ["eligible_isr"])
switch("isr_expand_leso", "off", DATA, *SLOW)
switch("persist_epoch_on_become_leader", "off", DATA, PROTOCOL + "kip-320")
switch("diverging_fetch_updates_state", "on", DATA)
switch("diverging_fetch_updates_state", "on", ACKED)
switch("truncate_removed_partition", "on", DATA)
switch("hw_isr", "committed", ACKED)
switch("hw_isr", "proposed", ACKED)
switch("alter_isr_cas", "off", ["replication_quorum_superset"])
switch("alter_isr_cas", "off", ACKED)
switch("isr_eligibility", "off", ["eligible_isr"])
switch("reset_follower_state", "off", ["eligible_isr"])
switch("broker_generation", "off", ["broker_incarnation"])
CLEAN = [
    [],
    [PROTOCOL + "kip-320"],
    [PROTOCOL + "kip-279", TWO],
]


def sweep(isrlab, seeds, settings, demanded, stop):
    command = [isrlab, "sweep", SCENARIO, "--seeds", "1..%d" % seeds, "--json", "--no-save",
               "--no-progress", "--quiet", "--set", "/expect/always=" + json.dumps(demanded)]
    for setting in settings:
        command += ["--set", setting]
    if stop:
        command += ["--stop-on", "first"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = subprocess.run(command, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if result.returncode not in (0, 1, 4):
        sys.exit("%s\nexit code %d\n%s" % (" ".join(command), result.returncode, result.stderr))
    return json.loads(result.stdout), after.ru_utime - before.ru_utime


def shown(settings):
    how = ""
    for name, extra in (("longer holds", LONG), ("longer holds, slower links", SLOW)):
        if settings[-len(extra):] == extra:
            settings, how = settings[:-len(extra)], " (%s)" % name
    words = [s.replace(PROTOCOL, "replication.protocol=").replace(BUG, "")
             .replace(TWO, "replication factor 2") for s in settings]
    return (", ".join(words) if words else "nothing") + how


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--isrlab", default="build/bin/isrlab")
    parser.add_argument("--seeds", type=int, default=100000)
    parser.add_argument("--most", type=int, default=20000, help="seeds for a bug to be found")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    found, clean = [], []
    for settings, breaks in ROWS:
        if arguments.only not in " ".join(settings):
            continue
        data, seconds = sweep(arguments.isrlab, arguments.most, settings, breaks, True)
        failed = [f["name"].replace("always ", "") for f in data["cells"][0]["failed"]]
        # A run counts the seeds up to the first that failed, without the reruns.
        row = "| %s | %s | %s | %.1f |" % (
            shown(settings), ", ".join(breaks) if len(breaks) < 4 else "any of the data",
            "seed %d: %s" % (data["runs"], ", ".join(failed)) if failed else
            "not in %d seeds" % data["runs"], seconds)
        print(row, flush=True)
        found.append(row)
    for settings in CLEAN if not arguments.only else []:
        data, seconds = sweep(arguments.isrlab, arguments.seeds, settings,
                              DATA + ["eligible_isr", "at_most_one_leader_per_epoch",
                                      "min_isr_respected", "no_uncommitted_read"], False)
        bad = data["verdicts"]["fail"] + data["verdicts"]["violation"]
        cell = data["cells"][0]
        what = [each["name"] for each in cell["broken"] + cell["failed"]] or ["none"]
        row = "| %s | %d | %d (%s) | %.0f |" % (shown(settings), data["runs"], bad, ", ".join(what),
                                                seconds)
        print(row, flush=True)
        clean.append(row)
    if arguments.only:
        return
    os.makedirs("results/tables", exist_ok=True)
    with open("results/tables/bug-museum.md", "w") as table:
        table.write(TEXT % {"seeds": arguments.seeds, "most": arguments.most, "found": "\n".join(found),
                            "clean": "\n".join(clean)})


TEXT = """# The bug museum: data plane

Each switch of `isrlab list bugs`, and each generation of `replication.protocol`, is left to random
faults: the scenario `bug-museum` (elections in quick succession, LeaderAndIsr held back from single
brokers, tiny logs) under the seeds 1, 2, 3 ..., until an invariant breaks that the catalogue names for
it. Made by `scripts/bug_museum.py --seeds %(seeds)d --most %(most)d`; one row again with

```sh
isrlab sweep bug-museum --seeds 1..%(most)d --stop-on first --set /cluster/bugs/isr_expand_leso=off
```

"Longer holds" and "slower links" change the schedule for bugs that need several elections one broker
does not hear of (`LONG` and `SLOW` in the script).

| switched on | demanded | found | CPU seconds |
|---|---|---|---|
%(found)s

The same search with nothing to be found (all data-plane invariants demanded; KIP-279 is proved to
hold with two replicas, KIP-320 with three):

| switched on | runs | runs with a violation | CPU seconds |
|---|---|---|---|
%(clean)s
"""

if __name__ == "__main__":
    main()
