#!/bin/sh
# The command from outside: exit codes, streams, files. cli_test.sh PATH-TO-ISRLAB
set -u
isrlab=$1
top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
library=$top/scenarios/library
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
checked=0

# expect CODE NAME COMMAND...: runs the command, its output in ./out and ./err.
expect() {
  code=$1
  name=$2
  shift 2
  "$@" >out 2>err
  got=$?
  checked=$((checked + 1))
  if [ "$got" != "$code" ]; then
    echo "FAILED: $name: exit code $got instead of $code: $*"
    head -n 5 err
    failed=$((failed + 1))
  fi
}
# says FILE PATTERN NAME: a line of the file matches.
says() {
  checked=$((checked + 1))
  if ! grep -q -e "$2" "$1"; then
    echo "FAILED: $3: no '$2' in $1:"
    head -n 5 "$1"
    failed=$((failed + 1))
  fi
}
same() {
  checked=$((checked + 1))
  if ! cmp -s "$1" "$2"; then
    echo "FAILED: $3: $1 and $2 differ"
    failed=$((failed + 1))
  fi
}
empty() {
  checked=$((checked + 1))
  if [ -s "$1" ]; then
    echo "FAILED: $2: $1 is not empty:"
    head -n 5 "$1"
    failed=$((failed + 1))
  fi
}

# --- what it is
expect 0 'help' "$isrlab" --help
says out 'usage: isrlab' 'help'
expect 0 'version' "$isrlab" --version
says out '^isrlab [0-9]*\.[0-9]*\.[0-9]*+[0-9a-f]\{8\} ' 'version'
expect 2 'no verb' "$isrlab"
expect 2 'unknown verb' "$isrlab" rnu leader-crash
says err 'run' 'the nearest verb is named'
empty out 'an error says nothing on stdout'
expect 2 'unknown option' "$isrlab" run hello --sed 7

# --- run: exit codes and streams
expect 0 'run by name, nothing kept' "$isrlab" run hello --no-save --quiet
says out 'PASS' 'report'
empty err '--quiet says nothing on stderr'
expect 2 'no such scenario' "$isrlab" run leader-crahs --no-save
says err 'leader-crash' 'the nearest name is offered'
cat >loses.json <<'END'
{ "schema": "kafka-failure-scenario/1", "name": "loses", "duration": "20s",
  "cluster": { "brokers": { "count": 1, "config": { "offsets.topic.replication.factor": 1 } } },
  "topics": [ { "name": "t", "partitions": 1, "replication.factor": 1 } ],
  "producers": [ { "name": "p", "topic": "t", "rate": "10/s" } ],
  "expect": { "limits": [ "elections count == 7" ] } }
END
expect 1 'an expectation failed' "$isrlab" run loses.json --no-save
says out 'FAIL' 'a failed expectation'
expect 2 'a file that is no JSON' sh -c "echo '{' >bad.json; '$isrlab' run bad.json"
says err 'bad.json:' 'file and line are named'
expect 2 'a bad --set' "$isrlab" run hello --no-save --set /topics/greetings/partitoins=3
expect 2 'a bad --fault' "$isrlab" run hello --no-save --fault 'at 5s kil broker-1'
expect 2 'a bad seed' "$isrlab" run hello --no-save --seed -3
expect 2 'a bad duration' "$isrlab" run hello --no-save --until 5
# The run ends before the bounds of its expectations: inconclusive.
expect 3 '--set is used' "$isrlab" run hello --no-save --until 12s --set /topics/greetings/partitions=3 --json
says out '"partition": *"greetings-2"' '--set is used'

# --- run: output files
expect 0 'json' "$isrlab" run hello --no-save --json
cp out first.json
says out '"schema": *"isrlab-summary/1"' 'schema of the summary'
expect 0 '-o with .json' "$isrlab" run hello --no-save -o second.json
same first.json second.json '-o FILE.json is --json'
empty out '-o leaves stdout alone'
expect 0 '-o with .txt' "$isrlab" run hello --no-save -o report.txt
says report.txt 'PASS' '-o FILE.txt'
expect 2 '-o into nowhere' "$isrlab" run hello --no-save -o no/such/folder/x.txt
for i in 1 2; do
  expect 0 "run folder $i" "$isrlab" run leader-crash --seed 9 --out "$work/runs$i"
done
for file in manifest.json summary.json report.txt events.ndjson scenario.json; do
  same runs1/latest/$file runs2/latest/$file 'equal runs give equal bytes'
done

# --- replay
token=$(sed -n 's/.*isrlab replay \(il1:.*\)/\1/p' runs1/latest/report.txt)
expect 0 'replay of a token' "$isrlab" replay "$token"
expect 0 'replay of a folder' "$isrlab" replay runs1/latest
expect 2 'replay of a token of other code' "$isrlab" replay "${token%+*}+00000000"
says err 'another version' 'why a token is refused'
expect 2 'replay of nonsense' "$isrlab" replay il1:x
other=$(printf '%s' "$token" | sed 's/:[0-9a-f]\{16\}:/:0123456789abcdef:/')
expect 5 'a replay that diverges' "$isrlab" replay "$other"
says err 'DIVERGED' 'a replay that diverges'

# --- repeat, validate, list, schema
expect 0 'repeat' "$isrlab" run hello --repeat 3 --no-save --quiet
expect 0 'validate' "$isrlab" validate "$library"/*.json
expect 2 'validate a bad file' "$isrlab" validate "$top/tests/data/malformed/startup-reversed.json"
says out '/cluster/brokers/startup' 'the pointer'
for what in scenarios faults selectors metrics invariants settings; do
  expect 0 "list $what" "$isrlab" list $what
  expect 0 "list $what as JSON" "$isrlab" list $what --json
done
expect 2 'list nonsense' "$isrlab" list fautls
expect 0 'schema' "$isrlab" schema
says out 'json-schema.org' 'schema'

# --- sweep: the same bytes with any -j, after kill -9, and every run of it can be replayed
session=/cluster/brokers/config/zookeeper.session.timeout.ms
sweep_hello() { "$isrlab" sweep hello --seeds 1..15 --vary /topics/greetings/partitions=1,3 "$@"; }
expect 0 'sweep -j1' sweep_hello -j1 --out s1 -o s1.txt
says err 'runs in' 'a sweep tells its speed on stderr'
expect 0 'sweep -j2' sweep_hello -j2 --out s2 -o s2.txt
same s1.txt s2.txt 'equal bytes with -j1 and -j2'
same s1/summary.json s2/summary.json 'equal JSON with -j1 and -j2'
says s1.txt '^STATES' 'states of a sweep'
says s1.txt 'never reached: isr_shrinks' 'states that were not reached'
expect 0 'sweep as JSON' sweep_hello --no-save --json --quiet
same out s1/summary.json '--json is what the folder keeps'
empty err '--quiet says nothing on stderr'
expect 2 'sweep: another sweep is there' "$isrlab" sweep hello --seeds 1..3 --out s1
says err 'another sweep' 'why the folder is refused'
expect 2 'sweep: nothing to resume' "$isrlab" sweep hello --seeds 1..3 --out s3 --resume
expect 2 'sweep: a bad value' "$isrlab" sweep hello --vary /topics/greetings/partitions=1,x --no-save
says err 'partitions=x' 'the bad value is named'
expect 2 'sweep: bad seeds' "$isrlab" sweep hello --seeds 5..1 --no-save
expect 2 'sweep: a bad metric' "$isrlab" sweep hello --metric write_gpa --no-save
says err 'write_gap' 'the nearest metric is offered'

"$isrlab" sweep leader-crash --seeds 1..80 --out whole --quiet -o whole.txt
setsid "$isrlab" sweep leader-crash --seeds 1..80 --out cut --quiet -o cut.txt >out 2>err &
pid=$!
tries=0
until [ $tries -ge 300 ] || { [ -f cut/journal.ndjson ] && [ "$(wc -l <cut/journal.ndjson)" -ge 10 ]; }; do
  sleep 0.02
  tries=$((tries + 1))
done
kill -9 $pid
wait $pid 2>/dev/null
printf '{"cell":1,"seed":80,"verd' >>cut/journal.ndjson
expect 0 'sweep: resumed after kill -9' "$isrlab" sweep leader-crash --seeds 1..80 --out cut --resume -o cut.txt
says err 'there already' 'the runs of the journal are not made again'
same whole.txt cut.txt 'kill -9 and resuming leave no trace'
same whole/summary.json cut/summary.json 'kill -9 and resuming leave no trace in the JSON'

# Shards on machines of their own, one of them killed and resumed, give the whole.
sweep_part() { "$isrlab" sweep leader-crash --seeds 1..80 --quiet "$@"; }
expect 0 'sweep --shard 1/3' sweep_part --shard 1/3 --out p1 -j1
says out 'shard 1/3' 'a report of a shard says so'
expect 2 'sweep --merge of too few' sweep_part --merge p1 --out early
says err 'are in none of these folders' 'what is missing is told'
expect 0 'sweep --shard 2/3' sweep_part --shard 2/3 --out p2 -j2
setsid "$isrlab" sweep leader-crash --seeds 1..80 --quiet --shard 3/3 --out p3 >out 2>err &
pid=$!
tries=0
until [ $tries -ge 300 ] || { [ -f p3/journal.ndjson ] && [ "$(wc -l <p3/journal.ndjson)" -ge 5 ]; }; do
  sleep 0.02
  tries=$((tries + 1))
done
kill -9 $pid
wait $pid 2>/dev/null
expect 0 'sweep --shard 3/3, resumed' sweep_part --shard 3/3 --out p3
expect 0 'sweep --merge' sweep_part --merge p3 p1 p2 --out merged -o merged.txt \
  --export merged.html --export merged.csv
same whole.txt merged.txt 'merged shards are the whole sweep'
same whole/summary.json merged/summary.json 'merged shards are the whole sweep in the JSON'
expect 0 'sweep --export of the whole' sweep_part --out whole --export whole.html --export whole.csv
same whole.html merged.html 'equal pages'
same whole.csv merged.csv 'equal tables'
says whole.html '<!doctype html>' 'a page'
expect 2 'sweep: another shard is there' sweep_part --shard 2/3 --out p1
says err 'shard 1/3' 'why the folder is refused'
expect 2 'sweep: no shard' sweep_part --shard 4/3 --no-save
expect 2 'sweep: --shard with --merge' sweep_part --shard 1/3 --merge p1
expect 2 'sweep --export of an unknown kind' sweep_part --no-save --export m.pdf
says err '.html' 'what --export takes'

expect 1 'sweep --require' "$isrlab" sweep leader-crash --seeds 1..20 --fail-fast --no-save \
  --require 'detect_time max < 1s' --with 'at 59s pause broker-1 for 100ms'
says out 'detect_time max < 1s: was' 'what was required and failed'
says out "isrlab run leader-crash --seed 1 --fault 'at 59s pause broker-1 for 100ms' --require 'detect_time max < 1s'" \
  'the command of it'
expect 2 'sweep: a limit that is none' "$isrlab" sweep leader-crash --no-save --require 'detect_tiem max < 1s'
says err 'detect_time' 'the nearest metric is offered'
expect 1 'run --require' "$isrlab" run leader-crash --no-save --quiet --require 'detect_time max < 1s'
expect 0 'list states' "$isrlab" list states
says out 'isr_of_one' 'the states'

expect 1 'sweep: an expectation failed' "$isrlab" sweep leader-crash --seeds 1..20 --stop-on first \
  --vary $session=9s,18s --set '/expect/limits=["detect_time max < 12s"]' --out red
says out 'FIRST FAILING RUN' 'the first failing run'
token=$(sed -n 's/^  isrlab replay \(il1:.*\)/\1/p' out)
again=$(sed -n 's/^  isrlab run \(.*\)/\1/p' out)
expect 2 'a token of a sweep elsewhere' "$isrlab" replay "$token"
expect 1 'a token with the folder of its sweep' "$isrlab" replay "$token" red
says err 'the digest is the same' 'a swept run replays'
expect 1 'the command of a failing run' eval "'$isrlab' run $again --no-save"
expect 3 'sweep: inconclusive' "$isrlab" sweep hello --seeds 1..2 --until 12s --no-save
expect 0 'sweep: default folder' "$isrlab" sweep hello --seeds 1..2 --vary /topics/greetings/partitions=2,5
token=$(sed -n 's/.*"cell":2,"seed":1,.*"digest":"\([0-9a-f]*\)".*/\1/p' results/sweeps/*/journal.ndjson)
identity=$(grep '"identity"' results/sweeps/*/sweep.json | tail -n 1 | sed 's/.*: "\(........\).*/\1/')
version=$("$isrlab" --version | sed 's/^isrlab \([^ ]*\) .*/\1/')
expect 0 'a token alone finds its sweep' "$isrlab" replay "il1:hello:1:$identity:$token:$version"

# --- test: a gate
mkdir gate
cp "$library/hello.json" loses.json gate/
expect 1 'test: one fails' "$isrlab" test gate --junit gate.xml --out state
says out '^PASS .*hello' 'a line for each scenario'
says out '^FAIL .*loses .*elections count == 7: was 0' 'what failed'
checked=$((checked + 1))
if [ "$(tail -n 1 out)" != '1 passed, 1 failed' ]; then
  echo "FAILED: test: the last line is '$(tail -n 1 out)'"
  failed=$((failed + 1))
fi
says gate.xml '<testsuite name="loses" tests="2" failures="1"' 'JUnit'
says gate.xml '<failure type="fail" message="was 0">was 0' 'JUnit: the failure'
says gate.xml '^isrlab replay il1:loses:' 'JUnit: the replay line'
if python3 -c '' 2>/dev/null; then
  expect 0 'JUnit is XML' python3 -c 'import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
cases = root.findall("testsuite/testcase")
assert root.tag == "testsuites" and int(root.get("tests")) == len(cases)
assert int(root.get("failures")) == len(root.findall("testsuite/testcase/failure")) == 1' gate.xml
fi
expect 1 'test --last-failed' "$isrlab" test gate --last-failed --out state
says out '^0 passed, 1 failed$' 'only what failed is run again'
expect 0 'test -k' "$isrlab" test gate -k hel --twice --out state
says out 'twice the same' 'test --twice'
mkdir fast
cp loses.json fast/a.json
cp "$library/hello.json" fast/b.json
expect 1 'test --fail-fast' "$isrlab" test fast --fail-fast --no-save
says out '^0 passed, 1 failed, 1 not run$' 'nothing is run after the first failure'
expect 2 'test -k of nothing' "$isrlab" test gate -k nosuch --out state
expect 1 'test as JSON' "$isrlab" test gate -j1 --json --out state
cp out gate1.json
expect 1 'test as JSON' "$isrlab" test gate -j2 --json --out state
same out gate1.json 'test gives equal bytes with -j1 and -j2'
echo '{' >gate/bad.json
expect 1 'test: a bad file beside a failure' "$isrlab" test gate --out state
expect 2 'test: a bad file' "$isrlab" test gate -k bad -k hello --out state
says out '^NOT LOADED .*bad' 'a bad file'
expect 2 'test: no such path' "$isrlab" test nosuch --out state

# --- Ctrl-C: a long run ends with 130 and leaves no half a folder behind
setsid "$isrlab" run leader-crash --repeat 1000000 --out "$work/interrupted" >out 2>err &
pid=$!
sleep 1
kill -INT $pid
wait $pid
got=$?
checked=$((checked + 1))
if [ $got != 130 ]; then
  echo "FAILED: Ctrl-C: exit code $got instead of 130"
  failed=$((failed + 1))
fi

setsid "$isrlab" sweep hello --seeds 1..1000000 --out stopped >out 2>err &
pid=$!
sleep 0.5
kill -INT $pid
wait $pid
got=$?
checked=$((checked + 1))
if [ $got != 130 ]; then
  echo "FAILED: Ctrl-C of a sweep: exit code $got instead of 130"
  failed=$((failed + 1))
fi
says out '^unfinished: ' 'a partial report says so'
says err 'goes on from there' 'what Ctrl-C leaves'

echo "$checked checked, $failed failed"
[ $failed = 0 ]
