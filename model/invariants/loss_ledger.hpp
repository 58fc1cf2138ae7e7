// Which acknowledged records were lost: where, whose, when acknowledged, when and why lost.
// For every acks class that is told of success: acks=1 and acks=all. An invariant says that nothing
// was lost; this says what was, also where nothing was promised (reference scenarios.md 6.3).
// A record is lost when a broker leads its partition in the newest epoch and does not have it at
// the offset of its acknowledgement. It may come back if a replica that still has it leads later
// (an unclean election), and is gone for good once the last such replica has truncated.
// Memory: acknowledgements are remembered until every assigned replica holds the record; then no
// election can lose it, as long as disks keep what they have.
#pragma once
#include <cstdint>
#include <vector>

#include "model/invariants/checker.hpp"

namespace isrlab::model {

/// Records next to each other, of one producer, acknowledged by one broker, lost by one event.
struct LostRange {
  PartitionId partition = 0;
  std::int64_t offset = 0;
  std::uint32_t count = 0;
  std::uint32_t producer = 0;      // index in ClusterSpec::producers
  std::uint64_t first_record = 0;  // record i is at offset + (i - first_record)
  std::int32_t acks = 0;           // the producer's setting: 1 or -1 (all)
  std::int32_t epoch = -1;         // leader epoch in which they were written
  BrokerId acked_by = kNoBroker;   // the leader of that epoch
  Time first_acked = 0;            // at the producer
  Time last_acked = 0;
  Time lost = 0;
  std::uint32_t cause = 0;          // history id of the new leader's BecameLeader (or of the
                                    // Truncated that took the leader's own copy)
  BrokerId new_leader = kNoBroker;  // who leads without them
  Time erased = sim::kNever;        // when acked_by truncated its copy; kNever: it still has it
  std::uint32_t erased_by = 0;      // history id of that Truncated
  Time returned = sim::kNever;      // when a leader had them again; kNever: still lost
};

class LossLedger final : public Reader {
 public:
  explicit LossLedger(const Catalog& catalog);

  std::vector<HistoryKind> interests() const override;
  void on_event(const sim::HistoryEvent& event, const Cluster& cluster) override {
    observe(event, ClusterView(cluster));
  }
  std::unique_ptr<Reader> clone() const override { return std::make_unique<LossLedger>(*this); }

  void observe(const sim::HistoryEvent& event, const RunView& view);

  /// In the order in which they were lost, those that came back included.
  const std::vector<LostRange>& lost() const { return lost_; }
  /// Records of that acks class that are lost now.
  std::uint64_t lost_records(std::int32_t acks) const;
  std::uint64_t lost_records() const { return lost_records(1) + lost_records(-1); }
  /// One sentence for reports.
  std::string text(const LostRange& range) const;
  /// Acknowledged batches that some assigned replica may not hold yet.
  std::size_t remembered() const;

 private:
  struct Ack {
    std::int64_t offset = 0;
    std::uint64_t first_record = 0;
    Time time = 0;
    std::uint32_t count = 0;
    std::uint32_t producer = 0;
    std::int32_t epoch = -1;
    BrokerId acked_by = kNoBroker;

    std::int64_t end() const { return offset + count; }
  };
  struct PartitionState {
    std::vector<Ack> acks;           // at risk
    std::uint32_t settle_at = 0;     // number of them at which they are looked through
    std::uint32_t leader_event = 0;  // BecameLeader of the newest epoch
  };

  void acknowledged(const sim::HistoryEvent& event, const RunView& view);
  void became_leader(const sim::HistoryEvent& event, const RunView& view);
  void truncated(const sim::HistoryEvent& event, const RunView& view);
  void look_through(const sim::HistoryEvent& event, std::uint32_t cause, std::int64_t safe,
                    const RunView& view);
  void lose(const sim::HistoryEvent& event, const Ack& ack, std::uint32_t cause);
  void bring_back(const sim::HistoryEvent& event, const PartitionLog& log);
  void settle(PartitionId partition, const RunView& view);

  const Catalog* catalog_;
  EpochLeaders leaders_;
  std::vector<PartitionState> partitions_;
  std::vector<LostRange> lost_;
};

}  // namespace isrlab::model
