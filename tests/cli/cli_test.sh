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

echo "$checked checked, $failed failed"
[ $failed = 0 ]
