// The producers' books: what each has created, what became of it, and how long an acknowledgement
// took. At the end the books are compared with the leaders' logs (logs.hpp).
#pragma once
#include <deque>
#include <memory>
#include <vector>

#include "model/catalog.hpp"
#include "model/history.hpp"
#include "results/metrics.hpp"
#include "results/summary.hpp"
#include "sim/history.hpp"

namespace isrlab::results {

/// Record numbers [first, last) that were acknowledged.
struct RecordRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

/// One producer's records of one partition.
struct LedgerLane {
  std::uint32_t producer = 0;
  model::PartitionId partition = 0;
  std::int64_t created = 0;
  std::int64_t acked = 0;
  std::int64_t refused = 0;               // failed, certainly in no log
  std::int64_t maybe = 0;                 // failed, may be in the log
  std::vector<RecordRange> acked_ranges;  // by rising number, apart from each other
};

class RecordLedger {
 public:
  explicit RecordLedger(std::shared_ptr<const model::Catalog> catalog);

  static std::vector<model::HistoryKind> interests();
  void on_event(const sim::HistoryEvent& event);

  const std::vector<LedgerLane>& lanes() const { return lanes_; }
  scenarios::AcksClass acks_of(std::uint32_t producer) const;
  /// By acks class: counts without lost, duplicated and reordered, which need the logs.
  std::vector<RecordCounts> counts() const;
  /// From send() to the acknowledgement, by topic.
  const Distribution& latency(model::TopicId topic) const { return latency_[topic]; }

 private:
  struct Pending {  // creation times of the records from `base` on; -1 = done
    std::uint64_t base = 0;
    std::deque<Time> created;
  };
  std::size_t lane_of(const sim::HistoryEvent& event) const;
  void settle(std::size_t lane, const sim::HistoryEvent& event, bool acked);

  std::shared_ptr<const model::Catalog> catalog_;
  std::vector<std::size_t> first_lane_;  // by producer
  std::vector<LedgerLane> lanes_;
  std::vector<Pending> pending_;  // by lane
  std::vector<Distribution> latency_;
};

/// Adds [first, last) to disjoint ranges.
void add_range(std::vector<RecordRange>& ranges, std::uint64_t first, std::uint64_t last);

}  // namespace isrlab::results
