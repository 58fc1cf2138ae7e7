#include "scenarios/format/vocabulary.hpp"

#include <array>

#include "scenarios/format/units.hpp"
#include "sim/clock.hpp"

namespace isrlab::scenarios {
namespace {

using F = Form;
constexpr std::int64_t kMostBrokers = 1'000;
constexpr std::int64_t kMostServers = 7;
constexpr std::int64_t kMostPartitions = 200'000;
constexpr std::int64_t kMostMembers = 10'000;
constexpr std::int64_t kLargestInt = std::numeric_limits<std::int32_t>::max();

constexpr std::array kScenario = {
    Word{"schema", F::kText, "the version of this vocabulary: \"kafka-failure-scenario/1\"", 0, 0,
         Shape::kNone, true},
    Word{"name", F::kName, "short name, used in reports and replay tokens", 0, 0, Shape::kNone,
         true},
    Word{"about", F::kProse, "what the scenario teaches and where the expected outcome comes from"},
    Word{"seed", F::kSeed, "seed of all random streams; 1 when left out"},
    Word{"duration", F::kDuration, "simulated length of the run, from power-on; 60s when left out",
         1},
    Word{"cluster", F::kObject, "brokers and ZooKeeper servers", 0, 0, Shape::kCluster},
    Word{"network", F::kObject, "links", 0, 0, Shape::kNetwork},
    Word{"clocks", F::kObjects, "hosts whose clock is off from the start", 0, 0, Shape::kClock},
    Word{"topics", F::kObjects, "topics, created as soon as the cluster serves", 0, 0,
         Shape::kTopic},
    Word{"producers", F::kObjects, "loads of constant rate", 0, 0, Shape::kProducer},
    Word{"consumers", F::kObjects, "consumer groups", 0, 0, Shape::kConsumers},
    Word{"faults", F::kObjects, "what breaks, when and for how long", 0, 0, Shape::kFault},
    Word{"chaos", F::kObject, "faults drawn by the seed", 0, 0, Shape::kChaos},
    Word{"heal", F::kObject,
         "mends everything that is still broken; brokers that gave a log directory up are "
         "restarted",
         0, 0, Shape::kHeal},
    Word{"expect", F::kObject, "what must hold", 0, 0, Shape::kExpect},
    Word{"report", F::kAny, "hints for reports; not part of the run"},
};

constexpr std::array kCluster = {
    Word{"brokers", F::kObject, "Kafka brokers broker-1 .. broker-n", 0, 0, Shape::kBrokers},
    Word{"zookeeper", F::kObject, "ZooKeeper servers zk-1 .. zk-n", 0, 0, Shape::kZooKeeper},
    Word{"bugs", F::kObject, "historic bugs to bring back; none when left out", 0, 0, Shape::kBugs},
};

constexpr std::array kBrokers = {
    Word{"count", F::kCount, "number of brokers; 3 when left out", 1, kMostBrokers},
    Word{"racks", F::kNames, "rack of each broker in turn; a shorter list starts again"},
    Word{"config", F::kObject, "broker settings by Kafka's names", 0, 0, Shape::kBrokerConfig},
    Word{"startup", F::kRange,
         "from process start to the first ZooKeeper connection, drawn evenly"},
    Word{"opening", F::kRange,
         "from the registration in ZooKeeper to an open port, drawn evenly; 270ms..520ms when left "
         "out"},
    Word{"disk", F::kDisk, "disk bandwidth, or an object with rate and fsync", 1},
    Word{"net", F::kBandwidth,
         "bandwidth of the network card, each direction; no limit when left out", 1},
};

constexpr std::array kZooKeeper = {
    Word{"count", F::kCount, "number of servers; 3 when left out", 1, kMostServers},
    Word{"racks", F::kNames, "rack of each server in turn; a shorter list starts again"},
};

constexpr std::array kDisk = {
    Word{"rate", F::kBandwidth, "bandwidth; 250MB/s when left out", 1},
    Word{"fsync", F::kDuration, "latency of a flush; 2ms when left out"},
};

constexpr std::array kNetwork = {
    Word{"default", F::kObject, "every link that nothing else says", 0, 0, Shape::kLink},
    Word{"between_racks", F::kObject, "links between racks; the default's values where left out", 0,
         0, Shape::kLink},
    Word{"links", F::kObjects, "links between two named sides", 0, 0, Shape::kNamedLink},
};

constexpr std::array kLink = {
    Word{"latency", F::kDuration, "one way"},
    Word{"jitter", F::kDuration, "a packet takes the latency and evenly up to this more"},
    Word{"rate", F::kBandwidth, "bandwidth; no limit when left out", 1},
};

constexpr std::array kNamedLink = {
    Word{"between", F::kNames, "two sides, each a host (broker-1, zk-2, a client) or rack:<name>",
         0, 0, Shape::kNone, true},
    kLink[0],
    kLink[1],
    kLink[2],
};

constexpr std::array kClock = {
    Word{"of", F::kSelector, "hosts", 0, 0, Shape::kNone, true},
    Word{"ppm", F::kCount, "runs so many millionths too fast; below 0: too slow", -sim::kMostPpm,
         sim::kMostPpm},
    Word{"offset", F::kOffset, "the wall clock is off by so much", -3650 * 24 * 60 * sim::kMinute,
         3650 * 24 * 60 * sim::kMinute},
};

constexpr std::array kTopic = {
    Word{"name", F::kName, "topic name", 0, 0, Shape::kNone, true},
    Word{"partitions", F::kCount, "number of partitions; num.partitions when left out", 1,
         kMostPartitions},
    Word{"replication.factor", F::kCount,
         "replicas of each partition; default.replication.factor when left out", 1, 32767},
    Word{"config", F::kObject, "topic settings by Kafka's names", 0, 0, Shape::kTopicConfig},
    Word{"assignment", F::kIds,
         "replicas by hand: a list of broker ids per partition, leader first"},
};

constexpr std::array kProducer = {
    Word{"name", F::kName, "client name; p1, p2 .. when left out"},
    Word{"topic", F::kName, "where to", 0, 0, Shape::kNone, true},
    Word{"rate", F::kRecordRate, "records per time, evenly spaced; 100/s when left out"},
    Word{"interval", F::kDuration, "pause between two records, instead of rate"},
    Word{"records", F::kCount, "stops after so many; no limit when left out", 0},
    Word{"record.size", F::kSize, "value size of a record; 1KiB when left out", 0, kLargestInt},
    Word{"keys", F::kObject, "keyed records; without it records have no key", 0, 0, Shape::kKeys},
    Word{"partition", F::kCount, "the one partition to write to", 0, kMostPartitions - 1},
    Word{"start", F::kDuration, "sends from this time on, but not before its topic exists"},
    Word{"stop", F::kDuration, "sends nothing from this time on"},
    Word{"rack", F::kName, "rack of the client"},
    Word{"config", F::kObject, "producer settings by Kafka's names", 0, 0, Shape::kProducerConfig},
};

constexpr std::array kKeys = {
    Word{"count", F::kCount, "number of different keys, drawn evenly", 1, kLargestInt, Shape::kNone,
         true},
};

constexpr std::array kConsumers = {
    Word{"group", F::kName, "group id; its members are <group>-1, <group>-2 ..", 0, 0, Shape::kNone,
         true},
    Word{"topics", F::kNames, "subscribed topics", 0, 0, Shape::kNone, true},
    Word{"members", F::kCount, "number of members; 1 when left out", 1, kMostMembers},
    Word{"start", F::kDuration, "joins from this time on, but not before the topics exist"},
    Word{"processing", F::kDuration, "time spent on each record between polls"},
    Word{"rack", F::kName, "rack of all members"},
    Word{"config", F::kObject, "consumer settings by Kafka's names", 0, 0, Shape::kConsumerConfig},
};

constexpr std::array kSides = {
    Word{"side", F::kSelector, "one side"},
    Word{"from", F::kSelector, "the other side; all when left out"},
    Word{"direction", F::kDirection, "which packets, seen from the first side: both, to or from"},
    Word{"groups", F::kAny, "both sides at once: a list of two lists of selectors"},
};

constexpr std::array kReassignment = {
    Word{"version", F::kCount, "always 1", 1, 1},
    Word{"partitions", F::kObjects, "what is moved", 0, 0, Shape::kMove, true},
};

constexpr std::array kMove = {
    Word{"topic", F::kName, "name of the topic", 0, 0, Shape::kNone, true},
    Word{"partition", F::kCount, "number of the partition", 0,
         std::numeric_limits<std::int32_t>::max(), Shape::kNone, true},
    Word{"replicas", F::kAny, "list of broker ids, the preferred leader first", 0, 0, Shape::kNone,
         true},
    Word{"log_dirs", F::kAny, "which log directories; \"any\" for each is all there is here"},
};

constexpr std::array kHeal = {
    Word{"at", F::kDuration, "time of the healing", 0, std::numeric_limits<std::int64_t>::max(),
         Shape::kNone, true},
    Word{
        "core", F::kSelector,
        "who is healed, with what is between them, while the rest stays broken; all when left out"},
};

constexpr std::array kChaos = {
    Word{"from", F::kDuration, "the first draw; 10s when left out"},
    Word{"until", F::kDuration,
         "no new fault from then on; the time of heal, or three quarters of the run when left out"},
    Word{"interval", F::kRange, "from one draw to the next; 2s..8s when left out"},
    Word{"lasts", F::kRange,
         "length of a fault, even over the doublings between the two; 500ms..20s when left out"},
    Word{"weights", F::kObject, "how often each fault is drawn, relative to the others", 0, 0,
         Shape::kChaosWeights},
    Word{"max_down", F::kObject, "the most nodes that may be down or cut off at a time", 0, 0,
         Shape::kMaxDown},
    Word{"stability", F::kDuration,
         "a node is left alone so long after its healing; 1s when left out"},
    Word{"swarm", F::kFlag,
         "each seed draws which faults exist at all, and settings of brokers, topics and clients "
         "that stand at their default; one draw of four keeps it; false when left out"},
    Word{"pinned", F::kNames, "settings that swarm leaves alone, by Kafka's names"},
    Word{"messages", F::kNames,
         "what hold may hold back; the control, replication and client messages that matter most "
         "when left out"},
};

constexpr std::int64_t kMostWeight = 1'000'000;
constexpr std::array kChaosWeights = {
    Word{"kill", F::kCount, "process dies, started again later", 0, kMostWeight},
    Word{"stop", F::kCount, "clean shutdown, started again later", 0, kMostWeight},
    Word{"pause", F::kCount, "process stands still", 0, kMostWeight},
    Word{"partition", F::kCount,
         "links between one or two nodes and others are cut, at times those to ZooKeeper alone", 0,
         kMostWeight},
    Word{"isolate", F::kCount, "a node is cut from everybody, at times one way only", 0,
         kMostWeight},
    Word{"slow_link", F::kCount,
         "5 to 800 ms of latency between a node and everybody, at times loss", 0, kMostWeight},
    Word{"expire_session", F::kCount, "ZooKeeper ends a broker's session", 0, kMostWeight},
    Word{"crash", F::kCount, "host goes down, started again later", 0, kMostWeight},
    Word{"wipe", F::kCount, "a broker loses its disk, started again later", 0, kMostWeight},
    Word{"lose_unflushed", F::kCount, "a broker's next kill loses what is not on its disk", 0,
         kMostWeight},
    Word{"torn_write", F::kCount, "a broker's next kill tears its last batches", 0, kMostWeight},
    Word{"slow_disk", F::kCount, "5 to 2000 ms more for each write that is waited for", 0,
         kMostWeight},
    Word{"full_disk", F::kCount, "writes fail, started again later", 0, kMostWeight},
    Word{"fail_disk", F::kCount, "writes fail, started again later", 0, kMostWeight},
    Word{"delay", F::kCount, "5 to 800 ms of latency between a node and everybody", 0, kMostWeight},
    Word{"flap", F::kCount, "a node is cut off and back, 50 ms to 3 s each", 0, kMostWeight},
    Word{"reset", F::kCount, "every TCP connection of a node is reset", 0, kMostWeight},
    Word{"hold", F::kCount, "messages of one kind from or to a node are held back", 0, kMostWeight},
    Word{"delay_watches", F::kCount, "watch notifications to a broker are held back", 0,
         kMostWeight},
    Word{"zk_quorum_loss", F::kCount, "a majority of the ZooKeeper servers dies; 0 when left out",
         0, kMostWeight},
    Word{"clog", F::kCount, "everything between a node and everybody is held back", 0, kMostWeight},
    Word{"skew", F::kCount, "a wall clock is off by up to 2 s", 0, kMostWeight},
    Word{"drift", F::kCount, "a clock runs up to 500 ppm too fast or too slow", 0, kMostWeight},
    Word{"jump", F::kCount, "a wall clock is stepped by up to 3 s", 0, kMostWeight},
};

constexpr std::array kMaxDown = {
    Word{"brokers", F::kCount, "brokers; 1 when left out", 0, kMostBrokers},
    Word{"zookeeper", F::kCount, "ZooKeeper servers; 1 when left out", 0, kMostServers},
};

constexpr std::array kExpect = {
    Word{"always", F::kTexts, "invariants that must never break"},
    Word{"sometimes", F::kTexts, "states that must be reached at least once"},
    Word{"eventually", F::kObjects, "conditions that must become true in time", 0, 0,
         Shape::kEventually},
    Word{"limits", F::kTexts, "metrics against numbers: \"write_gap(orders-0) max < 25s\""},
};

constexpr std::array kEventually = {
    Word{"that", F::kText, "the condition", 0, 0, Shape::kNone, true},
    Word{"within", F::kText,
         "the bound: \"30s\" of the run, \"30s of heal\" (the last healing), \"30s of fault 2\" "
         "(the "
         "healing of the second item of faults)",
         0, 0, Shape::kNone, true},
};

struct Entry {
  Shape shape;
  std::string_view name;
  std::span<const Word> words;
};
constexpr Entry kEntries[] = {
    {Shape::kScenario, "scenario", kScenario},
    {Shape::kCluster, "cluster", kCluster},
    {Shape::kBugs, "bugs", {}},
    {Shape::kBrokers, "brokers", kBrokers},
    {Shape::kBrokerConfig, "broker_config", {}},
    {Shape::kZooKeeper, "zookeeper", kZooKeeper},
    {Shape::kDisk, "disk", kDisk},
    {Shape::kNetwork, "network", kNetwork},
    {Shape::kLink, "link", kLink},
    {Shape::kNamedLink, "named_link", kNamedLink},
    {Shape::kClock, "clock", kClock},
    {Shape::kTopic, "topic", kTopic},
    {Shape::kTopicConfig, "topic_config", {}},
    {Shape::kProducer, "producer", kProducer},
    {Shape::kProducerConfig, "producer_config", {}},
    {Shape::kKeys, "keys", kKeys},
    {Shape::kConsumers, "consumers", kConsumers},
    {Shape::kConsumerConfig, "consumer_config", {}},
    {Shape::kFault, "fault", {}},
    {Shape::kSides, "sides", kSides},
    {Shape::kReassignment, "reassignment", kReassignment},
    {Shape::kMove, "move", kMove},
    {Shape::kHeal, "heal", kHeal},
    {Shape::kChaos, "chaos", kChaos},
    {Shape::kChaosWeights, "chaos_weights", kChaosWeights},
    {Shape::kMaxDown, "max_down", kMaxDown},
    {Shape::kExpect, "expect", kExpect},
    {Shape::kEventually, "eventually", kEventually},
};

}  // namespace

std::span<const Word> words_of(Shape shape) {
  for (const Entry& entry : kEntries) {
    if (entry.shape == shape) return entry.words;
  }
  return {};
}

const Word* find_word(Shape shape, std::string_view name) {
  for (const Word& word : words_of(shape)) {
    if (word.name == name) return &word;
  }
  return nullptr;
}

std::string_view shape_name(Shape shape) {
  for (const Entry& entry : kEntries) {
    if (entry.shape == shape) return entry.name;
  }
  return "none";
}

}  // namespace isrlab::scenarios
