// Routes between hosts, computed once on a graph of hosts, rack switches and a core.
#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <map>

#include "sim/assert.hpp"
#include "sim/network.hpp"

namespace isrlab::sim {
namespace {

struct Cable {
  Duration latency = 0;  // one way
  Duration jitter = 0;
};
using Graph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS, boost::no_property, Cable>;
using Vertex = boost::graph_traits<Graph>::vertex_descriptor;

constexpr Duration kLoopback = 20 * kMicrosecond;

struct Wiring {
  Graph graph;
  std::vector<std::uint32_t> rack_of;  // by host
};

// Within a rack two cables of half the latency each; between racks the rest is on the way through
// the core, so that the shortest path has exactly the latency that the scenario states.
Wiring wire(const NetworkSpec& spec) {
  Wiring wiring;
  std::map<std::string, std::uint32_t> racks;
  for (const HostSpec& host : spec.hosts) {
    const auto number = static_cast<std::uint32_t>(racks.size());
    wiring.rack_of.push_back(racks.emplace(host.rack, number).first->second);
  }
  const std::size_t hosts = spec.hosts.size();
  const Vertex core = hosts + racks.size();
  wiring.graph = Graph(core + 1);
  for (std::size_t h = 0; h < hosts; ++h) {
    boost::add_edge(h, hosts + wiring.rack_of[h],
                    Cable{spec.within_rack.latency / 2, spec.within_rack.jitter / 2}, wiring.graph);
  }
  const Cable up{std::max<Duration>(0, spec.between_racks.latency - spec.within_rack.latency) / 2,
                 std::max<Duration>(0, spec.between_racks.jitter - spec.within_rack.jitter) / 2};
  for (std::size_t r = 0; r < racks.size(); ++r) boost::add_edge(hosts + r, core, up, wiring.graph);
  return wiring;
}

}  // namespace

Topology::Topology(const NetworkSpec& spec)
    : hosts_(static_cast<std::uint32_t>(spec.hosts.size())) {
  const Wiring wiring = wire(spec);
  const std::size_t vertices = boost::num_vertices(wiring.graph);
  paths_.resize(static_cast<std::size_t>(hosts_) * hosts_);
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> trunks;
  std::vector<Duration> distance(vertices);
  std::vector<Vertex> parent(vertices);
  for (HostId source = 0; source < hosts_; ++source) {
    boost::dijkstra_shortest_paths(wiring.graph, source,
                                   boost::weight_map(boost::get(&Cable::latency, wiring.graph))
                                       .distance_map(distance.data())
                                       .predecessor_map(parent.data()));
    for (HostId target = 0; target < hosts_; ++target) {
      Path& path = paths_[static_cast<std::size_t>(source) * hosts_ + target];
      if (source == target) {
        path.latency = kLoopback;
        continue;
      }
      path.latency = distance[target];
      for (Vertex at = target; at != source; at = parent[at]) {
        path.jitter += wiring.graph[boost::edge(parent[at], at, wiring.graph).first].jitter;
      }
      const std::uint32_t from = wiring.rack_of[source];
      const std::uint32_t to = wiring.rack_of[target];
      if (from != to && spec.between_racks.bytes_per_second > 0) {
        const auto number = static_cast<std::uint32_t>(trunks.size());
        const auto [trunk, fresh] = trunks.emplace(std::pair{from, to}, number);
        if (fresh) links_.push_back(spec.between_racks.bytes_per_second);
        path.shared_link = trunk->second;
      }
    }
  }
  for (const LinkOverride& link : spec.overrides) {
    std::uint32_t shared[2] = {kNone, kNone};
    for (int way = 0; way < 2 && link.link.bytes_per_second > 0; ++way) {
      shared[way] = static_cast<std::uint32_t>(links_.size());
      links_.push_back(link.link.bytes_per_second);
    }
    for (const HostId left : link.left) {
      for (const HostId right : link.right) {
        if (left == right) continue;
        paths_[static_cast<std::size_t>(left) * hosts_ + right] = {link.link.latency,
                                                                   link.link.jitter, shared[0]};
        paths_[static_cast<std::size_t>(right) * hosts_ + left] = {link.link.latency,
                                                                   link.link.jitter, shared[1]};
      }
    }
  }
}

}  // namespace isrlab::sim
