// S25 idempotence: for each producer id, epoch and partition the sequence numbers in a leader's log
// follow each other without a gap, so no batch is there twice.
// Source: reference scenarios.md 6.1 S25; ProducerAppendInfo.checkSequence; replication.md 6.
// A new epoch of a producer begins at 0.
#include "model/invariants/factories.hpp"
#include "model/invariants/producer_tails.hpp"

namespace isrlab::model {
namespace {

class Idempotence final : public Checker<Idempotence> {
 public:
  static constexpr std::string_view kId = "S25";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "idempotence";
  static constexpr std::array kInterests = {HistoryKind::kLeaderAppend};

  explicit Idempotence(const Catalog& catalog) : Checker(catalog), tails_(catalog) {
    for (const ProducerSpec& producer : catalog.spec().producers) {
      any_ = any_ || (producer.config.enable_idempotence != 0 && producer.config.acks == -1);
    }
  }

  bool promised(const Catalog&) const override { return any_; }

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    if (!any_) return;  // nobody numbers batches
    const PartitionLog* log = view.log(broker_of(event), event.subject);
    const Batch* batch = ProducerTails::appended(event, log);
    if (batch == nullptr || batch->producer_id < 0) return;
    std::vector<TailBatch>* tail = tails_.held(event.subject, *batch, *log);
    if (tail == nullptr) return;
    count();
    const TailBatch* last = tail->empty() ? nullptr : &tail->back();
    if (last != nullptr && last->producer_id == batch->producer_id) {
      const bool same_epoch = last->producer_epoch == batch->producer_epoch;
      const auto records = static_cast<std::int32_t>(last->count);
      const std::int32_t due = same_epoch ? increment_sequence(last->base_sequence, records) : 0;
      if (batch->producer_epoch < last->producer_epoch || batch->base_sequence != due) {
        violated(event, sentence(partition_name(event.subject), ": ", broker_name(broker_of(event)),
                                 " appended sequence ", batch->base_sequence, " of producer id ",
                                 batch->producer_id, ", epoch ", batch->producer_epoch,
                                 ", at offset ", event.a, " where sequence ", due,
                                 " was due after epoch ", last->producer_epoch));
      }
    }
    ProducerTails::push(*tail, *batch);
  }

 private:
  ProducerTails tails_;
  bool any_ = false;
};

}  // namespace

ViewedInvariantPtr make_idempotence(const Catalog& catalog) {
  return std::make_unique<Idempotence>(catalog);
}

}  // namespace isrlab::model
