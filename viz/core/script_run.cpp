#include "viz/core/script_run.hpp"

#include <fmt/format.h>

#include <charconv>

namespace isrlab::viz {
namespace {

/// A gesture is at most a few frames; more means that nobody takes the events.
constexpr int kFramesForInput = 200;

/// Exact whole numbers first: offsets and hashes exceed what a double holds.
std::optional<std::int64_t> as_integer(const std::string& text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (text.empty() || result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return number;
}

std::optional<double> as_number(const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (text.empty() || result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return number;
}

template <typename Value>
bool holds(const Value& left, step::Compare compare, const Value& right) {
  switch (compare) {
    case step::Compare::equal: return left == right;
    case step::Compare::not_equal: return left != right;
    case step::Compare::less: return left < right;
    case step::Compare::greater: return left > right;
    case step::Compare::less_equal: return left <= right;
    case step::Compare::greater_equal: return left >= right;
  }
  return false;
}

class Runner {
 public:
  Runner(ScriptHost& host, ScriptReport& report) : host_(host), report_(report) {}

  Problem operator()(const step::Seek& action) { return settle(host_.seek(action.to)); }
  Problem operator()(const step::Play&) {
    host_.play();
    return settle({});
  }
  Problem operator()(const step::Pause&) {
    host_.pause();
    return settle({});
  }
  Problem operator()(const step::Step& action) { return settle(host_.step(action.events)); }
  Problem operator()(const step::Speed& action) {
    host_.set_speed(action.factor);
    return settle({});
  }
  Problem operator()(const step::Command& action) { return settle(host_.command(action.id)); }
  Problem operator()(const step::Shot& action) { return host_.shot(action.file); }
  Problem operator()(const step::RunUntil& action) { return settle(host_.run_until(action.to)); }
  Problem operator()(const step::RunUntilCondition& action) {
    return settle(host_.run_until(action.condition, action.within));
  }
  Problem operator()(const step::Say& action) {
    host_.say(action.text);
    return settle({});
  }
  Problem operator()(const step::Press& action) {
    host_.input().tap(action.chord);
    return drain_input();
  }
  Problem operator()(const step::Type& action) {
    host_.input().type(action.text);
    return drain_input();
  }
  Problem operator()(const step::Wait& action) {
    for (int i = 0; i < action.frames; ++i) {
      if (Problem problem = settle({})) return problem;
    }
    return {};
  }

  Problem operator()(const step::Click& action) {
    Rect spot;
    if (Problem problem = locate(action.id, spot)) return problem;
    const float x = spot.center_x();
    const float y = spot.center_y();
    switch (action.how) {
      case step::Click::How::left: host_.input().click(x, y, MouseButton::left); break;
      case step::Click::How::right: host_.input().click(x, y, MouseButton::right); break;
      case step::Click::How::middle: host_.input().click(x, y, MouseButton::middle); break;
      case step::Click::How::twice: host_.input().double_click(x, y); break;
    }
    return drain_input();
  }

  Problem operator()(const step::Drag& action) {
    Rect from;
    Rect to;
    if (Problem problem = locate(action.from, from)) return problem;
    if (Problem problem = locate(action.to, to)) return problem;
    host_.input().drag(from.center_x(), from.center_y(), to.center_x(), to.center_y());
    return drain_input();
  }

  /// A failed expectation is no Problem: the script goes on and reports all of them.
  Problem operator()(const step::Expect& action) {
    const std::optional<std::string> left = value_of(action.left);
    const std::string left_value = left.value_or(action.left.text);
    const std::string right_value = value_of(action.right).value_or(action.right.text);
    const std::optional<bool> result = compare_values(left_value, action.compare, right_value);
    if (result && *result) return {};
    const char* sign = sign_of(action.compare);
    if (!left && !action.left.quoted) {
      fail(fmt::format("there is no value named \"{}\", check the name", action.left.text));
    } else if (!result) {
      fail(fmt::format("\"{}\" and \"{}\" have no order, compare them with == or !=", left_value,
                       right_value));
    } else {
      fail(fmt::format("expected {} {} {}, but it is \"{}\"", action.left.text, sign, right_value,
                       left_value));
    }
    return {};
  }

  void set_position(std::string position) { position_ = std::move(position); }
  void fail(const std::string& what) { report_.failures.push_back(position_ + ": " + what); }

 private:
  /// One frame, so that what follows sees the effect.
  Problem settle(Problem problem) {
    if (problem) return problem;
    if (!host_.frame()) return "the window was closed, run the script to its end";
    return {};
  }

  Problem drain_input() {
    for (int i = 0; i < kFramesForInput; ++i) {
      if (host_.input().empty()) return settle({});
      if (Problem problem = settle({})) return problem;
    }
    return "the viewer does not take the input, report this as a bug";
  }

  Problem locate(const std::string& id, Rect& spot) {
    const UiNode* node = host_.ui().find(id);
    if (node == nullptr) {
      // The first step of a script may come before the first frame.
      if (Problem problem = settle({})) return problem;
      node = host_.ui().find(id);
    }
    if (node == nullptr) {
      const std::string nearest = host_.ui().nearest(id);
      return fmt::format("there is no \"{}\" on the screen, {}", id,
                         nearest.empty() ? "list the names with --dump-ui"
                                         : fmt::format("did you mean \"{}\"?", nearest));
    }
    if (!node->enabled) return fmt::format("\"{}\" is disabled, do first what enables it", id);
    if (node->visible.empty()) {
      return fmt::format("\"{}\" is scrolled out of sight, scroll or enlarge the window", id);
    }
    spot = node->visible;
    return {};
  }

  std::optional<std::string> value_of(const step::Operand& operand) {
    if (operand.quoted) return std::nullopt;
    const std::string& name = operand.text;
    const std::size_t open = name.find('(');
    if (name.rfind("ui.", 0) == 0 && open != std::string::npos && name.back() == ')') {
      const UiNode* node =
          host_.ui().find(std::string_view(name).substr(open + 1, name.size() - open - 2));
      const std::string_view part = std::string_view(name).substr(3, open - 3);
      if (part == "exists") return std::string(node != nullptr ? "true" : "false");
      if (node != nullptr && part == "enabled")
        return std::string(node->enabled ? "true" : "false");
      if (node != nullptr && part == "label") return node->label;
      if (node != nullptr && part == "value") return node->value;
    }
    return host_.value_of(name);
  }

  ScriptHost& host_;
  ScriptReport& report_;
  std::string position_;
};

}  // namespace

std::optional<bool> compare_values(const std::string& left, step::Compare compare,
                                   const std::string& right) {
  if (as_integer(left) && as_integer(right)) {
    return holds(*as_integer(left), compare, *as_integer(right));
  }
  if (as_number(left) && as_number(right)) {
    return holds(*as_number(left), compare, *as_number(right));
  }
  const auto left_duration = parse_duration(left);
  const auto right_duration = parse_duration(right);
  if (left_duration && right_duration) return holds(*left_duration, compare, *right_duration);
  if (compare == step::Compare::equal) return left == right;
  if (compare == step::Compare::not_equal) return left != right;
  return std::nullopt;
}

ScriptReport run_script(const Script& script, ScriptHost& host) {
  ScriptReport report;
  report.failures = script.errors;
  if (!script.ok()) return report;
  Runner runner(host, report);
  for (const ScriptStep& line : script.steps) {
    runner.set_position(fmt::format("{}:{}", script.file, line.line));
    if (const Problem problem = std::visit(runner, line.action)) {
      runner.fail(*problem);
      break;
    }
    ++report.steps_done;
  }
  return report;
}

}  // namespace isrlab::viz
