#include "scenarios/chaos/chaos.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "scenarios/faults/driver.hpp"
#include "scenarios/faults/one_line.hpp"
#include "scenarios/faults/registry.hpp"

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

void everybody(Selector& selector) {
  selector = Selector();
  selector.kind = SelectorKind::kAll;
  selector.text = "all";
}

}  // namespace

bool takes_down(FaultAction action) {
  switch (action) {
    case FaultAction::kKill:
    case FaultAction::kStop:
    case FaultAction::kPause:
    case FaultAction::kPartition:
    case FaultAction::kCrash:
    case FaultAction::kWipe:
    case FaultAction::kFullDisk:
    case FaultAction::kFailDisk:
    case FaultAction::kFlap:
    case FaultAction::kClog:
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
    for (std::size_t i = 0; !is_admin(static_cast<FaultAction>(i)) && i < kFaultActions; ++i) {
      spec_.weights[i] = swarm.chance(1, 2) ? weights[i] : 0;
    }
  } while (std::accumulate(spec_.weights.begin(), spec_.weights.end(), std::int64_t{0}) == 0);
  // Lost disks void what replication promises: most seeds do without, so that it is tested.
  keeps_data_ = swarm.chance(3, 4);
}

/// Takes data along that was acknowledged, perhaps.
bool loses_data(FaultAction action) {
  switch (action) {
    case FaultAction::kWipe:
    case FaultAction::kLoseUnflushed:
    case FaultAction::kTornWrite: return true;
    default: return false;
  }
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

/// Faults that put nobody down: no budget.
bool Chaos::aim_at_living(FaultSpec& fault, const std::vector<Node>& nodes,
                          const Cluster& cluster) {
  const bool brokers_only =
      fault.action == FaultAction::kExpireSession || fault.action == FaultAction::kDelayWatches ||
      fault.action == FaultAction::kLoseUnflushed || fault.action == FaultAction::kTornWrite;
  std::vector<ProcessId> up;
  for (const Node& node : nodes) {
    if (node.free && (node.broker || !brokers_only)) up.push_back(node.process);
  }
  const bool clock = fault.action == FaultAction::kSkew || fault.action == FaultAction::kDrift ||
                     fault.action == FaultAction::kJump;
  for (ProcessId p = 0; clock && p < cluster.catalog().processes().size(); ++p) {
    const ProcessKind kind = cluster.catalog().process(p).kind;
    if (kind == ProcessKind::kProducer || kind == ProcessKind::kConsumer) up.push_back(p);
  }
  if (up.empty()) return false;
  fault.who = exactly({up[random_.below(up.size())]}, cluster);
  switch (fault.action) {
    case FaultAction::kSlowLink:
      everybody(fault.from);
      fault.latency = random_.between(5, 800) * sim::kMillisecond;
      fault.jitter = random_.between(0, 200) * sim::kMillisecond;
      if (random_.chance(1, 2)) fault.loss_ppm = random_.between(1, 200) * 1000;
      return true;
    case FaultAction::kDelay:
      everybody(fault.from);
      fault.latency = random_.between(5, 800) * sim::kMillisecond;
      return true;
    case FaultAction::kSlowDisk:
      fault.latency = random_.between(5, 2000) * sim::kMillisecond;
      return true;
    case FaultAction::kReset: everybody(fault.from); return true;
    case FaultAction::kSkew:
      fault.offset = random_.between(-2000, 2000) * sim::kMillisecond;
      return true;
    case FaultAction::kDrift: fault.ppm = random_.between(-500, 500); return true;
    case FaultAction::kJump:
      fault.offset = random_.between(-3000, 3000) * sim::kMillisecond;
      return true;
    case FaultAction::kHold: {
      using M = model::MessageType;
      constexpr M kHeld[] = {M::kLeaderAndIsrRequest,
                             M::kLeaderAndIsrResponse,
                             M::kUpdateMetadataRequest,
                             M::kStopReplicaRequest,
                             M::kAlterPartitionRequest,
                             M::kAlterPartitionResponse,
                             M::kFetchRequest,
                             M::kFetchResponse,
                             M::kZkWatchEvent,
                             M::kZkReply,
                             M::kProduceRequest,
                             M::kProduceResponse,
                             M::kOffsetCommitRequest,
                             M::kMetadataResponse,
                             M::kControlledShutdownResponse};
      const std::vector<std::int32_t>& held = spec_.held;
      const std::size_t drawn = random_.below(held.empty() ? std::size(kHeld) : held.size());
      fault.message = held.empty() ? static_cast<std::int32_t>(kHeld[drawn]) : held[drawn];
      everybody(fault.from);
      if (random_.chance(1, 2)) std::swap(fault.who, fault.from);
      return true;
    }
    default: return true;
  }
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
      // A broker that loses ZooKeeper alone is the zombie that the rest of the cluster still hears.
      const bool brokers = std::none_of(side.begin(), side.end(), [&](ProcessId p) {
        return cluster.catalog().process(p).kind == ProcessKind::kZooKeeper;
      });
      const bool from_zookeeper = random_.chance(1, 4) && brokers;
      std::vector<ProcessId> others;
      for (ProcessId p = 0; p < cluster.catalog().processes().size(); ++p) {
        const ProcessKind kind = cluster.catalog().process(p).kind;
        const bool client = kind == ProcessKind::kProducer || kind == ProcessKind::kConsumer;
        if (kind == ProcessKind::kAdmin || (client && !clients_too)) continue;
        if (std::find(side.begin(), side.end(), p) != side.end()) continue;
        const bool drawn = random_.chance(3, 4);
        if (from_zookeeper ? kind == ProcessKind::kZooKeeper : drawn) others.push_back(p);
      }
      if (others.empty()) return false;
      fault.who = exactly(side, cluster);
      fault.from = exactly(others, cluster);
      fault.direction = kDirections[random_.below(4)];
      return true;
    }
    case FaultAction::kSlowLink:
    case FaultAction::kDelay:
    case FaultAction::kReset:
    case FaultAction::kHold:
    case FaultAction::kDelayWatches:
    case FaultAction::kSlowDisk:
    case FaultAction::kSkew:
    case FaultAction::kDrift:
    case FaultAction::kJump:
    case FaultAction::kLoseUnflushed:
    case FaultAction::kTornWrite:
    case FaultAction::kExpireSession: return aim_at_living(fault, nodes, cluster);
    default: {
      if (fault.action == FaultAction::kZkQuorumLoss) {
        fault.who.kind = SelectorKind::kZkMajority;
        fault.who.text = selector_text(fault.who);
        return servers_down_ == 0;
      }
      // An empty ZooKeeper server breaks the quorum's own promise: only a scenario may ask for it.
      const auto node = draw_nodes(nodes, 1, fault.action == FaultAction::kWipe);
      if (node.empty()) return false;
      fault.who = exactly(node, cluster);
      if (fault.action == FaultAction::kIsolate || fault.action == FaultAction::kFlap ||
          fault.action == FaultAction::kClog) {
        everybody(fault.from);
        fault.direction = kDirections[random_.below(4)];
      }
      if (fault.action == FaultAction::kFlap) {
        fault.down = random_.between(50, 3000) * sim::kMillisecond;
        fault.up = random_.between(50, 3000) * sim::kMillisecond;
      }
      if (fault.action == FaultAction::kCrash && keeps_data_) fault.unflushed = Unflushed::kKept;
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
  if (keeps_data_ && loses_data(fault.action)) return std::nullopt;
  switch (fault.action) {
    case FaultAction::kKill:
    case FaultAction::kStop:
    case FaultAction::kCrash:
    case FaultAction::kWipe: fault.restart_after = length; break;
    case FaultAction::kExpireSession:
    case FaultAction::kLoseUnflushed:
    case FaultAction::kTornWrite:
    case FaultAction::kJump:
    case FaultAction::kReset: break;
    default: fault.lasts = length;
  }
  std::vector<Node> nodes = survey(cluster, items, active);
  if (!aim(fault, nodes, cluster)) return std::nullopt;
  fault.text = fault_line(fault);
  return fault;
}

}  // namespace isrlab::scenarios
