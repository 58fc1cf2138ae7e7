// Messages under way at this moment. The engine keeps what will be delivered and when, but not when
// it was sent: a copy of the engine is asked what arrives next, without the model acting on it. The
// place of a message on its link therefore follows from its arrival and the longest flight of that
// path; it never arrives before the model says so.
#pragma once
#include <vector>

#include "model/cluster.hpp"

namespace isrlab::viz {

struct Flight {
  model::ProcessId from = 0;
  model::ProcessId to = 0;
  model::MessageType type = model::MessageType::kCount;
  sim::Time arrives = 0;
  float share = 0;  // of the way, 0 to 1
};

struct Flights {
  std::vector<Flight> flights;  // by arrival
  bool truncated = false;       // there are more than were asked for
};

/// `topology` of the catalog's network (made once; it costs more than a frame).
Flights flights_of(const model::Cluster& cluster, const sim::Topology& topology, sim::Time now,
                   std::size_t limit);

/// What a message is about, for its shape and colour.
enum class MessageClass : std::uint8_t {
  produce,
  fetch,
  replica_fetch,
  control,
  group,
  zookeeper,
  metadata
};
MessageClass class_of(const Flight& flight, const model::Catalog& catalog);
bool is_response(model::MessageType type);

}  // namespace isrlab::viz
