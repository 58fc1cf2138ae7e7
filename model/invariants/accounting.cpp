// S40 accounting: every record that a producer made is resolved at most once (acknowledged, or
// failed: refused or unknown) and pending until then; every record in a log was made by its
// producer.
// Source: reference scenarios.md 6.1 S40, a property of the simulator itself.
// Records are numbered 0, 1, ... per producer and partition, so the resolved ones are a few ranges
// of numbers: one, as long as no producer dies and nothing overtakes.
#include <algorithm>

#include "model/invariants/factories.hpp"
#include "model/invariants/ranges.hpp"

namespace isrlab::model {
namespace {

class Accounting final : public Checker<Accounting> {
 public:
  static constexpr std::string_view kId = "S40";
  static constexpr std::string_view kName = "accounting";
  static constexpr std::array kInterests = {HistoryKind::kRecordCreated, HistoryKind::kRecordsAcked,
                                            HistoryKind::kRecordsFailed,
                                            HistoryKind::kLeaderAppend};

  explicit Accounting(const Catalog& catalog) : Checker(catalog) {
    std::uint32_t next = 0;
    for (const ProducerSpec& producer : catalog.spec().producers) {
      const TopicInfo& topic = catalog.topic(*catalog.find_topic(producer.topic));
      producers_.push_back(
          {topic.first, static_cast<std::uint32_t>(topic.partitions), next, ProducerCounts()});
      next += static_cast<std::uint32_t>(topic.partitions);
    }
    accounts_.resize(next);
  }

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    count();
    if (kind_of(event) == HistoryKind::kLeaderAppend) return appended(event, view);
    const std::uint32_t producer = catalog().process(event.actor).index;
    Account* account = find(producer, event.subject);
    const auto first = static_cast<std::uint64_t>(event.a);
    if (account == nullptr) {
      return violated(event, sentence(catalog().process(event.actor).name, " speaks of ",
                                      partition_name(event.subject), ", which is not its topic's"));
    }
    if (kind_of(event) == HistoryKind::kRecordCreated) {
      ++producers_[producer].counts.created;
      if (first != account->created) {
        violated(event, sentence(partition_name(event.subject), ": ",
                                 record_text(catalog(), producer, first),
                                 " was created where record ", account->created, " was due"));
      }
      account->created = std::max(account->created, first + 1);
      return;
    }
    resolved(event, producer, *account);
  }

  void check_end(Time now, const RunView& view) override {
    for (std::uint32_t i = 0; i < producers_.size(); ++i) {
      const ProducerCounts seen = producers_[i].counts;
      const ProducerCounts own = view.producer(i);
      count();
      if (seen.created == own.created && seen.acked == own.acked && seen.failed == own.failed) {
        continue;
      }
      sim::HistoryEvent end;
      end.time = now;
      violated(end, sentence(catalog().spec().producers[i].name, " counts ", own.created,
                             " records created, ", own.acked, " acknowledged and ", own.failed,
                             " failed; the history has ", seen.created, ", ", seen.acked, " and ",
                             seen.failed));
    }
  }

 private:
  struct Account {
    std::uint64_t created = 0;  // records 0 .. created - 1 exist
    Ranges resolved;
  };
  struct ProducerSlots {
    PartitionId first = 0;
    std::uint32_t partitions = 0;
    std::uint32_t account = 0;  // of the first partition
    ProducerCounts counts;
  };

  Account* find(std::uint32_t producer, PartitionId partition) {
    if (producer >= producers_.size()) return nullptr;
    const ProducerSlots& slots = producers_[producer];
    const std::uint32_t number = partition - slots.first;  // wraps around below the first
    return number < slots.partitions ? &accounts_[slots.account + number] : nullptr;
  }

  void resolved(const sim::HistoryEvent& event, std::uint32_t producer, Account& account) {
    const bool acked = kind_of(event) == HistoryKind::kRecordsAcked;
    ProducerCounts& counts = producers_[producer].counts;
    (acked ? counts.acked : counts.failed) += event.b;
    const auto first = static_cast<std::uint64_t>(event.a);
    const std::uint64_t end = first + static_cast<std::uint64_t>(event.b);
    const auto text = [&](std::string_view what) {
      return sentence(partition_name(event.subject), ": records ", first, " to ", end - 1, " of ",
                      catalog().process(event.actor).name, acked ? " are acknowledged" : " failed",
                      what);
    };
    if (end > account.created) {
      return violated(event, text(sentence(", but only ", account.created, " were created")));
    }
    if (!account.resolved.add(first, end)) {
      violated(event, text(", but some of them were resolved before"));
    }
  }

  void appended(const sim::HistoryEvent& event, const RunView& view) {
    const std::uint32_t producer = low_half(event.c);
    if (producer == kNone) return;  // the coordinator's own
    const PartitionLog* log = view.log(broker_of(event), event.subject);
    const Batch* batch = log == nullptr ? nullptr : log->batch_containing(event.a);
    if (batch == nullptr) return;
    const Account* account = find(producer, event.subject);
    const std::uint64_t created = account == nullptr ? 0 : account->created;
    const bool as_told = batch->producer == producer && batch->base_offset == event.a &&
                         batch->count == static_cast<std::uint64_t>(event.b);
    if (as_told && batch->first_record + batch->count <= created) return;
    violated(event,
             sentence(partition_name(event.subject), ": ", broker_name(broker_of(event)),
                      " appended ", batch->count, " from ",
                      record_text(catalog(), batch->producer, batch->first_record), " at offset ",
                      event.a, ", but that producer created only ", created, " records for it"));
  }

  std::vector<ProducerSlots> producers_;
  std::vector<Account> accounts_;
};

}  // namespace

ViewedInvariantPtr make_accounting(const Catalog& catalog) {
  return std::make_unique<Accounting>(catalog);
}

}  // namespace isrlab::model
