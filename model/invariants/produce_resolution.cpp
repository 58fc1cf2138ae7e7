// L7 produce resolution: every record that was sent ends acknowledged or failed within
// delivery.timeout.ms of its send.
// Source: reference scenarios.md 6.2 L7 (Sender, RecordAccumulator.expiredBatches).
// This one needs no calm cluster, only a producer that is allowed to run; it is looked at all the
// time. A batch counts from its first record. What a producer leaves behind when it dies stays
// unknown. Without idempotence a batch that is tried again goes to the front of its queue, and only
// the front is looked at for expiry: with several requests in flight an older batch may wait behind
// a younger one, up to a second delivery.timeout.ms.
#include "model/invariants/factories.hpp"
#include "model/invariants/liveness.hpp"

namespace isrlab::model {
namespace {

class ProduceResolution final : public Liveness<ProduceResolution> {
 public:
  static constexpr std::string_view kId = "L7";
  static constexpr std::string_view kName = "produce_resolution";

  using Liveness::Liveness;

  Duration settles_within() const override { return kGrace; }
  bool looks_again() const override { return true; }

  std::string missing(const RunView& view, const LivenessMarks&, Time now) const override {
    const std::vector<ProducerSpec>& producers = catalog().spec().producers;
    for (std::uint32_t i = 0; i < producers.size(); ++i) {
      if (!view.alive(catalog().producer_process(i))) continue;
      const Time since = view.oldest_pending(i);
      const ProducerConfig& config = producers[i].config;
      const bool in_order =
          config.max_in_flight == 1 || (config.enable_idempotence != 0 && config.acks == -1);
      const Duration bound = config.delivery_timeout * (in_order ? 1 : 2) + config.linger + kGrace;
      if (since == sim::kNever || now <= since + view.stretched(bound)) continue;
      return sentence("records of ", producers[i].name, " have been pending for ",
                      (now - since) / sim::kMillisecond, " ms");
    }
    return {};
  }

 private:
  static constexpr Duration kGrace = 2 * sim::kSecond;  // a producer that was paused catches up
};

}  // namespace

ViewedInvariantPtr make_produce_resolution(const Catalog& catalog) {
  return std::make_unique<ProduceResolution>(catalog);
}

}  // namespace isrlab::model
