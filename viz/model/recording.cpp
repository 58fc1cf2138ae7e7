#include "viz/model/recording.hpp"

#include <algorithm>

#include "viz/model/cluster_view.hpp"
#include "viz/model/event_text.hpp"

namespace isrlab::viz {
namespace {

/// More samples than pixels give no better picture.
constexpr sim::Duration kSamplesPerRun = 3000;
constexpr sim::Duration kLeastStep = 20 * sim::kMillisecond;

/// A step plot needs only the changes.
void put(std::vector<Sample>& samples, sim::Time time, double value) {
  if (!samples.empty() && samples.back().value == value) return;
  samples.push_back({time, value});
}

void cut_samples(std::vector<Sample>& samples, sim::Time from) {
  while (!samples.empty() && samples.back().time >= from) samples.pop_back();
}

}  // namespace

Recording::Recording(const scenarios::Run& run)
    : lag_(run.cluster().brokers().size()),
      group_lag_(run.cluster().catalog().groups().size()),
      positions_(run.cluster().catalog().groups().size(),
                 std::vector<std::int64_t>(run.cluster().catalog().partition_count(), -1)),
      sample_step_(std::max(kLeastStep, run.end() / kSamplesPerRun)),
      bucket_(10 * sample_step_) {}

void Recording::see_step(const model::Cluster& cluster) {
  for (const sim::HistoryEvent& event : cluster.recent()) take_transient(event, cluster);
}

void Recording::take_transient(const sim::HistoryEvent& event, const model::Cluster& cluster) {
  const model::HistoryKind kind = kind_of(event);
  if (kind == model::HistoryKind::kRecordsAcked) {
    acked_in_bucket_ += event.b;
    return;
  }
  const bool delivered = kind == model::HistoryKind::kRecordsDelivered;
  if (!delivered && kind != model::HistoryKind::kPositionReset) return;
  const model::ProcessInfo& process = cluster.catalog().process(event.actor);
  if (process.kind != model::ProcessKind::kConsumer) return;
  std::int64_t& position =
      positions_[cluster.catalog().consumer(process.index).group][event.subject];
  position = delivered ? std::max(position, event.a + event.b) : event.b;
}

void Recording::sample(const scenarios::Run& run) {
  const sim::Time now = next_sample_;
  const Numbers numbers = numbers_of(run.cluster());
  for (std::size_t i = 0; i < lag_.size(); ++i) {
    put(lag_[i], now, static_cast<double>(numbers.lag[i]));
  }
  for (std::size_t group = 0; group < group_lag_.size(); ++group) {
    std::int64_t lag = 0;
    for (std::size_t p = 0; p < positions_[group].size(); ++p) {
      if (positions_[group][p] < 0 || numbers.high_watermark[p] < 0) continue;
      lag += std::max<std::int64_t>(0, numbers.high_watermark[p] - positions_[group][p]);
    }
    put(group_lag_[group], now, static_cast<double>(lag));
  }
  put(under_replicated_, now, numbers.under_replicated);
  put(offline_, now, numbers.offline);
  if (now - bucket_from_ >= bucket_) {
    const double seconds = static_cast<double>(now - bucket_from_) / sim::kSecond;
    put(acks_, bucket_from_, static_cast<double>(acked_in_bucket_) / seconds);
    acked_in_bucket_ = 0;
    bucket_from_ = now;
  }
  next_sample_ += sample_step_;
}

void Recording::advance(const scenarios::Run& run, sim::Time until) {
  known_until_ = until;
  lanes_.update(run);
}

void Recording::cut(sim::Time from) {
  for (auto& samples : lag_) cut_samples(samples, from);
  for (auto& samples : group_lag_) cut_samples(samples, from);
  cut_samples(under_replicated_, from);
  cut_samples(offline_, from);
  cut_samples(acks_, from);
  next_sample_ = (from + sample_step_ - 1) / sample_step_ * sample_step_;
  bucket_from_ = from;
  acked_in_bucket_ = 0;
  lanes_ = LaneModel();
  known_until_ = from;
  complete_ = false;
}

}  // namespace isrlab::viz
