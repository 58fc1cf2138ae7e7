// What a partition's leaders have exposed: the highest high watermark that any of them had in its
// own epoch (TrueHW of the reference, scenarios.md 6), with the hash of the log below it.
// The hash is taken late, when somebody may soon hold something else: a high watermark moves with
// nearly every record, and only a change of roles endangers what lies below it.
#pragma once
#include <vector>

#include "model/invariants/checker.hpp"

namespace isrlab::model {

struct ExposedMark {
  std::int64_t end = 0;
  std::uint64_t hash = 0;  // of the exposing leader's log below the end
  std::int32_t epoch = -1;
  BrokerId broker = kNoBroker;
  bool sealed = false;  // the hash was asked for
  bool hashed = false;  // and there was one; else only lengths can be compared
};

class Exposed {
 public:
  explicit Exposed(const Catalog& catalog) : marks_(catalog.partition_count()) {}

  /// A HighWatermark event. Those of followers expose nothing.
  void rise(const sim::HistoryEvent& event, BrokerId broker) {
    if (event.b < 0 || event.a <= marks_[event.subject].end) return;
    marks_[event.subject] = {event.a, 0, static_cast<std::int32_t>(event.b), broker, false, false};
  }
  /// The mark with its hash; to be called before anybody truncates, so at every change of a role.
  ExposedMark& seal(PartitionId partition, const RunView& view);
  std::int64_t end(PartitionId partition) const { return marks_[partition].end; }
  /// One loss is one violation: later leaders answer for what this log still holds.
  void give_up(PartitionId partition, const PartitionLog& log, std::int64_t kept);

  /// Does the log hold all that was exposed?
  static bool holds(const PartitionLog& log, const ExposedMark& mark) {
    return mark.hashed ? holds_prefix(log, mark.end, mark.hash) : log.log_end_offset() >= mark.end;
  }
  /// How a log that does not hold it differs, as the end of a sentence; `kept` becomes the first
  /// offset that is gone.
  static std::string describe(const Catalog& catalog, PartitionId partition,
                              const PartitionLog& log, const ExposedMark& mark, const RunView& view,
                              std::int64_t& kept);

 private:
  std::vector<ExposedMark> marks_;
};

}  // namespace isrlab::model
