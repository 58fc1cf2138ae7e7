// Tables of faults, triggers, selectors and of the words that are still to come; all look-ups.
#include "scenarios/faults/registry.hpp"

#include <array>

#include "sim/assert.hpp"
#include "sim/clock.hpp"

namespace isrlab::scenarios {
namespace {

template <class... Words>
constexpr auto words(Words... each) {
  return std::array<std::string_view, sizeof...(each)>{each...};
}
constexpr auto kDeathFields = words("restart", "why");
constexpr auto kCrashFields = words("restart", "unflushed", "why");
constexpr auto kPlainFields = words("why");
constexpr auto kLastingFields = words("for", "until", "why");
constexpr auto kDiskFields = words("directory", "for", "until", "why");
constexpr auto kSidedFields = words("from", "why");
constexpr auto kPartitionFields = words("from", "direction", "for", "until", "why");
constexpr auto kIsolateFields = words("direction", "for", "until", "why");
constexpr auto kSlowFields =
    words("from", "direction", "latency", "jitter", "rate", "loss", "for", "until", "why");
constexpr auto kDelayFields =
    words("from", "direction", "latency", "jitter", "for", "until", "why");
constexpr auto kFlapFields = words("from", "direction", "down", "up", "for", "until", "why");
constexpr auto kSlowDiskFields = words("latency", "rate", "for", "until", "why");
constexpr auto kSkewFields = words("offset", "for", "until", "why");
constexpr auto kDriftFields = words("ppm", "for", "until", "why");
constexpr auto kJumpFields = words("offset", "why");
constexpr auto kHoldFields = words("from", "to", "for", "until", "why");

constexpr auto kRollFields = words("interval", "wait", "why");

constexpr std::array kFaults = {
    FaultInfo{FaultAction::kKill, "kill", Form::kSelector, kDeathFields,
              "the process dies at once (kill -9); its host lives, so peers see closed connections",
              "#D55E00"},
    FaultInfo{FaultAction::kStop, "stop", Form::kSelector, kDeathFields,
              "clean shutdown (SIGTERM): leaders move away first, sessions are closed", "#E69F00"},
    FaultInfo{FaultAction::kRestart, "restart", Form::kSelector, kPlainFields,
              "starts a dead process again; its disk is as it was left", "#009E73"},
    FaultInfo{FaultAction::kPause, "pause", Form::kSelector, kLastingFields,
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
    FaultInfo{
        FaultAction::kCrash, "crash", Form::kSelector, kCrashFields,
        "the host goes down (power loss): peers hear nothing, and of what a broker had not on "
        "its disk a part is lost",
        "#A33C00"},
    FaultInfo{FaultAction::kWipe, "wipe", Form::kSelector, kDeathFields,
              "the process dies and its disk is empty when it starts again", "#7A2E00"},
    FaultInfo{FaultAction::kLoseUnflushed, "lose_unflushed", Form::kSelector, kPlainFields,
              "a broker's next kill takes along everything that is not on its disk", "#8C564B"},
    FaultInfo{FaultAction::kTornWrite, "torn_write", Form::kSelector, kPlainFields,
              "a broker's next kill tears the last batch of each log that is not on its disk",
              "#8C564B"},
    FaultInfo{FaultAction::kSlowDisk, "slow_disk", Form::kSelector, kSlowDiskFields,
              "each write that is waited for takes longer: what ZooKeeper syncs, and the epoch "
              "files of brokers (their appends go to the page cache)",
              "#9467BD"},
    FaultInfo{
        FaultAction::kFullDisk, "full_disk", Form::kSelector, kDiskFields,
        "writes fail: a broker gives the log directory up and halts with the last one, a ZooKeeper "
        "server ends; started "
        "again when there is room",
        "#BCBD22"},
    FaultInfo{
        FaultAction::kFailDisk, "fail_disk", Form::kSelector, kDiskFields,
        "writes fail: a broker gives the log directory up and halts with the last one, a ZooKeeper "
        "server ends; started "
        "again, with its data, when the disk is repaired",
        "#BCBD22"},
    FaultInfo{FaultAction::kDelay, "delay", Form::kSides, kDelayFields,
              "adds latency and jitter between two sides", "#56B4E9"},
    FaultInfo{FaultAction::kFlap, "flap", Form::kSides, kFlapFields,
              "cuts and mends the links between two sides again and again", "#CC79A7"},
    FaultInfo{FaultAction::kReset, "reset", Form::kSides, kSidedFields,
              "resets every TCP connection between two sides; what is under way is lost",
              "#17BECF"},
    FaultInfo{FaultAction::kHold, "hold", Form::kMessage, kHoldFields,
              "holds messages of one kind back; what follows on the same connection waits behind "
              "them",
              "#4C4CA8"},
    FaultInfo{FaultAction::kDelayWatches, "delay_watches", Form::kSelector, kLastingFields,
              "holds ZooKeeper's watch notifications to brokers back, and what follows them",
              "#4C4CA8"},
    FaultInfo{FaultAction::kZkQuorumLoss, "zk_quorum_loss", Form::kSelector, kLastingFields,
              "these ZooKeeper servers, at least half of all, die; for: started again after this",
              "#0072B2"},
    FaultInfo{FaultAction::kClog, "clog", Form::kSides, kPartitionFields,
              "holds everything between two sides back; when it ends all of it arrives at once",
              "#CC79A7"},
    FaultInfo{FaultAction::kSkew, "skew", Form::kSelector, kSkewFields,
              "the wall clock of a host is off by so much; healing sets it back", "#66A61E"},
    FaultInfo{FaultAction::kDrift, "drift", Form::kSelector, kDriftFields,
              "the clock of a host runs so many millionths too fast: all its timers do", "#66A61E"},
    FaultInfo{FaultAction::kJump, "jump", Form::kSelector, kJumpFields,
              "the wall clock of a host is stepped by so much and stays there", "#66A61E"},
    FaultInfo{FaultAction::kReassign, "reassign", Form::kMoves, kPlainFields,
              "an operator moves replicas (kafka-reassign-partitions.sh --execute)", "#1B9E77"},
    FaultInfo{FaultAction::kCancelReassignment, "cancel_reassignment", Form::kPartitions,
              kPlainFields, "an operator takes moves back that are not complete (--cancel)",
              "#1B9E77"},
    FaultInfo{FaultAction::kElectPreferred, "elect_preferred", Form::kPartitions, kPlainFields,
              "an operator gives partitions back to the first replica of their assignment "
              "(kafka-leader-election.sh)",
              "#1B9E77"},
    FaultInfo{FaultAction::kUncleanElection, "unclean_election", Form::kPartitions, kPlainFields,
              "an operator makes a replica outside the ISR leader of partitions that have none",
              "#1B9E77"},
    FaultInfo{FaultAction::kRollingRestart, "rolling_restart", Form::kSelector, kRollFields,
              "brokers are stopped cleanly and started again, one after the other", "#E69F00"},
};

constexpr std::int64_t kMostTimes = 1'000'000;
constexpr sim::Duration kMostOffset = 3'650LL * 24 * 60 * sim::kMinute;
constexpr std::array kFields = {
    Word{"for", Form::kDuration, "healed after this long; without it, not healed by itself", 1},
    Word{"until", Form::kMoment, "healed at this time of the run, or as soon as this is so"},
    Word{"restart", Form::kRestart, "kill and stop: started again, \"after 15s\" or \"never\""},
    Word{"from", Form::kSelector,
         "of two sides: the other one; hold: the senders; all when left out"},
    Word{"to", Form::kSelector, "hold: the receivers; all when left out"},
    Word{"direction", Form::kDirection,
         "which packets, seen from the first side: both, to or from"},
    Word{"latency", Form::kDuration, "added to the one-way latency; slow_disk: to each write"},
    Word{"jitter", Form::kDuration, "added to the jitter"},
    Word{"rate", Form::kBandwidth, "bandwidth of each link, or of the disk", 1},
    Word{"loss", Form::kRatio, "slow_link: share of TCP segments that is lost and sent again"},
    Word{"offset", Form::kOffset, "skew and jump: how far the wall clock moves, \"-5s\" is back",
         -kMostOffset, kMostOffset},
    Word{"ppm", Form::kCount, "drift: millionths, below 0 for a slow clock", -sim::kMostPpm,
         sim::kMostPpm},
    Word{"down", Form::kDuration, "flap: cut for so long each time; 1s when left out", 1},
    Word{"up", Form::kDuration, "flap: open for so long each time; 1s when left out", 1},
    Word{"unflushed", Form::kUnflushed,
         "crash: what was not on the disk is drawn (each log keeps a drawn part), lost or kept"},
    Word{"directory", Form::kCount,
         "fail_disk and full_disk: which of a broker's log.dirs, from 1; all when left out", 1, 64},
    Word{"interval", Form::kDuration, "rolling_restart: from one broker's return to the next stop"},
    Word{"wait", Form::kAwaited,
         "rolling_restart: for what before the next broker: isr (no partition misses a replica of "
         "its ISR; when left out) or running"},
    Word{"why", Form::kText, "free text for the report"},
    Word{"times", Form::kCount, "with every and when: how often; to the end, once when left out", 1,
         kMostTimes},
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
    TriggerInfo{TriggerKind::kWhen,
                {"when", Form::kMoment, "fires as soon as this is so; with at: not before"}},
};

using M = MomentKind;
constexpr std::array kMoments = {
    MomentInfo{M::kIsrSize, "isr of <topic>-<p> <comparison> <n>", "isr of orders-0 < 2",
               "the number of in-sync replicas in ZooKeeper"},
    MomentInfo{M::kLeaderIs, "leader of <topic>-<p> is <broker or none>",
               "leader of orders-0 is broker-2", "the leader in ZooKeeper"},
    MomentInfo{M::kControllerIs, "controller is <broker or none>", "controller is broker-2",
               "the active controller"},
    MomentInfo{M::kLogEnd, "end of <topic>-<p> on <broker> <comparison> <n>",
               "end of orders-0 on broker-2 >= 5", "log end offset of a replica"},
    MomentInfo{M::kHighWatermark, "hw of <topic>-<p> on <broker> <comparison> <n>",
               "hw of orders-0 on broker-2 >= 5", "high watermark of a replica"},
    MomentInfo{M::kHolds, "fault <n> holds", "fault 1 holds",
               "a hold, by its number in the list from 1, has caught a message"},
    MomentInfo{M::kEvent, "event <name> [on <process>] [of <topic>-<p>]",
               "event BecameLeader on broker-2 of orders-0", "a kept event of the history"},
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
    SelectorInfo{K::kOutOfSync, "out of sync of <topic>-<p>", "out of sync of orders-0",
                 "the replicas of a partition that are not in its ISR"},
    SelectorInfo{K::kCoordinatorOf, "coordinator of <group>", "coordinator of billing",
                 "the broker that coordinates a group"},
    SelectorInfo{K::kZooKeeper, "zk-<id>", "zk-1", "one ZooKeeper server; also \"zk 1,3\""},
    SelectorInfo{K::kAllZooKeeper, "all zk", "all zk", "every ZooKeeper server"},
    SelectorInfo{K::kZooKeeperLeader, "zk:leader", "zk:leader", "the leader of the ensemble"},
    SelectorInfo{K::kZooKeeperFollowers, "zk:followers", "zk:followers",
                 "the followers of the ensemble"},
    SelectorInfo{K::kSomeZooKeeper, "<n> zk", "one zk", "so many ZooKeeper servers, drawn"},
    SelectorInfo{K::kZkMinority, "minority of zk", "minority of zk",
                 "the largest minority of the ZooKeeper servers, drawn"},
    SelectorInfo{K::kZkMajority, "majority of zk", "majority of zk",
                 "the smallest majority of the ZooKeeper servers, drawn"},
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
    PlannedWord{P::kTop, "extends"},
    PlannedWord{P::kFault, "recover"},
    PlannedWord{P::kFault, "add"},
    PlannedWord{P::kFault, "remove"},
    PlannedWord{P::kFault, "replace"},
    PlannedWord{P::kFault, "duplicate"},
    PlannedWord{P::kFault, "reorder"},
    PlannedWord{P::kFault, "corrupt"},
    PlannedWord{P::kFault, "distribution"},
    PlannedWord{P::kFault, "corrupt_segment"},
    PlannedWord{P::kFault, "zk_leader_change"},
    PlannedWord{P::kFault, "change_config"},
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
    PlannedWord{P::kSelector, "site:"},
    PlannedWord{P::kElsewhere, "properties"},
    PlannedWord{P::kSetting, "transactional.id"},
    PlannedWord{P::kSetting, "isolation.level"},
    PlannedWord{P::kSetting, "group.instance.id"},
    PlannedWord{P::kSetting, "compression.type"},
    PlannedWord{P::kSetting, "background.threads"},
    PlannedWord{P::kSetting, "num.io.threads"},
    PlannedWord{P::kSetting, "num.network.threads"},
    PlannedWord{P::kSetting, "transaction.timeout.ms"},
    PlannedWord{P::kSetting, "partitioner.class"},
    PlannedWord{P::kSetting, "offsets.retention.minutes"},
    PlannedWord{P::kSetting, "auto.create.topics.enable"},
};

constexpr auto kReserved =
    words("and", "at", "after", "between", "every", "times", "when", "from", "to", "for", "until",
          "why", "restart", "never", "direction", "latency", "jitter", "rate", "loss", "down", "up",
          "unflushed", "offset", "ppm", "directory", "all");

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
std::span<const MomentInfo> moment_table() {
  return kMoments;
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

std::string_view example_target(FaultAction action) {
  switch (action) {
    case FaultAction::kHold: return "LeaderAndIsrRequest";
    case FaultAction::kReassign: return "orders-0 -> 1";
    case FaultAction::kCancelReassignment:
    case FaultAction::kElectPreferred:
    case FaultAction::kUncleanElection: return "all topics";
    case FaultAction::kZkQuorumLoss: return "zk:leader";
    case FaultAction::kExpireSession:
    case FaultAction::kLoseUnflushed:
    case FaultAction::kTornWrite:
    case FaultAction::kDelayWatches: return "one broker";
    default: return "broker-1";
  }
}

bool has_two_sides(FaultAction action) {
  switch (action) {
    case FaultAction::kPartition:
    case FaultAction::kIsolate:
    case FaultAction::kSlowLink:
    case FaultAction::kDelay:
    case FaultAction::kFlap:
    case FaultAction::kClog:
    case FaultAction::kReset:
    case FaultAction::kHold: return true;
    default: return false;
  }
}

std::string_view other_words(std::string_view word) {
  struct Other {
    std::string_view word;
    std::string_view advice;
  };
  constexpr Other kOthers[] = {
      {"rate", "write slow_link with rate: \"slow_link\": \"broker-1\", \"rate\": \"10Mbit\""},
      {"bandwidth", "write slow_link with rate: \"slow_link\": \"broker-1\", \"rate\": \"10Mbit\""},
      {"loss", "write slow_link with loss: \"slow_link\": \"broker-1\", \"loss\": \"5%\""},
      {"jitter", "write delay with jitter: \"delay\": \"broker-1\", \"jitter\": \"50ms\""},
      {"latency", "write delay with latency: \"delay\": \"broker-1\", \"latency\": \"50ms\""},
      {"reorder", "TCP puts packets in order again: use delay with jitter, or slow_link with loss"},
      {"duplicate", "TCP drops what comes twice: retries make duplicates, use loss or reset"},
      {"corrupt", "TCP's checksum drops broken packets: use slow_link with loss"},
  };
  for (const Other& other : kOthers) {
    if (other.word == word) return other.advice;
  }
  return {};
}

bool is_instant(FaultAction action) {
  switch (action) {
    case FaultAction::kRestart:
    case FaultAction::kExpireSession:
    case FaultAction::kLoseUnflushed:
    case FaultAction::kTornWrite:
    case FaultAction::kJump:
    case FaultAction::kReset:
    case FaultAction::kReassign:
    case FaultAction::kCancelReassignment:
    case FaultAction::kElectPreferred:
    case FaultAction::kUncleanElection: return true;
    default: return false;
  }
}

bool is_admin(FaultAction action) {
  return action >= FaultAction::kReassign;
}

std::string_view unflushed_word(Unflushed unflushed) {
  switch (unflushed) {
    case Unflushed::kDrawn: return "drawn";
    case Unflushed::kLost: return "lost";
    case Unflushed::kKept: return "kept";
  }
  return "drawn";
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
