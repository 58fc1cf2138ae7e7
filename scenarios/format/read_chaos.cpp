// The section "chaos".
#include <algorithm>
#include <numeric>

#include "scenarios/chaos/chaos.hpp"
#include "scenarios/chaos/swarm.hpp"
#include "scenarios/faults/event_names.hpp"
#include "scenarios/faults/registry.hpp"
#include "scenarios/format/sections.hpp"
#include "scenarios/format/spelling.hpp"

namespace isrlab::scenarios {
namespace {

using Kind = Value::Kind;

void read_weights(const Value& value, LoadContext& context) {
  ObjectReader reader(value, "/chaos/weights", Shape::kChaosWeights, context.problems);
  if (!reader.valid()) return;
  ChaosSpec& chaos = context.scenario.chaos;
  chaos.weights.fill(0);
  for (const FaultInfo& fault : fault_table()) {
    if (fault.action == FaultAction::kRestart || is_admin(fault.action)) continue;
    reader.integer(fault.word, chaos.weights[static_cast<std::size_t>(fault.action)]);
  }
  const auto& weights = chaos.weights;
  if (std::accumulate(weights.begin(), weights.end(), std::int64_t{0}) == 0) {
    context.problems.error("/chaos/weights", "nothing is ever drawn", "give a fault a weight");
  }
}

void read_messages(ObjectReader& reader, LoadContext& context) {
  std::vector<std::string> names;
  if (!reader.names("messages", names)) return;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::int32_t message = find_message(names[i]);
    if (message < 0) {
      report_unknown("/chaos/messages/" + std::to_string(i), "message", names[i], message_words(),
                     context.problems);
    } else {
      context.scenario.chaos.held.push_back(message);
    }
  }
}

void read_pinned(ObjectReader& reader, LoadContext& context) {
  std::vector<std::string>& pinned = context.scenario.chaos.pinned;
  if (!reader.names("pinned", pinned)) return;
  const std::vector<std::string> known = swarm_settings();
  for (std::size_t i = 0; i < pinned.size(); ++i) {
    if (std::find(known.begin(), known.end(), pinned[i]) != known.end()) continue;
    context.problems.error("/chaos/pinned/" + std::to_string(i),
                           in_quotes(pinned[i]) + " is never drawn", suggestion(pinned[i], known));
  }
  if (!pinned.empty() && !context.scenario.chaos.swarm) {
    context.problems.error("/chaos/pinned", "without swarm no setting is drawn",
                           "set swarm to true, or leave pinned out");
  }
}

void check_times(const ObjectReader& reader, LoadContext& context) {
  ChaosSpec& chaos = context.scenario.chaos;
  const Time end = context.scenario.duration;
  const Time heal = context.scenario.heal_at;
  if (chaos.until == sim::kNever) chaos.until = heal != sim::kNever ? heal : end / 4 * 3;
  if (chaos.from >= chaos.until) {
    context.problems.error(reader.find("from") != nullptr ? reader.at("from") : "/chaos",
                           "the draws begin at " + sim::format_duration(chaos.from) +
                               " and end at " + sim::format_duration(chaos.until),
                           "let them begin earlier, or lengthen until, heal or /duration");
  } else if (chaos.until > end) {
    context.problems.error(reader.at("until"), "the draws go on after the end of the run",
                           "end them earlier or lengthen /duration");
  } else if (heal != sim::kNever && chaos.until > heal) {
    context.problems.error(reader.at("until"), "the draws go on after the healing",
                           "end them at " + sim::format_duration(heal) + " or before");
  }
}

}  // namespace

void read_chaos(ObjectReader& file, LoadContext& context) {
  const Value* value = file.find("chaos");
  if (value == nullptr) return;
  ChaosSpec& chaos = context.scenario.chaos;
  chaos.on = true;
  chaos.weights = default_chaos_weights();
  ObjectReader reader(*value, "/chaos", Shape::kChaos, context.problems);
  if (!reader.valid()) return;
  const std::size_t errors = context.problems.errors();
  reader.integer("from", chaos.from);
  reader.integer("until", chaos.until);
  if (reader.range("interval", chaos.interval_min, chaos.interval_max) && chaos.interval_min <= 0) {
    context.problems.error(reader.at("interval"), "two draws at one time would never end",
                           "begin at 1ms or more");
  }
  if (reader.range("lasts", chaos.lasts_min, chaos.lasts_max) && chaos.lasts_min <= 0) {
    context.problems.error(reader.at("lasts"), "a fault of no length is none",
                           "begin at 1ms or more");
  }
  reader.integer("stability", chaos.stability);
  reader.flag("swarm", chaos.swarm);
  read_messages(reader, context);
  read_pinned(reader, context);
  if (const Value* weights = reader.find("weights")) read_weights(*weights, context);
  if (const Value* most = reader.find("max_down")) {
    ObjectReader down(*most, "/chaos/max_down", Shape::kMaxDown, context.problems);
    down.integer("brokers", chaos.max_down_brokers);
    down.integer("zookeeper", chaos.max_down_zookeeper);
  }
  if (context.problems.errors() == errors) check_times(reader, context);
}

Value chaos_value(const ChaosSpec& chaos) {
  const auto span = [](Duration length) { return Value::of_text(sim::format_duration(length)); };
  const auto range = [](Duration low, Duration high) {
    return Value::of_text(sim::format_duration(low) + ".." + sim::format_duration(high));
  };
  Value value = Value::object();
  value.set("from", span(chaos.from));
  value.set("until", span(chaos.until));
  value.set("interval", range(chaos.interval_min, chaos.interval_max));
  value.set("lasts", range(chaos.lasts_min, chaos.lasts_max));
  Value weights = Value::object();
  for (const FaultInfo& fault : fault_table()) {
    const std::int64_t weight = chaos.weights[static_cast<std::size_t>(fault.action)];
    if (weight > 0) weights.set(fault.word, Value::of_integer(weight));
  }
  value.set("weights", std::move(weights));
  Value most = Value::object();
  most.set("brokers", Value::of_integer(chaos.max_down_brokers));
  most.set("zookeeper", Value::of_integer(chaos.max_down_zookeeper));
  value.set("max_down", std::move(most));
  value.set("stability", span(chaos.stability));
  value.set("swarm", Value::of_flag(chaos.swarm));
  if (!chaos.held.empty()) {
    Value messages = Value::list();
    for (const std::int32_t held : chaos.held) messages.push(Value::of_text(message_word(held)));
    value.set("messages", std::move(messages));
  }
  if (!chaos.pinned.empty()) {
    Value pinned = Value::list();
    for (const std::string& name : chaos.pinned) pinned.push(Value::of_text(name));
    value.set("pinned", std::move(pinned));
  }
  return value;
}

}  // namespace isrlab::scenarios
