#include "model/reader.hpp"

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
  readers_.push_back(std::move(reader));
}

void Readers::see(const Cluster& cluster) {
  for (const sim::HistoryEvent& event : cluster.recent_faults()) hand(event, cluster);
  for (const sim::HistoryEvent& event : cluster.recent()) hand(event, cluster);
}

void Readers::finish(const Cluster& cluster) {
  for (const auto& reader : readers_) reader->at_end(cluster);
}

}  // namespace isrlab::model
