#include "model/invariants/checker.hpp"

#include <algorithm>

namespace isrlab::model {

std::string broker_name(BrokerId broker) {
  return broker == kNoBroker ? "no broker" : "broker-" + std::to_string(broker);
}

std::string list_text(std::span<const std::uint32_t> members) {
  std::string text = "[";
  for (const std::uint32_t member : members) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(member);
  }
  return text + "]";
}

std::string list_text(const BrokerList& members) {
  std::vector<std::uint32_t> ids;
  for (const BrokerId id : members) ids.push_back(static_cast<std::uint32_t>(id));
  return list_text(ids);
}

std::string record_text(const Catalog& catalog, std::uint32_t producer, std::uint64_t record) {
  if (producer >= catalog.spec().producers.size()) return "a record of the coordinator";
  return sentence("record ", record, " of ", catalog.spec().producers[producer].name);
}

std::string record_at(const Catalog& catalog, const PartitionLog& log, std::int64_t offset) {
  const Batch* batch = log.batch_containing(offset);
  if (batch == nullptr) return "nothing";
  const auto within = static_cast<std::uint64_t>(offset - batch->base_offset);
  return record_text(catalog, batch->producer, batch->first_record + within);
}

std::int64_t first_difference(const PartitionLog& reference, const PartitionLog& other,
                              std::int64_t end) {
  const auto agree = [&](std::int64_t offset) {
    return other.log_end_offset() >= offset && same_prefix(reference, other, offset);
  };
  if (agree(end)) return end;
  std::int64_t same = 0;  // agreement at an end implies agreement at every lower one
  std::int64_t different = end;
  while (different - same > 1) {
    const std::int64_t middle = same + (different - same) / 2;
    (agree(middle) ? same : different) = middle;
  }
  // A batch counts at its end: the one that ends at `different` is the first that differs.
  const Batch* batch = reference.batch_containing(different - 1);
  return batch == nullptr ? different - 1 : batch->base_offset;
}

BrokerId EpochLeaders::find(PartitionId partition, std::int32_t epoch) const {
  const LeaderInEpoch& known = newest_[partition];
  if (known.epoch == epoch) return known.broker;
  const auto at = older_.find({partition, epoch});
  return at == older_.end() ? kNoBroker : at->second;
}

BrokerId EpochLeaders::note_other(PartitionId partition, std::int32_t epoch, BrokerId broker) {
  LeaderInEpoch& known = newest_[partition];
  if (epoch < known.epoch) return older_.try_emplace({partition, epoch}, broker).first->second;
  if (known.epoch >= 0) older_[{partition, known.epoch}] = known.broker;
  known = {epoch, broker};
  return broker;
}

Coverage Coverage::clean_election(const Catalog& catalog) {
  Coverage coverage;
  for (TopicId topic = 0; topic < catalog.topics().size(); ++topic) {
    bool clean = true;
    for (BrokerId broker = 1; broker <= static_cast<BrokerId>(catalog.broker_count()); ++broker) {
      clean = clean && !catalog.unclean_leader_election(topic, broker);
    }
    coverage.covered_.push_back(clean);
    coverage.any_ = coverage.any_ || (clean && !catalog.topic(topic).internal);
  }
  return coverage;
}

Coverage Coverage::acked_by_all(const Catalog& catalog) {
  Coverage coverage = clean_election(catalog);
  coverage.any_ = false;
  const auto& producers = catalog.spec().producers;
  for (TopicId topic = 0; topic < catalog.topics().size(); ++topic) {
    const TopicInfo& info = catalog.topic(topic);
    const bool all = std::any_of(producers.begin(), producers.end(), [&](const ProducerSpec& p) {
      return p.topic == info.name && p.config.acks == -1;
    });
    if (!all && !info.internal) coverage.covered_[topic] = 0;
    coverage.any_ = coverage.any_ || (coverage.covered_[topic] != 0 && !info.internal);
  }
  return coverage;
}

}  // namespace isrlab::model
