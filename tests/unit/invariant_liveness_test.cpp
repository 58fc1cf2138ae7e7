// The checkers of what must come true in time can fail, wait until it is due, and wait on while a
// fault lasts: L1 to L10, L13, L14.
#include "model/invariants/liveness.hpp"
#include "tests/unit/invariant_support.hpp"

using namespace invariant_support;

namespace {

constexpr Time kLate = 3600 * sim::kSecond;

LivenessInvariant& liveness(const ViewedInvariantPtr& invariant) {
  return dynamic_cast<LivenessInvariant&>(*invariant);
}

/// Three replicas everywhere, broker 1 leads epoch 3, all is as it should be.
struct Settled : World {
  Settled() {
    for (PartitionId id = 0; id < 3; ++id) {
      states[id] = {true, 1, 3, 4, {1, 2, 3}};
      append({1, 2, 3}, 3, 10, 0, id);
      replica(1, id).role = PartitionRole::kLeader;
      for (BrokerId broker = 1; broker <= 3; ++broker) {
        log_of(broker, id).maybe_increment_high_watermark(10);
      }
    }
    for (BrokerId broker = 1; broker <= 3; ++broker) {
      registrations[broker] = 900 + broker;
      MetadataCache cache(64);
      UpdateMetadataRequest request;
      for (PartitionId id = 0; id < 3; ++id) {
        PartitionStateMessage state;
        state.partition = id;
        state.leader = 1;
        state.leader_epoch = 3;
        state.isr = {1, 2, 3};
        request.partitions.push_back(state);
      }
      cache.update(request, 0);
      caches.emplace(broker, cache);
    }
    controllers = {1};
    for (PartitionId id = 0; id < 2; ++id) positions[id] = {10, false};
  }
  sim::HistoryEvent started() { return event(HistoryKind::kProcessStarted, broker(3), 1); }
};

void check_late(const ViewedInvariantPtr& invariant, World& world, const sim::HistoryEvent& event,
                const std::string& text) {
  invariant->check(event, world);
  CHECK(liveness(invariant).due() > event.time);
  liveness(invariant).look(liveness(invariant).due() - 1, world);
  CHECK(invariant->held());
  liveness(invariant).look(kLate, world);
  liveness(invariant).look(2 * kLate, world);  // what waits for marks is judged now
  REQUIRE(invariant->first().has_value());
  CHECK(invariant->violations() == 1);
  CHECK(invariant->first()->text.starts_with(text));
  CHECK(invariant->first()->event == event.id);
}

}  // namespace

TEST_CASE("a settled cluster owes nothing", "[invariants][liveness]") {
  Settled world;
  for (const auto& each : make_invariants(world.catalog)) {
    auto* invariant = dynamic_cast<LivenessInvariant*>(each.get());
    if (invariant == nullptr) continue;
    INFO(invariant->name());
    invariant->check(world.started(), world);
    invariant->look(kLate, world);
    invariant->look(2 * kLate, world);
    check_held(*invariant);
  }
}

TEST_CASE("nothing is due while a fault lasts or before the bound", "[invariants][liveness]") {
  Settled world;
  const auto l4 = make_registration(world.catalog);
  world.registrations.erase(3);
  l4->check(world.started(), world);
  world.quiet = false;
  liveness(l4).look(kLate, world);
  CHECK(liveness(l4).due() == sim::kNever);
  check_held(*l4, 0);
  world.quiet = true;
  const auto healed = world.event(HistoryKind::kFaultHealed, 0xffff, 0);
  l4->check(healed, world);
  l4->check_end(healed.time + 5 * sim::kSecond, world);  // the run ends: not checked
  CHECK(l4->checked() == 0);
  l4->check_end(kLate, world);
  CHECK(l4->violations() == 1);
}

TEST_CASE("L1 and L2 find partitions that stay as they are", "[invariants][liveness]") {
  Settled world;
  world.states[kOrders0] = {true, kNoBroker, 4, 5, {3}};
  check_late(make_leader_availability(world.catalog), world, world.started(),
             "orders-0 has no live leader, although broker-3 of its ISR [3] lives");
  world.dead = {world.broker(3)};
  const auto l1 = make_leader_availability(world.catalog);
  l1->check(world.started(), world);
  liveness(l1).look(kLate, world);
  check_held(*l1);  // nobody of the ISR lives
  world.dead.clear();
  world.states[kOrders0] = {true, 1, 4, 5, {1, 2}};
  check_late(make_isr_restoration(world.catalog), world, world.started(),
             "orders-0: broker-3 lives but is not in the ISR [1, 2] of broker-1");
}

TEST_CASE("L1, L2 and L8 owe nothing for a replica whose log directory has failed",
          "[invariants][liveness]") {
  Settled world;
  world.replica(3, kOrders0).offline = true;  // the disk is well again, its broker not restarted
  world.states[kOrders0] = {true, kNoBroker, 4, 5, {3}};
  const auto l1 = make_leader_availability(world.catalog);
  l1->check(world.started(), world);
  liveness(l1).look(kLate, world);
  check_held(*l1);
  world.states[kOrders0] = {true, 1, 4, 5, {1, 2}};
  world.append({1, 2}, 3, 5, 10);
  world.log_of(1).maybe_increment_high_watermark(15);
  for (const auto& each :
       {make_isr_restoration(world.catalog), make_acked_fully_replicated(world.catalog)}) {
    each->check(world.started(), world);
    liveness(each).look(kLate, world);
    liveness(each).look(2 * kLate, world);
    check_held(*each);
  }
}

TEST_CASE("L2 and L6 accept an ISR change that is stuck, as long as it is",
          "[invariants][liveness]") {
  // The controller's first write of ISR [1, 2, 3] was applied and its answer lost; the second got
  // BADVERSION. Brokers still hear of the ISR before.
  Settled world;
  const auto l2 = make_isr_restoration(world.catalog);
  const auto l6 = make_metadata_convergence(world.catalog);
  const auto refuse = [&](Error error, std::int64_t epoch) {
    const auto refused = world.event(HistoryKind::kIsrUpdateFailed, world.broker(1), kOrders0,
                                     static_cast<std::int64_t>(error), epoch);
    for (const auto* each : {&l2, &l6}) (*each)->check(refused, world);
  };
  const StateView settled = world.states[kOrders0];
  Partition& leader = world.replica(1);
  leader.role = PartitionRole::kLeader;
  leader.leader_epoch = settled.leader_epoch;
  leader.pending = PendingIsr::kExpand;
  world.states[kOrders0].isr = {1, 2};
  refuse(Error::kInvalidUpdateVersion, settled.leader_epoch);
  for (const auto* each : {&l2, &l6}) {
    (*each)->check(world.started(), world);
    liveness(*each).look(kLate, world);
    check_held(**each);
  }
  SECTION("not when the leader has gone on") {
    leader.pending = PendingIsr::kNone;
  }
  SECTION("not when that was in an earlier epoch") {
    refuse(Error::kInvalidUpdateVersion, settled.leader_epoch - 1);
  }
  for (const auto* each : {&l2, &l6}) {
    (*each)->check(world.started(), world);
    liveness(*each).look(2 * kLate, world);
    CHECK_FALSE((*each)->held());
  }
}

TEST_CASE("L3 and L8 find replicas that do not follow", "[invariants][liveness]") {
  Settled world;
  world.append({1, 2}, 3, 5, 10);
  check_late(make_hw_convergence(world.catalog), world, world.started(),
             "orders-0: the high watermark of broker-1 is 10, the log of the leader ended at 15");
  world.log_of(1).maybe_increment_high_watermark(15);
  check_late(make_acked_fully_replicated(world.catalog), world, world.started(),
             "orders-0: broker-3 lacks records that broker-1 has committed below offset 15");
}

TEST_CASE("L4, L5 and L6 find brokers that are left alone", "[invariants][liveness]") {
  Settled world;
  world.registrations.erase(2);
  check_late(make_registration(world.catalog), world, world.started(),
             "broker-2 lives but is not registered");
  world.controllers = {};
  check_late(make_one_active_controller(world.catalog), world, world.started(),
             "no live broker acts as controller");
  world.controllers = {1, 2};
  check_late(make_one_active_controller(world.catalog), world, world.started(),
             "the brokers [1, 2] all act as controller");
  world.states[kOrders1] = {true, 2, 5, 6, {1, 2, 3}};
  check_late(make_metadata_convergence(world.catalog), world, world.started(),
             "orders-1: broker-1 tells epoch 3 of broker-1");
}

TEST_CASE("L7, L9 and L10 find clients that wait for ever", "[invariants][liveness]") {
  Settled world;
  const auto l7 = make_produce_resolution(world.catalog);
  l7->check(world.started(), world);
  world.pending[0] = 10 * sim::kSecond;
  liveness(l7).look(100 * sim::kSecond, world);
  check_held(*l7);
  liveness(l7).look(140 * sim::kSecond, world);
  CHECK(l7->violations() == 1);
  CHECK(l7->first()->text.starts_with("records of p1 have been pending for 130000 ms"));
  // p2 has no idempotence: a batch may wait behind a younger one that is tried again.
  const auto behind = make_produce_resolution(world.catalog);
  world.pending[0] = sim::kNever;
  behind->check(world.started(), world);
  world.pending[1] = 10 * sim::kSecond;
  liveness(behind).look(240 * sim::kSecond, world);
  check_held(*behind);
  liveness(behind).look(260 * sim::kSecond, world);
  CHECK(behind->violations() == 1);
  world.positions[kOrders1] = {4, false};
  check_late(make_consumer_progress(world.catalog), world, world.started(),
             "group readers is at offset 4 of orders-1, where it could read up to 10");
  world.settled = false;
  world.states[world.catalog.group(0).offsets_partition] = {true, 1, 0, 0, {1, 2, 3}};
  check_late(make_group_stability(world.catalog), world, world.started(),
             "group readers is not stable with all its partitions owned");
}

TEST_CASE("L13 finds leaders away from home", "[invariants][liveness]") {
  Settled world;
  for (PartitionId id = 0; id < 3; ++id) world.states[id] = {true, 2, 4, 5, {1, 2, 3}};
  check_late(make_preferred_leadership(world.catalog), world, world.started(),
             "3 of the 3 partitions that broker-1 should lead are led by others");
}

TEST_CASE("L14 finds an ISR that does not come to rest", "[invariants][liveness]") {
  Settled world;
  const auto l14 = make_no_flapping(world.catalog);
  l14->check(world.started(), world);
  const auto change = [&](Time at) {
    auto event = world.event(HistoryKind::kIsrCommitted, world.broker(1), kOrders0,
                             world.list_of({1, 2}), 3, 5);
    event.time = at;
    return event;
  };
  for (const Time at : {0, 10, 50, 60}) l14->check(change(kLate + at * sim::kSecond), world);
  check_held(*l14, 4);
  l14->check(change(kLate + 70 * sim::kSecond), world);
  CHECK(l14->violations() == 1);
  CHECK(l14->first()->text.starts_with(
      "orders-0: the ISR of broker-1 changed three times within 20000 ms"));
}
