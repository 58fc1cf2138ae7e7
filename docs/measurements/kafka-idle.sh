#!/usr/bin/env bash
# Measure what an idle Kafka 3.9.0 cluster with ZooKeeper 3.8.4 says on the wire.
#
#   Part 1: interval between the pings each broker sends on its ZooKeeper session.
#   Part 2: requests per API, client id and connection while nothing happens.
#   Part 3: the first requests on every connection, and the order in which the
#           consumer and the producer made their requests when they started.
#
# Needs: bash, awk, JDK 11 or later, Maven with access to Maven Central.
# Everything listens on 127.0.0.1 and lives in one temporary directory.
#
#   usage: kafka-idle.sh [measured seconds, default 90]
#   environment: BROKERS (3)  PARTITIONS (6)  QUIET (30, seconds left to settle)
#                BASE_PORT (19090)  KEEP_FILES=1 (do not delete the directory)
#                LIB_DIR (directory with the jars already fetched)
set -u
WINDOW=${1:-90}
BROKERS=${BROKERS:-3}
PARTITIONS=${PARTITIONS:-6}
QUIET=${QUIET:-30}
BASE_PORT=${BASE_PORT:-19090}
TOPIC=idle-test
GROUP=idle-group
DIR=$(mktemp -d "${TMPDIR:-/tmp}/kafka-idle.XXXXXX") || exit 1
PIDS=""
NAP=""

nap() {             # a sleep that a signal can end
    sleep "$1" & NAP=$!
    wait $NAP; NAP=""
}
cleanup() {         # newest first: clients, brokers, then ZooKeeper
    [ -n "$NAP" ] && kill "$NAP" 2>/dev/null
    exec 9>&-
    for p in $PIDS; do
        kill "$p" 2>/dev/null
        n=0
        while kill -0 "$p" 2>/dev/null && [ $n -lt 25 ]; do sleep 0.2; n=$((n + 1)); done
        kill -9 "$p" 2>/dev/null
        wait "$p" 2>/dev/null
    done
    if [ "${KEEP_FILES:-0}" = 1 ]; then echo "files kept in $DIR"; else rm -rf "$DIR"; fi
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# ---- jars -------------------------------------------------------------------
LIB=${LIB_DIR:-$DIR/lib}
if [ -z "${LIB_DIR:-}" ]; then
    cat > "$DIR/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>kafka-idle</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>3.9.0</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>3.9.0</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId><version>1.7.36</version></dependency>
    <dependency><groupId>io.dropwizard.metrics</groupId><artifactId>metrics-core</artifactId><version>4.1.12.1</version></dependency>
    <dependency><groupId>org.xerial.snappy</groupId><artifactId>snappy-java</artifactId><version>1.1.10.5</version></dependency>
  </dependencies>
</project>
POM
    mvn -q -B -f "$DIR/pom.xml" dependency:copy-dependencies -DoutputDirectory="$LIB" || exit 1
fi

# ---- configuration ----------------------------------------------------------
log4j() {   # log4j <directory> <extra lines>
    mkdir -p "$1"
    {
        echo "log4j.rootLogger=INFO, main"
        for a in main req zk state net; do
            cat <<L
log4j.appender.$a=org.apache.log4j.FileAppender
log4j.appender.$a.File=$1/$a.log
log4j.appender.$a.layout=org.apache.log4j.PatternLayout
log4j.appender.$a.layout.ConversionPattern=%d{yyyy-MM-dd HH:mm:ss,SSS} %p %c{1} %m%n
L
        done
        printf '%s\n' "$2"
    } > "$1/log4j.properties"
}
run() {     # run <directory> <heap> <main class> <arguments...>; takes the place of its shell,
            # so call it with & (then $! is the JVM) or inside ( )
    d=$1; heap=$2; shift 2
    exec java -Xmx"$heap" -XX:+UseSerialGC -Djava.net.preferIPv4Stack=true \
         -Dlog4j.configuration="file:$d/log4j.properties" -cp "$LIB/*" "$@"
}
wait_for() { # wait_for <text> <file> <seconds>
    i=0
    while ! grep -q "$1" "$2" 2>/dev/null; do
        i=$((i + 1)); [ $i -gt $(($3 * 5)) ] && { echo "timed out waiting for: $1" >&2; exit 1; }
        sleep 0.2
    done
}
now() { date '+%Y-%m-%d %H:%M:%S,%3N'; }

ZKPORT=$((BASE_PORT + 99))
log4j "$DIR/zk" "log4j.logger.org.apache.zookeeper.server.FinalRequestProcessor=DEBUG, zk"
cat > "$DIR/zk/zoo.cfg" <<CFG
tickTime=2000
dataDir=$DIR/zk/data
clientPort=$ZKPORT
clientPortAddress=127.0.0.1
admin.enableServer=false
CFG
run "$DIR/zk" 256m org.apache.zookeeper.server.quorum.QuorumPeerMain "$DIR/zk/zoo.cfg" > "$DIR/zk/out" 2>&1 &
PIDS="$! $PIDS"
wait_for "binding to port" "$DIR/zk/main.log" 30

BOOT=""
b=1
while [ $b -le "$BROKERS" ]; do
    log4j "$DIR/b$b" "log4j.logger.kafka.request.logger=DEBUG, req
log4j.additivity.kafka.request.logger=false
log4j.logger.org.apache.zookeeper.ClientCnxn=DEBUG, zk
log4j.additivity.org.apache.zookeeper.ClientCnxn=false
log4j.logger.state.change.logger=TRACE, state
log4j.additivity.state.change.logger=false
log4j.logger.kafka.controller=DEBUG, state"
    rf=$BROKERS; [ "$rf" -gt 3 ] && rf=3
    cat > "$DIR/b$b/server.properties" <<CFG
broker.id=$b
listeners=PLAINTEXT://127.0.0.1:$((BASE_PORT + b))
zookeeper.connect=127.0.0.1:$ZKPORT
zookeeper.session.timeout.ms=18000
log.dirs=$DIR/b$b/data
default.replication.factor=$rf
offsets.topic.replication.factor=$rf
transaction.state.log.replication.factor=$rf
CFG
    run "$DIR/b$b" 384m kafka.Kafka "$DIR/b$b/server.properties" > "$DIR/b$b/out" 2>&1 &
    PIDS="$! $PIDS"
    wait_for "\] started" "$DIR/b$b/main.log" 60
    BOOT="$BOOT${BOOT:+,}127.0.0.1:$((BASE_PORT + b))"
    b=$((b + 1))
done

# ---- topic, producer, consumer ----------------------------------------------
log4j "$DIR/admin" ""
(run "$DIR/admin" 128m org.apache.kafka.tools.TopicCommand --bootstrap-server "$BOOT" --create \
    --topic $TOPIC --partitions "$PARTITIONS" --replication-factor "$rf") || exit 1
(run "$DIR/admin" 128m org.apache.kafka.tools.TopicCommand --bootstrap-server "$BOOT" --describe --topic $TOPIC)

NET="log4j.logger.org.apache.kafka.clients.NetworkClient=DEBUG, net
log4j.logger.org.apache.kafka.clients.consumer=DEBUG, net"
log4j "$DIR/producer" "$NET"
mkfifo "$DIR/producer/in"
run "$DIR/producer" 128m kafka.tools.ConsoleProducer --bootstrap-server "$BOOT" --topic $TOPIC \
    --request-timeout-ms 30000 --timeout 0 --producer-property client.id=idle-producer < "$DIR/producer/in" > "$DIR/producer/out" 2>&1 &
PIDS="$! $PIDS"
exec 9> "$DIR/producer/in"
echo hello >&9
sleep 6
log4j "$DIR/consumer" "$NET"
run "$DIR/consumer" 128m org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server "$BOOT" --topic $TOPIC \
    --group $GROUP --consumer-property client.id=idle-consumer > "$DIR/consumer/out" 2>&1 &
PIDS="$! $PIDS"
wait_for "Adding newly assigned partitions" "$DIR/consumer/main.log" 60
echo "settling for $QUIET s, then measuring for $WINDOW s"
nap "$QUIET"
FROM=$(now); nap "$WINDOW"; TO=$(now)
echo "window: $FROM to $TO"

# ---- part 1: ZooKeeper pings --------------------------------------------------
echo; echo "== ZooKeeper ping intervals, seconds (client side) =="
grep -h "successfully elected as the controller" "$DIR"/b*/main.log "$DIR"/b*/state.log 2>/dev/null | sort -u | tail -1
b=1
while [ $b -le "$BROKERS" ]; do
    awk -v from="$FROM" -v to="$TO" -v b=$b '
        { t = $1 " " $2 } t < from || t > to { next }
        /Got ping response/ {
            split($2, h, /[:,]/); s = h[1] * 3600 + h[2] * 60 + h[3] + h[4] / 1000
            if (n++) { d = s - last; sum += d; if (n == 2 || d < min) min = d; if (d > max) max = d }
            last = s
        }
        /Reading reply/ { other++ }
        END { printf "broker %d: %d pings, %d other replies, interval min %.3f mean %.3f max %.3f\n",
                     b, n, other, min, sum / (n > 1 ? n - 1 : 1), max }' "$DIR/b$b/zk.log"
    b=$((b + 1))
done
echo "-- the same seen by the ZooKeeper server (sessions, operation, count) --"
awk -v from="$FROM" -v to="$TO" '
    { t = $1 " " $2 } t < from || t > to { next }
    /Processing request/ && match($0, /sessionid:0x[0-9a-f]+ type:[A-Za-z]+/) { c[substr($0, RSTART, RLENGTH)]++ }
    END { for (k in c) print c[k], k }' "$DIR/zk/zk.log" | sort -k2

# ---- part 2: requests -----------------------------------------------------------
AWKLIB='
function str(key,   p) { p = "\"" key "\":\""; i = index($0, p); if (!i) return "";
    r = substr($0, i + length(p)); return substr(r, 1, index(r, "\"") - 1) }
function num(key,   p) { p = "\"" key "\":"; i = index($0, p); if (!i) return "";
    r = substr($0, i + length(p)); match(r, /^-?[0-9.]+/); return substr(r, 1, RLENGTH) }'
echo; echo "== requests per minute in the window: receiving broker, client id, connection, API =="
b=1
while [ $b -le "$BROKERS" ]; do
    awk -v from="$FROM" -v to="$TO" -v w="$WINDOW" -v b=$b "$AWKLIB"'
        { t = $1 " " $2 } t < from || t > to { next }
        /Completed request/ {
            k = str("clientId") " " str("connection") " " str("requestApiKeyName"); c[k]++; ms[k] += num("totalTimeMs") }
        END { for (k in c) printf "to broker %d  %7.1f/min  mean %.1f ms  %s\n", b, c[k] * 60 / w, ms[k] / c[k], k }
        ' "$DIR/b$b/req.log"
    b=$((b + 1))
done | sort -k3,3n -k9

echo; echo "== fetches in the window by number of partitions in the request and in the answer =="
b=1
while [ $b -le "$BROKERS" ]; do
    awk -v from="$FROM" -v to="$TO" -v b=$b "$AWKLIB"'
        { t = $1 " " $2 } t < from || t > to { next }
        /"requestApiKeyName":"FETCH"/ {
            c = str("clientId"); i = index($0, "\"response\":"); rq = substr($0, 1, i); rs = substr($0, i)
            k[c " asked " gsub(/"currentLeaderEpoch"/, "", rq) " answered " gsub(/"partitionIndex"/, "", rs)]++ }
        END { for (x in k) print "to broker", b, k[x], x }' "$DIR/b$b/req.log"
    b=$((b + 1))
done | sort -k3,3n -k5

# ---- part 3: first requests ------------------------------------------------------
echo; echo "== first four requests on every connection =="
b=1
while [ $b -le "$BROKERS" ]; do
    awk -v b=$b "$AWKLIB"'
        /Completed request/ { k = "to broker " b "  " str("connection") "  " str("clientId")
            if (!(k in n)) order[++m] = k
            if (n[k]++ < 4) seq[k] = seq[k] " " str("requestApiKeyName") }
        END { for (i2 = 1; i2 <= m; i2++) print order[i2] ":" seq[order[i2]] }' "$DIR/b$b/req.log"
    b=$((b + 1))
done
for c in producer consumer; do
    echo; echo "== requests of the $c in order (node 2147483647-n is broker n as coordinator) =="
    awk '/Sending [A-Z_]+ request/ { match($0, /Sending [A-Z_]+ request/); a = substr($0, RSTART + 8, RLENGTH - 16)
             match($0, /to node -?[0-9]+/); print $2, a, substr($0, RSTART, RLENGTH) }' "$DIR/$c/net.log" | head -45
done
