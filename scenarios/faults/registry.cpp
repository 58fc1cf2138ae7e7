// Tables of faults, triggers, selectors and of the words that are still to come; all look-ups.
#include "scenarios/faults/registry.hpp"

#include <array>

#include "sim/assert.hpp"

namespace isrlab::scenarios {
namespace {

constexpr std::array<std::string_view, 2> kDeathFields = {"restart", "why"};
constexpr std::array<std::string_view, 1> kPlainFields = {"why"};
constexpr std::array<std::string_view, 2> kPauseFields = {"for", "why"};
constexpr std::array<std::string_view, 4> kPartitionFields = {"from", "direction", "for", "why"};
constexpr std::array<std::string_view, 3> kIsolateFields = {"direction", "for", "why"};
constexpr std::array<std::string_view, 7> kSlowFields = {"from", "direction", "latency", "jitter",
                                                         "rate", "for",       "why"};

constexpr std::array kFaults = {
    FaultInfo{FaultAction::kKill, "kill", Form::kSelector, kDeathFields,
              "the process dies at once (kill -9); its host lives, so peers see closed connections",
              "#D55E00"},
    FaultInfo{FaultAction::kStop, "stop", Form::kSelector, kDeathFields,
              "clean shutdown (SIGTERM): leaders move away first, sessions are closed", "#E69F00"},
    FaultInfo{FaultAction::kRestart, "restart", Form::kSelector, kPlainFields,
              "starts a dead process again; its disk is as it was left", "#009E73"},
    FaultInfo{FaultAction::kPause, "pause", Form::kSelector, kPauseFields,
              "the process stands still (SIGSTOP, a long garbage collection), then goes on",
              "#F0E442"},
    FaultInfo{FaultAction::kPartition, "partition", Form::kSides, kPartitionFields,
              "cuts the links between two sides: packets vanish, nobody is told", "#CC79A7"},
    FaultInfo{FaultAction::kIsolate, "isolate", Form::kSelector, kIsolateFields,
              "cuts a node from everybody", "#CC79A7"},
    FaultInfo{FaultAction::kSlowLink, "slow_link", Form::kSides, kSlowFields,
              "adds latency and jitter and limits bandwidth between two sides", "#56B4E9"},
    FaultInfo{FaultAction::kExpireSession, "expire_session", Form::kSelector, kPlainFields,
              "ZooKeeper ends the session of a broker although the broker lives", "#0072B2"},
};

constexpr std::int64_t kMostTimes = 1'000'000;
constexpr std::array kFields = {
    Word{"for", Form::kDuration, "healed after this long; without it, not healed by itself", 1},
    Word{"restart", Form::kRestart, "kill and stop: started again, \"after 15s\" or \"never\""},
    Word{"from", Form::kSelector, "partition and slow_link: the other side; all when left out"},
    Word{"direction", Form::kDirection,
         "which packets, seen from the first side: both, to or from"},
    Word{"latency", Form::kDuration, "slow_link: added to the one-way latency"},
    Word{"jitter", Form::kDuration, "slow_link: added to the jitter"},
    Word{"rate", Form::kBandwidth, "slow_link: bandwidth of each link", 1},
    Word{"why", Form::kText, "free text for the report"},
    Word{"times", Form::kCount, "with every: how often; to the end when left out", 1, kMostTimes},
};

constexpr std::array kTriggers = {
    TriggerInfo{
        TriggerKind::kAt,
        {"at", Form::kDuration, "fires at this time of the run; with every: the first time"}},
    TriggerInfo{TriggerKind::kAfter,
                {"after", Form::kDuration, "fires so long after the previous item fired"}},
    TriggerInfo{TriggerKind::kBetween,
                {"between", Form::kRange, "fires once, at a random instant of the interval"}},
    TriggerInfo{TriggerKind::kEvery,
                {"every", Form::kDuration, "fires again and again, first after this pause", 1}},
};

using K = SelectorKind;
constexpr std::array kSelectors = {
    SelectorInfo{K::kBroker, "broker-<id>", "broker-2",
                 "one broker; also \"broker 2\", \"brokers 1,3\""},
    SelectorInfo{K::kSomeBrokers, "<n> brokers", "one broker",
                 "so many brokers, drawn when the fault fires; also \"50% of brokers\""},
    SelectorInfo{K::kAllBrokers, "all brokers", "all brokers", "every broker"},
    SelectorInfo{K::kMinority, "minority", "minority",
                 "the largest minority of the brokers, drawn"},
    SelectorInfo{K::kMajority, "majority", "majority",
                 "the smallest majority of the brokers, drawn"},
    SelectorInfo{K::kRack, "rack:<name>", "rack:a",
                 "every broker, ZooKeeper server and client of a rack"},
    SelectorInfo{K::kController, "controller", "controller", "the active controller"},
    SelectorInfo{K::kLeaderOf, "leader of <topic>-<p>", "leader of orders-0",
                 "leader of a partition"},
    SelectorInfo{K::kFollowersOf, "followers of <topic>-<p>", "followers of orders-0",
                 "all replicas of a partition but the leader"},
    SelectorInfo{K::kIsrOf, "isr of <topic>-<p>", "isr of orders-0",
                 "the in-sync replicas of a partition"},
    SelectorInfo{K::kCoordinatorOf, "coordinator of <group>", "coordinator of billing",
                 "the broker that coordinates a group"},
    SelectorInfo{K::kZooKeeper, "zk-<id>", "zk-1", "one ZooKeeper server; also \"zk 1,3\""},
    SelectorInfo{K::kAllZooKeeper, "all zk", "all zk", "every ZooKeeper server"},
    SelectorInfo{K::kZooKeeperLeader, "zk:leader", "zk:leader", "the leader of the ensemble"},
    SelectorInfo{K::kZooKeeperFollowers, "zk:followers", "zk:followers",
                 "the followers of the ensemble"},
    SelectorInfo{K::kSomeZooKeeper, "<n> zk", "one zk", "so many ZooKeeper servers, drawn"},
    SelectorInfo{K::kClient, "client <name>", "client p1",
                 "a producer or a group member by name; a group's name means all its members"},
    SelectorInfo{K::kAllClients, "all clients", "all clients", "every producer and consumer"},
    SelectorInfo{K::kAll, "all", "all", "every host"},
    SelectorInfo{K::kList, "<selector> and <selector>", "broker-1 and zk-2",
                 "several selectors; in JSON also a list"},
};

using P = PlannedWord::Place;
constexpr std::array kPlanned = {
    PlannedWord{P::kTop, "disks"},
    PlannedWord{P::kTop, "clocks"},
    PlannedWord{P::kTop, "extends"},
    PlannedWord{P::kFault, "when"},
    PlannedWord{P::kFault, "until"},
    PlannedWord{P::kFault, "recover"},
    PlannedWord{P::kFault, "wipe"},
    PlannedWord{P::kFault, "add"},
    PlannedWord{P::kFault, "remove"},
    PlannedWord{P::kFault, "replace"},
    PlannedWord{P::kFault, "delay"},
    PlannedWord{P::kFault, "loss"},
    PlannedWord{P::kFault, "duplicate"},
    PlannedWord{P::kFault, "reorder"},
    PlannedWord{P::kFault, "corrupt"},
    PlannedWord{P::kFault, "clog"},
    PlannedWord{P::kFault, "flap"},
    PlannedWord{P::kFault, "distribution"},
    PlannedWord{P::kFault, "slow_disk"},
    PlannedWord{P::kFault, "full_disk"},
    PlannedWord{P::kFault, "fail_disk"},
    PlannedWord{P::kFault, "lose_unflushed"},
    PlannedWord{P::kFault, "torn_write"},
    PlannedWord{P::kFault, "corrupt_segment"},
    PlannedWord{P::kFault, "skew"},
    PlannedWord{P::kFault, "drift"},
    PlannedWord{P::kFault, "jump"},
    PlannedWord{P::kFault, "zk_quorum_loss"},
    PlannedWord{P::kFault, "delay_watches"},
    PlannedWord{P::kFault, "zk_leader_change"},
    PlannedWord{P::kFault, "elect_preferred"},
    PlannedWord{P::kFault, "reassign"},
    PlannedWord{P::kFault, "unclean_election"},
    PlannedWord{P::kFault, "change_config"},
    PlannedWord{P::kFault, "rolling_restart"},
    PlannedWord{P::kFault, "rolling_deploy"},
    PlannedWord{P::kFault, "burst"},
    PlannedWord{P::kFault, "hot_key"},
    PlannedWord{P::kFault, "stop_consumer"},
    PlannedWord{P::kFault, "rebalance"},
    PlannedWord{P::kFault, "throttle"},
    PlannedWord{P::kFault, "behind"},
    PlannedWord{P::kNetwork, "loss"},
    PlannedWord{P::kNetwork, "duplicate"},
    PlannedWord{P::kNetwork, "reorder"},
    PlannedWord{P::kNetwork, "corrupt"},
    PlannedWord{P::kNetwork, "distribution"},
    PlannedWord{P::kExpect, "never_during"},
    PlannedWord{P::kExpect, "require"},
    PlannedWord{P::kSelector, "out of sync of"},
    PlannedWord{P::kSelector, "link"},
    PlannedWord{P::kSelector, "site:"},
    PlannedWord{P::kElsewhere, "properties"},
    PlannedWord{P::kSetting, "transactional.id"},
    PlannedWord{P::kSetting, "isolation.level"},
    PlannedWord{P::kSetting, "group.instance.id"},
    PlannedWord{P::kSetting, "compression.type"},
    PlannedWord{P::kSetting, "client.rack"},
    PlannedWord{P::kSetting, "replica.selector.class"},
    PlannedWord{P::kSetting, "log.retention.ms"},
    PlannedWord{P::kSetting, "log.segment.bytes"},
    PlannedWord{P::kSetting, "log.flush.interval.messages"},
    PlannedWord{P::kSetting, "log.flush.interval.ms"},
    PlannedWord{P::kSetting, "retention.ms"},
    PlannedWord{P::kSetting, "retention.bytes"},
    PlannedWord{P::kSetting, "segment.bytes"},
    PlannedWord{P::kSetting, "cleanup.policy"},
    PlannedWord{P::kSetting, "background.threads"},
    PlannedWord{P::kSetting, "num.io.threads"},
    PlannedWord{P::kSetting, "num.network.threads"},
    PlannedWord{P::kSetting, "transaction.timeout.ms"},
    PlannedWord{P::kSetting, "partitioner.class"},
    PlannedWord{P::kSetting, "offsets.retention.minutes"},
    PlannedWord{P::kSetting, "auto.create.topics.enable"},
};

constexpr std::array<std::string_view, 16> kReserved = {
    "and", "at",      "after", "between",   "every",   "times",  "from", "for",
    "why", "restart", "never", "direction", "latency", "jitter", "rate", "all"};

constexpr std::array kComparisons = {
    ComparisonInfo{Comparison::kLess, "<"},          ComparisonInfo{Comparison::kLessEqual, "<="},
    ComparisonInfo{Comparison::kEqual, "=="},        ComparisonInfo{Comparison::kNotEqual, "!="},
    ComparisonInfo{Comparison::kGreaterEqual, ">="}, ComparisonInfo{Comparison::kGreater, ">"},
};

}  // namespace

std::span<const FaultInfo> fault_table() {
  return kFaults;
}
std::span<const Word> fault_field_table() {
  return kFields;
}
std::span<const TriggerInfo> trigger_table() {
  return kTriggers;
}
std::span<const SelectorInfo> selector_table() {
  return kSelectors;
}
std::span<const ComparisonInfo> comparison_table() {
  return kComparisons;
}
std::span<const PlannedWord> planned_table() {
  return kPlanned;
}
std::span<const std::string_view> reserved_words() {
  return kReserved;
}

const FaultInfo* find_fault(std::string_view word) {
  for (const FaultInfo& fault : kFaults) {
    if (fault.word == word) return &fault;
  }
  return nullptr;
}

const Word* find_fault_field(std::string_view word) {
  for (const Word& field : kFields) {
    if (field.name == word) return &field;
  }
  return nullptr;
}

const TriggerInfo* find_trigger(std::string_view word) {
  for (const TriggerInfo& trigger : kTriggers) {
    if (trigger.word.name == word) return &trigger;
  }
  return nullptr;
}

const ComparisonInfo* find_comparison(std::string_view symbol) {
  for (const ComparisonInfo& comparison : kComparisons) {
    if (comparison.symbol == symbol) return &comparison;
  }
  return nullptr;
}

bool is_planned(PlannedWord::Place place, std::string_view word) {
  for (const PlannedWord& planned : kPlanned) {
    if (planned.place == place && planned.word == word) return true;
  }
  return false;
}

const FaultInfo& info(FaultAction action) {
  return kFaults.at(static_cast<std::size_t>(action));
}
const TriggerInfo& info(TriggerKind kind) {
  return kTriggers.at(static_cast<std::size_t>(kind));
}
const ComparisonInfo& info(Comparison comparison) {
  return kComparisons.at(static_cast<std::size_t>(comparison));
}

std::string_view direction_word(CutDirection direction) {
  switch (direction) {
    case CutDirection::kBoth: return "both";
    case CutDirection::kTo: return "to";
    case CutDirection::kFrom: return "from";
  }
  return "both";
}

}  // namespace isrlab::scenarios
