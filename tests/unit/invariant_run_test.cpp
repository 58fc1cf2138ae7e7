// The invariants on a real cluster: they hold through a fail-over, change nothing, and are copied
// with it; the ledger names what acks=1 loses when a leader dies cut off from its followers.
#include "model/invariants/loss_ledger.hpp"

#include "tests/unit/invariant_support.hpp"

using namespace invariant_support;

namespace {

constexpr Time kSecond = sim::kSecond;

ClusterSpec run_spec() {
  ClusterSpec spec = cluster_spec();
  spec.zookeeper = {{1, ""}, {2, ""}, {3, ""}};
  for (TopicSpec& topic : spec.topics) topic.config.min_insync_replicas = 2;
  return spec;
}

struct Watched {
  explicit Watched(std::shared_ptr<const Catalog> catalog) : cluster(catalog, 11) {
    for (auto& invariant : make_invariants(*catalog)) {
      readers.add(std::move(invariant));
      ++invariants;
    }
    readers.add(std::make_unique<LossLedger>(*catalog));
  }
  void run(Time until) {
    std::uint32_t control = 0;
    while (cluster.step(until, control) != StepResult::kNothing) readers.see(cluster);
  }
  void see_fault() {
    readers.see(cluster);
    cluster.clear_recent();
  }
  const Invariant& invariant(std::size_t index) const {
    return dynamic_cast<const Invariant&>(readers[index]);
  }
  const LossLedger& ledger() const { return dynamic_cast<const LossLedger&>(readers[invariants]); }

  Cluster cluster;
  Readers readers;
  std::size_t invariants = 0;
};

/// The leader of clicks-0 is cut off from the other brokers, dies 3 s later and comes back.
template <class Step, class Fault>
void script(Cluster& cluster, Step run, Fault told) {
  const Catalog& catalog = cluster.catalog();
  run(20 * kSecond);
  const BrokerId leader = cluster.partition_state(kClicks0)->leader;
  const auto host = [&](BrokerId id) { return catalog.process(catalog.broker_process(id)).host; };
  const auto others = [&](auto act) {
    for (BrokerId id = 1; id <= 3; ++id) {
      if (id != leader) act(host(id));
    }
  };
  others([&](sim::HostId other) {
    cluster.block(host(leader), other);
    cluster.block(other, host(leader));
  });
  told();
  run(23 * kSecond);
  cluster.kill(catalog.broker_process(leader));
  told();
  run(50 * kSecond);
  others([&](sim::HostId other) {
    cluster.unblock(host(leader), other);
    cluster.unblock(other, host(leader));
  });
  cluster.start(catalog.broker_process(leader), 51 * kSecond);
  told();
  run(90 * kSecond);
}

}  // namespace

TEST_CASE("all invariants hold through a fail-over and change nothing", "[invariants][run]") {
  const auto catalog = std::make_shared<const Catalog>(run_spec());
  Watched watched(catalog);
  script(
      watched.cluster, [&](Time until) { watched.run(until); }, [&] { watched.see_fault(); });
  watched.readers.finish(watched.cluster);
  for (std::size_t i = 0; i < watched.invariants; ++i) {
    const bool safety = watched.invariant(i).id().starts_with("S");
    check_held(watched.invariant(i), safety ? 1 : 0);
  }

  // What acks=1 promises not: the tail that only the dead leader had.
  const LossLedger& ledger = watched.ledger();
  CHECK(ledger.lost_records(-1) == 0);
  CHECK(ledger.lost_records(1) > 200);
  CHECK(ledger.lost_records(1) < 400);
  for (const LostRange& range : ledger.lost()) {
    INFO(ledger.text(range));
    CHECK(range.partition == kClicks0);
    CHECK(range.producer == 1);
    CHECK(range.first_acked > 19 * kSecond);
    CHECK(range.last_acked <= 24 * kSecond);
    const sim::HistoryEvent& cause = watched.cluster.history()[range.cause];
    CHECK(static_cast<HistoryKind>(cause.kind) == HistoryKind::kBecameLeader);
    CHECK(range.erased != sim::kNever);
  }

  Cluster alone(catalog, 11);
  std::uint32_t control = 0;
  script(
      alone,
      [&](Time until) {
        while (alone.step(until, control) != StepResult::kNothing) {
        }
      },
      [&] { alone.clear_recent(); });
  CHECK(alone.history().digest() == watched.cluster.history().digest());
}

TEST_CASE("a copy of cluster and readers finds what the original finds", "[invariants][run]") {
  const auto catalog = std::make_shared<const Catalog>(run_spec());
  Watched original(catalog);
  original.run(25 * kSecond);
  Watched copy = original;
  original.run(35 * kSecond);
  copy.run(35 * kSecond);
  for (std::size_t i = 0; i < original.invariants; ++i) {
    CHECK(copy.invariant(i).checked() == original.invariant(i).checked());
    CHECK(copy.invariant(i).held());
  }
}
