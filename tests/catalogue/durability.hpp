// What the durability entries share: clusters with short time-outs, the clients' books record by
// record, and the records of a log by the names of their producers.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/support/world.hpp"

namespace isrlab::test {

/// A record: producer (index in the scenario) and its number there; topics have one partition.
using RecordId = std::pair<std::uint32_t, std::uint64_t>;

struct AckedAt {
  Time time = 0;
  std::int64_t offset = -1;  // -1: acks=0, which tells none
};
struct Delivery {
  Time time = 0;
  std::uint32_t group = 0;
  std::int64_t offset = 0;
  RecordId record;
};

/// Partition 0 of the topic `orders` in the eyes of its clients.
class Books final : public model::Reader {
 public:
  explicit Books(model::PartitionId partition) : partition_(partition) {}
  std::vector<HistoryKind> interests() const override;
  void on_event(const sim::HistoryEvent& event, const model::Cluster& cluster) override;
  std::unique_ptr<model::Reader> clone() const override { return std::make_unique<Books>(*this); }

  std::int64_t created = 0;
  std::map<RecordId, AckedAt> acked;
  std::map<RecordId, model::Error> failed;
  std::vector<Delivery> delivered;

 private:
  model::PartitionId partition_ = 0;
};

/// The scenario of the text (JSON without the constant first keys), its faults injected by it.
scenarios::Scenario scenario_of(const std::string& body);
/// Attach before the first step; lives as long as the world.
Books& books_of(World& world);
/// The first seed whose run has this broker as controller at 10 s.
std::uint64_t seed_with_controller(const scenarios::Scenario& scenario, BrokerId broker);

const model::Partition& replica(const World& world, BrokerId broker);
/// The records from `from` on, by rising offset.
std::vector<RecordId> records_of(const World& world, BrokerId broker, std::int64_t from = 0);
/// "first third": the producers of the records from offset 0 on.
std::string names_of(const World& world, const std::vector<RecordId>& records);
/// Acknowledged records that the broker's log does not hold, by their offsets.
std::vector<std::int64_t> missing_offsets(const Books& books, const World& world, BrokerId broker);
/// Copies of records beyond the first.
std::int64_t second_copies(const World& world, BrokerId broker);
/// Elections by the controller from a time on, by how (4: unclean).
std::int64_t elections(const World& world, std::int64_t how, Time from = 0);
/// The last BecameLeader of orders-0, a REQUIREd one.
sim::HistoryEvent last_leader(const World& world, Time from);
bool broker_alive(const World& world, BrokerId broker);

}  // namespace isrlab::test
