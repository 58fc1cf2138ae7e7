#include "tests/catalogue/durability.hpp"

#include <set>

#include "scenarios/format/loader.hpp"
#include "tests/support/catch.hpp"

namespace isrlab::test {

std::vector<HistoryKind> Books::interests() const {
  return {HistoryKind::kRecordCreated, HistoryKind::kRecordsAcked, HistoryKind::kRecordsFailed,
          HistoryKind::kRecordsDelivered};
}

void Books::on_event(const sim::HistoryEvent& event, const model::Cluster& cluster) {
  if (event.subject != partition_) return;
  const auto kind = static_cast<HistoryKind>(event.kind);
  const std::uint32_t client = cluster.catalog().process(event.actor).index;
  if (kind == HistoryKind::kRecordCreated) {
    ++created;
    return;
  }
  for (std::int64_t i = 0; i < event.b; ++i) {
    const auto number = static_cast<std::uint64_t>(event.a + i);
    if (kind == HistoryKind::kRecordsAcked) {
      acked[{client, number}] = {event.time, event.c < 0 ? -1 : event.c + i};
    } else if (kind == HistoryKind::kRecordsFailed) {
      failed[{client, number}] = static_cast<model::Error>(event.c >> 8);
    } else {
      const auto producer = static_cast<std::uint32_t>(event.c & 0xffffff);
      const auto first = static_cast<std::uint64_t>(event.c >> 24);
      delivered.push_back({event.time,
                           cluster.consumers()[client].group(),
                           event.a + i,
                           {producer, first + static_cast<std::uint64_t>(i)}});
    }
  }
}

scenarios::Scenario scenario_of(const std::string& body) {
  const std::string text =
      R"({"schema": "kafka-failure-scenario/1", "name": "durability", "about": "", )" + body + "}";
  const scenarios::LoadResult loaded = scenarios::load_scenario_text(text, "durability");
  INFO(loaded.text());
  REQUIRE(loaded.ok());
  return loaded.scenario;
}

Books& books_of(World& world) {
  return *world.run().readers().add(std::make_unique<Books>(world.partition("orders", 0)));
}

std::uint64_t seed_with_controller(const scenarios::Scenario& scenario, BrokerId broker) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    World world(scenario, seed);
    world.until(10 * sim::kSecond);
    if (world.cluster().controller() == broker) return seed;
  }
  FAIL("no seed makes that broker the controller");
  return 0;
}

const model::Partition& replica(const World& world, BrokerId broker) {
  return *world.cluster().broker(broker).partition(world.partition("orders", 0));
}

std::vector<RecordId> records_of(const World& world, BrokerId broker, std::int64_t from) {
  std::vector<RecordId> records;
  const model::PartitionLog& log = replica(world, broker).log;
  log.for_each_batch(from, log.log_end_offset(), [&](const model::Batch& batch) {
    for (std::uint64_t i = 0; i < batch.count; ++i) {
      if (batch.base_offset + static_cast<std::int64_t>(i) < from) continue;
      records.push_back({batch.producer, batch.first_record + i});
    }
  });
  return records;
}

std::string names_of(const World& world, const std::vector<RecordId>& records) {
  std::string names;
  for (const RecordId& record : records) {
    if (!names.empty()) names += ' ';
    names += world.cluster().catalog().spec().producers.at(record.first).name;
  }
  return names;
}

std::vector<std::int64_t> missing_offsets(const Books& books, const World& world, BrokerId broker) {
  const std::vector<RecordId> held = records_of(world, broker);
  const std::set<RecordId> present(held.begin(), held.end());
  std::vector<std::int64_t> missing;
  for (const auto& [record, ack] : books.acked) {
    if (present.count(record) == 0) missing.push_back(ack.offset);
  }
  std::sort(missing.begin(), missing.end());
  return missing;
}

std::int64_t second_copies(const World& world, BrokerId broker) {
  const std::vector<RecordId> held = records_of(world, broker);
  const std::set<RecordId> different(held.begin(), held.end());
  return static_cast<std::int64_t>(held.size() - different.size());
}

std::int64_t elections(const World& world, std::int64_t how, Time from) {
  std::int64_t count = 0;
  for (const auto& event : world.events(HistoryKind::kLeaderElected, from)) {
    count += event.subject == world.partition("orders", 0) && event.c == how;
  }
  return count;
}

sim::HistoryEvent last_leader(const World& world, Time from) {
  sim::HistoryEvent last{};
  for (const auto& event : world.events(HistoryKind::kBecameLeader, from)) {
    if (event.subject == world.partition("orders", 0)) last = event;
  }
  REQUIRE(last.time > 0);
  return last;
}

bool broker_alive(const World& world, BrokerId broker) {
  return world.cluster().alive(world.cluster().catalog().broker_process(broker));
}

}  // namespace isrlab::test
