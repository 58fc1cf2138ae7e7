// PHOLD and CLUSTER through the engine.
#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <memory>
#include <vector>

#include "sim/engine.hpp"
#include "tests/bench/bench.hpp"

namespace isrlab::bench {
namespace {

using sim::Activation;
using sim::ActivationKind;

std::uint64_t status_bytes(const std::string& key) {
  std::ifstream file("/proc/self/status");
  std::string word;
  while (file >> word) {
    if (word == key) {
      std::uint64_t kilobytes = 0;
      file >> kilobytes;
      return kilobytes * 1024;
    }
  }
  return 0;
}

/// A message of the benchmarks and its typed pool, as a model would keep it.
struct Token {
  std::uint32_t hops = 0;
  std::uint32_t loop = 0;
  std::uint32_t correlation = 0;
};
struct TokenPool {
  std::vector<Token> tokens;
  std::vector<std::uint32_t> free;
  std::uint32_t take() {
    if (free.empty()) {
      tokens.emplace_back();
      return static_cast<std::uint32_t>(tokens.size() - 1);
    }
    const std::uint32_t index = free.back();
    free.pop_back();
    return index;
  }
};

sim::Engine make_engine(std::uint32_t processes) {
  sim::NetworkSpec network;
  network.hosts.push_back({"host", "", 0, 0, 0});  // links are the workload's own delays
  auto spec = std::make_shared<const sim::NetworkSpec>(network);
  auto topology = std::make_shared<const sim::Topology>(*spec);
  const std::vector<sim::HostId> hosts(processes, 0);
  return sim::Engine(spec, topology, hosts, 1);
}

void start_all(sim::Engine& engine, std::uint32_t processes) {
  Activation activation;
  for (sim::ProcessId p = 0; p < processes; ++p) engine.schedule_start(p, 0);
  for (sim::ProcessId p = 0; p < processes; ++p) engine.next(activation, sim::kNever - 1);
}

// Delay 0.1 s + Exp(0.9 s).
sim::Duration phold_delay(sim::Random& random) {
  const double uniform = static_cast<double>(random.next() >> 11) * 0x1.0p-53;
  return 100'000'000 + static_cast<sim::Duration>(-std::log(1.0 - uniform) * 900'000'000.0);
}

}  // namespace

std::uint64_t resident_bytes() {
  return status_bytes("VmRSS:");
}
std::uint64_t peak_resident_bytes() {
  return status_bytes("VmHWM:");
}

Result run_phold(const PholdOptions& options) {
  const std::uint64_t base = resident_bytes();
  sim::Engine engine = make_engine(options.lps);
  sim::Effects effects(engine.connection_ids());
  start_all(engine, options.lps);
  struct Lp {
    std::uint64_t count = 0;
    std::uint64_t sum = 0;
  };
  std::vector<Lp> lps(options.lps);
  TokenPool pool;
  pool.tokens.reserve(std::size_t{options.lps} * options.per_lp + 1);
  pool.free.reserve(16);
  sim::Random random(1, "phold");
  const auto post = [&](sim::ProcessId from, sim::ProcessId to) {
    const std::uint32_t index = pool.take();
    ++pool.tokens[index].hops;
    effects.post(to, {1, index}, phold_delay(random));
    engine.apply(from, effects);
    effects.clear();
  };
  for (sim::ProcessId p = 0; p < options.lps; ++p) {
    for (std::uint32_t k = 0; k < options.per_lp; ++k) post(p, p);
  }
  const auto run = [&](std::uint64_t events) {
    Activation activation;
    for (std::uint64_t i = 0; i < events; ++i) {
      engine.next(activation, sim::kNever - 1);
      engine.ahead([&](const sim::Event& later) {
        __builtin_prefetch(&pool.tokens[later.argument]);
        __builtin_prefetch(&lps[later.target]);
      });
      Lp& lp = lps[activation.process];
      ++lp.count;
      lp.sum += static_cast<std::uint64_t>(activation.now);
      pool.free.push_back(activation.message.index);
      const auto target = static_cast<sim::ProcessId>(random.below(options.lps));
      post(activation.process, target);
    }
  };
  const std::uint64_t pending = std::uint64_t{options.lps} * options.per_lp;
  run(std::max<std::uint64_t>(pending, 200'000));
  const double begin = now_seconds();
  run(options.events);
  Result result;
  result.seconds = now_seconds() - begin;
  result.name = fmt::format("phold lps={} per-lp={}", options.lps, options.per_lp);
  result.events = options.events;
  result.pending = pending;
  result.digest = engine.history().digest();
  result.bytes_per_pending =
      static_cast<double>(peak_resident_bytes() - base) / static_cast<double>(pending);
  return result;
}

Result run_cluster(const ClusterOptions& options) {
  constexpr std::uint32_t kLoops = 100;
  enum : std::uint16_t { kRequest = 1, kService = 2, kResponse = 3 };
  const std::uint64_t base = resident_bytes();
  sim::Engine engine = make_engine(options.nodes);
  sim::Effects effects(engine.connection_ids());
  start_all(engine, options.nodes);
  struct Loop {
    std::uint32_t correlation = 0;
    std::uint32_t round_trips = 0;
  };
  struct Node {
    std::uint64_t count = 0;
    std::uint64_t sum = 0;
  };
  std::vector<Loop> loops(std::size_t{options.nodes} * kLoops);
  std::vector<Node> nodes(options.nodes);
  TokenPool pool;
  pool.tokens.reserve(loops.size());
  sim::Random random(1, "cluster");
  const auto link = [&random] {
    return 1'000'000 + static_cast<sim::Duration>(random.below(500'000));
  };
  const auto start = [&](std::uint32_t loop, std::uint32_t message) {
    const std::uint32_t node = loop / kLoops;
    auto other = static_cast<std::uint32_t>(random.below(options.nodes - 1));
    if (other >= node) ++other;
    Token& token = pool.tokens[message];
    token.loop = loop;
    token.correlation = ++loops[loop].correlation;
    effects.post(other, {kRequest, message}, link());
    effects.set_timer(loop % kLoops, engine.now() + 500'000'000, 0, loop);
  };
  for (std::uint32_t loop = 0; loop < loops.size(); ++loop) {
    start(loop, pool.take());
    engine.apply(loop / kLoops, effects);
    effects.clear();
  }
  std::uint64_t timeouts = 0;
  const auto run = [&](std::uint64_t events) {
    Activation activation;
    for (std::uint64_t done = 0; done < events;) {
      engine.next(activation, sim::kNever - 1);
      engine.ahead([&](const sim::Event& later) {
        if (later.kind == sim::EventKind::kPost) __builtin_prefetch(&pool.tokens[later.argument]);
      });
      if (activation.kind == ActivationKind::kTimer) {
        ++timeouts;
        continue;
      }
      ++done;
      const std::uint32_t message = activation.message.index;
      const std::uint32_t loop = pool.tokens[message].loop;
      switch (activation.message.type) {
        case kRequest:
          ++nodes[activation.process].count;
          effects.post(activation.process, {kService, message}, 100'000);
          break;
        case kService:
          nodes[activation.process].sum += loop;
          effects.post(loop / kLoops, {kResponse, message}, link());
          break;
        default:
          effects.cancel_timer(loop % kLoops);
          ++loops[loop].round_trips;
          start(loop, message);
          break;
      }
      engine.apply(activation.process, effects);
      effects.clear();
    }
  };
  run(std::max<std::uint64_t>(300'000, 6 * loops.size()));
  const double begin = now_seconds();
  run(options.events);
  Result result;
  result.seconds = now_seconds() - begin;
  result.name = fmt::format("cluster nodes={}", options.nodes);
  result.events = options.events;
  result.pending = loops.size() * 2;
  result.digest = engine.history().digest();
  result.bytes_per_pending =
      static_cast<double>(peak_resident_bytes() - base) / static_cast<double>(result.pending);
  if (timeouts != 0) fmt::print(stderr, "cluster: {} time-outs fired, none should\n", timeouts);
  return result;
}

int report(const Result& result, const std::string& format) {
  const double ns = result.seconds * 1e9 / static_cast<double>(result.events);
  if (format == "json") {
    fmt::print(
        "{{\"benchmark\":\"{}\",\"events\":{},\"ns_per_event\":{:.2f},\"bytes_per_pending\":{:.1f},"
        "\"pending\":{},\"seconds\":{:.6f},\"digest\":\"{:016x}\"}}\n",
        result.name, result.events, ns, result.bytes_per_pending, result.pending, result.seconds,
        result.digest);
  } else {
    fmt::print("{}: {} events, {:.1f} ns per event, {:.1f} bytes per pending event\n", result.name,
               result.events, ns, result.bytes_per_pending);
  }
  return 0;
}

}  // namespace isrlab::bench
