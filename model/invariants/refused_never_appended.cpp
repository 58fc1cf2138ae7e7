// S36 no acked-but-refused: a record that its producer was told for certain not to be written is in
// no leader's log, neither before nor after.
// Source: reference scenarios.md 6.1 S36; C06 (some errors come after the append: they are not
// certain, and the producer's ledger marks them as such).
#include "model/invariants/factories.hpp"
#include "model/invariants/producer_tails.hpp"
#include "model/invariants/ranges.hpp"

namespace isrlab::model {
namespace {

class RefusedNeverAppended final : public Checker<RefusedNeverAppended> {
 public:
  static constexpr std::string_view kId = "S36";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "refused_never_appended";
  static constexpr std::array kInterests = {HistoryKind::kLeaderAppend,
                                            HistoryKind::kRecordsFailed};

  explicit RefusedNeverAppended(const Catalog& catalog)
      : Checker(catalog), slots_(catalog), records_(slots_.size()) {}

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    if (kind_of(event) == HistoryKind::kRecordsFailed) return refused(event);
    const PartitionLog* log = view.log(broker_of(event), event.subject);
    const Batch* batch = ProducerTails::appended(event, log);
    const std::uint32_t slot =
        batch == nullptr ? kNone : slots_.find(batch->producer, event.subject);
    if (slot == kNone) return;
    Records& records = records_[slot];
    const std::uint64_t end = batch->first_record + batch->count;
    records.appended.merge(batch->first_record, end);
    count();
    if (records.any_refused) {
      if (records.refused.meets(batch->first_record, end)) {
        violated(event, sentence(partition_name(event.subject), ": ", broker_name(broker_of(event)),
                                 " appended ",
                                 record_text(catalog(), batch->producer, batch->first_record),
                                 " at offset ", event.a, ", which had been refused for certain"));
      }
    }
  }

 private:
  struct Records {
    Ranges appended;
    Ranges refused;
    bool any_refused = false;
  };

  void refused(const sim::HistoryEvent& event) {
    if ((event.c & 1) != 0) return;  // it may be in the log, and is said to be
    const std::uint32_t producer = catalog().process(event.actor).index;
    const std::uint32_t slot = slots_.find(producer, event.subject);
    if (slot == kNone) return;
    Records& records = records_[slot];
    const auto first = static_cast<std::uint64_t>(event.a);
    const std::uint64_t end = first + static_cast<std::uint64_t>(event.b);
    count();
    if (records.appended.meets(first, end)) {
      violated(event, sentence(partition_name(event.subject), ": ",
                               record_text(catalog(), producer, first), " was refused with ",
                               error_name(static_cast<Error>(event.c / 256)),
                               " for certain, but a leader had appended it"));
    }
    records.refused.merge(first, end);
    records.any_refused = true;
  }

  ProducerSlots slots_;
  std::vector<Records> records_;  // by slot
};

}  // namespace

ViewedInvariantPtr make_refused_never_appended(const Catalog& catalog) {
  return std::make_unique<RefusedNeverAppended>(catalog);
}

}  // namespace isrlab::model
