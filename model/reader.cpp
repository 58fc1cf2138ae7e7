#include "model/reader.hpp"

#include <algorithm>

namespace isrlab::model {

Readers::Readers(const Readers& other) {
  for (const auto& reader : other.readers_) attach(reader->clone());
}

Readers& Readers::operator=(const Readers& other) {
  if (this == &other) return *this;
  Readers copy(other);
  *this = std::move(copy);
  return *this;
}

void Readers::attach(std::unique_ptr<Reader> reader) {
  for (const HistoryKind kind : reader->interests()) {
    by_kind_[static_cast<std::size_t>(kind)].push_back(reader.get());
  }
  wakes_at_ = 0;
  readers_.push_back(std::move(reader));
}

void Readers::see(const Cluster& cluster) {
  for (const sim::HistoryEvent& event : cluster.recent_faults()) hand(event, cluster);
  for (const sim::HistoryEvent& event : cluster.recent()) hand(event, cluster);
  if (cluster.now() >= wakes_at_) wake(cluster);
}

void Readers::wake(const Cluster& cluster) {
  wakes_at_ = sim::kNever;
  for (const auto& reader : readers_) {
    if (reader->wakes_at() <= cluster.now()) reader->on_time(cluster);
    wakes_at_ = std::min(wakes_at_, reader->wakes_at());
  }
}

void Readers::finish(const Cluster& cluster) {
  for (const auto& reader : readers_) reader->at_end(cluster);
}

}  // namespace isrlab::model
