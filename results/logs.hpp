// The logs at the end of a run, and what they say about the producers' books: acknowledged records
// that no leader has, second copies, changed order.
#pragma once
#include <map>
#include <utility>
#include <vector>

#include "model/cluster.hpp"
#include "results/cluster_view.hpp"
#include "results/ledger.hpp"
#include "results/summary.hpp"

namespace isrlab::results {

/// What one leader's log holds of one producer.
struct LogContent {
  std::vector<RecordRange> present;
  std::int64_t duplicated = 0;
  std::int64_t reordered = 0;
  std::uint64_t highest = 0;  // one past the largest record number so far

  /// The next batch by rising offset. Records that are there already are copies; others that come
  /// after a later record are out of order.
  void add(std::uint64_t first, std::uint64_t count);
};

/// The parts of `ranges` that `present` does not cover.
std::vector<RecordRange> missing_ranges(const std::vector<RecordRange>& ranges,
                                        const std::vector<RecordRange>& present);

/// Records that retention (or DeleteRecords) has deleted: they are in no log and yet not lost. Read
/// from the log that deletes them, whose files still exist at that moment.
class DeletedRecords {
 public:
  /// A LogStartRaised event.
  void on_event(const sim::HistoryEvent& event, const model::Cluster& cluster);
  /// Sorted and disjoint; null if there are none.
  const std::vector<RecordRange>* find(std::uint32_t producer, model::PartitionId partition) const;

 private:
  std::map<std::pair<std::uint32_t, model::PartitionId>, std::vector<RecordRange>> ranges_;
};

struct LogAudit {
  std::vector<RecordCounts> records;
  std::vector<LostRange> unconfirmed;  // sent with acks=0 and in no log
};
/// Compares the books with the logs of the final leaders.
LogAudit audit_logs(const model::Cluster& cluster, const ClusterView& view,
                    const RecordLedger& ledger, const DeletedRecords& deleted);

/// The broker whose log counts at the end: the leader in ZooKeeper; if there is none, the replica
/// of the ISR with the newest and longest log.
model::BrokerId final_leader(const model::Cluster& cluster, const PartitionView& view,
                             model::PartitionId partition);

/// Final state of every partition that exists.
std::vector<PartitionResult> final_partitions(const model::Cluster& cluster,
                                              const ClusterView& view);

}  // namespace isrlab::results
