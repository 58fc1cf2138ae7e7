// The checkers of ZooKeeper, incarnations, order, sequences, commits and metadata can fail: S20,
// S21, S24, S25, S33, S34, S36, S38.
#include "tests/unit/invariant_support.hpp"

using namespace invariant_support;

namespace {

sim::HistoryEvent zookeeper(World& world, HistoryKind kind, std::uint32_t subject, std::int64_t a) {
  return world.event(kind, world.catalog.zookeeper_process(0), subject, a);
}
sim::HistoryEvent delivered(World& world, std::int64_t base, std::int64_t count) {
  return world.event(HistoryKind::kRecordsDelivered, world.catalog.consumer_process(0), kOrders0,
                     base, count);
}
sim::HistoryEvent committed(World& world, std::int64_t offset, std::int64_t generation) {
  return world.event(HistoryKind::kOffsetCommitted, world.broker(1), kOrders0, offset, 0,
                     generation);
}
sim::HistoryEvent generation(World& world, std::int64_t number) {
  return world.event(HistoryKind::kGenerationStarted, world.broker(1), 0, number, 2);
}
/// A batch of an idempotent producer, appended to the log of broker 1 by its leader.
sim::HistoryEvent numbered(World& world, std::int64_t epoch, std::uint64_t record,
                           std::int32_t sequence, std::int16_t producer_epoch = 0) {
  Batch batch;
  batch.count = 5;
  batch.bytes = 100;
  batch.first_record = record;
  batch.producer = 0;
  batch.producer_id = 77;
  batch.producer_epoch = producer_epoch;
  batch.base_sequence = sequence;
  const std::int64_t base =
      world.log_of(1).append_as_leader(batch, static_cast<std::int32_t>(epoch));
  return world.leader_append(1, base, 5, epoch);
}
void tell(World& world, BrokerId broker, BrokerId leader, std::int32_t epoch) {
  UpdateMetadataRequest request;
  PartitionStateMessage state;
  state.partition = kOrders0;
  state.leader = leader;
  state.leader_epoch = epoch;
  request.partitions.push_back(state);
  world.caches.try_emplace(broker, 64).first->second.update(request, 0);
}

}  // namespace

TEST_CASE("S20 finds sessions that come twice or leave something behind", "[invariants]") {
  World world;
  const auto twice = make_zookeeper_semantics(world.catalog);
  twice->check(zookeeper(world, HistoryKind::kZkSessionCreated, world.broker(1), 901), world);
  const auto again = zookeeper(world, HistoryKind::kZkSessionCreated, world.broker(2), 901);
  twice->check(again, world);
  check_violated(*twice, again, "session 901 of broker-2 was created a second time");

  const auto left = make_zookeeper_semantics(world.catalog);
  left->check(zookeeper(world, HistoryKind::kZkSessionExpired, world.broker(1), 902), world);
  check_held(*left);
  world.ephemerals = {903};
  const auto expired = zookeeper(world, HistoryKind::kZkSessionExpired, world.broker(1), 903);
  left->check(expired, world);
  check_violated(*left, expired,
                 "session 903 of broker-1 is over, but zk-1 still holds its ephemeral nodes");
}

TEST_CASE("S20 finds two orders of transactions, and a write that is not there", "[invariants]") {
  ClusterSpec spec = cluster_spec();
  spec.zookeeper = {{1, ""}, {2, ""}, {3, ""}};
  World world(spec);
  const auto applied = [&](std::uint32_t server, std::int64_t zxid) {
    return world.event(HistoryKind::kZkCommitted, world.catalog.zookeeper_process(server),
                       server + 1, zxid, 1);
  };
  const auto order = make_zookeeper_semantics(world.catalog);
  for (const std::int64_t zxid : {1, 2, 3}) order->check(applied(0, zxid), world);
  order->check(applied(1, 2), world);  // it took over the leader's tree, which held the first
  order->check(applied(1, 3), world);
  order->check(applied(2, 1), world);
  check_held(*order, 6);
  const auto skipped = applied(2, 3);
  order->check(skipped, world);
  check_violated(*order, skipped, "zk-3 applied transaction 3 where the others applied 2");

  const auto lost = make_zookeeper_semantics(world.catalog);
  world.states[kOrders0] = {true, 1, 3, 7, {1}};
  lost->check(world.state(1, 1, {1}, 3, 7), world);
  const auto unwritten = world.state(1, 1, {1, 2}, 3, 8);
  lost->check(unwritten, world);
  check_violated(*lost, unwritten,
                 "orders-0: broker-1 was told that it wrote version 8 of the state, but ZooKeeper "
                 "has version 7 of epoch 3");

  const auto leaders = make_zookeeper_semantics(world.catalog);
  leaders->check(world.event(HistoryKind::kZkLeading, 0, 1, 4), world);
  const auto second = world.event(HistoryKind::kZkLeading, 1, 2, 4);
  leaders->check(second, world);
  check_violated(*leaders, second, "zk-2 leads ZooKeeper in epoch 4, which belongs to zk-1");
}

TEST_CASE("S20 accepts what a deposed leader commits that its successor took over",
          "[invariants]") {
  ClusterSpec spec = cluster_spec();
  spec.zookeeper = {{1, ""}, {2, ""}, {3, ""}};
  World world(spec);
  // zk-1 proposed 3 and 4 and was paused; zk-2 had 3 in its log and leads in epoch 1.
  const auto applied = [&](std::uint32_t server, std::int64_t zxid) {
    return world.event(HistoryKind::kZkCommitted, world.catalog.zookeeper_process(server),
                       server + 1, zxid, 1);
  };
  const std::int64_t next = (std::int64_t{1} << 32) + 1;
  const auto paused = make_zookeeper_semantics(world.catalog);
  for (std::uint32_t server = 0; server < 2; ++server) {
    for (const std::int64_t zxid : {1, 2}) paused->check(applied(server, zxid), world);
  }
  world.inherited = 3;
  paused->check(world.event(HistoryKind::kZkLeading, 1, 2, 1), world);
  paused->check(applied(1, next), world);
  paused->check(applied(0, 3), world);
  check_held(*paused, 7);
  const auto dropped = applied(0, 4);
  paused->check(dropped, world);
  check_violated(*paused, dropped,
                 "zk-1 applied transaction 4 where the others applied 4294967297");

  // zk-2 took the start of the session over from zk-1, which commits it late; and never again.
  const auto late = make_zookeeper_semantics(world.catalog);
  const ProcessId leader = world.catalog.zookeeper_process(1);
  late->check(world.event(HistoryKind::kZkLeading, leader, 2, 2), world);
  late->check(world.event(HistoryKind::kZkSessionCreated, leader, world.broker(1), 901), world);
  late->check(zookeeper(world, HistoryKind::kZkSessionCreated, world.broker(1), 901), world);
  check_held(*late);
  const auto third = zookeeper(world, HistoryKind::kZkSessionCreated, world.broker(1), 901);
  late->check(third, world);
  check_violated(*late, third, "session 901 of broker-1 was created a second time");

  // zk-1 committed it, but zk-2 did not hear of that before it led; later it is no excuse.
  const auto taken = make_zookeeper_semantics(world.catalog);
  taken->check(zookeeper(world, HistoryKind::kZkSessionCreated, world.broker(1), 901), world);
  taken->check(zookeeper(world, HistoryKind::kZkSessionCreated, world.broker(1), 902), world);
  const auto leads = world.event(HistoryKind::kZkLeading, leader, 2, 2);
  auto told = world.event(HistoryKind::kZkSessionCreated, leader, world.broker(1), 901);
  told.time = leads.time;
  taken->check(leads, world);
  taken->check(told, world);
  check_held(*taken);
  const auto anew = world.event(HistoryKind::kZkSessionCreated, leader, world.broker(1), 902);
  taken->check(anew, world);
  check_violated(*taken, anew, "session 902 of broker-1 was created a second time");
}

TEST_CASE("S21 finds obedience to a controller that means an earlier life", "[invariants]") {
  World world;
  const auto s21 = make_broker_incarnation(world.catalog);
  s21->check(world.event(HistoryKind::kControllerElected, world.broker(1), 1, 3), world);
  s21->check(world.event(HistoryKind::kBrokerRegistered, world.broker(2), 2, 50), world);
  world.controller_epochs[2] = 3;
  world.controllers = {1};
  world.broker_epochs[2] = world.known_epochs[2] = 50;
  s21->check(world.became_follower(2, 4, 1), world);
  s21->check(world.event(HistoryKind::kBrokerRegistered, world.broker(2), 2, 90), world);
  world.broker_epochs[2] = 90;
  check_held(*s21, 3);
  const auto obeyed = world.became_follower(2, 5, 1);
  s21->check(obeyed, world);
  check_violated(*s21, obeyed,
                 "orders-0: broker-2, registered with broker epoch 90, obeyed broker-1, controller "
                 "of epoch 3, which knows it only as of broker epoch 50");
}

TEST_CASE("S24 finds records out of order, and a reader that goes back", "[invariants]") {
  World world;
  const auto log = make_partition_order(world.catalog);
  log->check(numbered(world, 3, 0, 0), world);
  log->check(numbered(world, 3, 10, 10), world);
  const auto late = numbered(world, 3, 5, 5);
  log->check(late, world);
  check_violated(*log, late,
                 "orders-0: broker-1 appended record 5 of p1 at offset 10 after record 14, which "
                 "was sent later");

  const auto reader = make_partition_order(world.catalog);
  reader->check(delivered(world, 0, 10), world);
  const auto back = delivered(world, 8, 4);
  reader->check(back, world);
  check_violated(*reader, back, "orders-0: readers-1 read offset 8 after offset 9");
}

TEST_CASE("S24 promises no order to a producer that a leader met in the middle", "[invariants]") {
  // Records 0 to 9 are under way to a deposed leader; the new one knows nobody and takes 10 first.
  World world;
  const auto s24 = make_partition_order(world.catalog);
  s24->check(numbered(world, 3, 10, 10), world);
  s24->check(numbered(world, 3, 15, 15), world);
  s24->check(numbered(world, 3, 5, 0, 1), world);  // 0 to 4 ran out of time: a new epoch
  check_held(*s24, 3);
}

TEST_CASE("S24 and S25 accept what is sent again after an election", "[invariants]") {
  World world;
  const auto s24 = make_partition_order(world.catalog);
  const auto s25 = make_idempotence(world.catalog);
  const auto both = [&](const sim::HistoryEvent& event) {
    s24->check(event, world);
    s25->check(event, world);
  };
  both(numbered(world, 3, 0, 0));
  both(numbered(world, 3, 5, 5));
  both(numbered(world, 3, 10, 10));
  world.log_of(1).truncate_to(5);  // the new leader had the first batch only
  both(numbered(world, 5, 5, 5));
  both(numbered(world, 5, 10, 0, 1));  // a new epoch of the producer begins at 0
  s24->check(delivered(world, 0, 10), world);
  s24->check(world.event(HistoryKind::kPositionReset, world.catalog.consumer_process(0), kOrders0,
                         10, 0, 1),
             world);
  s24->check(delivered(world, 0, 10), world);
  check_held(*s24, 5);
  check_held(*s25, 5);
}

TEST_CASE("S25 counts what a leader brings back that one between did not have", "[invariants]") {
  for (const bool again : {false, true}) {
    World world;
    const auto s25 = make_idempotence(world.catalog);
    s25->check(numbered(world, 2, 0, 0), world);
    s25->check(numbered(world, 2, 5, 5), world);
    s25->check(numbered(world, 2, 10, 10), world);
    Batch batch = *world.log_of(1).batch_containing(5);  // broker 2 had the first batch only
    world.log_of(2).append_as_leader(*world.log_of(1).batch_containing(0), 2);
    world.log_of(2).append_as_leader(batch, 3);
    s25->check(world.leader_append(2, 5, 5, 3), world);
    // Broker 1 led on with all three: what is due follows its own log.
    const auto next = numbered(world, 4, again ? 10 : 15, again ? 10 : 15);
    s25->check(next, world);
    if (!again) {
      check_held(*s25, 5);
    } else {
      check_violated(
          *s25, next,
          "orders-0: broker-1 appended sequence 10 of producer id 77, epoch 0, at offset "
          "15 where sequence 15 was due after epoch 0");
    }
  }
}

TEST_CASE("S25 finds a batch that is there twice, and a gap", "[invariants]") {
  World world;
  const auto twice = make_idempotence(world.catalog);
  twice->check(numbered(world, 3, 0, 0), world);
  const auto again = numbered(world, 3, 0, 0);
  twice->check(again, world);
  check_violated(*twice, again,
                 "orders-0: broker-1 appended sequence 0 of producer id 77, epoch 0, at offset 5 "
                 "where sequence 5 was due after epoch 0");
}

TEST_CASE("S33 finds commits of a generation that is over", "[invariants]") {
  World world;
  const auto s33 = make_generation_fencing(world.catalog);
  s33->check(world.event(HistoryKind::kGenerationStarted, world.broker(2), 0, 1, 2), world);
  s33->check(generation(world, 1), world);
  s33->check(committed(world, 5, 1), world);
  s33->check(generation(world, 2), world);
  s33->check(committed(world, 7, 1), world);  // accepted before
  s33->check(committed(world, 8, 2), world);
  const auto deposed =
      world.event(HistoryKind::kOffsetCommitted, world.broker(2), kOrders0, 7, 0, 1);
  s33->check(deposed, world);  // a coordinator no more: it learns late what was stored
  check_held(*s33, 3);
  const auto stale = committed(world, 6, 1);
  s33->check(stale, world);
  check_violated(*s33, stale,
                 "group readers: offset 6 of orders-0 was committed in generation 1 after one of "
                 "generation 2");

  const auto early = make_generation_fencing(world.catalog);
  early->check(generation(world, 1), world);
  const auto future = committed(world, 5, 2);
  early->check(future, world);
  check_violated(
      *early, future,
      "group readers: offset 5 of orders-0 was committed in generation 2, but the newest "
      "is 1");
}

TEST_CASE("S33 follows a deposed coordinator in the generations that it began", "[invariants]") {
  World world;
  const auto of = [&](HistoryKind kind, BrokerId broker, std::uint32_t subject, std::int64_t a,
                      std::int64_t b, std::int64_t c) {
    return world.event(kind, world.broker(broker), subject, a, b, c);
  };
  const PartitionId offsets = world.catalog.group(0).offsets_partition;
  const auto s33 = make_generation_fencing(world.catalog);
  world.states[offsets] = {true, 1, 0, 0, {1}};
  s33->check(of(HistoryKind::kGenerationStarted, 1, 0, 4, 0, 0), world);
  world.states[offsets] = {true, kNoBroker, 1, 1, {1}};  // it has not heard of that
  s33->check(of(HistoryKind::kGenerationStarted, 1, 0, 5, 0, 0), world);
  s33->check(of(HistoryKind::kOffsetCommitted, 1, kOrders0, 7, 0, 5), world);
  world.states[offsets] = {true, 1, 2, 2, {1}};  // elected again: it keeps the group
  s33->check(of(HistoryKind::kOffsetCommitted, 1, kOrders0, 8, 0, 5), world);
  check_held(*s33, 2);
  const auto old = of(HistoryKind::kOffsetCommitted, 1, kOrders0, 9, 0, 4);
  s33->check(old, world);
  check_violated(*s33, old,
                 "group readers: offset 9 of orders-0 was committed in generation 4 after one of "
                 "generation 5");

  const auto unheard = make_generation_fencing(world.catalog);
  unheard->check(of(HistoryKind::kGenerationStarted, 1, 0, 4, 0, 0), world);
  world.states[offsets] = {true, 2, 3, 3, {2}};
  const auto future = of(HistoryKind::kOffsetCommitted, 1, kOrders0, 9, 0, 5);
  unheard->check(future, world);  // deposed or not, nobody began that generation
  check_violated(*unheard, future,
                 "group readers: offset 9 of orders-0 was committed in generation 5, but the "
                 "newest is 4");
}

TEST_CASE("S34 finds commits beyond what was read, that fall, or get lost", "[invariants]") {
  World world;
  const auto beyond = make_committed_offset(world.catalog);
  beyond->check(delivered(world, 0, 10), world);
  beyond->check(committed(world, 10, 1), world);
  const auto unread = committed(world, 11, 1);
  beyond->check(unread, world);
  check_violated(*beyond, unread,
                 "group readers, orders-0: offset 11 was committed, but no member has read beyond "
                 "10");

  const auto fell = make_committed_offset(world.catalog);
  fell->check(delivered(world, 0, 10), world);
  fell->check(committed(world, 10, 1), world);
  fell->check(committed(world, 6, 2), world);  // the new owner had not heard of it
  check_held(*fell, 2);
  const auto lower = committed(world, 4, 2);
  fell->check(lower, world);
  check_violated(*fell, lower,
                 "group readers, orders-0: the committed offset fell from 6 to 4 within generation "
                 "2");

  const auto overtaken = make_committed_offset(world.catalog);
  overtaken->check(delivered(world, 0, 10), world);
  overtaken->check(generation(world, 2), world);
  overtaken->check(committed(world, 10, 2), world);
  overtaken->check(world.event(HistoryKind::kCoordinatorLost, world.catalog.consumer_process(0), 0),
                   world);
  overtaken->check(committed(world, 6, 2), world);  // sent before, on a connection given up since
  check_held(*overtaken, 2);
  overtaken->check(generation(world, 3), world);  // nobody else will hear of this one
  overtaken->check(committed(world, 8, 2), world);
  overtaken->check(committed(world, 5, 2), world);
  check_held(*overtaken, 4);
  overtaken->check(committed(world, 9, 3), world);
  const auto fallen = committed(world, 7, 3);
  overtaken->check(fallen, world);
  check_violated(*overtaken, fallen,
                 "group readers, orders-0: the committed offset fell from 9 to 7 within generation "
                 "3");

  const auto lost = make_committed_offset(world.catalog);
  lost->check(delivered(world, 0, 10), world);
  lost->check(committed(world, 10, 1), world);
  world.commits[kOrders0] = {8, 1};
  const auto loaded = world.event(HistoryKind::kGroupLoaded, world.broker(2), 0, 1, 2);
  lost->check(loaded, world);
  check_violated(*lost, loaded,
                 "group readers, orders-0: broker-2, the new coordinator, has the committed offset "
                 "8 where 10 was committed");
}

/// A commit of generation 1 is acknowledged by broker 1 at offset 4 of __consumer_offsets; an older
/// one that a member no longer waited for stands above it, unacknowledged, when broker 2 loads.
TEST_CASE("S34 tells a commit that was overruled from one that was lost", "[invariants]") {
  World world;
  const PartitionId offsets = world.catalog.group(0).offsets_partition;
  const auto append = [&](std::initializer_list<BrokerId> brokers, std::uint32_t count,
                          std::int32_t epoch) {
    world.append(brokers, epoch, count, 0, offsets, kNone);
  };
  const auto lost =
      world.event(HistoryKind::kCoordinatorLost, world.catalog.consumer_process(0), 0);
  const auto loaded = [&] {
    return world.event(HistoryKind::kGroupLoaded, world.broker(2), 0, 1, 2);
  };
  append({1, 2, 3}, 4, 0);
  append({1, 2}, 1, 0);  // the acknowledged commit,
  append({1, 2}, 1, 0);  // and the late one; broker 3 never gets them
  const auto acknowledge = [&](ViewedInvariant& s34) {
    s34.check(delivered(world, 0, 10), world);
    s34.check(generation(world, 1), world);
    world.commits[kOrders0] = {10, 4};
    s34.check(committed(world, 10, 1), world);
    world.commits[kOrders0] = {8, 5};  // what the next coordinator reads last
  };

  const auto overruled = make_committed_offset(world.catalog);
  acknowledge(*overruled);
  overruled->check(lost, world);
  overruled->check(loaded(), world);
  check_held(*overruled, 2);

  // Nobody gave the coordinator up: no request can be late.
  const auto in_order = make_committed_offset(world.catalog);
  acknowledge(*in_order);
  const auto unasked = loaded();
  in_order->check(unasked, world);
  const std::string text =
      "group readers, orders-0: broker-2, the new coordinator, has the committed offset 8 where 10 "
      "was committed";
  check_violated(*in_order, unasked, text);

  // The record below is the one that counts: the acknowledged one is not in the log at all.
  const auto older = make_committed_offset(world.catalog);
  acknowledge(*older);
  older->check(lost, world);
  world.commits[kOrders0] = {8, 3};
  const auto behind = loaded();
  older->check(behind, world);
  check_violated(*older, behind, text);

  // As long as that, but another record stands where the acknowledged one stood.
  const auto replaced = make_committed_offset(world.catalog);
  acknowledge(*replaced);
  replaced->check(lost, world);
  append({3}, 1, 1);
  append({3}, 1, 1);
  const auto without = world.event(HistoryKind::kGroupLoaded, world.broker(3), 0, 1, 2);
  replaced->check(without, world);
  check_violated(*replaced, without,
                 "group readers, orders-0: broker-3, the new coordinator, has the committed offset "
                 "8 where 10 was committed");
}

TEST_CASE("S36 finds refused records in a log, before and after", "[invariants]") {
  World world;
  const auto failed = [&](std::int64_t first, std::int64_t maybe) {
    return world.event(HistoryKind::kRecordsFailed, world.catalog.producer_process(0), kOrders0,
                       first, 5, 19 * 256 | maybe);
  };
  const auto after = make_refused_never_appended(world.catalog);
  after->check(failed(0, 0), world);
  const auto append = numbered(world, 3, 0, 0);
  after->check(append, world);
  check_violated(*after, append,
                 "orders-0: broker-1 appended record 0 of p1 at offset 0, which had been refused "
                 "for certain");

  const auto before = make_refused_never_appended(world.catalog);
  before->check(numbered(world, 3, 20, 20), world);
  before->check(failed(20, 1), world);  // it may be in the log, and says so
  check_held(*before);
  const auto refused = failed(20, 0);
  before->check(refused, world);
  check_violated(*before, refused,
                 "orders-0: record 20 of p1 was refused with NOT_ENOUGH_REPLICAS for certain, but "
                 "a leader had appended it");
}

TEST_CASE("S38 finds metadata that never was, or goes back", "[invariants]") {
  World world;
  const auto never = make_metadata_cache(world.catalog);
  never->check(world.state(1, 1, {1, 2}, 3, 4), world);
  const auto learned = [&](BrokerId leader, std::int64_t epoch) {
    return world.event(HistoryKind::kLeaderLearned, world.catalog.producer_process(0), kOrders0,
                       leader, epoch);
  };
  never->check(learned(1, 3), world);
  never->check(learned(2, 2), world);
  check_held(*never, 2);
  const auto bad = learned(2, 3);
  never->check(bad, world);
  check_violated(
      *never, bad,
      "orders-0: p1 knows broker-2 as leader in epoch 3, but ZooKeeper's newest is epoch "
      "3 of broker-1");

  const auto back = make_metadata_cache(world.catalog);
  back->check(world.state(1, 1, {1, 2}, 3, 4), world);
  tell(world, 2, 1, 3);
  back->check(world.became_follower(2, 3, 1), world);
  tell(world, 2, 3, 2);
  const auto older = world.became_follower(2, 4, 1);
  back->check(older, world);
  check_violated(*back, older,
                 "orders-0: the metadata of broker-2 went back from leader epoch 3 to 2");
}
