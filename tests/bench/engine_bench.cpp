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

/// The pool of one type of message, as a model would keep it.
template <class Message>
struct Pool {
  std::vector<Message> messages;
  std::vector<std::uint32_t> free;
  std::uint32_t take() {
    if (free.empty()) {
      messages.emplace_back();
      return static_cast<std::uint32_t>(messages.size() - 1);
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
  struct Hop {
    std::uint32_t hops = 0;  // of this slot's messages
  };
  Pool<Hop> pool;
  pool.messages.reserve(std::size_t{options.lps} * options.per_lp + 1);
  pool.free.reserve(16);
  sim::Random random(1, "phold");
  const auto post = [&](sim::ProcessId from, sim::ProcessId to) {
    const std::uint32_t index = pool.take();
    ++pool.messages[index].hops;
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
        sim::prefetch(&pool.messages[later.argument]);
        sim::prefetch(&lps[later.target]);
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

namespace {

/// M nodes with 100 request loops each: request over a link, 0.1 ms of service, response, next;
/// every request sets a time-out of 500 ms that its response cancels.
class ClusterLoad {
 public:
  static constexpr std::uint32_t kLoops = 100;
  explicit ClusterLoad(std::uint32_t nodes)
      : nodes_(nodes),
        engine_(make_engine(nodes)),
        effects_(engine_.connection_ids()),
        loops_(std::size_t{nodes} * kLoops),
        counts_(nodes) {
    start_all(engine_, nodes);
    pool_.messages.reserve(loops_.size());
    for (std::uint32_t loop = 0; loop < loops_.size(); ++loop) {
      start(loop, pool_.take());
      apply(loop / kLoops);
    }
  }

  void run(std::uint64_t events) {
    Activation activation;
    for (std::uint64_t done = 0; done < events;) {
      engine_.next(activation, sim::kNever - 1);
      prefetch();
      if (activation.kind == ActivationKind::kTimer) {
        ++timeouts_;
        continue;
      }
      ++done;
      handle(activation);
      apply(activation.process);
    }
  }
  std::size_t loops() const { return loops_.size(); }
  std::uint64_t timeouts() const { return timeouts_; }
  std::uint64_t digest() const { return engine_.history().digest(); }

 private:
  enum : std::uint16_t { kRequest = 1, kService = 2, kResponse = 3 };
  struct Call {  // a request, its service or its response
    std::uint32_t loop = 0;
    std::uint32_t correlation = 0;
  };
  struct Loop {
    std::uint32_t correlation = 0;
    std::uint32_t round_trips = 0;
  };
  struct Node {
    std::uint64_t count = 0;
    std::uint64_t sum = 0;
  };

  /// In two steps: the message early, what it leads to when it has arrived.
  void prefetch() const {
    engine_.ahead<16>([this](const sim::Event& later) {
      if (later.kind == sim::EventKind::kPost) sim::prefetch(&pool_.messages[later.argument]);
    });
    engine_.ahead<8>([this](const sim::Event& later) {
      if (later.kind != sim::EventKind::kPost || later.type != kResponse) return;
      const std::uint32_t loop = pool_.messages[later.argument].loop;
      sim::prefetch(&loops_[loop]);
      engine_.expect_timer(later.target, loop % kLoops);
    });
  }
  sim::Duration link() { return 1'000'000 + static_cast<sim::Duration>(random_.below(500'000)); }
  void apply(sim::ProcessId process) {
    engine_.apply(process, effects_);
    effects_.clear();
  }
  void start(std::uint32_t loop, std::uint32_t message) {
    const std::uint32_t node = loop / kLoops;
    auto other = static_cast<std::uint32_t>(random_.below(nodes_ - 1));
    if (other >= node) ++other;
    Call& call = pool_.messages[message];
    call.loop = loop;
    call.correlation = ++loops_[loop].correlation;
    effects_.post(other, {kRequest, message}, link());
    effects_.set_timer(loop % kLoops, engine_.now() + 500'000'000, 0, loop);
  }
  void handle(const Activation& activation) {
    const std::uint32_t message = activation.message.index;
    const std::uint32_t loop = pool_.messages[message].loop;
    switch (activation.message.type) {
      case kRequest:
        ++counts_[activation.process].count;
        effects_.post(activation.process, {kService, message}, 100'000);
        break;
      case kService:
        counts_[activation.process].sum += loop;
        effects_.post(loop / kLoops, {kResponse, message}, link());
        break;
      default:
        effects_.cancel_timer(loop % kLoops);
        ++loops_[loop].round_trips;
        start(loop, message);
        break;
    }
  }

  std::uint32_t nodes_;
  sim::Engine engine_;
  sim::Effects effects_;
  std::vector<Loop> loops_;
  std::vector<Node> counts_;
  Pool<Call> pool_;
  sim::Random random_{1, "cluster"};
  std::uint64_t timeouts_ = 0;
};

}  // namespace

Result run_cluster(const ClusterOptions& options) {
  const std::uint64_t base = resident_bytes();
  ClusterLoad load(options.nodes);
  load.run(std::max<std::uint64_t>(300'000, 6 * load.loops()));
  const double begin = now_seconds();
  load.run(options.events);
  Result result;
  result.seconds = now_seconds() - begin;
  result.name = fmt::format("cluster nodes={}", options.nodes);
  result.events = options.events;
  result.pending = load.loops() * 2;
  result.digest = load.digest();
  result.bytes_per_pending =
      static_cast<double>(peak_resident_bytes() - base) / static_cast<double>(result.pending);
  if (load.timeouts() != 0) {
    fmt::print(stderr, "cluster: {} time-outs fired, none should\n", load.timeouts());
  }
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
