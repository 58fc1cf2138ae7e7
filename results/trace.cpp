#include "results/trace.hpp"

#include "results/json.hpp"

namespace isrlab::results {

std::vector<model::HistoryKind> Trace::interests() const {
  std::vector<model::HistoryKind> all;
  for (int kind = 1; kind < static_cast<int>(model::HistoryKind::kCount); ++kind) {
    all.push_back(static_cast<model::HistoryKind>(kind));
  }
  return all;
}

void Trace::on_event(const sim::HistoryEvent& event, const model::Cluster& cluster) {
  *out_ << event_line(event, cluster) << '\n';
}

}  // namespace isrlab::results
