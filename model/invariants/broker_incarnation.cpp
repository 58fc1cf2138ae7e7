// S21 broker incarnation: a control request that was meant for an earlier registration of a broker
// has no effect, and no two registrations of a broker are the same or go back.
// Source: reference scenarios.md 6.1 S21; KIP-380 (broker epochs), KAFKA-9839.
// The history does not say which broker epoch a request carried. But a controller that has not seen
// the present registration cannot have meant it.
#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class BrokerIncarnation final : public Checker<BrokerIncarnation> {
 public:
  static constexpr std::string_view kId = "S21";
  static constexpr std::string_view kName = "broker_incarnation";
  static constexpr std::array kInterests = {
      HistoryKind::kControllerElected, HistoryKind::kBrokerRegistered, HistoryKind::kBecameLeader,
      HistoryKind::kBecameFollower, HistoryKind::kReplicaStopped};

  explicit BrokerIncarnation(const Catalog& catalog)
      : Checker(catalog), registered_(catalog.broker_count() + 1, -1) {}

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    const BrokerId broker = broker_of(event);
    if (kind_of(event) == HistoryKind::kControllerElected) {
      const auto epoch = static_cast<std::size_t>(event.a);
      if (controllers_.size() <= epoch) controllers_.resize(epoch + 1, kNoBroker);
      controllers_[epoch] = broker;
    } else if (kind_of(event) == HistoryKind::kBrokerRegistered) {
      count();
      std::int64_t& last = registered_[static_cast<std::size_t>(broker)];
      if (event.a < last) {
        violated(event, sentence(broker_name(broker), " registered with broker epoch ", event.a,
                                 " after ", last));
      }
      last = event.a;
    } else {
      obeyed(event, broker, view);
    }
  }

 private:
  void obeyed(const sim::HistoryEvent& event, BrokerId broker, const RunView& view) {
    if (!view.alive(event.actor))
      return;  // it ended itself in the same step and knows nothing more
    const std::int32_t epoch = view.controller_epoch_seen(broker);
    const std::int64_t registered = registered_[static_cast<std::size_t>(broker)];
    if (epoch < 0 || static_cast<std::size_t>(epoch) >= controllers_.size()) return;
    const BrokerId controller = controllers_[static_cast<std::size_t>(epoch)];
    // A controller that has resigned or died has forgotten what it knew.
    if (controller == kNoBroker || !view.acts_as_controller(controller)) return;
    const std::int64_t known = view.broker_epoch_known(controller, broker);
    if (known < 0 || registered < 0 || view.broker_epoch(broker) != registered) return;
    count();
    if (known >= registered) return;
    violated(event, sentence(partition_name(event.subject), ": ", broker_name(broker),
                             ", registered with broker epoch ", registered, ", obeyed ",
                             broker_name(controller), ", controller of epoch ", epoch,
                             ", which knows it only as of broker epoch ", known));
  }

  std::vector<BrokerId> controllers_;     // by controller epoch
  std::vector<std::int64_t> registered_;  // broker epoch by broker id
};

}  // namespace

ViewedInvariantPtr make_broker_incarnation(const Catalog& catalog) {
  return std::make_unique<BrokerIncarnation>(catalog);
}

}  // namespace isrlab::model
