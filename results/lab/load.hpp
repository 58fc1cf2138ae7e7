// The load of a cluster in code: producers of constant rate and consumer groups.
//
//   Load().producer(Producer("orders").rate(200).set("acks", "all"))
//         .group(Group("billing", {"orders"}).members(2));
#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "results/lab/setting.hpp"

namespace isrlab::lab {

/// A producer to one topic; 100 records of 1 KiB a second when nothing is said. set() takes
/// producer settings.
class Producer : public Section<Producer> {
 public:
  explicit Producer(std::string_view topic) { with("topic", topic); }
  /// Client name; p1, p2 .. in the order of the load when left out.
  Producer& name(std::string_view name) { return with("name", name); }
  /// Evenly spaced records, so many a second.
  Producer& rate(int records_per_second);
  /// The pause between two records, instead of rate().
  Producer& interval(const Span& pause) { return with("interval", pause); }
  /// Stops after so many.
  Producer& records(std::int64_t count) { return with("records", count); }
  /// Size of the value: "1KiB", "200B".
  Producer& record_size(std::string_view size) { return with("record.size", size); }
  /// Records with so many different keys, drawn evenly; without it records have no key.
  Producer& keys(int count);
  Producer& start(const Span& time) { return with("start", time); }
  Producer& stop(const Span& time) { return with("stop", time); }
};

/// A consumer group; its members are <name>-1, <name>-2 .. set() takes consumer settings.
class Group : public Section<Group> {
 public:
  Group(std::string_view name, const std::vector<std::string>& topics);
  Group& members(int count) { return with("members", count); }
  /// Time that a member spends on each record between polls.
  Group& processing(const Span& each) { return with("processing", each); }
  Group& start(const Span& time) { return with("start", time); }
};

class Load {
 public:
  Load& producer(Producer producer);
  Load& group(Group group);

  /// The sections "producers" and "consumers" of the format.
  scenarios::Value producers_value() const;
  scenarios::Value consumers_value() const;

 private:
  std::vector<Producer> producers_;
  std::vector<Group> groups_;
};

/// As JSON on one line, for the messages of failed tests.
std::ostream& operator<<(std::ostream& stream, const Load& load);

}  // namespace isrlab::lab
