// What breaks and when, in code. A fault begins with its trigger; the words of a file do as well:
//
//   Schedule{at(60s).kill("leader of orders-0").restart_after(20s),
//            at(90s).partition("broker-1", "zk:leader").lasts(10s),
//            "at 120s pause controller for 8s",
//            R"({"at": "150s", "isolate": ["broker-1", "zk-1"], "for": "5s"})"};
//
// Targets are selectors (`isrlab list selectors`), resolved when the fault fires.
#pragma once
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <vector>

#include "results/lab/setting.hpp"
#include "scenarios/faults/terms.hpp"

namespace isrlab::lab {

/// One item of a schedule. Which fields a fault takes, and whether its targets exist, is checked
/// when the lab is loaded.
class Fault {
 public:
  /// One line, or one JSON object. Throws ScenarioError if it cannot be read.
  Fault(const char* text) : Fault(std::string(text)) {}
  Fault(const std::string& text);
  explicit Fault(scenarios::Value item) : item_(std::move(item)) {}

  /// Healed after this; without it only by Schedule::heal_at().
  Fault& lasts(const Span& length) { return with("for", length); }
  /// Of kill and stop: started again so long after; never when left out.
  Fault& restart_after(const Span& length);
  /// Of slow_link: added to the latency of one way, to the jitter.
  Fault& latency(const Span& more) { return with("latency", more); }
  Fault& jitter(const Span& more) { return with("jitter", more); }
  /// Of slow_link: bandwidth, "10MB/s".
  Fault& rate(std::string_view bandwidth) { return with("rate", bandwidth); }
  /// Of cuts: which packets are lost, seen from the target: "both", "to" or "from".
  Fault& direction(std::string_view which) { return with("direction", which); }
  /// Free text for the report.
  Fault& why(std::string_view text) { return with("why", text); }
  /// Any field of the fault's row in `isrlab list faults`.
  Fault& with(std::string_view field, const Setting& value);

  const scenarios::Value& value() const { return item_; }
  /// The item as one line; as JSON if it has lists or objects.
  std::string text() const;

 private:
  scenarios::Value item_;
};

/// When a fault fires; a verb makes it a fault.
class Trigger {
 public:
  explicit Trigger(scenarios::Value item) : item_(std::move(item)) {}

  /// The process dies at once (kill -9).
  Fault kill(std::string_view who) const;
  /// Clean shutdown (SIGTERM).
  Fault stop(std::string_view who) const;
  /// Starts a dead process again.
  Fault restart(std::string_view who) const;
  /// The process stands still; needs lasts().
  Fault pause(std::string_view who) const;
  /// Cuts the links between two sides, silently.
  Fault partition(std::string_view side, std::string_view other = "all") const;
  /// Cuts nodes from everybody.
  Fault isolate(std::string_view who) const;
  /// Slows the links between two sides; needs latency(), jitter() or rate().
  Fault slow_link(std::string_view side, std::string_view other = "all") const;
  /// ZooKeeper ends the session of a broker that lives.
  Fault expire_session(std::string_view who) const;
  /// The wall clocks of hosts are off by so much, back when it is healed; below 0: behind.
  Fault skew(std::string_view who, const Span& offset) const;
  /// The clocks of hosts run so many millionths too fast; below 0: too slow.
  Fault drift(std::string_view who, int ppm) const;
  /// Steps the wall clocks of hosts once.
  Fault jump(std::string_view who, const Span& offset) const;
  /// Any fault by its word in `isrlab list faults`.
  Fault does(std::string_view word, std::string_view target) const;

 private:
  Fault make(scenarios::FaultAction action, std::string_view who) const;
  scenarios::Value item_;
};

/// At a time of the run.
Trigger at(const Span& time);
/// So long after the item before fired.
Trigger after(const Span& pause);
/// Once, at an instant of the interval that the seed draws.
Trigger between(const Span& low, const Span& high);
/// Again and again, first after one pause; `times` below 1: to the end.
Trigger every(const Span& pause, int times = 0);

/// Faults that the seed draws (`isrlab schema`, section chaos). with() takes its other words.
class Chaos : public Section<Chaos> {
 public:
  /// First draw, and the time from which no new fault is drawn.
  Chaos& from(const Span& time) { return with("from", time); }
  Chaos& until(const Span& time) { return with("until", time); }
  /// Pause from one draw to the next.
  Chaos& interval(const Span& shortest, const Span& longest);
  /// Length of one fault.
  Chaos& lasts(const Span& shortest, const Span& longest);
  /// How often a fault is drawn, relative to the others that have a weight.
  Chaos& weight(std::string_view fault, int weight);
  /// The most nodes that may be down or cut off at a time.
  Chaos& max_down(int brokers, int zookeeper);
  /// Each seed also draws which faults exist, and the settings that nothing says.
  Chaos& swarm() { return with("swarm", true); }

 private:
  Chaos& into(std::string_view section, std::string_view word, int number);
};

class Schedule {
 public:
  Schedule() = default;
  Schedule(std::initializer_list<Fault> faults) : faults_(faults) {}
  explicit Schedule(std::vector<Fault> faults) : faults_(std::move(faults)) {}

  Schedule& add(Fault fault);
  Schedule& chaos(const Chaos& chaos);
  /// Mends all that is still broken at this time.
  Schedule& heal_at(const Span& time);

  const std::vector<Fault>& faults() const { return faults_; }
  /// The sections of the format; null when there is none.
  scenarios::Value faults_value() const;
  const scenarios::Value& chaos_value() const { return chaos_; }
  const scenarios::Value& heal_value() const { return heal_; }

 private:
  std::vector<Fault> faults_;
  scenarios::Value chaos_;
  scenarios::Value heal_;
};

/// One line for each fault, fit for --fault.
std::ostream& operator<<(std::ostream& stream, const Fault& fault);
std::ostream& operator<<(std::ostream& stream, const Schedule& schedule);

}  // namespace isrlab::lab
