#include "scenarios/chaos/chaos.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "scenarios/faults/driver.hpp"
#include "scenarios/faults/one_line.hpp"

namespace isrlab::scenarios {

using model::Cluster;
using model::ProcessId;
using model::ProcessKind;

namespace {

Selector exactly(const std::vector<ProcessId>& processes, const Cluster& cluster) {
  Selector list;
  list.kind = SelectorKind::kList;
  for (const ProcessId p : processes) {
    Selector one;
    std::string what;
    std::string fix;
    const model::ProcessInfo& info = cluster.catalog().process(p);
    const bool client = info.kind == ProcessKind::kProducer || info.kind == ProcessKind::kConsumer;
    const bool good = parse_selector(client ? "client " + info.name : info.name, one, what, fix);
    SIM_ASSERT(good, "a process has a name that is no selector");
    list.members.push_back(std::move(one));
  }
  if (list.members.size() == 1) return list.members[0];
  list.text = selector_text(list);
  return list;
}

}  // namespace

bool takes_down(FaultAction action) {
  switch (action) {
    case FaultAction::kKill:
    case FaultAction::kStop:
    case FaultAction::kPause:
    case FaultAction::kPartition:
    case FaultAction::kIsolate: return true;
    default: return false;
  }
}

Chaos::Chaos(const Scenario& scenario, std::uint64_t seed)
    : spec_(scenario.chaos), random_(seed, "chaos") {
  if (!spec_.on || !spec_.swarm) return;
  // Which actions exist: each with even odds, at least one.
  sim::Random swarm(seed, "chaos:swarm");
  const auto weights = spec_.weights;
  do {
    for (std::size_t i = 0; i < kFaultActions; ++i) {
      spec_.weights[i] = swarm.chance(1, 2) ? weights[i] : 0;
    }
  } while (std::accumulate(spec_.weights.begin(), spec_.weights.end(), std::int64_t{0}) == 0);
}

Time Chaos::next(Time now) {
  const Time at = now + random_.between(spec_.interval_min, spec_.interval_max);
  return at < spec_.until ? at : sim::kNever;
}

std::vector<Chaos::Node> Chaos::survey(const Cluster& cluster, const std::vector<FaultSpec>& items,
                                       const std::vector<ActiveFault>& active) {
  std::vector<Node> nodes;
  brokers_down_ = servers_down_ = 0;
  const auto& processes = cluster.catalog().processes();
  for (ProcessId p = 0; p < processes.size(); ++p) {
    const bool broker = processes[p].kind == ProcessKind::kBroker;
    if (!broker && processes[p].kind != ProcessKind::kZooKeeper) continue;
    Node node{p, broker, cluster.alive(p)};
    bool down = !node.free;
    for (const ActiveFault& fault : active) {
      if (std::find(fault.targets.begin(), fault.targets.end(), p) == fault.targets.end()) continue;
      const bool in_force = fault.until == sim::kNever;
      down = down || (in_force && takes_down(items[fault.item].action));
      const bool touched = in_force || cluster.now() < fault.until + spec_.stability;
      if (touched) node.free = false;
    }
    (broker ? brokers_down_ : servers_down_) += down ? 1 : 0;
    nodes.push_back(node);
  }
  return nodes;
}

FaultAction Chaos::draw_action() {
  const std::int64_t all =
      std::accumulate(spec_.weights.begin(), spec_.weights.end(), std::int64_t{0});
  auto at = static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(all)));
  std::size_t action = 0;
  while (at >= spec_.weights[action]) at -= spec_.weights[action++];
  return static_cast<FaultAction>(action);
}

Duration Chaos::draw_length() {
  // Even over the doublings between the bounds: short faults race with time-outs, long ones pass
  // them.
  const auto ratio = static_cast<std::uint64_t>(
      std::max<Duration>(1, spec_.lasts_max / std::max<Duration>(1, spec_.lasts_min)));
  const int doublings = static_cast<int>(random_.below(std::bit_width(ratio)));
  const Duration low = spec_.lasts_min << doublings;
  const Duration length =
      random_.between(std::min(low, spec_.lasts_max), std::min(2 * low, spec_.lasts_max));
  // Whole milliseconds read better, and nothing happens on a finer scale by design.
  return length < sim::kMillisecond ? length : length / sim::kMillisecond * sim::kMillisecond;
}

std::vector<ProcessId> Chaos::draw_nodes(std::vector<Node>& nodes, std::size_t most,
                                         bool brokers_only) {
  std::vector<ProcessId> drawn;
  while (drawn.size() < most) {
    std::vector<Node*> free;
    for (Node& node : nodes) {
      const bool room = node.broker ? brokers_down_ < spec_.max_down_brokers
                                    : servers_down_ < spec_.max_down_zookeeper;
      if (node.free && room && (node.broker || !brokers_only)) free.push_back(&node);
    }
    if (free.empty()) break;
    Node& node = *free[random_.below(free.size())];
    node.free = false;
    (node.broker ? brokers_down_ : servers_down_) += 1;
    drawn.push_back(node.process);
  }
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

/// Chooses whom the fault hits and how; false if nobody is left within the budget.
bool Chaos::aim(FaultSpec& fault, std::vector<Node>& nodes, const Cluster& cluster) {
  constexpr CutDirection kDirections[] = {CutDirection::kBoth, CutDirection::kBoth,
                                          CutDirection::kTo, CutDirection::kFrom};
  switch (fault.action) {
    case FaultAction::kPartition: {
      // One side within the budget against a part of the others, at times against all of them.
      const std::size_t size = 1 + random_.below(2);
      const auto side = draw_nodes(nodes, size, false);
      if (side.empty()) return false;
      const bool clients_too = random_.chance(1, 2);
      std::vector<ProcessId> others;
      for (ProcessId p = 0; p < cluster.catalog().processes().size(); ++p) {
        const ProcessKind kind = cluster.catalog().process(p).kind;
        const bool client = kind == ProcessKind::kProducer || kind == ProcessKind::kConsumer;
        if (kind == ProcessKind::kAdmin || (client && !clients_too)) continue;
        if (std::find(side.begin(), side.end(), p) != side.end()) continue;
        if (random_.chance(3, 4)) others.push_back(p);
      }
      if (others.empty()) return false;
      fault.who = exactly(side, cluster);
      fault.from = exactly(others, cluster);
      fault.direction = kDirections[random_.below(4)];
      return true;
    }
    case FaultAction::kSlowLink:
    case FaultAction::kExpireSession: {
      std::vector<ProcessId> up;  // nobody goes down by it: no budget
      for (const Node& node : nodes) {
        const bool fits = node.broker || fault.action == FaultAction::kSlowLink;
        if (node.free && fits) up.push_back(node.process);
      }
      if (up.empty()) return false;
      fault.who = exactly({up[random_.below(up.size())]}, cluster);
      if (fault.action == FaultAction::kExpireSession) return true;
      fault.from.kind = SelectorKind::kAll;
      fault.from.text = "all";
      fault.latency = random_.between(5, 800) * sim::kMillisecond;
      fault.jitter = random_.between(0, 200) * sim::kMillisecond;
      return true;
    }
    default: {
      const auto node = draw_nodes(nodes, 1, false);
      if (node.empty()) return false;
      fault.who = exactly(node, cluster);
      if (fault.action == FaultAction::kIsolate) {
        fault.from.kind = SelectorKind::kAll;
        fault.from.text = "all";
        fault.direction = kDirections[random_.below(4)];
      }
      return true;
    }
  }
}

std::optional<FaultSpec> Chaos::draw(const Cluster& cluster, const std::vector<FaultSpec>& items,
                                     const std::vector<ActiveFault>& active) {
  FaultSpec fault;
  fault.action = draw_action();
  const Duration length = draw_length();
  fault.at = cluster.now();
  if (fault.action == FaultAction::kKill || fault.action == FaultAction::kStop) {
    fault.restart_after = length;
  } else if (fault.action != FaultAction::kExpireSession) {
    fault.lasts = length;
  }
  std::vector<Node> nodes = survey(cluster, items, active);
  if (!aim(fault, nodes, cluster)) return std::nullopt;
  fault.text = fault_line(fault);
  return fault;
}

}  // namespace isrlab::scenarios
