// Failed log directories as the controller sees them (KafkaController:
// processLogDirEventNotification, processLeaderAndIsrResponseReceived, onReplicasBecomeOffline). A
// broker tells by a notification that some directory failed; which replicas are gone is learned
// from its answers to LeaderAndIsr.
#include <algorithm>

#include "model/controller/controller.hpp"

namespace isrlab::model {

namespace {
const std::string kEvents = "/log_dir_event_notification";
}

std::vector<ZkRequest> Controller::delete_log_dir_events(
    const std::vector<std::string>& names) const {
  std::vector<ZkRequest> requests;
  for (const std::string& name : names) {
    ZkOp op;
    op.kind = ZkOpKind::kDelete;
    op.path = kEvents + "/" + name;
    requests.push_back(fenced(std::move(op)));
  }
  return requests;
}

void Controller::step_log_dir_events(Frame& frame, ZkClient& zk, Out& out) {
  switch (frame.step++) {
    case 0: return ask({children(kEvents)}, zk, out);
    case 1: {
      frame.names = replies_[0].results[0].children;
      std::vector<ZkRequest> requests;
      for (const std::string& name : frame.names) requests.push_back(read(kEvents + "/" + name));
      return ask(std::move(requests), zk, out);
    }
    case 2: {
      std::vector<BrokerId> brokers;
      for (const ZkReply& reply : replies_) {
        const auto* event = std::get_if<LogDirEventZnode>(&reply.results[0].value);
        if (event != nullptr) brokers.push_back(event->broker);
      }
      std::sort(brokers.begin(), brokers.end());
      brokers.erase(std::unique(brokers.begin(), brokers.end()), brokers.end());
      for (const BrokerId broker : brokers) {
        for (const PartitionId partition : partitions_with_replica_on({broker})) {
          if (context_.leadership[partition].known) add_leader_and_isr({broker}, partition, false);
        }
      }
      flush(out);
      return ask(delete_log_dir_events(frame.names), zk, out);
    }
    default:
      for (const ZkReply& reply : replies_) {
        if (fenced_off(reply)) return moved(out);
      }
      return done();
  }
}

/// Queued only if the answer says something of failed directories.
void Controller::note_directories(BrokerId broker, const LeaderAndIsrResponse& response,
                                  ZkClient& zk, Out& out) {
  if (response.error != Error::kNone) return;
  ControllerEvent event;
  event.type = ControllerEventType::kLeaderAndIsrAnswered;
  event.broker = broker;
  for (const auto& result : response.partitions) {
    if (result.error == Error::kKafkaStorageError) event.offline.push_back(result.partition);
    if (result.error == Error::kNone) event.online.push_back(result.partition);
  }
  if (event.offline.empty() && !context_.on_failed_directories.contains(broker)) return;
  enqueue(std::move(event), zk, out);
}

void Controller::step_replicas_offline(Frame& frame, Out&) {
  if (frame.step++ > 0) return done();
  const BrokerId broker = frame.event.broker;
  std::vector<PartitionId>& known = context_.on_failed_directories[broker];
  for (const PartitionId partition : frame.event.online) std::erase(known, partition);
  Frame failure;
  failure.procedure = Procedure::kBrokerFailure;
  failure.brokers = {broker};
  failure.restricted = true;
  for (const PartitionId partition : frame.event.offline) {
    const auto at = std::lower_bound(known.begin(), known.end(), partition);
    if (at != known.end() && *at == partition) continue;
    known.insert(at, partition);
    failure.only.push_back(partition);
  }
  if (failure.only.empty()) return;
  call(std::move(failure));
}

}  // namespace isrlab::model
