#!/usr/bin/env python3
"""Writes tests/data/malformed: small scenario files that must all be refused.

Each case is a name, the bytes, and a part of the message the loader must give (or None when only
the refusal counts). Run it again after a change and commit the files with it:

    python3 tests/data/make_malformed.py
"""

import json
import pathlib
import shutil

OUT = pathlib.Path(__file__).parent / "malformed"
CASES = []

HEAD = '{"schema": "kafka-failure-scenario/1", "name": "bad"'
LOAD = (
    ',\n"topics": [{"name": "orders", "partitions": 2, "replication.factor": 3}]'
    ',\n"producers": [{"name": "p1", "topic": "orders"}]'
    ',\n"consumers": [{"group": "billing", "topics": ["orders"]}]'
)


def raw(name, data, expected=None):
    """A file as it stands: text or bytes."""
    CASES.append((name, data if isinstance(data, bytes) else data.encode(), expected))


def bare(name, members, expected=None):
    """Schema and name, and these members."""
    raw(name, HEAD + ",\n" + members + "}\n", expected)


def loaded(name, members, expected=None):
    """A whole scenario with a topic, a producer and a group, and these members."""
    raw(name, HEAD + LOAD + ",\n" + members + "}\n", expected)


def fault(name, item, expected=None):
    loaded("fault-" + name, '"faults": [' + item + "]", expected)


def expect(name, members, expected=None):
    loaded("expect-" + name, '"expect": {' + members + "}", expected)


def broker_setting(name, setting, value, expected=None):
    bare(
        "setting-" + name,
        '"cluster": {"brokers": {"config": {"%s": %s}}}' % (setting, value),
        expected,
    )


def client_setting(name, section, setting, value, expected=None):
    owner = {
        "topic": '"topics": [{"name": "t", "config": {"%s": %s}}]',
        "producer": '"topics": [{"name": "t"}], '
        '"producers": [{"topic": "t", "config": {"%s": %s}}]',
        "consumer": '"topics": [{"name": "t"}], "consumers": '
        '[{"group": "g", "topics": ["t"], "config": {"%s": %s}}]',
    }[section]
    bare("setting-" + name, owner % (setting, value), expected)


def syntax():
    raw("empty", "", "the file is empty")
    raw("only-spaces", " \n\t\n ", "the file is empty")
    raw("only-comment", "// nothing here\n", "no valid JSON")
    raw("open-comment", HEAD + " /* never closed", "no valid JSON")
    raw("null-byte", b'{"schema": \x00}', "null byte")
    raw("null-byte-after", HEAD.encode() + b"}\x00garbage", "null byte")
    raw("binary", bytes(range(256)), None)
    raw("elf", b"\x7fELF\x02\x01\x01" + bytes([1, 200, 3] * 20), "no valid JSON")
    raw("gzip", b"\x1f\x8b\x08" + bytes(range(1, 90)), "no valid JSON")
    raw("utf16", HEAD.encode("utf-16"), "null byte")
    raw("latin1", HEAD.encode() + b', "about": "caf\xe9"}', "no valid JSON")
    raw("utf8-overlong", HEAD.encode() + b', "about": "\xc0\xaf"}', "no valid JSON")
    raw("utf8-surrogate", HEAD.encode() + b', "about": "\xed\xa0\x80"}', "no valid JSON")
    raw("utf8-cut", HEAD.encode() + b', "about": "\xe2\x82"}', "no valid JSON")
    raw("utf8-beyond", HEAD.encode() + b', "about": "\xf5\x80\x80\x80"}', "no valid JSON")
    raw("escape-surrogate-alone", HEAD + r', "about": "\ud800"}', "no valid JSON")
    raw("escape-surrogate-reversed", HEAD + r', "about": "\udc00\ud800"}', "no valid JSON")
    raw("escape-unknown", HEAD + r', "about": "\x41"}', "no valid JSON")
    raw("escape-short", HEAD + r', "about": "\u12"}', "no valid JSON")
    raw("newline-in-text", HEAD + ', "about": "one\ntwo"}', "no valid JSON")
    raw("tab-in-text", HEAD + ', "about": "one\ttwo"}', "no valid JSON")
    raw("trailing-comma-object", HEAD + ",\n}", "no valid JSON")
    raw("trailing-comma-list", HEAD + ', "topics": [1,]}', "no valid JSON")
    raw("leading-comma", "{, " + HEAD[1:] + "}", "no valid JSON")
    raw("double-comma", HEAD + ',, "seed": 1}', "no valid JSON")
    raw("missing-comma", HEAD + ' "seed": 1}', "no valid JSON")
    raw("missing-colon", HEAD + ', "seed" 1}', "no valid JSON")
    raw("single-quotes", "{'schema': 'kafka-failure-scenario/1'}", "no valid JSON")
    raw("bare-key", "{schema: 1}", "no valid JSON")
    raw("yaml", "schema: kafka-failure-scenario/1\nname: bad\n", "no valid JSON")
    raw("toml", 'schema = "kafka-failure-scenario/1"\n', "no valid JSON")
    raw("hash-comment", "# comment\n" + HEAD + "}", "no valid JSON")
    raw("two-documents", HEAD + "}\n" + HEAD + "}", "no valid JSON")
    raw("closing-twice", HEAD + "}}", "no valid JSON")
    raw("wrong-bracket", HEAD + ', "topics": [}', "no valid JSON")
    raw("open-brace", "{", "no valid JSON")
    raw("open-bracket", "[", "no valid JSON")
    raw("open-text", '{"schema', "no valid JSON")
    raw("close-only", "}", "no valid JSON")
    raw("comma-only", ",", "no valid JSON")
    raw("minus-only", HEAD + ', "seed": -}', "no valid JSON")
    raw("number-plus", HEAD + ', "seed": +1}', "no valid JSON")
    raw("number-zero-first", HEAD + ', "seed": 01}', "no valid JSON")
    raw("number-dot-last", HEAD + ', "seed": 1.}', "no valid JSON")
    raw("number-dot-first", HEAD + ', "seed": .5}', "no valid JSON")
    raw("number-hex", HEAD + ', "seed": 0x10}', "no valid JSON")
    raw("number-nan", HEAD + ', "seed": NaN}', "no valid JSON")
    raw("number-infinity", HEAD + ', "seed": Infinity}', "no valid JSON")
    raw("number-exponent-open", HEAD + ', "seed": 1e}', "no valid JSON")
    raw("word-true", HEAD + ', "seed": tru}', "no valid JSON")
    raw("word-capital", HEAD + ', "seed": True}', "no valid JSON")
    raw("word-undefined", HEAD + ', "seed": undefined}', "no valid JSON")
    whole = HEAD + LOAD + ', "faults": [{"at": "5s", "kill": "leader of orders-0"}]}'
    for cut in (1, 10, 30, 55, 90, 120, 200, len(whole) - 30, len(whole) - 2, len(whole) - 1):
        raw("truncated-%03d" % cut, whole[:cut], "no valid JSON")


def limits():
    raw("deep-lists", "[" * 5000, "nested deeper than 64 levels")
    raw("deep-lists-closed", "[" * 70 + "]" * 70, "nested deeper than 64 levels")
    raw("deep-objects", '{"a":' * 5000, "nested deeper than 64 levels")
    raw("deep-mixed", '[{"a":' * 100, "nested deeper than 64 levels")
    raw(
        "deep-in-report",
        HEAD + ', "report": ' + "[" * 65 + "]" * 65 + "}",
        "nested deeper than 64 levels",
    )
    bare("huge-integer", '"seed": 18446744073709551616', "does not fit into 64 bits")
    bare("huge-digits", '"seed": ' + "9" * 400, None)
    bare("huge-exponent", '"seed": 1e999', "a number is too large")
    bare("huge-negative-exponent", '"report": -1e999', "a number is too large")
    bare("huge-negative", '"seed": -9223372036854775809', "does not fit into 64 bits")
    bare("huge-count", '"cluster": {"brokers": {"count": 18446744073709551615}}', "is too large")
    bare(
        "huge-brokers",
        '"cluster": {"brokers": {"count": 1000000000}}',
        "is too large; at most 1000",
    )
    bare("huge-partitions", '"topics": [{"name": "t", "partitions": 4294967296}]', "is too large")
    bare("huge-duration", '"duration": "99999999999999999999h"', "too large")
    bare("huge-duration-digits", '"duration": "' + "9" * 300 + 's"', "too large")
    bare(
        "huge-size",
        '"topics": [{"name": "t"}], "producers": [{"topic": "t", "record.size": "8TiB"}]',
        "is too large",
    )
    bare("long-key", '"' + "k" * 5000 + '": 1', "unknown key")
    bare("long-name", '"topics": [{"name": "' + "n" * 300 + '"}]', "is no name")
    bare("many-mistakes", '"topics": [' + ",".join(["{}"] * 200) + "]", "too many errors")


def structure():
    raw("top-list", "[]", "must be an object, not a list")
    raw("top-text", '"scenario"', "must be an object")
    raw("top-number", "42", "must be an object, not the number 42")
    raw("top-null", "null", "must be an object, not null")
    raw("no-schema", '{"name": "bad"}', '"schema" is missing')
    raw("no-name", '{"schema": "kafka-failure-scenario/1"}', '"name" is missing')
    raw(
        "schema-other",
        '{"schema": "kafka-failure-scenario/2", "name": "bad"}',
        "does not read the schema",
    )
    raw("schema-number", '{"schema": 1, "name": "bad"}', "/schema: must be a text")
    raw("name-number", '{"schema": "kafka-failure-scenario/1", "name": 1}', "/name: must be a name")
    raw("name-spaces", '{"schema": "kafka-failure-scenario/1", "name": "a b"}', '"a b" is no name')
    raw("name-empty", '{"schema": "kafka-failure-scenario/1", "name": ""}', '"" is no name')
    raw("name-path", '{"schema": "kafka-failure-scenario/1", "name": "../x"}', '"../x" is no name')
    for key in (
        "cluster",
        "network",
        "topics",
        "producers",
        "consumers",
        "faults",
        "heal",
        "expect",
    ):
        for label, value in (("number", "1"), ("text", '"x"'), ("null", "null")):
            bare("type-%s-%s" % (key, label), '"%s": %s' % (key, value), "/%s: must be " % key)
    bare("type-topics-object", '"topics": {"orders": {}}', "/topics: must be a list, not an object")
    bare("type-cluster-list", '"cluster": []', "/cluster: must be an object, not a list")
    bare("type-about-number", '"about": 1', "/about: must be a text")
    bare("type-about-list", '"about": ["a", 1]', "/about/1: must be a text")
    bare("type-topic-text", '"topics": ["orders"]', "/topics/0: must be an object")
    bare("type-fault-text", '"faults": ["at 5s kill broker-1"]', "/faults/0: must be an object")
    for key in ("disks", "extends"):
        bare("planned-" + key, '"%s": {}' % key, '"%s" is known but not supported' % key)
    bare("unknown-key", '"toppics": []', 'did you mean "topics"?')
    bare("unknown-key-case", '"Topics": []', 'did you mean "topics"?')
    bare("unknown-key-far", '"zebra": []', 'unknown key "zebra"')
    bare("unknown-key-empty", '"": []', 'unknown key ""')
    bare("unknown-key-pointer", '"a/b~c": 1', "/a~1b~0c: unknown key")
    bare("unknown-cluster-key", '"cluster": {"broker": {}}', 'did you mean "brokers"?')
    bare("unknown-broker-key", '"cluster": {"brokers": {"cout": 3}}', 'did you mean "count"?')
    bare(
        "unknown-topic-key",
        '"topics": [{"name": "t", "replicationFactor": 3}]',
        'did you mean "replication.factor"?',
    )
    bare("unknown-link-key", '"network": {"default": {"delay": "1ms"}}', 'unknown key "delay"')
    bare(
        "planned-link-loss",
        '"network": {"default": {"loss": "1%"}}',
        '"loss" is known but not supported',
    )
    bare(
        "duplicate-top",
        '"seed": 1,\n"seed": 2',
        'the key "seed" stands twice in this object, first in line 2',
    )
    bare(
        "duplicate-deep",
        '"cluster": {"brokers": {"count": 1,\n"count": 1}}',
        "/cluster/brokers/count",
    )
    bare("duplicate-in-list", '"topics": [{"name": "t", "name": "t"}]', "/topics/0/name")
    bare("duplicate-escaped", r'"seed": 1, "s\u0065ed": 2', 'the key "seed" stands twice')
    bare(
        "duplicate-nested",
        '"a": {}, "a": {"b": {"c": 1, "c": {"d": [1]}}, "b": [{}, {"x": 1, "x": 2}]}',
        "stands twice",
    )
    fault(
        "duplicate-action", '{"at": "5s", "kill": "broker-1", "kill": "broker-2"}', "stands twice"
    )


def values():
    for label, value, part in (
        ("bare", "60", 'write "60ms" or "60s"'),
        ("fraction", "1.5", '"1.5" has no unit'),
        ("no-unit", '"60"', "has no unit"),
        ("zero", '"0s"', "is too small"),
        ("negative", '"-5s"', "is negative"),
        ("space", '"5 s"', 'write "5s"'),
        ("unit", '"5sec"', 'unknown unit "sec"'),
        ("capital", '"5S"', 'unknown unit "S"'),
        ("compound", '"1m30s"', "unknown unit"),
        ("comma", '"1,5s"', "unknown unit"),
        ("fine", '"0.5ns"', "finer than 1ns"),
        ("word", '"long"', "is not a duration"),
        ("empty", '""', "is not a duration"),
        ("list", '["60s"]', "must be a duration"),
        ("true", "true", "must be a duration"),
        ("null", "null", "must be a duration"),
        ("iso", '"PT60S"', "is not a duration"),
        ("control", '"60s\\u0007"', "unknown unit"),
    ):
        bare("duration-" + label, '"duration": ' + value, part)
    for label, value in (("text", '"1"'), ("negative", "-1"), ("fraction", "1.0"), ("list", "[1]")):
        bare("seed-" + label, '"seed": ' + value, "/seed: must be a whole number")
    producer = '"topics": [{"name": "t"}], "producers": [{"topic": "t", %s}]'
    bare("rate-bare", producer % '"rate": 200', 'write "200/s"')
    bare("rate-unit", producer % '"rate": "200/week"', "is not a rate")
    bare("rate-negative", producer % '"rate": "-1/s"', "is negative")
    bare("rate-fast", producer % '"rate": "90000000000/s"', "is too fast")
    bare("rate-and-interval", producer % '"rate": "1/s", "interval": "1s"', "say the same thing")
    bare("size-bare", producer % '"record.size": 1024', 'write "1024B" or "1024KiB"')
    bare("size-unit", producer % '"record.size": "1KBs"', "unknown unit")
    bare("size-negative", producer % '"record.size": "-1B"', "is negative")
    bare("records-negative", producer % '"records": -1', "is too small; at least 0")
    bare("records-text", producer % '"records": "10"', "write it without quotes")
    bare("keys-number", producer % '"keys": 5', "/producers/0/keys: must be an object")
    bare("keys-zero", producer % '"keys": {"count": 0}', "is too small; at least 1")
    bare("keys-empty", producer % '"keys": {}', '"count" is missing')
    bare("partition-negative", producer % '"partition": -1', "is too small")
    bare("partition-absent", producer % '"partition": 1', "there is no partition t-1")
    bare("stop-before-start", producer % '"start": "9s", "stop": "3s"', "stops before it starts")
    bare("start-late", producer % '"start": "2m"', "starts after the end of the run")
    bare("producer-rack", producer % '"rack": "z"', 'there is no rack "z"')
    bare(
        "producer-topic",
        '"topics": [{"name": "orders"}], "producers": [{"topic": "order"}]',
        'did you mean "orders"?',
    )
    bare("producer-no-topic", '"producers": [{"name": "p"}]', '"topic" is missing')
    bare(
        "producer-same",
        '"topics": [{"name": "t"}], '
        '"producers": [{"name": "p", "topic": "t"}, {"name": "p", "topic": "t"}]',
        "a second producer",
    )
    bare("producer-reserved", producer % '"name": "from"', "is a word of the fault syntax")
    bare("producer-node-name", producer % '"name": "zk-1"', "is also the name of a node")
    bare(
        "planned-properties",
        producer % '"properties": "p.properties"',
        '"properties" is known but not supported',
    )
    bare("count-zero", '"cluster": {"brokers": {"count": 0}}', "is too small; at least 1")
    bare("count-fraction", '"cluster": {"brokers": {"count": 2.5}}', "must be a whole number")
    bare("count-text", '"cluster": {"brokers": {"count": "3"}}', "write it without quotes")
    bare("zookeeper-many", '"cluster": {"zookeeper": {"count": 9}}', "at most 7")
    bare(
        "racks-many",
        '"cluster": {"brokers": {"racks": ["a","b","c","d"]}}',
        "names 4 racks for 3 nodes",
    )
    bare(
        "racks-number",
        '"cluster": {"brokers": {"racks": [1]}}',
        "/cluster/brokers/racks/0: must be a name",
    )
    bare("racks-text", '"cluster": {"brokers": {"racks": "a"}}', "must be a list")
    bare("startup-single", '"cluster": {"brokers": {"startup": "2s"}}', "is not a range")
    bare("startup-reversed", '"cluster": {"brokers": {"startup": "3s..2s"}}', "runs backwards")
    bare("disk-bare", '"cluster": {"brokers": {"disk": 250}}', 'write "250MB/s" or "250Mbit"')
    bare("disk-size", '"cluster": {"brokers": {"disk": "250MB"}}', "unknown unit")
    bare("disk-key", '"cluster": {"brokers": {"disk": {"speed": "1MB/s"}}}', 'unknown key "speed"')
    bare("net-zero", '"cluster": {"brokers": {"net": "0MB/s"}}', "is too small")
    bare("latency-bare", '"network": {"default": {"latency": 5}}', "has no unit")
    bare(
        "link-one-side", '"network": {"links": [{"between": ["broker-1"]}]}', "must name two sides"
    )
    bare("link-numbers", '"network": {"links": [{"between": [1, 2]}]}', "must name two sides")
    bare("link-absent", '"network": {"links": [{"latency": "1ms"}]}', '"between" is missing')
    bare(
        "link-host",
        '"network": {"links": [{"between": ["broker-1", "broker-7"]}]}',
        'no host or rack "broker-7"',
    )
    bare(
        "link-rack",
        '"network": {"links": [{"between": ["rack:a", "zk-1"]}]}',
        'no host or rack "rack:a"',
    )
    bare("topic-no-name", '"topics": [{}]', '"name" is missing')
    bare("topic-name-slash", '"topics": [{"name": "a/b"}]', "is no name")
    bare("topic-name-dots", '"topics": [{"name": ".."}]', "is no name")
    bare("topic-internal", '"topics": [{"name": "__consumer_offsets"}]', "Kafka's own topics")
    bare("topic-same", '"topics": [{"name": "t"}, {"name": "t"}]', "a second topic")
    bare(
        "topic-rf",
        '"topics": [{"name": "t", "replication.factor": 4}]',
        "4 replicas need 4 brokers",
    )
    bare("topic-rf-zero", '"topics": [{"name": "t", "replication.factor": 0}]', "is too small")
    bare(
        "topic-min-isr",
        '"topics": [{"name": "t", "config": {"min.insync.replicas": 2}}]',
        "more than the 1 replicas",
    )
    bare("topic-partitions-zero", '"topics": [{"name": "t", "partitions": 0}]', "is too small")
    bare(
        "assignment-flat",
        '"topics": [{"name": "t", "assignment": [1, 2]}]',
        "must be a list of broker ids",
    )
    bare("assignment-empty", '"topics": [{"name": "t", "assignment": []}]', "at least 1")
    bare(
        "assignment-uneven",
        '"topics": [{"name": "t", "assignment": [[1],[1,2]]}]',
        "as many replicas",
    )
    bare(
        "assignment-twice",
        '"topics": [{"name": "t", "assignment": [[1,1]]}]',
        "broker 1 stands twice",
    )
    bare(
        "assignment-broker",
        '"topics": [{"name": "t", "assignment": [[4]]}]',
        "is too large; at most 3",
    )
    bare(
        "assignment-text",
        '"topics": [{"name": "t", "assignment": [["broker-1"]]}]',
        "must be a whole number",
    )
    bare(
        "assignment-factor",
        '"topics": [{"name": "t", "replication.factor": 3, "assignment": [[1]]}]',
        "the assignment gives 1",
    )
    bare("group-no-topics", '"consumers": [{"group": "g"}]', '"topics" is missing')
    bare(
        "group-empty-topics", '"consumers": [{"group": "g", "topics": []}]', "subscribes to nothing"
    )
    bare(
        "group-topic",
        '"topics": [{"name": "t"}], "consumers": [{"group": "g", "topics": ["u"]}]',
        'there is no topic "u"',
    )
    bare(
        "group-topic-twice",
        '"topics": [{"name": "t"}], "consumers": [{"group": "g", "topics": ["t", "t"]}]',
        "stands twice",
    )
    bare(
        "group-topic-text",
        '"topics": [{"name": "t"}], "consumers": [{"group": "g", "topics": "t"}]',
        "must be a list",
    )
    bare(
        "group-members",
        '"topics": [{"name": "t"}], "consumers": [{"group": "g", "topics": ["t"], "members": 0}]',
        "is too small",
    )
    bare(
        "group-same",
        '"topics": [{"name": "t"}], '
        '"consumers": [{"group": "g", "topics": ["t"]}, {"group": "g", "topics": ["t"]}]',
        "a second group",
    )
    bare(
        "group-offsets",
        '"cluster": {"brokers": {"count": 2}}, "topics": [{"name": "t"}], '
        '"consumers": [{"group": "g", "topics": ["t"]}]',
        "__consumer_offsets needs 3 brokers",
    )
    bare("heal-empty", '"heal": {}', '"at" is missing')
    bare("heal-late", '"heal": {"at": "2m"}', "after the end of the run")
    bare("heal-core", '"heal": {"at": "5s", "core": "majorty"}', "unknown selector")


def settings():
    broker_setting(
        "typo", "zookeeper.session.timout.ms", "1", 'did you mean "zookeeper.session.timeout.ms"?'
    )
    broker_setting("underscore", "min_insync_replicas", "1", 'did you mean "min.insync.replicas"?')
    broker_setting("planned", "num.io.threads", "1", "known but not supported")
    broker_setting("zero", "zookeeper.session.timeout.ms", "0", "is out of range")
    broker_setting("negative", "request.timeout.ms", "-1", "is out of range")
    broker_setting("fraction", "request.timeout.ms", "1.5", "does not take")
    broker_setting("fine", "request.timeout.ms", '"10us"', "is finer than")
    broker_setting("huge", "request.timeout.ms", "9223372036854775807", "is out of range")
    broker_setting("beyond", "request.timeout.ms", '"30d"', "is out of range")
    broker_setting("unit", "request.timeout.ms", '"10MB"', "unknown unit")
    broker_setting(
        "boolean-number", "unclean.leader.election.enable", "1", "does not take the number 1"
    )
    broker_setting("boolean-word", "unclean.leader.election.enable", '"yes"', 'does not take "yes"')
    broker_setting("count-text", "min.insync.replicas", '"two"', "is not a whole number")
    broker_setting("count-zero", "min.insync.replicas", "0", "is out of range")
    broker_setting("percent", "leader.imbalance.per.broker.percentage", "101", "is out of range")
    broker_setting(
        "percent-text", "leader.imbalance.per.broker.percentage", '"1.5%"', "is not a whole number"
    )
    broker_setting("bytes", "message.max.bytes", '"1sec"', "unknown unit")
    broker_setting("list", "message.max.bytes", "[1]", "does not take a list")
    broker_setting("object", "message.max.bytes", "{}", "does not take an object")
    broker_setting("null", "message.max.bytes", "null", "does not take null")
    broker_setting(
        "fetch-wait", "replica.fetch.wait.max.ms", '"31s"', "is longer than replica.lag.time.max.ms"
    )
    bare("setting-config-list", '"cluster": {"brokers": {"config": []}}', "must be an object")
    bare("setting-tick", '"cluster": {"zookeeper": {"ticktime": 2000}}', 'did you mean "tickTime"?')
    bare("setting-tick-zero", '"cluster": {"zookeeper": {"tickTime": 0}}', "is out of range")
    bare(
        "setting-sessions",
        '"cluster": {"zookeeper": {"minSessionTimeout": 50000}}',
        "is longer than the longest",
    )
    client_setting(
        "topic-typo", "topic", "min.insync.replica", "1", 'did you mean "min.insync.replicas"?'
    )
    client_setting("topic-compression", "topic", "compression.type", "1", "known but not supported")
    client_setting("acks", "producer", "acks", "2", "acks does not take the number 2")
    client_setting("acks-word", "producer", "acks", '"most"', 'acks does not take "most"')
    client_setting(
        "delivery",
        "producer",
        "delivery.timeout.ms",
        '"10s"',
        "is shorter than linger.ms + request.timeout.ms",
    )
    client_setting(
        "transactional", "producer", "transactional.id", '"t1"', "known but not supported"
    )
    client_setting(
        "idempotence-flight",
        "producer",
        "max.in.flight.requests.per.connection",
        '6, "enable.idempotence": true',
        "idempotence needs max.in.flight",
    )
    client_setting(
        "idempotence-acks",
        "producer",
        "acks",
        '0, "enable.idempotence": true',
        "idempotence needs acks = all",
    )
    client_setting(
        "idempotence-retries",
        "producer",
        "retries",
        '0, "enable.idempotence": true',
        "idempotence needs retries above 0",
    )
    client_setting("reset", "consumer", "auto.offset.reset", '"newest"', 'does not take "newest"')
    client_setting(
        "assignor",
        "consumer",
        "partition.assignment.strategy",
        '"sticky"',
        'does not take "sticky"',
    )
    client_setting(
        "session-short", "consumer", "session.timeout.ms", '"5s"', "is outside the brokers' bounds"
    )
    client_setting(
        "session-long", "consumer", "session.timeout.ms", '"2h"', "is outside the brokers' bounds"
    )
    client_setting(
        "heartbeat", "consumer", "heartbeat.interval.ms", '"45s"', "is not below session.timeout.ms"
    )
    client_setting("instance", "consumer", "group.instance.id", '"x"', "known but not supported")


def faults():
    fault("nothing", "{}", "says when but not what")
    fault("only-time", '{"at": "5s"}', "says when but not what")
    fault("no-time", '{"kill": "broker-1"}', "says not when")
    fault("two-times", '{"at": "5s", "after": "5s", "kill": "broker-1"}', "contradict each other")
    fault("two-actions", '{"at": "5s", "kill": "broker-1", "pause": "broker-2"}', "at once")
    fault("typo", '{"at": "5s", "kll": "broker-1"}', 'did you mean "kill"?')
    fault("typo-time", '{"att": "5s", "kill": "broker-1"}', 'did you mean "at"?')
    fault(
        "extra",
        '{"at": "5s", "kill": "broker-1", "latency": "5ms"}',
        '"kill" does not take "latency"',
    )
    fault("at-number", '{"at": 5, "kill": "broker-1"}', "has no unit")
    fault("at-late", '{"at": "60s", "kill": "broker-1"}', "but the run ends at 1m")
    fault(
        "after-first", '{"after": "5s", "kill": "broker-1"}', "nothing comes before the first item"
    )
    fault(
        "after-late",
        '{"at": "50s", "kill": "broker-1"}, {"after": "20s", "kill": "broker-2"}',
        "fires at 70s",
    )
    fault(
        "after-every",
        '{"every": "9s", "kill": "broker-1"}, {"after": "2s", "kill": "broker-2"}',
        "fires again and again",
    )
    fault("between-one", '{"between": "5s", "kill": "broker-1"}', "is not a range")
    fault(
        "between-three", '{"between": ["1s", "2s", "3s"], "kill": "broker-1"}', "must be two times"
    )
    fault("between-back", '{"between": ["9s", "2s"], "kill": "broker-1"}', "runs backwards")
    fault("every-zero", '{"every": "0s", "kill": "broker-1"}', "is too small")
    fault("times-alone", '{"at": "5s", "times": 2, "kill": "broker-1"}', "belongs to every")
    fault("times-zero", '{"every": "5s", "times": 0, "kill": "broker-1"}', "is too small")
    fault(
        "times-text", '{"every": "5s", "times": "2", "kill": "broker-1"}', "write it without quotes"
    )
    fault(
        "when",
        '{"when": "isr of orders-0 is 2", "kill": "broker-1"}',
        "unknown condition",
    )
    for word in (
        "add",
        "rolling_deploy",
    ):
        fault(
            "planned-" + word,
            '{"at": "5s", "%s": "broker-1"}' % word,
            '"%s" is known but not supported' % word,
        )
    fault(
        "until",
        '{"at": "5s", "kill": "broker-1", "until": "9s"}',
        'does not take "until"',
    )
    fault("pause-ever", '{"at": "5s", "pause": "broker-1"}', '"for" is missing')
    fault("pause-zero", '{"at": "5s", "pause": "broker-1", "for": "0s"}', "is too small")
    fault("pause-number", '{"at": "5s", "pause": "broker-1", "for": 5}', "has no unit")
    fault("restart-bare", '{"at": "5s", "kill": "broker-1", "restart": "15s"}', "is no restart")
    fault("restart-number", '{"at": "5s", "kill": "broker-1", "restart": 15}', "is no restart")
    fault("restart-unit", '{"at": "5s", "kill": "broker-1", "restart": "after 15"}', "has no unit")
    fault(
        "restart-pause",
        '{"at": "5s", "pause": "broker-1", "for": "5s", "restart": "never"}',
        'does not take "restart"',
    )
    fault("kill-for", '{"at": "5s", "kill": "broker-1", "for": "5s"}', 'does not take "for"')
    fault(
        "direction",
        '{"at": "5s", "isolate": "broker-1", "direction": "in"}',
        "there is no direction",
    )
    fault(
        "direction-number",
        '{"at": "5s", "isolate": "broker-1", "direction": 1}',
        "there is no direction",
    )
    fault(
        "direction-twice",
        '{"at": "5s", "partition": {"side": "broker-1", "direction": "to"}, "direction": "to"}',
        "said twice",
    )
    fault("slow-not", '{"at": "5s", "slow_link": "broker-1", "for": "5s"}', "says not how slow")
    fault("slow-rate", '{"at": "5s", "slow_link": "broker-1", "rate": 100}', "has no unit")
    fault("slow-rate-zero", '{"at": "5s", "slow_link": "broker-1", "rate": "0B/s"}', "is too small")
    fault("why-number", '{"at": "5s", "kill": "broker-1", "why": 1}', "must be a text")
    fault("sides-empty", '{"at": "5s", "partition": {}}', "needs one side and the other")
    fault(
        "sides-both",
        '{"at": "5s", "partition": {"side": "broker-1", "groups": [["broker-1"], ["broker-2"]]}}',
        "needs one side and the other",
    )
    fault(
        "sides-from-twice",
        '{"at": "5s", "partition": {"side": "broker-1", "from": "all"}, "from": "all"}',
        "said twice",
    )
    fault(
        "groups-one",
        '{"at": "5s", "partition": {"groups": [["broker-1"]]}}',
        "must be a list of groups, at least two",
    )
    fault(
        "groups-three",
        '{"at": "5s", "flap": {"groups": [["broker-1"], ["broker-2"], ["broker-3"]]}}',
        "more than two sides",
    )
    fault(
        "groups-text",
        '{"at": "5s", "partition": {"groups": "broker-1"}}',
        "must be a list of groups, at least two",
    )
    fault("sides-typo", '{"at": "5s", "partition": {"sid": "broker-1"}}', 'did you mean "side"?')
    fault("expire-zk", '{"at": "5s", "expire_session": "zk:leader"}', "has no ZooKeeper session")
    fault(
        "expire-client",
        '{"at": "5s", "expire_session": ["broker-1", "client p1"]}',
        "has no ZooKeeper session",
    )
    for label, who, part in (
        ("empty", '""', "an empty selector"),
        ("number", "1", "must be a selector"),
        ("null", "null", "must be a selector"),
        ("list-empty", "[]", "names nobody"),
        ("list-number", '["broker-1", 2]', "/faults/0/kill/1: must be a selector"),
        ("list-nested", '[["broker-1"]]', "must be a selector"),
        ("typo", '"leadr of orders-0"', 'did you mean "leader of orders-0"?'),
        ("typo-zk", '"zk:leeder"', 'did you mean "zk:leader"?'),
        ("no-partition", '"leader of orders"', "name a partition as topic-number"),
        ("topic", '"leader of order-0"', 'did you mean "orders"?'),
        ("partition", '"leader of orders-2"', "there is no partition orders-2"),
        (
            "offsets",
            '"leader of __consumer_offsets-50"',
            "there is no partition __consumer_offsets-50",
        ),
        ("broker", '"broker-4"', "there is no broker-4"),
        ("broker-zero", '"broker-0"', "there is no broker-0"),
        ("broker-huge", '"broker-99999999999999999999"', "unknown selector"),
        ("brokers-open", '"brokers 1,"', "unknown selector"),
        ("zk", '"zk-4"', "there is no zk-4"),
        ("many", '"4 brokers"', "means 4 of 3 brokers"),
        ("none", '"0 brokers"', "unknown selector"),
        ("percent", '"200% of brokers"', "unknown selector"),
        ("rack", '"rack:a"', 'there is no rack "a"'),
        ("rack-empty", '"rack:"', "unknown selector"),
        ("group", '"coordinator of biling"', 'did you mean "billing"?'),
        ("client", '"client p2"', 'there is no client "p2"'),
        ("member", '"client billing-2"', 'there is no client "billing-2"'),
        ("and-open", '"broker-1 and"', "an empty selector"),
        ("and-first", '"and broker-1"', "an empty selector"),
        ("link", '"link broker-1 -> broker-2"', "unknown selector"),
        ("site", '"site:dc1"', "known but not supported"),
        ("lagging", '"out of sync of orders"', "unknown selector"),
        ("control", '"leader of \\u001b[31morders-0"', "\\x1b"),
    ):
        fault("who-" + label, '{"at": "5s", "kill": %s}' % who, part)


def clocks():
    fault("skew-bare", '{"at": "5s", "skew": "broker-1", "offset": 5}', '"5" has no unit')
    fault(
        "skew-unit",
        '{"at": "5s", "skew": "broker-1", "offset": "-5"}',
        '"-5" is no offset; write a number and a unit, such as "-250ms"',
    )
    fault(
        "skew-far", '{"at": "5s", "skew": "broker-1", "offset": "4000d"}', '"4000d" is too large'
    )
    fault(
        "skew-open",
        '{"at": "5s", "skew": "broker-1"}',
        "/faults/0/offset: says not how far the clock moves",
    )
    fault(
        "drift-open",
        '{"at": "5s", "drift": "broker-1"}',
        "/faults/0/ppm: says not how fast the clock runs",
    )
    fault(
        "drift-text",
        '{"at": "5s", "drift": "broker-1", "ppm": "200"}',
        '/faults/0/ppm: must be a whole number, not the text "200"',
    )
    fault(
        "drift-huge",
        '{"at": "5s", "drift": "broker-1", "ppm": -100001}',
        "the number -100001 is too small; at least -100000",
    )
    fault(
        "drift-fraction",
        '{"at": "5s", "drift": "broker-1", "ppm": 1.5}',
        "/faults/0/ppm: must be a whole number",
    )
    fault(
        "jump-for",
        '{"at": "5s", "jump": "broker-1", "offset": "1s", "for": "5s"}',
        '"jump" does not take "for"',
    )
    fault("rate-action", '{"at": "5s", "rate": "broker-1"}', "write slow_link with rate")
    fault("jitter-action", '{"at": "5s", "jitter": "broker-1"}', "write delay with jitter")
    fault(
        "duplicate-word", '{"at": "5s", "duplicate": "broker-1"}', '"duplicate" is no fault of its own'
    )
    fault(
        "clog-sides",
        '{"at": "5s", "clog": "broker-1 | broker-2 | broker-3"}',
        "/faults/0/clog: has more than two sides",
    )
    for name, value, expected in (
        ("object", '{"of": "broker-1", "ppm": 5}', "/clocks: must be a list, not an object"),
        ("nobody", '[{"ppm": 5}]', '"of" is missing'),
        ("nothing", '[{"of": "broker-1"}]', "/clocks/0: says not how the clock is off"),
        ("role", '[{"of": "controller", "ppm": 5}]', '"controller" is nobody when the run starts'),
        ("typo", '[{"of": "broker-1", "pmm": 5}]', 'did you mean "ppm"?'),
        ("who", '[{"of": "broker-9", "ppm": 5}]', "/clocks/0/of: there is no broker-9"),
    ):
        loaded("clocks-" + name, '"clocks": ' + value, expected)


def chaos():
    def section(name, members, expected):
        bare("chaos-" + name, '"duration": "60s", "chaos": {%s}' % members, expected)

    section("unknown", '"weight": {}', 'did you mean "weights"?')
    section("weight-unknown", '"weights": {"kil": 1}', 'did you mean "kill"?')
    section("weight-negative", '"weights": {"kill": -1}', "is too small")
    section("weight-text", '"weights": {"kill": "often"}', "/chaos/weights/kill: must be")
    section("weights-none", '"weights": {"kill": 0}', "nothing is ever drawn")
    section("weights-list", '"weights": ["kill"]', "/chaos/weights: must be an object")
    section("interval-zero", '"interval": "0s..1s"', "two draws at one time")
    section("interval-reversed", '"interval": "8s..2s"', "/chaos/interval")
    section("interval-single", '"interval": "2s"', "/chaos/interval")
    section("lasts-zero", '"lasts": "0s..1s"', "a fault of no length is none")
    section("from-late", '"from": "50s"', "the draws begin at 50s and end at 45s")
    section("until-early", '"until": "5s"', "the draws begin at 10s and end at 5s")
    section("until-late", '"until": "90s"', "after the end of the run")
    section("swarm-text", '"swarm": "yes"', "/chaos/swarm: must be true or false")
    section("stability-bare", '"stability": 1', "/chaos/stability")
    section("down-negative", '"max_down": {"brokers": -1}', "is too small")
    section("down-unknown", '"max_down": {"broker": 1}', 'did you mean "brokers"?')
    section("down-many", '"max_down": {"zookeeper": 8}', "is too large")
    bare(
        "chaos-after-heal",
        '"duration": "60s", "heal": {"at": "30s"}, "chaos": {"until": "40s"}',
        "the draws go on after the healing",
    )
    bare("chaos-list", '"chaos": []', "/chaos: must be an object")


def expectations():
    expect("always-typo", '"always": ["hw_monotone"]', 'did you mean "hw_monotonic"?')
    expect("always-id", '"always": ["S99"]', 'unknown invariant "S99"')
    expect("always-number", '"always": [1]', "must be a text")
    expect("always-text", '"always": "S1"', "must be a list")
    expect("always-empty", '"always": [""]', "unknown invariant")
    expect("always-argument", '"always": ["hw_bounds(orders)"]', "takes no argument")
    expect("always-acks", '"always": ["no_acked_record_lost(acks=1)"]', "holds for acks=all only")
    expect("always-more", '"always": ["S1 and S3"]', "unexpected text")
    expect("always-open", '"always": ["S1("]', "is not closed")
    expect("sometimes-typo", '"sometimes": ["isr_shrink"]', 'did you mean "isr_shrinks"?')
    expect("sometimes-object", '"sometimes": [{}]', "must be a text")
    expect("eventually-text", '"eventually": ["all isr full"]', "must be an object")
    expect("eventually-empty", '"eventually": [{}]', '"that" is missing')
    expect("eventually-no-bound", '"eventually": [{"that": "zk quorum"}]', '"within" is missing')
    expect(
        "eventually-typo",
        '"eventually": [{"that": "all isrs full", "within": "5s"}]',
        'did you mean "all isr full"?',
    )
    expect(
        "eventually-bound", '"eventually": [{"that": "zk quorum", "within": "5"}]', "has no unit"
    )
    expect(
        "eventually-bound-number",
        '"eventually": [{"that": "zk quorum", "within": 5}]',
        "must be a text",
    )
    expect(
        "eventually-never-healed",
        '"eventually": [{"that": "zk quorum", "within": "5s of heal"}]',
        "nothing is ever healed",
    )
    expect(
        "eventually-origin",
        '"eventually": [{"that": "zk quorum", "within": "5s of lunch"}]',
        "unknown start",
    )
    expect(
        "eventually-fault",
        '"eventually": [{"that": "zk quorum", "within": "5s of fault 1"}]',
        'there is no "fault 1"',
    )
    expect(
        "eventually-fault-text",
        '"eventually": [{"that": "zk quorum", "within": "5s of fault one"}]',
        'there is no "fault one"',
    )
    expect(
        "eventually-isr",
        '"eventually": [{"that": "isr of orders-0", "within": "5s"}]',
        "a comparison is missing",
    )
    expect(
        "eventually-isr-number",
        '"eventually": [{"that": "isr of orders-0 == many", "within": "5s"}]',
        "is not a whole number",
    )
    expect(
        "eventually-isr-topic",
        '"eventually": [{"that": "isr of order-0 == 1", "within": "5s"}]',
        'did you mean "orders"?',
    )
    expect("limits-typo", '"limits": ["write_gp max < 5s"]', 'did you mean "write_gap"?')
    expect("limits-aggregate", '"limits": ["write_gap p90 < 5s"]', 'unknown aggregate "p90"')
    expect("limits-no-aggregate", '"limits": ["write_gap < 5s"]', "an aggregate is missing")
    expect("limits-comparison", '"limits": ["write_gap max => 5s"]', 'unknown comparison "=>"')
    expect("limits-no-value", '"limits": ["write_gap max <"]', "is not a duration")
    expect("limits-unit", '"limits": ["write_gap max < 5"]', "has no unit")
    expect("limits-count-unit", '"limits": ["elections count < 5s"]', "is not a whole number")
    expect("limits-wrong-aggregate", '"limits": ["elections p99 < 5"]', "elections has no p99")
    expect("limits-argument", '"limits": ["elections(orders) count < 5"]', "takes no argument")
    expect(
        "limits-partition",
        '"limits": ["write_gap(orders-9) max < 5s"]',
        "there is no partition orders-9",
    )
    expect("limits-topic", '"limits": ["ack_latency(order) max < 5s"]', 'did you mean "orders"?')
    expect("limits-group", '"limits": ["consumer_lag(bill) max < 5"]', 'there is no group "bill"')
    expect("limits-acks", '"limits": ["lost(acks=most) count == 0"]', "is no acks class")
    expect("limits-tail", '"limits": ["write_gap max < 5s after 9s"]', "unexpected text")
    expect("limits-open", '"limits": ["write_gap(orders max < 5s"]', "is not closed")
    expect("limits-huge", '"limits": ["elections count < 99999999999999999999"]', "is too large")
    expect("planned-never", '"never_during": []', "known but not supported")
    expect("planned-require", '"require": []', "known but not supported")
    expect("unknown", '"alwais": []', 'did you mean "always"?')


def main():
    for build in (
        syntax,
        limits,
        structure,
        values,
        settings,
        faults,
        clocks,
        chaos,
        expectations,
    ):
        build()
    names = [name for name, _, _ in CASES]
    assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    table = []
    for name, data, expected in CASES:
        (OUT / (name + ".json")).write_bytes(data)
        if expected is not None:
            table.append("%s.json\t%s" % (name, expected))
    (OUT / "expected.txt").write_text("\n".join(sorted(table)) + "\n")
    print(json.dumps({"files": len(CASES), "with expected text": len(table)}))


if __name__ == "__main__":
    main()
