// S24 partition order: what one producer with idempotence writes to a partition lies there in the
// order in which it was sent; and a reader's offsets only grow until its position is set anew. With
// one request in flight and no idempotence, a request that timed out may still be appended later,
// as a duplicate out of order: not promised here. Source: reference scenarios.md 6.1 S24. Without
// idempotence a retry may append a batch a second time: a duplicate is not out of order. Producer
// ids are compared only with themselves: a producer that starts again is another one.
// A leader that does not know a producer id takes any sequence (replication.md, trap 25). While
// the first batches of a producer are under way to a deposed leader, a later one may so become the
// first of the partition; when the others run out of retries, what follows them gets a new epoch
// and is appended behind it. From such a gap on the order of that producer id is not promised.
#include "model/flat_map.hpp"
#include "model/invariants/factories.hpp"
#include "model/invariants/producer_tails.hpp"

namespace isrlab::model {
namespace {

class PartitionOrder final : public Checker<PartitionOrder> {
 public:
  static constexpr std::string_view kId = "S24";
  static constexpr bool kRestsOnDisks = true;
  static constexpr std::string_view kName = "partition_order";
  static constexpr std::array kInterests = {
      HistoryKind::kLeaderAppend, HistoryKind::kRecordsDelivered, HistoryKind::kPositionReset,
      HistoryKind::kAssignmentReceived, HistoryKind::kProcessStarted};

  explicit PartitionOrder(const Catalog& catalog)
      : Checker(catalog),
        tails_(catalog),
        gapped_(tails_.slots().size(), -1),
        next_(catalog.consumer_count()) {
    for (const ProducerSpec& producer : catalog.spec().producers) {
      ordered_.push_back(idempotent(producer) ? 1 : 0);
      any_ = any_ || ordered_.back() != 0;
    }
  }

  bool promised(const Catalog&) const override { return any_; }

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    switch (kind_of(event)) {
      case HistoryKind::kLeaderAppend: return appended(event, view);
      case HistoryKind::kRecordsDelivered: return delivered(event);
      default: {
        const ProcessInfo& info = catalog().process(event.actor);
        if (info.kind != ProcessKind::kConsumer) return;
        if (kind_of(event) == HistoryKind::kPositionReset) {
          next_[info.index].erase(event.subject);
        } else {
          next_[info.index].clear();
        }
      }
    }
  }

 private:
  static bool idempotent(const ProducerSpec& producer) {
    return producer.config.enable_idempotence != 0 && producer.config.acks == -1;
  }

  void appended(const sim::HistoryEvent& event, const RunView& view) {
    const std::uint32_t producer = low_half(event.c);
    if (producer >= ordered_.size() || (any_ && ordered_[producer] == 0)) return;
    const PartitionLog* log = view.log(broker_of(event), event.subject);
    const Batch* batch = ProducerTails::appended(event, log);
    std::vector<TailBatch>* tail =
        batch == nullptr ? nullptr : tails_.held(event.subject, *batch, *log);
    if (tail == nullptr) return;
    count();
    const bool known = !tail->empty() && tail->back().producer_id == batch->producer_id;
    std::int64_t& gapped = gapped_[tails_.slots().find(producer, event.subject)];
    if (!known && batch->base_sequence > 0) gapped = batch->producer_id;
    if (known && gapped != batch->producer_id && tail->back().end() > batch->first_record &&
        !duplicates(*tail, *batch)) {
      violated(event, sentence(partition_name(event.subject), ": ", broker_name(broker_of(event)),
                               " appended ", record_text(catalog(), producer, batch->first_record),
                               " at offset ", event.a, " after record ", tail->back().end() - 1,
                               ", which was sent later"));
    }
    ProducerTails::push(*tail, *batch);
  }

  /// Was it appended before? With idempotence that is S25's to tell.
  static bool duplicates(const std::vector<TailBatch>& tail, const Batch& batch) {
    for (const TailBatch& known : tail) {
      if (known.first_record == batch.first_record && known.count == batch.count) return true;
    }
    return false;
  }

  void delivered(const sim::HistoryEvent& event) {
    count();
    std::int64_t& next = next_[catalog().process(event.actor).index][event.subject];
    if (event.a < next) {
      violated(event,
               sentence(partition_name(event.subject), ": ", catalog().process(event.actor).name,
                        " read offset ", event.a, " after offset ", next - 1));
    }
    next = event.a + event.b;
  }

  ProducerTails tails_;
  std::vector<std::int64_t> gapped_;  // producer id that began with a gap, by slot
  std::vector<FlatMap<PartitionId, std::int64_t>> next_;  // by consumer
  std::vector<char> ordered_;                             // by producer
  bool any_ = false;
};

}  // namespace

ViewedInvariantPtr make_partition_order(const Catalog& catalog) {
  return std::make_unique<PartitionOrder>(catalog);
}

}  // namespace isrlab::model
