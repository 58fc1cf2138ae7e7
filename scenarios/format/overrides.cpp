#include "scenarios/format/overrides.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/faults/one_line.hpp"
#include "scenarios/format/spelling.hpp"

namespace isrlab::scenarios {
namespace {

using Kind = Value::Kind;

void refuse(const std::string& option, const std::string& written, std::string what,
            std::string fix, Problems& problems) {
  problems.add({Severity::kError,
                fmt::format("{} {}: {}", option, in_quotes(written), what),
                std::move(fix),
                {}});
}

/// The name under which an element of a list is known, empty if it has none.
std::string name_of(const Value& element) {
  for (const char* key : {"name", "group"}) {
    const Value* name = element.find(key);
    if (name != nullptr && name->is(Kind::kString)) return name->text;
  }
  return {};
}

/// Index of the element a token names, or the size of the list for "-", or npos.
std::size_t element_index(const Value& list, const std::string& token) {
  if (token == "-") return list.items.size();
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    if (name_of(list.items[i]) == token) return i;
  }
  const bool digits = !token.empty() && token.size() < 10 &&
                      token.find_first_not_of("0123456789") == std::string::npos;
  const std::size_t index = digits ? std::stoul(token) : std::string::npos;
  return index < list.items.size() ? index : std::string::npos;
}

/// The value to replace; objects on the way and new members are made. Null when there is no way.
Value* reach(Value& root, const std::vector<std::string>& tokens, std::string& what,
             std::string& fix) {
  Value* value = &root;
  for (const std::string& token : tokens) {
    if (value->is(Kind::kArray)) {
      const std::size_t index = element_index(*value, token);
      if (index == std::string::npos) {
        std::vector<std::string> known;
        for (const Value& element : value->items) known.push_back(name_of(element));
        known.erase(std::remove(known.begin(), known.end(), std::string()), known.end());
        what = fmt::format("the list has no element {}", in_quotes(token));
        fix = known.empty() ? fmt::format("it has {} elements, counted from 0", value->items.size())
                            : suggestion(token, known);
        return nullptr;
      }
      if (index == value->items.size()) value->items.push_back(Value::object());
      value = &value->items[index];
    } else if (value->is(Kind::kObject)) {
      Value* next = value->find(token);
      value = next != nullptr ? next : &value->set(token, Value::object());
    } else {
      what = fmt::format("{} has no members", value->described());
      fix = "shorten the pointer";
      return nullptr;
    }
  }
  return value;
}

/// Values from the command line have no line.
void forget_lines(Value& value) {
  value.line = 0;
  for (Value& item : value.items) forget_lines(item);
}

Value read_value(const std::string& text) {
  Value value;
  Problems ignored;
  const bool json = parse_json(text, value, ignored) && ignored.errors() == 0;
  if (!json) return Value::of_text(text);
  forget_lines(value);
  return value;
}

void apply_set(const std::string& assignment, Value& root, Problems& problems) {
  const std::size_t equals = assignment.find('=');
  std::vector<std::string> tokens;
  const bool pointer = equals != std::string::npos &&
                       split_pointer(std::string_view(assignment).substr(0, equals), tokens);
  if (!pointer || tokens.empty() || tokens.size() > kMostDepth) {
    refuse("--set", assignment, "is no POINTER=VALUE",
           "write for example --set /topics/orders/config/min.insync.replicas=2", problems);
    return;
  }
  std::string what;
  std::string fix;
  Value* target = reach(root, tokens, what, fix);
  if (target == nullptr) {
    refuse("--set", assignment, what, fix, problems);
    return;
  }
  *target = read_value(assignment.substr(equals + 1));
}

void apply_fault(const std::string& line, Value& root, Problems& problems) {
  Value item;
  std::string what;
  std::string fix;
  if (!parse_fault_line(line, item, what, fix)) {
    refuse("--fault", line, what, fix, problems);
    return;
  }
  Value* faults = root.find("faults");
  if (faults == nullptr) faults = &root.set("faults", Value::list());
  if (faults->is(Kind::kArray)) faults->push(std::move(item));  // otherwise the loader reports it
}

void apply_require(const std::string& limit, Value& root) {
  Value* expect = root.find("expect");
  if (expect == nullptr) expect = &root.set("expect", Value::object());
  if (!expect->is(Kind::kObject)) return;  // the loader reports it
  Value* limits = expect->find("limits");
  if (limits == nullptr) limits = &expect->set("limits", Value::list());
  if (limits->is(Kind::kArray)) limits->push(Value::of_text(limit));
}

}  // namespace

void apply_overrides(const Overrides& overrides, Value& root, Problems& problems) {
  if (!root.is(Kind::kObject)) return;  // reported by the loader
  for (const std::string& assignment : overrides.set) apply_set(assignment, root, problems);
  for (const std::string& line : overrides.faults) apply_fault(line, root, problems);
  for (const std::string& limit : overrides.require) apply_require(limit, root);
  if (overrides.seed) {
    Value seed;
    seed.kind = Kind::kInteger;
    seed.magnitude = *overrides.seed;
    root.set("seed", std::move(seed));
  }
  if (overrides.duration) root.set("duration", Value::of_text(*overrides.duration));
}

}  // namespace isrlab::scenarios
