// S16 one leader per epoch: a partition's leader epoch names at most one broker that ever led or
// accepted a write in it.
// Source: reference scenarios.md 6.1 S16. A deposed leader may go on writing in its own old epoch.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class AtMostOneLeaderPerEpoch final : public Checker<AtMostOneLeaderPerEpoch> {
 public:
  static constexpr std::string_view kId = "S16";
  static constexpr std::string_view kName = "at_most_one_leader_per_epoch";
  static constexpr std::array kInterests = {HistoryKind::kLeaderAppend, HistoryKind::kBecameLeader};

  explicit AtMostOneLeaderPerEpoch(const Catalog& catalog) : Checker(catalog), leaders_(catalog) {}

  void check(const sim::HistoryEvent& event, const RunView&) override {
    const bool append = kind_of(event) == HistoryKind::kLeaderAppend;
    const std::int32_t epoch = append ? high_half(event.c) : static_cast<std::int32_t>(event.a);
    const BrokerId broker = broker_of(event);
    count();
    const BrokerId known = leaders_.note(event.subject, epoch, broker);
    if (known == broker) return;
    violated(event, sentence(partition_name(event.subject), ": ", broker_name(broker),
                             append ? sentence(" accepted a write at offset ", event.a)
                                    : std::string(" became leader"),
                             " in epoch ", epoch, ", which belongs to ", broker_name(known)));
  }

 private:
  EpochLeaders leaders_;
};

}  // namespace

ViewedInvariantPtr make_at_most_one_leader_per_epoch(const Catalog& catalog) {
  return std::make_unique<AtMostOneLeaderPerEpoch>(catalog);
}

}  // namespace isrlab::model
