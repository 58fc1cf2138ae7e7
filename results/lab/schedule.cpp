#include "results/lab/schedule.hpp"

#include <algorithm>
#include <ostream>

#include "scenarios/faults/one_line.hpp"
#include "scenarios/faults/registry.hpp"
#include "scenarios/format/problem.hpp"
#include "scenarios/format/spelling.hpp"

namespace isrlab::lab {

using scenarios::FaultAction;
using scenarios::TriggerKind;
using scenarios::Value;

namespace {

Trigger trigger(TriggerKind kind, const std::string& text) {
  Value item = Value::object();
  item.set(scenarios::info(kind).word.name, Value::of_text(text));
  return Trigger(std::move(item));
}

std::string range(const Span& low, const Span& high) {
  return low.text() + ".." + high.text();
}

/// A line of this text would look like one of a file.
void forget_lines(Value& value) {
  value.line = 0;
  for (Value& item : value.items) forget_lines(item);
}

Value parse_item(const std::string& text) {
  Value item;
  if (text.find_first_not_of(" \t\n") == text.find('{')) {
    scenarios::Problems problems(&item);
    if (parse_json(text, item, problems) && problems.errors() == 0) {
      forget_lines(item);
      return item;
    }
    throw scenarios::ScenarioError(problems.list(), "fault " + scenarios::in_quotes(text));
  }
  std::string what;
  std::string fix;
  if (parse_fault_line(text, item, what, fix)) return item;
  throw scenarios::ScenarioError({{scenarios::Severity::kError, what, fix, {}}},
                                 "fault " + scenarios::in_quotes(text));
}

}  // namespace

Fault::Fault(const std::string& text) : item_(parse_item(text)) {}

Fault& Fault::restart_after(const Span& length) {
  return with("restart", "after " + length.text());
}

Fault& Fault::with(std::string_view field, const Setting& value) {
  item_.set(field, value.value());
  return *this;
}

std::string Fault::text() const {
  std::string line;
  std::string why;  // stands last: it takes the rest of the line
  for (std::size_t i = 0; i < item_.keys.size(); ++i) {
    const Value& value = item_.items[i];
    const bool number = value.is(Value::Kind::kInteger);
    if (!number && !value.is(Value::Kind::kString)) return to_json(item_);
    const std::string word =
        item_.keys[i] + " " +
        (number ? (value.negative ? "-" : "") + std::to_string(value.magnitude) : value.text);
    if (item_.keys[i] == "why") {
      why = " " + word;
    } else {
      line += (line.empty() ? "" : " ") + word;
    }
  }
  return line + why;
}

Fault Trigger::make(FaultAction action, std::string_view who) const {
  return does(scenarios::info(action).word, who);
}

Fault Trigger::kill(std::string_view who) const {
  return make(FaultAction::kKill, who);
}
Fault Trigger::stop(std::string_view who) const {
  return make(FaultAction::kStop, who);
}
Fault Trigger::restart(std::string_view who) const {
  return make(FaultAction::kRestart, who);
}
Fault Trigger::pause(std::string_view who) const {
  return make(FaultAction::kPause, who);
}
Fault Trigger::partition(std::string_view side, std::string_view other) const {
  return make(FaultAction::kPartition, side).with("from", other);
}
Fault Trigger::isolate(std::string_view who) const {
  return make(FaultAction::kIsolate, who);
}
Fault Trigger::slow_link(std::string_view side, std::string_view other) const {
  return make(FaultAction::kSlowLink, side).with("from", other);
}
Fault Trigger::expire_session(std::string_view who) const {
  return make(FaultAction::kExpireSession, who);
}

Fault Trigger::skew(std::string_view who, const Span& offset) const {
  return make(FaultAction::kSkew, who).with("offset", offset);
}
Fault Trigger::drift(std::string_view who, int ppm) const {
  return make(FaultAction::kDrift, who).with("ppm", ppm);
}
Fault Trigger::jump(std::string_view who, const Span& offset) const {
  return make(FaultAction::kJump, who).with("offset", offset);
}

Fault Trigger::does(std::string_view word, std::string_view target) const {
  Value item = item_;
  item.set(word, Value::of_text(target));
  return Fault(std::move(item));
}

Trigger at(const Span& time) {
  return trigger(TriggerKind::kAt, time.text());
}
Trigger after(const Span& pause) {
  return trigger(TriggerKind::kAfter, pause.text());
}
Trigger between(const Span& low, const Span& high) {
  return trigger(TriggerKind::kBetween, range(low, high));
}
Trigger every(const Span& pause, int times) {
  Value item = Value::object();
  item.set(scenarios::info(TriggerKind::kEvery).word.name, Value::of_text(pause.text()));
  if (times > 0) item.set("times", Value::of_integer(times));
  return Trigger(std::move(item));
}

Chaos& Chaos::interval(const Span& shortest, const Span& longest) {
  return with("interval", range(shortest, longest));
}

Chaos& Chaos::lasts(const Span& shortest, const Span& longest) {
  return with("lasts", range(shortest, longest));
}

Chaos& Chaos::into(std::string_view section, std::string_view word, int number) {
  Value* object = value_.find(section);
  if (object == nullptr) object = &value_.set(section, Value::object());
  object->set(word, Value::of_integer(number));
  return *this;
}

Chaos& Chaos::weight(std::string_view fault, int weight) {
  return into("weights", fault, weight);
}

Chaos& Chaos::max_down(int brokers, int zookeeper) {
  return into("max_down", "brokers", brokers).into("max_down", "zookeeper", zookeeper);
}

Schedule& Schedule::add(Fault fault) {
  faults_.push_back(std::move(fault));
  return *this;
}

Schedule& Schedule::chaos(const Chaos& chaos) {
  chaos_ = chaos.value();
  return *this;
}

Schedule& Schedule::heal_at(const Span& time) {
  heal_ = Value::object();
  heal_.set("at", Value::of_text(time.text()));
  return *this;
}

Value Schedule::faults_value() const {
  Value list = Value::list();
  for (const Fault& fault : faults_) list.push(fault.value());
  return list;
}

std::ostream& operator<<(std::ostream& stream, const Fault& fault) {
  return stream << fault.text();
}

std::ostream& operator<<(std::ostream& stream, const Schedule& schedule) {
  for (const Fault& fault : schedule.faults()) stream << fault << "\n";
  if (!schedule.chaos_value().is(Value::Kind::kNull)) {
    stream << "chaos " << to_json(schedule.chaos_value()) << "\n";
  }
  if (!schedule.heal_value().is(Value::Kind::kNull)) {
    stream << "heal " << to_json(schedule.heal_value()) << "\n";
  }
  return stream;
}

}  // namespace isrlab::lab
