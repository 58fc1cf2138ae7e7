#include "scenarios/faults/one_line.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/faults/event_names.hpp"
#include "scenarios/faults/registry.hpp"
#include "scenarios/format/spelling.hpp"
#include "scenarios/format/units.hpp"

namespace isrlab::scenarios {
namespace {

using sim::format_duration;

/// The words of a line, taken one by one.
class Words {
 public:
  explicit Words(std::string_view line) {
    std::size_t at = line.find_first_not_of(" \t");
    while (at != std::string_view::npos) {
      const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
      words_.push_back(line.substr(at, end - at));
      at = line.find_first_not_of(" \t", end);
    }
  }
  bool done() const { return next_ >= words_.size(); }
  std::string_view peek() const { return done() ? std::string_view() : words_[next_]; }
  std::string take() { return done() ? std::string() : std::string(words_[next_++]); }
  /// All words up to the next field of a fault, joined by one space.
  std::string take_until_field() {
    std::string text;
    while (!done() && find_fault_field(peek()) == nullptr) {
      if (!text.empty()) text += ' ';
      text += take();
    }
    return text;
  }
  /// All words up to the trigger's next word or the action.
  std::string take_until_action() {
    std::string text;
    while (!done() && find_fault(peek()) == nullptr && peek() != "times" && peek() != "at") {
      if (!text.empty()) text += ' ';
      text += take();
    }
    return text;
  }
  std::string take_rest() {
    std::string text;
    while (!done()) text += (text.empty() ? "" : " ") + take();
    return text;
  }

 private:
  std::vector<std::string_view> words_;
  std::size_t next_ = 0;
};

bool fail(std::string problem, std::string advice, std::string& what, std::string& fix) {
  what = std::move(problem);
  fix = std::move(advice);
  return false;
}

bool take_trigger(Words& words, Value& item, std::string& what, std::string& fix) {
  constexpr const char* kExample =
      "begin with at, after, between, every or when: \"at 60s kill broker-1\"";
  if (find_trigger(words.peek()) == nullptr) {
    return fail(fmt::format("{} says no time", in_quotes(words.peek())), kExample, what, fix);
  }
  while (find_trigger(words.peek()) != nullptr || words.peek() == "times") {
    const std::string word = words.take();
    if (item.find(word) != nullptr) {
      return fail(in_quotes(word) + " stands twice", "remove one", what, fix);
    }
    std::string value = word == "when" ? words.take_until_action() : words.take();
    if (value.empty()) return fail(in_quotes(word) + " has no value", kExample, what, fix);
    if (word == "between" && words.peek() == "and") {  // between 10s and 20s
      words.take();
      value += ".." + words.take();
    }
    const bool number = word == "times" && value.size() < 10 &&
                        value.find_first_not_of("0123456789") == std::string::npos;
    item.set(word, number ? Value::of_integer(std::stoll(value)) : Value::of_text(value));
  }
  return true;
}

std::string take_field(Words& words, std::string_view field) {
  if (field == "why") return words.take_rest();
  if (field == "from" || field == "to" || field == "until") return words.take_until_field();
  std::string value = words.take();
  if (field == "restart" && value == "after") value += " " + words.take();
  return value;
}

bool take_fields(Words& words, const FaultInfo& fault, Value& item, std::string& what,
                 std::string& fix) {
  while (!words.done()) {
    const std::string word = words.take();
    if (find_fault_field(word) == nullptr || word == "times") {
      std::vector<std::string> known;
      for (const std::string_view field : fault.fields) known.emplace_back(field);
      return fail("unexpected word " + in_quotes(word), suggestion(word, known), what, fix);
    }
    if (item.find(word) != nullptr) {
      return fail(in_quotes(word) + " stands twice", "remove one", what, fix);
    }
    const std::string value = take_field(words, word);
    if (value.empty()) {
      return fail(in_quotes(word) + " has no value", "write one after it", what, fix);
    }
    const Measure number = parse_whole_number(value);
    const bool whole = (word == "ppm" || word == "directory") && number.ok();
    item.set(word, whole ? Value::of_integer(number.value) : Value::of_text(value));
  }
  return true;
}

void set_span(Value& item, std::string_view key, sim::Duration duration) {
  item.set(key, Value::of_text(format_duration(duration)));
}

std::string number_text(const Value& value) {
  return fmt::format("{}{}", value.negative ? "-" : "", value.magnitude);
}

std::string bandwidth_text(std::int64_t bytes_per_second) {
  return fmt::format("{}B/s", bytes_per_second);
}

std::string loss_text(std::int64_t ppm) {
  return fmt::format("{}/1000000", ppm);
}

/// What stands after the action's word.
std::string target_text(const FaultSpec& fault, const FaultInfo& about) {
  if (about.target == Form::kMessage) return std::string(message_word(fault.message));
  const bool picks = about.target == Form::kMoves || about.target == Form::kPartitions;
  if (picks) return picks_text(fault.picks);
  std::string text = selector_text(fault.who);
  if (fault.more_sides.empty()) return text;
  text += " | " + selector_text(fault.from);
  for (const Selector& side : fault.more_sides) text += " | " + selector_text(side);
  return text;
}

}  // namespace

bool parse_fault_line(std::string_view line, Value& item, std::string& what, std::string& fix) {
  item = Value::object();
  Words words(line);
  if (!take_trigger(words, item, what, fix)) return false;
  const std::string action = words.take();
  const FaultInfo* fault = find_fault(action);
  if (fault == nullptr) {
    std::vector<std::string> known;
    for (const FaultInfo& each : fault_table()) known.emplace_back(each.word);
    if (const std::string_view advice = other_words(action); !advice.empty()) {
      return fail(in_quotes(action) + " is no fault of its own", std::string(advice), what, fix);
    }
    if (is_planned(PlannedWord::Place::kFault, action)) {
      return fail(in_quotes(action) + " is known but not supported by this version",
                  "known are " + joined(known), what, fix);
    }
    return fail(action.empty() ? "no fault" : "unknown fault " + in_quotes(action),
                suggestion(action, known), what, fix);
  }
  const std::string selector = words.take_until_field();
  if (selector.empty()) {
    return fail(in_quotes(action) + " has no target",
                fmt::format("write for example \"{} broker-1\"", action), what, fix);
  }
  item.set(action, Value::of_text(selector));
  return take_fields(words, *fault, item, what, fix);
}

Value fault_value(const FaultSpec& fault) {
  Value item = Value::object();
  switch (fault.trigger) {
    case TriggerKind::kAt: set_span(item, "at", fault.at); break;
    case TriggerKind::kAfter: set_span(item, "after", fault.at); break;
    case TriggerKind::kBetween:
      item.set("between",
               Value::of_text(format_duration(fault.at) + ".." + format_duration(fault.until)));
      break;
    case TriggerKind::kEvery:
      if (fault.at != fault.every) set_span(item, "at", fault.at);
      set_span(item, "every", fault.every);
      if (fault.times >= 0) item.set("times", Value::of_integer(fault.times));
      break;
    case TriggerKind::kWhen:
      if (fault.at > 0) set_span(item, "at", fault.at);
      item.set("when", Value::of_text(moment_text(fault.when)));
      if (fault.times >= 0) item.set("times", Value::of_integer(fault.times));
      break;
  }
  const FaultInfo& about = info(fault.action);
  const bool holds = about.target == Form::kMessage;
  item.set(about.word, Value::of_text(target_text(fault, about)));
  const auto takes = [&](std::string_view field) {
    return std::find(about.fields.begin(), about.fields.end(), field) != about.fields.end();
  };
  if (holds) {
    item.set("from", Value::of_text(selector_text(fault.who)));
    item.set("to", Value::of_text(selector_text(fault.from)));
  } else if (takes("from") && fault.more_sides.empty()) {
    item.set("from", Value::of_text(selector_text(fault.from)));
  }
  if (takes("direction") && fault.direction != CutDirection::kBoth) {
    item.set("direction", Value::of_text(direction_word(fault.direction)));
  }
  if (fault.latency > 0) set_span(item, "latency", fault.latency);
  if (fault.jitter > 0) set_span(item, "jitter", fault.jitter);
  if (fault.bytes_per_second > 0) {
    item.set("rate", Value::of_text(bandwidth_text(fault.bytes_per_second)));
  }
  if (fault.loss_ppm > 0) item.set("loss", Value::of_text(loss_text(fault.loss_ppm)));
  if (takes("offset")) set_span(item, "offset", fault.offset);
  if (takes("ppm")) item.set("ppm", Value::of_integer(fault.ppm));
  if (takes("down")) {
    set_span(item, "down", fault.down);
    set_span(item, "up", fault.up);
  }
  if (fault.directory > 0) item.set("directory", Value::of_integer(fault.directory));
  if (takes("interval")) set_span(item, "interval", fault.interval);
  if (!fault.waits_for_isr) item.set("wait", Value::of_text("running"));
  if (fault.lasts >= 0) set_span(item, "for", fault.lasts);
  if (fault.ends_at != sim::kNever) set_span(item, "until", fault.ends_at);
  if (!fault.ends_when.empty()) item.set("until", Value::of_text(moment_text(fault.ends_when)));
  if (fault.restart_after >= 0) {
    item.set("restart", Value::of_text("after " + format_duration(fault.restart_after)));
  }
  if (fault.unflushed != Unflushed::kDrawn) {
    item.set("unflushed", Value::of_text(unflushed_word(fault.unflushed)));
  }
  return item;
}

std::string fault_line(const FaultSpec& fault) {
  const Value item = fault_value(fault);
  std::string line;
  for (std::size_t i = 0; i < item.keys.size(); ++i) {
    const Value& value = item.items[i];
    const std::string text = value.is(Value::Kind::kInteger) ? number_text(value) : value.text;
    line += (i == 0 ? "" : " ") + item.keys[i] + " " + text;
  }
  return line;
}

}  // namespace isrlab::scenarios
