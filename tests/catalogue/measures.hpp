// What the entries of the catalogue measure in a run: acknowledgements, deliveries and their gaps.
#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

namespace isrlab::test {

using sim::kMicrosecond;
using sim::kMillisecond;
using sim::kSecond;

inline constexpr double seconds(Duration duration) {
  return static_cast<double>(duration) / static_cast<double>(kSecond);
}

/// A scenario file without its first lines: all that follows "name", e.g. "duration": "90s", ...
World world_of(const std::string& body, std::uint64_t seed = 1);
/// The same under the first seed from `seed` on by which `controller` is the controller at `at`;
/// the world stands at that time.
World world_led_by(BrokerId controller, Time at, const std::string& body);

/// Acknowledged records of each producer: when, and how long after their creation.
class Acks final : public model::Reader {
 public:
  struct Ack {
    Time time = 0;
    std::int64_t count = 0;
    Duration latency = 0;  // of the first record
  };
  /// `producer` by name.
  const std::vector<Ack>& of(const std::string& producer) { return acks_[producer]; }
  std::int64_t records(const std::string& producer, Time from = 0, Time to = sim::kNever);
  /// The longest time between two acknowledgements within [from, to], both ends counted.
  Duration longest_gap(const std::string& producer, Time from, Time to);
  Duration median_latency(const std::string& producer, Time from, Time to);

  std::vector<HistoryKind> interests() const override;
  void on_event(const sim::HistoryEvent& event, const model::Cluster& cluster) override;
  std::unique_ptr<model::Reader> clone() const override { return std::make_unique<Acks>(*this); }

 private:
  std::map<std::string, std::vector<Ack>> acks_;
  std::map<std::tuple<std::uint16_t, std::uint32_t, std::int64_t>, Time> created_;
};

/// Records that members got, by the member's name.
class Deliveries final : public model::Reader {
 public:
  std::int64_t records(const std::string& member, Time from = 0, Time to = sim::kNever);
  Duration longest_gap(const std::string& member, Time from, Time to);

  std::vector<HistoryKind> interests() const override { return {HistoryKind::kRecordsDelivered}; }
  void on_event(const sim::HistoryEvent& event, const model::Cluster& cluster) override;
  std::unique_ptr<model::Reader> clone() const override {
    return std::make_unique<Deliveries>(*this);
  }

 private:
  std::map<std::string, std::vector<std::pair<Time, std::int64_t>>> got_;
};

template <class R>
R* attach(World& world) {
  return world.run().readers().add(std::make_unique<R>());
}

const model::Partition& replica_of(const World& world, BrokerId broker, const std::string& topic,
                                   std::int32_t number = 0);
bool process_alive(const World& world, BrokerId broker);
/// Fails (or repairs) one directory of a broker, counted from 0.
void fail_directory(World& world, BrokerId broker, int directory, Duration lasts = -1);
/// Time of the first event of the kind from `from` on whose subject is the partition; kNever if
/// there is none.
Time first_of(const World& world, HistoryKind kind, Time from, const std::string& topic,
              std::int32_t number = 0);
/// Events of the kind from `from` on about one partition.
std::vector<sim::HistoryEvent> events_of(const World& world, HistoryKind kind, Time from,
                                         const std::string& topic, std::int32_t number = 0);

}  // namespace isrlab::test
