// A bare engine with one process per host and no model: what it hands out is written down, what the
// test wants done is recorded as a handler would. Latency 1 ms one way, no jitter unless asked for.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "sim/engine.hpp"
#include "tests/support/catch.hpp"

namespace isrlab::test {

using namespace isrlab::sim;

struct EngineSpec {
  std::uint32_t hosts = 3;
  LinkSpec link{kMillisecond, 0, 0};
  std::int64_t nic = 0;
  std::int64_t disk = 100'000'000;
  Duration fsync = 2 * kMillisecond;
  std::uint64_t seed = 1;
};

class EngineRig {
 public:
  explicit EngineRig(const EngineSpec& spec = {})
      : engine(make(spec)), effects(engine.connection_ids()) {
    for (ProcessId p = 0; p < spec.hosts; ++p) engine.schedule_start(p, 0);
    run_until(0);
    for (ProcessId p = 0; p < spec.hosts; ++p) {
      act(p, [](Effects& e) { e.listen(true); });
    }
    log.clear();
  }

  template <class Handler>
  void act(ProcessId self, Handler handler) {
    effects.clear();
    effects.begin(engine.cause(), engine.history().size());
    handler(effects);
    engine.apply(self, effects);
    effects.clear();
  }
  ConnectionId connect(ProcessId client, ProcessId server) {
    ConnectionId id = kNone;
    act(client, [&](Effects& e) { id = e.connect(server); });
    return id;
  }
  /// Connected and accepted; the log is empty afterwards.
  ConnectionId connected(ProcessId client, ProcessId server) {
    const ConnectionId id = connect(client, server);
    run_until(engine.now() + 2 * kMillisecond);
    REQUIRE(log.back().find("connected") != std::string::npos);
    log.clear();
    return id;
  }
  void send(ProcessId self, ConnectionId connection, std::uint32_t number,
            std::uint32_t bytes = 100) {
    act(self, [&](Effects& e) { e.send(connection, {1, number}, bytes); });
  }
  void timer(ProcessId self, TimerSlot slot, Time at, std::uint32_t argument = 0) {
    act(self, [&](Effects& e) { e.set_timer(slot, at, 7, argument); });
  }

  /// Writes a line per activation, e.g. "3.5ms p1 message 4".
  void run_until(Time until) {
    Activation activation;
    while (engine.next(activation, until)) {
      log.push_back(format_duration(activation.now) + " p" + std::to_string(activation.process) +
                    " " + word(activation));
      engine.apply(activation.process, effects);
    }
    engine.advance_to(until);
    for (const MessageRef message : engine.undelivered()) lost.push_back(message.index);
    engine.undelivered().clear();
  }

  Engine engine;
  Effects effects;
  std::vector<std::string> log;
  std::vector<std::uint32_t> lost;  // messages that were given back undelivered

 private:
  using Log = std::vector<std::string>;
  static Engine make(const EngineSpec& spec) {
    NetworkSpec network;
    network.within_rack = network.between_racks = spec.link;
    std::vector<HostId> hosts;
    for (std::uint32_t h = 0; h < spec.hosts; ++h) {
      network.hosts.push_back({"h" + std::to_string(h), "", spec.nic, spec.disk, spec.fsync});
      hosts.push_back(h);
    }
    auto shared = std::make_shared<const NetworkSpec>(network);
    return Engine(shared, std::make_shared<const Topology>(*shared), hosts, spec.seed);
  }
  static std::string word(const Activation& activation) {
    switch (activation.kind) {
      case ActivationKind::kStart: return "start";
      case ActivationKind::kMessage: return "message " + std::to_string(activation.message.index);
      case ActivationKind::kConnected: return "connected";
      case ActivationKind::kRefused: return "refused";
      case ActivationKind::kAccepted: return "accepted";
      case ActivationKind::kClosed: return "closed";
      case ActivationKind::kTimer: return "timer " + std::to_string(activation.argument);
      case ActivationKind::kDiskDone: return "disk " + std::to_string(activation.argument);
      case ActivationKind::kControl: return "control";
    }
    return "?";
  }
};

using Log = std::vector<std::string>;

}  // namespace isrlab::test
