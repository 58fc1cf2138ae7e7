// Controller fail-over (KafkaController.onControllerFailover), in its order: notifications,
// brokers, topics, leaderships; UpdateMetadata before anything else; replicas before partitions.
#include "model/controller/controller.hpp"

namespace isrlab::model {

void Controller::step_failover(Frame& frame, ZkClient& zk, Out& out) {
  switch (frame.step++) {
    case 0:
      return ask({children("/log_dir_event_notification"), children("/isr_change_notification")},
                 zk, out);
    case 1: {
      // Old notifications go; the answers to the LeaderAndIsr requests below tell the same.
      std::vector<ZkRequest> requests = delete_log_dir_events(replies_[0].results[0].children);
      requests.push_back(children("/brokers/ids"));
      return ask(std::move(requests), zk, out);
    }
    case 2: {
      frame.brokers = broker_names(replies_.back());
      std::vector<ZkRequest> requests;
      for (const BrokerId id : frame.brokers) {
        requests.push_back(read("/brokers/ids/" + std::to_string(id)));
      }
      return ask(std::move(requests), zk, out);
    }
    case 3:
      learn_broker_epochs(frame.brokers, context_.live);
      return ask({children("/brokers/topics")}, zk, out);
    case 4: {
      frame.topics = topic_names(replies_[0]);
      std::vector<ZkRequest> requests;
      for (const TopicId topic : frame.topics) {
        requests.push_back(read("/brokers/topics/" + catalog_->topic(topic).name, true));
      }
      return ask(std::move(requests), zk, out);
    }
    case 5: {
      failover_topics(frame);
      std::vector<ZkRequest> requests;
      for (const auto& [id, epoch] : context_.live) {
        requests.push_back(read("/brokers/ids/" + std::to_string(id), true));
        requests.back().ops[0].kind = ZkOpKind::kExists;
      }
      return ask(std::move(requests), zk, out);
    }
    case 6: return ask(read_states(frame.partitions), zk, out);
    case 7: failover_leaderships(frame, out); return;
    case 8: {
      Frame create;
      create.procedure = Procedure::kCreatePartitions;
      create.partitions = partitions_in(PartitionState::kNew);
      return call(std::move(create));
    }
    case 9: {
      Frame elect;
      elect.procedure = Procedure::kElectLeaders;
      elect.partitions = partitions_in(PartitionState::kOffline);
      return call(std::move(elect));
    }
    case 10: return resume(context_.reassigning, false);
    default:
      out.record(HistoryKind::kControllerReady, static_cast<std::uint32_t>(self_), context_.epoch,
                 static_cast<std::int64_t>(frame.partitions.size()));
      if (catalog_->broker_config(self_).auto_leader_rebalance_enable != 0) {
        if (rebalance_slot_ == kNone) rebalance_slot_ = slots_->take();
        out.set_timer(rebalance_slot_, out.now() + 5 * sim::kSecond,
                      TimerKind::kControllerRebalance);
      }
      return done();
  }
}

void Controller::learn_broker_epochs(const std::vector<BrokerId>& names,
                                     FlatMap<BrokerId, std::int64_t>& epochs) const {
  for (std::size_t i = 0; i < names.size() && i < replies_.size(); ++i) {
    const ZkOpResult& found = replies_[i].results[0];
    if (found.code == ZkCode::kOk) epochs[names[i]] = found.stat.czxid;
  }
}

void Controller::failover_topics(Frame& frame) {
  for (std::size_t i = 0; i < frame.topics.size(); ++i) {
    const ZkOpResult& found = replies_[i].results[0];
    const auto* znode = std::get_if<TopicZnode>(&found.value);
    if (found.code != ZkCode::kOk || znode == nullptr) continue;
    const TopicInfo& topic = catalog_->topic(frame.topics[i]);
    context_.topic_known[frame.topics[i]] = true;
    for (std::size_t p = 0; p < znode->replicas->size(); ++p) {
      const PartitionId partition = topic.first + static_cast<PartitionId>(p);
      context_.assignment[partition] = (*znode->replicas)[p];
      if (znode->adding != nullptr && p < znode->adding->size()) {
        context_.adding[partition] = (*znode->adding)[p];
        context_.removing[partition] = (*znode->removing)[p];
        const bool moving =
            !context_.adding[partition].empty() || !context_.removing[partition].empty();
        if (moving) context_.reassigning.push_back(partition);
      }
      frame.partitions.push_back(partition);
    }
  }
}

void Controller::failover_leaderships(Frame& frame, Out& out) {
  for (std::size_t i = 0; i < frame.partitions.size(); ++i) {
    const PartitionId partition = frame.partitions[i];
    refresh(partition, replies_[i].results[0]);
    const Leadership& leadership = context_.leadership[partition];
    context_.state[partition] = !leadership.known                     ? PartitionState::kNew
                                : context_.is_live(leadership.leader) ? PartitionState::kOnline
                                                                      : PartitionState::kOffline;
  }
  for (const auto& [id, epoch] : context_.live) add_broker(id, out);
  // Brokers must know their peers' addresses before a LeaderAndIsr names them.
  send_update_metadata(live_or_shutting_down(), {}, out);
  std::vector<BrokerId> dead;
  for (const PartitionId partition : frame.partitions) {
    if (!context_.leadership[partition].known) continue;
    for (const BrokerId broker : context_.assignment[partition]) {
      if (context_.is_live(broker)) {
        add_leader_and_isr({broker}, partition, false);
      } else if (std::find(dead.begin(), dead.end(), broker) == dead.end()) {
        dead.push_back(broker);
      }
    }
  }
  flush(out);
  std::sort(dead.begin(), dead.end());
  std::sort(context_.reassigning.begin(), context_.reassigning.end());
  Frame remove;
  remove.procedure = Procedure::kRemoveFromIsr;
  remove.brokers = std::move(dead);
  call(std::move(remove));
}

}  // namespace isrlab::model
