// What the invariants share: a base class that turns a checker of (event, view) into a reader of
// runs, texts, and small tables indexed by dense ids.
#pragma once
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "model/invariants/invariant.hpp"
#include "model/invariants/view.hpp"

namespace isrlab::model {

/// An invariant that sees the world through a view only, so that a test can stand in for a cluster.
class ViewedInvariant : public Invariant {
 public:
  virtual void check(const sim::HistoryEvent& event, const RunView& view) = 0;
  virtual void check_end(Time now, const RunView& view) {
    (void)now;
    (void)view;
  }
};

/// Self gives kId, kName, kInterests and check(); it is final and copyable.
template <class Self>
class Checker : public ViewedInvariant {
 public:
  explicit Checker(const Catalog& catalog) : catalog_(&catalog) {}
  std::string_view id() const final { return Self::kId; }
  std::string_view name() const final { return Self::kName; }
  std::vector<HistoryKind> interests() const final {
    return {Self::kInterests.begin(), Self::kInterests.end()};
  }
  void on_event(const sim::HistoryEvent& event, const Cluster& cluster) final {
    static_cast<Self*>(this)->Self::check(event, ClusterView(cluster));
  }
  void at_end(const Cluster& cluster) final {
    static_cast<Self*>(this)->Self::check_end(cluster.now(), ClusterView(cluster));
  }
  bool rests_on_disks() const final {
    if constexpr (requires { Self::kRestsOnDisks; }) return Self::kRestsOnDisks;
    return false;
  }
  std::unique_ptr<Reader> clone() const final {
    return std::make_unique<Self>(static_cast<const Self&>(*this));
  }

 protected:
  const Catalog& catalog() const { return *catalog_; }
  BrokerId broker_of(const sim::HistoryEvent& event) const {
    return catalog_->broker_of(event.actor);
  }
  std::string partition_name(PartitionId id) const { return catalog_->partition_name(id); }

 private:
  const Catalog* catalog_;  // immutable, shared by all copies of a world, outlives them
};

inline HistoryKind kind_of(const sim::HistoryEvent& event) {
  return static_cast<HistoryKind>(event.kind);
}
inline std::int32_t high_half(std::int64_t packed) {
  return static_cast<std::int32_t>(packed >> 32);
}
inline std::uint32_t low_half(std::int64_t packed) {
  return static_cast<std::uint32_t>(packed);
}

// --- texts ---
namespace detail {
inline void put(std::string& text, std::string_view part) {
  text += part;
}
template <class Number>
  requires std::is_integral_v<Number>
void put(std::string& text, Number number) {
  text += std::to_string(number);
}
}  // namespace detail
/// Words and numbers, one after the other.
template <class... Parts>
std::string sentence(const Parts&... parts) {
  std::string text;
  (detail::put(text, parts), ...);
  return text;
}
/// `broker-2`, or `no broker`.
std::string broker_name(BrokerId broker);
/// `[1, 3]`.
std::string list_text(std::span<const std::uint32_t> members);
std::string list_text(const BrokerList& members);
/// `record 17 of p1`; with kNone as producer `a record of the coordinator`.
std::string record_text(const Catalog& catalog, std::uint32_t producer, std::uint64_t record);
/// The record that the log holds at the offset, as text; `nothing` if there is none.
std::string record_at(const Catalog& catalog, const PartitionLog& log, std::int64_t offset);

// --- logs ---
/// Prefix hashes count what retention has deleted, unless a log began anew where nobody knows that.
inline bool hashes_compare(const PartitionLog& left, const PartitionLog& right) {
  return left.hashed_from() != PartitionLog::kUnknownPrefix &&
         right.hashed_from() != PartitionLog::kUnknownPrefix;
}
/// Does the log hold exactly what the hash at this end says, or has it deleted it?
inline bool holds_prefix(const PartitionLog& log, std::int64_t end, std::uint64_t hash) {
  if (log.log_end_offset() < end) return false;
  return end < log.hashed_from() || log.prefix_hash(end) == hash;
}
/// Do both logs agree below the end, as far as both still have it?
inline bool same_prefix(const PartitionLog& left, const PartitionLog& right, std::int64_t end) {
  return end < left.hashed_from() || end < right.hashed_from() ||
         left.prefix_hash(end) == right.prefix_hash(end);
}
/// The end of a replica's log as far as this leader can know it: a replica that follows a newer
/// leader may have cut its log for that one, and the old leader goes by the last fetch it got. So
/// does a leader that has not heard yet that a reassignment took the replica away.
inline std::int64_t end_known_to(const Partition& leader, BrokerId replica, PartitionId id,
                                 const RunView& view) {
  const Partition* partition = view.partition(replica, id);
  if (partition == nullptr) return 0;
  const bool there = partition->exists || partition->log.log_end_offset() > 0;
  if (there && partition->leader_epoch <= leader.leader_epoch) {
    return partition->log.log_end_offset();
  }
  const RemoteReplica* remote = leader.remote(replica);
  return remote == nullptr ? -1 : remote->log_end_offset;
}
/// The batch that begins at the offset, usually the last one; null if there is none.
inline const Batch* batch_at(const PartitionLog& log, std::int64_t base_offset) {
  const Batch* batch = log.last_batch();
  if (batch == nullptr || batch->base_offset == base_offset) return batch;
  batch = log.batch_containing(base_offset);
  return batch != nullptr && batch->base_offset == base_offset ? batch : nullptr;
}
/// First offset below `end` at which the other log differs from the reference or has ended; `end`
/// if there is none. Logarithmic, for the text of a violation only.
std::int64_t first_difference(const PartitionLog& reference, const PartitionLog& other,
                              std::int64_t end);

// --- tables ---
/// One value per replica, found by partition and broker among as many as the replication factor.
template <class Value>
class ReplicaTable {
 public:
  explicit ReplicaTable(const Catalog& catalog) {
    std::uint32_t next = 0;
    first_.reserve(catalog.partition_count() + 1);
    for (PartitionId p = 0; p < catalog.partition_count(); ++p) {
      first_.push_back(next);
      next +=
          static_cast<std::uint32_t>(catalog.topic(catalog.partition(p).topic).replication_factor);
    }
    first_.push_back(next);
    cells_.resize(next);
  }
  Value& at(PartitionId partition, BrokerId broker) {
    const std::uint32_t end = first_[partition + 1];
    for (std::uint32_t i = first_[partition]; i < end; ++i) {
      Cell& cell = cells_[i];
      if (cell.broker == broker) return cell.value;
      if (cell.broker != kNoBroker) continue;
      cell.broker = broker;
      return cell.value;
    }
    return more_[{partition, broker}];  // more brokers than replicas: after a reassignment
  }

 private:
  std::vector<std::uint32_t> first_;
  struct Cell {
    BrokerId broker = kNoBroker;
    Value value{};
  };
  std::vector<Cell> cells_;
  std::map<std::pair<PartitionId, BrokerId>, Value> more_;
};

struct LeaderInEpoch {
  std::int32_t epoch = -1;
  BrokerId broker = kNoBroker;
};

/// Who led a partition in which epoch. The newest epoch is at hand, older ones are looked up.
class EpochLeaders {
 public:
  explicit EpochLeaders(const Catalog& catalog) : newest_(catalog.partition_count()) {}
  const LeaderInEpoch& newest(PartitionId partition) const { return newest_[partition]; }
  /// kNoBroker if nobody is known.
  BrokerId find(PartitionId partition, std::int32_t epoch) const;
  /// The broker that is known for the epoch; the given one becomes it if there was none.
  BrokerId note(PartitionId partition, std::int32_t epoch, BrokerId broker) {
    const LeaderInEpoch& known = newest_[partition];
    return known.epoch == epoch ? known.broker : note_other(partition, epoch, broker);
  }

 private:
  BrokerId note_other(PartitionId partition, std::int32_t epoch, BrokerId broker);
  std::vector<LeaderInEpoch> newest_;
  std::map<std::pair<PartitionId, std::int32_t>, BrokerId> older_;
};

/// Which topics a promise is about. In a run that promises something, the others are not looked at;
/// in a run that promises nothing, all are, and what is found is counted without being a failure.
class Coverage {
 public:
  /// Unclean election is off, whoever is controller.
  static Coverage clean_election(const Catalog& catalog);
  /// Also somebody writes with acks=all, or the topic is the coordinator's own.
  static Coverage acked_by_all(const Catalog& catalog);
  bool any() const { return any_; }
  bool looks_at(const Catalog& catalog, PartitionId partition) const {
    return !any_ || covered_[catalog.partition(partition).topic] != 0;
  }
  bool covers(const Catalog& catalog, PartitionId partition) const {
    return covered_[catalog.partition(partition).topic] != 0;
  }

 private:
  std::vector<char> covered_;
  bool any_ = false;  // a topic of the scenario is covered
};

}  // namespace isrlab::model
