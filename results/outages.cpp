#include "results/outages.hpp"

#include <algorithm>

#include "results/text.hpp"

namespace isrlab::results {

using model::HistoryKind;
using model::PartitionId;

OutageTracker::OutageTracker(std::shared_ptr<const model::Catalog> catalog)
    : catalog_(std::move(catalog)),
      reads_(catalog_->groups().size()),
      groups_of_(catalog_->topics().size()),
      logs_(catalog_->partition_count()),
      linger_(catalog_->topics().size()) {
  for (auto& write : writes_) write.resize(catalog_->partition_count());
  for (model::GroupId group = 0; group < catalog_->groups().size(); ++group) {
    reads_[group].resize(catalog_->partition_count());
    for (const model::TopicId topic : catalog_->group(group).topics) {
      groups_of_[topic].push_back(group);
    }
  }
  for (const model::ProducerSpec& producer : catalog_->spec().producers) {
    const auto topic = catalog_->find_topic(producer.topic);
    if (topic) linger_[*topic] = std::max(linger_[*topic], producer.config.linger);
  }
}

std::vector<HistoryKind> OutageTracker::interests() {
  using K = HistoryKind;
  return {K::kRecordCreated,      K::kRecordsAcked,      K::kRecordsFailed,
          K::kRecordsDelivered,   K::kHighWatermark,     K::kPositionReset,
          K::kAssignmentReceived, K::kAssignmentLost,    K::kProcessKilled,
          K::kProcessExited,      K::kPartitionState,    K::kBecameLeader,
          K::kIsrCommitted,       K::kBrokerFailureSeen, K::kBrokerStartSeen,
          K::kControllerElected,  K::kIsrShrinkProposed, K::kIsrExpandProposed,
          K::kProcessResumed,     K::kFaultHealed,       K::kControlledShutdownStarted};
}

int OutageTracker::write_class(const sim::HistoryEvent& event) const {
  const auto& info = catalog_->process(event.actor);
  const std::int64_t acks = catalog_->spec().producers[info.index].config.acks;
  return acks == -1 ? 0 : acks == 1 ? 1 : -1;
}

OutageTracker::Reader& OutageTracker::reader(model::GroupId group, PartitionId partition) {
  return reads_[group][partition];
}

void OutageTracker::created(const sim::HistoryEvent& event, const ClusterView& view) {
  const int kind = write_class(event);
  if (kind < 0) return;
  Demand& demand = writes_[static_cast<std::size_t>(kind)][event.subject];
  if (demand.waiting++ == 0 && !demand.hungry) demand.since = event.time;
  if (demand.waiting == 1) review_readers(event.subject, event.time, view);
}

void OutageTracker::acked(const sim::HistoryEvent& event, const ClusterView& view) {
  const int kind = write_class(event);
  if (kind < 0) return;
  Demand& demand = writes_[static_cast<std::size_t>(kind)][event.subject];
  const auto operation = static_cast<Operation>(kind);
  if (demand.served) {
    close(operation, event.subject, -1, demand.since, event.time, false, closed_);
  }
  demand.served = true;
  demand.hungry = false;
  demand.waiting = std::max<std::int64_t>(0, demand.waiting - event.b);
  demand.since = event.time;  // the next record, if none waits now, sets it anew
  if (demand.waiting == 0) review_readers(event.subject, event.time, view);
}

void OutageTracker::failed(const sim::HistoryEvent& event, const ClusterView& view) {
  const int kind = write_class(event);
  if (kind < 0) return;
  Demand& demand = writes_[static_cast<std::size_t>(kind)][event.subject];
  demand.waiting = std::max<std::int64_t>(0, demand.waiting - event.b);
  demand.hungry = demand.waiting == 0;
  demand.gave_up = event.time;
  if (demand.waiting == 0) review_readers(event.subject, event.time, view);
}

/// Starts or ends the wait of the groups that own the partition.
void OutageTracker::review_readers(PartitionId partition, Time now, const ClusterView& view) {
  const bool written = writes_[0][partition].waiting > 0 || writes_[1][partition].waiting > 0;
  const std::int64_t end = view.partition(partition).high_watermark;
  for (const model::GroupId group : groups_of_[catalog_->partition(partition).topic]) {
    Reader& each = reader(group, partition);
    const bool wants = each.owner != model::kNone && (written || end > each.position);
    if (!wants) {
      each.demand.since = sim::kNever;
    } else if (each.demand.since == sim::kNever) {
      each.demand.since = now;
    }
  }
}

void OutageTracker::delivered(const sim::HistoryEvent& event, const ClusterView& view) {
  const std::uint32_t consumer = catalog_->process(event.actor).index;
  const model::GroupId group = catalog_->consumer(consumer).group;
  Reader& each = reader(group, event.subject);
  each.owner = consumer;
  if (each.demand.served && each.demand.since != sim::kNever) {
    close(kRead, event.subject, static_cast<std::int32_t>(group), each.demand.since, event.time,
          false, closed_);
  }
  each.demand.served = true;
  each.position = event.a + event.b;
  each.demand.since = sim::kNever;
  review_readers(event.subject, event.time, view);
}

void OutageTracker::assigned(const sim::HistoryEvent& event, const ClusterView& view,
                             const sim::History& history) {
  const std::uint32_t consumer = catalog_->process(event.actor).index;
  owner_gone(consumer, static_cast<std::int32_t>(event.subject));
  for (const std::uint32_t partition : history.list(event.b)) {
    Reader& each = reader(event.subject, partition);
    each.owner = consumer;
    each.demand.since = sim::kNever;
    review_readers(partition, event.time, view);
  }
}

void OutageTracker::owner_gone(std::uint32_t consumer, std::int32_t group) {
  for (Reader& each : reads_[static_cast<std::size_t>(group)]) {
    if (each.owner != consumer) continue;
    each.owner = model::kNone;
    each.demand.since = sim::kNever;
  }
}

void OutageTracker::state_written(const sim::HistoryEvent& event, const ClusterView& view) {
  const PartitionView& before = view.replaced();
  const PartitionView& now = view.partition(event.subject);
  Milestone milestone;
  milestone.time = event.time;
  milestone.new_leader = before.known && before.leader != now.leader && now.leader >= 0;
  for (std::size_t kind = 0; kind < 2; ++kind) {
    milestone.revives[kind] = !view.serves(event.subject, before, kind == 0) &&
                              view.serves(event.subject, now, kind == 0);
  }
  milestone.leader_epoch = now.leader_epoch;
  milestone.version = now.version;
  if (milestone.new_leader) {
    const model::BrokerId old = logs_[event.subject].last_leader;
    milestone.what =
        "leader " + (old < 0 ? "none" : std::to_string(old)) + " -> " + std::to_string(now.leader);
  } else {
    milestone.what = "ISR " + isr_text(before.isr) + " -> " + isr_text(now.isr);
  }
  if (now.leader >= 0) logs_[event.subject].last_leader = now.leader;
  logs_[event.subject].milestones.push_back(std::move(milestone));
}

/// The leader took over the new state.
void OutageTracker::acted(const sim::HistoryEvent& event) {
  const bool leads = static_cast<HistoryKind>(event.kind) == HistoryKind::kBecameLeader;
  for (Milestone& each : logs_[event.subject].milestones) {
    const bool this_one = leads ? each.leader_epoch == event.a : each.version == event.c;
    if (this_one && each.acted == sim::kNever) each.acted = event.time;
  }
}

void OutageTracker::on_event(const sim::HistoryEvent& event, const ClusterView& view,
                             const sim::History& history) {
  switch (static_cast<HistoryKind>(event.kind)) {
    case HistoryKind::kRecordCreated: return created(event, view);
    case HistoryKind::kRecordsAcked: return acked(event, view);
    case HistoryKind::kRecordsFailed: return failed(event, view);
    case HistoryKind::kRecordsDelivered: return delivered(event, view);
    case HistoryKind::kHighWatermark:
      if (event.b >= 0) review_readers(event.subject, event.time, view);
      return;
    case HistoryKind::kPositionReset: {
      const std::uint32_t consumer = catalog_->process(event.actor).index;
      reader(catalog_->consumer(consumer).group, event.subject).position = event.b;
      return review_readers(event.subject, event.time, view);
    }
    case HistoryKind::kAssignmentReceived: return assigned(event, view, history);
    case HistoryKind::kAssignmentLost:
      return owner_gone(catalog_->process(event.actor).index,
                        static_cast<std::int32_t>(event.subject));
    case HistoryKind::kProcessKilled:
    case HistoryKind::kProcessExited:
      if (catalog_->process(event.actor).kind == model::ProcessKind::kConsumer) {
        const std::uint32_t consumer = catalog_->process(event.actor).index;
        owner_gone(consumer, static_cast<std::int32_t>(catalog_->consumer(consumer).group));
      }
      return;
    case HistoryKind::kPartitionState: return state_written(event, view);
    case HistoryKind::kBecameLeader:
    case HistoryKind::kIsrCommitted: return acted(event);
    case HistoryKind::kIsrShrinkProposed:
    case HistoryKind::kIsrExpandProposed:
      logs_[event.subject].detected.push_back(event.time);
      return;
    case HistoryKind::kBrokerFailureSeen:
    case HistoryKind::kBrokerStartSeen:
    case HistoryKind::kControllerElected:
    case HistoryKind::kControlledShutdownStarted: detected_.push_back(event.time); return;
    case HistoryKind::kProcessResumed:
    case HistoryKind::kFaultHealed: healed_.push_back(event.time); return;
    default: return;
  }
}

Duration OutageTracker::threshold(Operation operation, PartitionId partition,
                                  std::int32_t group) const {
  if (operation != kRead) {
    return sim::kSecond + linger_[catalog_->partition(partition).topic];
  }
  // A member that processes its records polls again only after the last one, and a poll may hold
  // records of one partition only.
  const model::GroupInfo& info = catalog_->group(static_cast<model::GroupId>(group));
  const model::ConsumerGroupSpec& spec = catalog_->spec().groups[info.spec];
  std::int64_t partitions = 0;
  for (const model::TopicId topic : info.topics) partitions += catalog_->topic(topic).partitions;
  const std::int64_t each = (partitions + spec.members - 1) / std::max(spec.members, 1);
  return sim::kSecond + spec.config.fetch_max_wait +
         spec.processing * spec.config.max_poll_records * std::max<std::int64_t>(each, 1);
}

void OutageTracker::close(Operation operation, PartitionId partition, std::int32_t group, Time from,
                          Time to, bool open, std::vector<Outage>& into) const {
  if (from == sim::kNever || to - from <= threshold(operation, partition, group)) return;
  Outage outage;
  outage.partition = partition;
  outage.name = catalog_->partition_name(partition);
  outage.operation = operation == kRead       ? "read"
                     : operation == kWriteAll ? "write acks=all"
                                              : "write acks=1";
  if (group >= 0) outage.group = catalog_->group(static_cast<model::GroupId>(group)).name;
  outage.from = from;
  outage.to = to;
  outage.open = open;
  split(outage, operation);
  into.push_back(std::move(outage));
}

void OutageTracker::split(Outage& outage, Operation operation) const {
  // An election just before the last acknowledgement of the old leader belongs to the outage.
  constexpr Duration kJustBefore = 2 * sim::kSecond;
  const PartitionLog& log = logs_[outage.partition];
  const Milestone* decisive = nullptr;
  const Milestone* any = nullptr;
  for (const Milestone& each : log.milestones) {
    if (each.time > outage.to) break;
    const bool revives = each.revives[operation == kWriteAll ? 0 : 1];
    const Time earliest = each.new_leader ? outage.from - kJustBefore : outage.from;
    if (each.time < earliest) continue;
    any = &each;
    if (each.new_leader || revives) decisive = &each;
  }
  if (decisive == nullptr) decisive = any;
  const auto last_before = [](const std::vector<Time>& times, Time limit) {
    const auto at = std::upper_bound(times.begin(), times.end(), limit);
    return at == times.begin() ? Time{-1} : *(at - 1);
  };
  if (decisive == nullptr) {
    const Time healed = last_before(healed_, outage.to);
    if (healed >= outage.from) outage.detect = healed - outage.from;
    outage.client = outage.length() - outage.detect;
    outage.why = healed >= outage.from ? "no change of leader or ISR; ended when it healed"
                                       : "no change of leader or ISR";
    return;
  }
  const auto within = [&](Time time) { return std::clamp(time, outage.from, outage.to); };
  const Time elected = within(decisive->time);
  const Time seen =
      std::max(last_before(detected_, decisive->time), last_before(log.detected, decisive->time));
  const Time detected = std::min(within(seen), elected);
  const Time acted =
      decisive->acted == sim::kNever ? elected : std::max(elected, within(decisive->acted));
  outage.detect = detected - outage.from;
  outage.elect = elected - detected;
  outage.propagate = acted - elected;
  outage.client = outage.to - acted;
  outage.why = decisive->what;
}

std::vector<Outage> OutageTracker::outages(Time now) const {
  std::vector<Outage> all = closed_;
  for (std::size_t kind = 0; kind < 2; ++kind) {
    for (PartitionId id = 0; id < writes_[kind].size(); ++id) {
      const Demand& demand = writes_[kind][id];
      if (!demand.served || (demand.waiting == 0 && !demand.hungry)) continue;
      const bool open = demand.waiting > 0;
      close(static_cast<Operation>(kind), id, -1, demand.since, open ? now : demand.gave_up, open,
            all);
    }
  }
  for (model::GroupId group = 0; group < reads_.size(); ++group) {
    for (PartitionId id = 0; id < reads_[group].size(); ++id) {
      const Demand& demand = reads_[group][id].demand;
      if (!demand.served) continue;
      close(kRead, id, static_cast<std::int32_t>(group), demand.since, now, true, all);
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Outage& a, const Outage& b) { return a.from < b.from; });
  return all;
}

}  // namespace isrlab::results
