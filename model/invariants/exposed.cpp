#include "model/invariants/exposed.hpp"

namespace isrlab::model {

ExposedMark& Exposed::seal(PartitionId partition, const RunView& view) {
  ExposedMark& mark = marks_[partition];
  if (mark.sealed || mark.broker == kNoBroker) return mark;
  mark.sealed = true;
  const PartitionLog* log = view.log(mark.broker, partition);
  mark.hashed =
      log != nullptr && log->hashed_from() <= mark.end && log->log_end_offset() >= mark.end;
  if (mark.hashed) mark.hash = log->prefix_hash(mark.end);
  return mark;
}

void Exposed::give_up(PartitionId partition, const PartitionLog& log, std::int64_t kept) {
  ExposedMark& mark = marks_[partition];
  mark.end = kept;
  mark.hash = log.prefix_hash(kept);
}

std::string Exposed::describe(const Catalog& catalog, PartitionId partition,
                              const PartitionLog& log, const ExposedMark& mark, const RunView& view,
                              std::int64_t& kept) {
  kept = std::min(mark.end, log.log_end_offset());
  if (!mark.hashed) return sentence("its log ends at ", log.log_end_offset());
  const PartitionLog* reference = nullptr;
  const auto look = [&](BrokerId broker) {
    const PartitionLog* found = view.log(broker, partition);
    if (found != nullptr && holds_prefix(*found, mark.end, mark.hash)) reference = found;
  };
  look(mark.broker);
  for (const BrokerId broker : view.assignment(partition)) {
    if (reference == nullptr) look(broker);
  }
  if (reference == nullptr) {
    return sentence("its log ends at ", log.log_end_offset(), ", and no replica holds them");
  }
  kept = first_difference(*reference, log, mark.end);
  std::string text = sentence("the first is ", record_at(catalog, *reference, kept), " at offset ",
                              kept, ", where ");
  if (log.log_end_offset() <= kept)
    return text + sentence("its log ends at ", log.log_end_offset());
  return text + "it has " + record_at(catalog, log, kept);
}

}  // namespace isrlab::model
