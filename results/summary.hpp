// What came out of a run, as data: everything a report, the JSON object, the viewer and comparisons
// of runs show. Times are nanoseconds of the run. The order of the members is the order of the JSON
// (architecture, section 7).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.hpp"
#include "scenarios/format/scenario.hpp"
#include "sim/time.hpp"

namespace isrlab::results {

using sim::Duration;
using sim::Time;

enum class Verdict : std::uint8_t { kPass, kFail, kViolation, kInconclusive };
/// "pass", "fail", "violation", "inconclusive".
std::string_view verdict_name(Verdict verdict);
/// 0, 1, 4, 3: the exit code of `isrlab run`.
int exit_code(Verdict verdict);
/// Of several runs: the one that weighs most (violation, fail, inconclusive, pass).
Verdict heavier(Verdict left, Verdict right);

/// "always", "sometimes", "eventually", "limit".
std::string_view kind_word(scenarios::ExpectationKind kind);

enum class Outcome : std::uint8_t { kHeld, kFailed, kInconclusive };

struct ExpectationResult {
  scenarios::ExpectationKind kind = scenarios::ExpectationKind::kAlways;
  std::string text;  // as written
  Outcome outcome = Outcome::kHeld;
  bool violation = false;  // failed because an invariant that the configuration promises broke
  std::string detail;      // in words
};

struct InvariantResult {
  std::string id;    // "S1"
  std::string name;  // "no_acked_record_lost"
  bool promised = true;
  bool held = true;
  std::uint64_t checked = 0;
  std::uint64_t violations = 0;
  Time first_time = 0;            // of the first violation
  std::uint32_t first_event = 0;  // id of the kept event
  std::string first;              // a sentence, empty if it held
};

/// Records of all producers with the same acks.
struct RecordCounts {
  scenarios::AcksClass acks = scenarios::AcksClass::kAll;
  std::int64_t produced = 0;
  std::int64_t acked = 0;
  std::int64_t failed = 0;      // refused for good and certainly in no log
  std::int64_t unknown = 0;     // still pending, or given up although they may be in a log
  std::int64_t lost = 0;        // acknowledged, and in no leader's log at the end
  std::int64_t duplicated = 0;  // further copies in the leaders' logs
  std::int64_t reordered = 0;   // behind a later record of the same producer
};
/// "acks=all".
std::string acks_name(scenarios::AcksClass acks);

/// A run of lost records of one producer and partition.
struct LostRange {
  model::PartitionId partition = 0;
  std::string name;      // orders-0
  std::string producer;  // p1
  scenarios::AcksClass acks = scenarios::AcksClass::kAll;
  std::uint64_t first_record = 0;
  std::int64_t records = 0;
  std::int64_t first_offset = -1;  // where they had been acknowledged; -1 = acks=0
  std::int64_t last_offset = -1;
  Time first_acked = 0;
  Time last_acked = 0;
  model::BrokerId acked_by = model::kNoBroker;
  std::int32_t epoch = -1;
  Time lost_at = 0;         // when a leader without them took over
  std::uint32_t cause = 0;  // kept event of that
  std::string why;          // a sentence
};

struct Outage {
  model::PartitionId partition = 0;
  std::string name;       // orders-0
  std::string operation;  // "write acks=all", "write acks=1", "read"
  std::string group;      // of a read outage
  Time from = 0;
  Time to = 0;
  bool open = false;  // still lasted when the run ended
  // The parts add up to `to - from`.
  Duration detect = 0;     // until somebody who can act knew
  Duration elect = 0;      // until the new state was in ZooKeeper
  Duration propagate = 0;  // until the broker concerned acted on it
  Duration client = 0;     // until the first success
  std::string why;         // "leader 2 -> 3", "ISR {1,2} -> {1}", ...
  Duration length() const { return to - from; }
};

struct Elections {
  std::int64_t clean = 0;  // an in-sync replica took over from a dead leader
  std::int64_t unclean = 0;
  std::int64_t preferred = 0;
  std::int64_t shutdown = 0;      // handed over by a controlled shutdown
  std::int64_t reassignment = 0;  // the leader is none of the new replicas
  std::int64_t total() const { return clean + unclean + preferred + shutdown + reassignment; }
};

struct IsrChanges {
  std::int64_t shrinks = 0;
  std::int64_t expands = 0;
};

struct SessionEnd {
  std::string owner;  // broker-2
  Time expired = 0;
  Time last_heard = 0;
  Duration timeout = 0;
  Duration detect = 0;  // from death or cut; from last_heard when it was neither
};

struct Sessions {
  std::int64_t created = 0;
  std::int64_t closed = 0;
  std::vector<SessionEnd> expired;
};

struct Rebalances {
  std::int64_t started = 0;
  std::int64_t completed = 0;  // ended with a new generation
};

struct ReplicaState {
  model::BrokerId broker = model::kNoBroker;
  std::int64_t log_end_offset = 0;
  std::int64_t high_watermark = 0;
  std::int32_t epoch = -1;  // of the last record, or the last begun by a leader
  bool alive = true;
  bool in_sync = false;
};

struct PartitionResult {
  model::PartitionId partition = 0;
  std::string name;
  bool internal = false;
  model::BrokerId leader = model::kNoBroker;
  std::int32_t leader_epoch = -1;
  std::vector<model::BrokerId> isr;
  std::int64_t min_isr = 1;
  std::vector<ReplicaState> replicas;
};

struct GroupPartition {
  model::PartitionId partition = 0;
  std::string name;
  std::int64_t committed = -1;       // -1 = none
  std::int64_t log_end_offset = -1;  // what the tool shows: the leader's high watermark
  std::int64_t lag = -1;             // -1 = unknown
  std::string member;                // empty = nobody
};

struct GroupMemberResult {
  std::string name;       // billing-1
  std::string member_id;  // billing-1-<uuid>
  std::vector<std::string> partitions;
};

struct GroupResult {
  std::string name;
  std::string state;  // Kafka's word; "Unknown" while nobody coordinates it
  model::BrokerId coordinator = model::kNoBroker;
  std::int32_t generation = 0;
  std::vector<GroupMemberResult> members;
  std::vector<std::string> idle;  // members without partitions: more members than partitions
  std::vector<GroupPartition> partitions;
  std::int64_t lag = 0;      // by committed offsets
  std::int64_t lag_max = 0;  // by positions, over time
};

struct TimelineEntry {
  Time time = 0;
  std::string kind;     // "fault", "heal", "session", "controller", "election", "isr", ...
  std::string subject;  // broker-2, orders-0, billing
  std::string text;
  std::uint32_t event = 0;  // first kept event it tells of, 0 = none
  std::uint32_t cause = 0;  // kept event that led to it
};

struct FaultResult {
  Time from = 0;
  Time until = sim::kNever;  // kNever: never healed
  std::string text;          // the item as one line
  std::string what;          // what it hit: "kill broker-2 (leader of orders-0)"
  std::string why;
};

struct TrafficRow {
  std::string message;
  std::uint64_t sent = 0;
};

struct AckLatency {
  std::string topic;
  std::int64_t count = 0;
  Duration p50 = 0;
  Duration p99 = 0;
  Duration max = 0;
};

/// A named interesting state (`isrlab list states`) that the run reached.
struct StateReached {
  scenarios::State state = scenarios::State::kIsrShrinks;
  Time first = 0;
};

struct Summary {
  std::string scenario;
  std::uint64_t seed = 0;
  std::uint64_t identity = 0;  // of the scenario
  std::uint64_t digest = 0;
  std::uint64_t events = 0;
  Time simulated = 0;
  Verdict verdict = Verdict::kPass;
  std::vector<ExpectationResult> expectations;
  std::vector<InvariantResult> invariants;
  std::vector<RecordCounts> records;
  std::vector<LostRange> losses;
  std::vector<Outage> outages;
  std::vector<AckLatency> ack_latency;
  Elections elections;
  IsrChanges isr_changes;
  Rebalances rebalances;
  Sessions sessions;
  std::vector<PartitionResult> partitions;
  std::vector<GroupResult> groups;
  std::vector<FaultResult> faults;
  std::vector<TimelineEntry> timeline;
  std::vector<TrafficRow> traffic;  // by falling number
  std::uint64_t bytes_sent = 0;
  std::vector<StateReached> states;    // in the order of the table
  std::vector<std::int64_t> measured;  // of SummaryOptions::measures; ns or a number
  std::string replay;
};

}  // namespace isrlab::results
