#include "results/summary_reader.hpp"

#include <algorithm>

#include "model/protocol/messages.hpp"
#include "results/logs.hpp"
#include "results/loss_story.hpp"
#include "results/replay_token.hpp"
#include "results/timeline.hpp"
#include "scenarios/format/loader.hpp"

namespace isrlab::results {

using model::HistoryKind;

namespace {
enum Part : std::uint8_t {
  kView = 1,
  kOutages = 2,
  kLedger = 4,
  kSessions = 8,
  kGroups = 16,
  kExpectations = 32,
  kLosses = 64,
};
constexpr auto kKinds = static_cast<std::size_t>(HistoryKind::kCount);
}  // namespace

SummaryReader::SummaryReader(std::shared_ptr<const scenarios::Scenario> scenario,
                             std::shared_ptr<const model::Catalog> catalog, SummaryOptions options)
    : scenario_(std::move(scenario)),
      catalog_(std::move(catalog)),
      options_(options),
      view_(catalog_),
      outages_(catalog_),
      ledger_(catalog_),
      losses_(*catalog_),
      sessions_(catalog_),
      groups_(catalog_),
      expectations_(scenario_, catalog_),
      parts_of_kind_(kKinds),
      invariants_of_kind_(kKinds) {
  attach(kView, ClusterView::interests());
  attach(kView, {HistoryKind::kRecordsLostOnDisk});
  attach(kOutages, OutageTracker::interests());
  attach(kLedger, RecordLedger::interests());
  attach(kLosses, losses_.interests());
  attach(kSessions, SessionTracker::interests());
  attach(kGroups, GroupTracker::interests());
  attach(kExpectations, ExpectationTracker::interests());
  if (!options_.check_invariants) return;
  invariants_ = model::make_invariants(*catalog_);
  for (std::uint32_t i = 0; i < invariants_.size(); ++i) {
    for (const HistoryKind kind : invariants_[i]->interests()) {
      invariants_of_kind_[static_cast<std::size_t>(kind)].push_back(i);
    }
  }
}

SummaryReader::SummaryReader(const SummaryReader& other)
    : Reader(other),
      scenario_(other.scenario_),
      catalog_(other.catalog_),
      options_(other.options_),
      view_(other.view_),
      outages_(other.outages_),
      ledger_(other.ledger_),
      losses_(other.losses_),
      sessions_(other.sessions_),
      groups_(other.groups_),
      expectations_(other.expectations_),
      parts_of_kind_(other.parts_of_kind_),
      invariants_of_kind_(other.invariants_of_kind_),
      next_sample_(other.next_sample_),
      next_look_(other.next_look_),
      first_disk_loss_(other.first_disk_loss_) {
  for (const auto& invariant : other.invariants_) {
    // An invariant's clone is an invariant; the interface only promises a reader.
    invariants_.emplace_back(static_cast<model::Invariant*>(invariant->clone().release()));
  }
}

std::unique_ptr<model::Reader> SummaryReader::clone() const {
  return std::make_unique<SummaryReader>(*this);
}

void SummaryReader::attach(std::uint8_t part, const std::vector<HistoryKind>& kinds) {
  for (const HistoryKind kind : kinds) parts_of_kind_[static_cast<std::size_t>(kind)] |= part;
}

std::vector<HistoryKind> SummaryReader::interests() const {
  std::vector<HistoryKind> kinds;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    if (parts_of_kind_[kind] != 0 || !invariants_of_kind_[kind].empty()) {
      kinds.push_back(static_cast<HistoryKind>(kind));
    }
  }
  return kinds;
}

void SummaryReader::learn_assignment(const sim::HistoryEvent& event,
                                     const model::Cluster& cluster) {
  if (!view_.partition(event.subject).assignment.empty()) return;
  const model::BrokerId broker = catalog_->broker_of(event.actor);
  if (broker == model::kNoBroker) return;
  const auto& assignment = cluster.broker(broker).controller().context().assignment;
  if (event.subject < assignment.size() && !assignment[event.subject].empty()) {
    view_.set_assignment(event.subject, assignment[event.subject]);
  }
}

void SummaryReader::sample(const model::Cluster& cluster) {
  groups_.sample(cluster, view_);
  expectations_.review(cluster, view_, groups_);
  next_sample_ = cluster.now() + GroupTracker::kSample;
}

void SummaryReader::on_event(const sim::HistoryEvent& event, const model::Cluster& cluster) {
  const std::uint8_t parts = parts_of_kind_[event.kind];
  if ((parts & kView) != 0) view_.on_event(event, cluster.history());
  if (static_cast<HistoryKind>(event.kind) == HistoryKind::kPartitionState) {
    learn_assignment(event, cluster);
  } else if (static_cast<HistoryKind>(event.kind) == HistoryKind::kRecordsLostOnDisk) {
    first_disk_loss_ = std::min(first_disk_loss_, event.time);
  }
  if ((parts & kLedger) != 0) ledger_.on_event(event);
  if ((parts & kOutages) != 0) outages_.on_event(event, view_, cluster.history());
  if ((parts & kLosses) != 0) losses_.on_event(event, cluster);
  if ((parts & kSessions) != 0) sessions_.on_event(event, cluster);
  if ((parts & kGroups) != 0) groups_.on_event(event, cluster, view_);
  if ((parts & kExpectations) != 0) expectations_.on_event(event, cluster, view_, groups_);
  for (const std::uint32_t i : invariants_of_kind_[event.kind]) {
    invariants_[i]->on_event(event, cluster);
  }
}

void SummaryReader::on_time(const model::Cluster& cluster) {
  sample(cluster);
  if (cluster.now() < next_look_) return;
  next_look_ = sim::kNever;
  for (const auto& invariant : invariants_) {
    if (invariant->wakes_at() <= cluster.now()) invariant->on_time(cluster);
    next_look_ = std::min(next_look_, invariant->wakes_at());
  }
}

void SummaryReader::at_end(const model::Cluster& cluster) {
  // The condition of a second ago needs one more look when the run has gone quiet.
  sample(cluster);
  view_.close(cluster.now());
  groups_.close(cluster.now());
  for (const auto& invariant : invariants_) invariant->at_end(cluster);
}

void SummaryReader::summarise_invariants(Summary& summary) const {
  for (const auto& invariant : invariants_) {
    InvariantResult result;
    result.id = std::string(invariant->id());
    result.name = std::string(invariant->name());
    result.held = invariant->held();
    result.checked = invariant->checked();
    result.violations = invariant->violations();
    if (invariant->first()) {
      result.first_time = invariant->first()->time;
      result.first_event = invariant->first()->event;
      result.first = invariant->first()->text;
    }
    // Replication promises nothing against a disk that forgets (reference 6.1 S1, D09).
    const bool forgotten =
        invariant->rests_on_disks() && !result.held && result.first_time >= first_disk_loss_;
    result.promised = invariant->promised(*catalog_) && !forgotten && !catalog_->historic();
    summary.invariants.push_back(std::move(result));
  }
}

void SummaryReader::summarise_traffic(Summary& summary, const model::Cluster& cluster) const {
  const auto sent = cluster.engine().messages_sent();
  for (std::size_t type = 0; type < sent.size(); ++type) {
    if (sent[type] == 0 || type >= static_cast<std::size_t>(model::MessageType::kCount)) continue;
    summary.traffic.push_back(
        {std::string(model::message_name(static_cast<model::MessageType>(type))), sent[type]});
  }
  std::stable_sort(summary.traffic.begin(), summary.traffic.end(),
                   [](const TrafficRow& a, const TrafficRow& b) { return a.sent > b.sent; });
  summary.bytes_sent = cluster.engine().bytes_sent();
}

Summary SummaryReader::summary(const scenarios::Run& run, Time end) const {
  const model::Cluster& cluster = run.cluster();
  Summary summary;
  summary.scenario = scenario_->name;
  summary.seed = run.seed();
  summary.identity = scenarios::scenario_identity(*scenario_);
  summary.digest = run.digest();
  summary.events = run.events();
  summary.simulated = end;
  LogAudit audit = audit_logs(cluster, view_, ledger_);
  summary.records = std::move(audit.records);
  summary.losses = tell_losses(losses_, cluster);
  summary.losses.insert(summary.losses.end(), audit.unconfirmed.begin(), audit.unconfirmed.end());
  summary.outages = outages_.outages(end);
  for (model::TopicId topic = 0; topic < catalog_->topics().size(); ++topic) {
    const Distribution& latency = ledger_.latency(topic);
    if (latency.count() == 0) continue;
    summary.ack_latency.push_back({catalog_->topic(topic).name, latency.count(),
                                   latency.percentile(50), latency.percentile(99), latency.max()});
  }
  summary.elections = view_.elections();
  summary.isr_changes = view_.isr_changes();
  summary.rebalances = view_.rebalances();
  summary.sessions = sessions_.result();
  summary.partitions = final_partitions(cluster, view_);
  summary.groups = groups_.results(cluster, view_);
  summarise_invariants(summary);
  summarise_traffic(summary, cluster);
  const Measured measured{
      view_,
      groups_,
      ledger_,
      sessions_,
      summary,
      audit.unconfirmed.empty() ? first_loss(losses_) : std::min(first_loss(losses_), end)};
  summary.expectations = judge(*scenario_, expectations_, measured, options_.check_invariants, end);
  summary.states = states_reached(expectations_, measured);
  if (options_.measures != nullptr) {
    std::string ignored;
    for (const scenarios::Expectation& each : *options_.measures) {
      summary.measured.push_back(measure(each, measured, ignored));
    }
  }
  summary.verdict = verdict_of(summary);
  summary.faults = tell_faults(cluster, run.faults().items());
  if (options_.timeline) summary.timeline = tell_timeline(cluster, run.faults().items(), summary);
  summary.replay = ReplayToken::of(summary).text();
  return summary;
}

}  // namespace isrlab::results
