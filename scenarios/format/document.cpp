#include "scenarios/format/document.hpp"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "scenarios/format/spelling.hpp"

namespace isrlab::scenarios {

Value Value::of_text(std::string_view text) {
  Value value;
  value.kind = Kind::kString;
  value.text = text;
  return value;
}

Value Value::of_integer(std::int64_t number) {
  Value value;
  value.kind = Kind::kInteger;
  value.negative = number < 0;
  value.magnitude = static_cast<std::uint64_t>(number);
  if (value.negative) value.magnitude = 0 - value.magnitude;
  return value;
}

Value Value::of_flag(bool flag) {
  Value value;
  value.kind = Kind::kBoolean;
  value.flag = flag;
  return value;
}

Value Value::list() {
  Value value;
  value.kind = Kind::kArray;
  return value;
}

Value Value::object() {
  Value value;
  value.kind = Kind::kObject;
  return value;
}

const Value* Value::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == key) return &items[i];
  }
  return nullptr;
}

Value* Value::find(std::string_view key) {
  return const_cast<Value*>(static_cast<const Value*>(this)->find(key));
}

Value& Value::set(std::string_view key, Value value) {
  Value* existing = find(key);
  if (existing != nullptr) {
    *existing = std::move(value);
    return *existing;
  }
  keys.emplace_back(key);
  items.push_back(std::move(value));
  return items.back();
}

std::string Value::described() const {
  switch (kind) {
    case Kind::kNull: return "null";
    case Kind::kBoolean: return flag ? "true" : "false";
    case Kind::kInteger: return fmt::format("the number {}{}", negative ? "-" : "", magnitude);
    case Kind::kFraction: return "the number " + text.substr(0, 40);
    case Kind::kString: return in_quotes(text);
    case Kind::kArray: return "a list";
    case Kind::kObject: return "an object";
  }
  return {};
}

std::string to_json(const Value& value) {
  using nlohmann::json;
  const auto text = [](const std::string& raw) {
    return json(raw).dump(-1, ' ', false, json::error_handler_t::replace);
  };
  switch (value.kind) {
    case Value::Kind::kNull: return "null";
    case Value::Kind::kBoolean: return value.flag ? "true" : "false";
    case Value::Kind::kInteger:
      return fmt::format("{}{}", value.negative ? "-" : "", value.magnitude);
    case Value::Kind::kFraction: return value.text;
    case Value::Kind::kString: return text(value.text);
    case Value::Kind::kArray:
    case Value::Kind::kObject: break;
  }
  const bool object = value.is(Value::Kind::kObject);
  std::string result(1, object ? '{' : '[');
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    if (i > 0) result += ',';
    if (object) result += text(value.keys[i]) + ":";
    result += to_json(value.items[i]);
  }
  return result + (object ? '}' : ']');
}

std::string child_pointer(std::string_view pointer, std::string_view token) {
  std::string result(pointer);
  result += '/';
  for (const char c : token) {
    if (c == '~') {
      result += "~0";
    } else if (c == '/') {
      result += "~1";
    } else {
      result += c;
    }
  }
  return result;
}

std::string child_pointer(std::string_view pointer, std::size_t index) {
  return fmt::format("{}/{}", pointer, index);
}

bool split_pointer(std::string_view pointer, std::vector<std::string>& tokens) {
  tokens.clear();
  if (pointer.empty()) return true;
  if (pointer.front() != '/') return false;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      tokens.emplace_back();
    } else if (pointer[i] == '~' && i + 1 < pointer.size() && pointer[i + 1] <= '1' &&
               pointer[i + 1] >= '0') {
      tokens.back() += pointer[++i] == '0' ? '~' : '/';
    } else {
      tokens.back() += pointer[i];
    }
  }
  return true;
}

namespace {

/// The child a token names; array elements by index only.
const Value* step(const Value& value, const std::string& token) {
  if (value.is(Value::Kind::kObject)) return value.find(token);
  if (!value.is(Value::Kind::kArray) || token.empty() || token.size() > 9) return nullptr;
  std::size_t index = 0;
  for (const char c : token) {
    if (c < '0' || c > '9') return nullptr;
    index = index * 10 + static_cast<std::size_t>(c - '0');
  }
  return index < value.items.size() ? &value.items[index] : nullptr;
}

}  // namespace

const Value* find_pointer(const Value& root, std::string_view pointer) {
  std::vector<std::string> tokens;
  if (!split_pointer(pointer, tokens)) return nullptr;
  const Value* value = &root;
  for (const std::string& token : tokens) {
    value = step(*value, token);
    if (value == nullptr) return nullptr;
  }
  return value;
}

int line_of(const Value& root, std::string_view pointer) {
  std::vector<std::string> tokens;
  if (!split_pointer(pointer, tokens)) return 0;
  const Value* value = &root;
  for (const std::string& token : tokens) {
    const Value* next = step(*value, token);
    if (next == nullptr) break;
    value = next;
  }
  return value->line;
}

}  // namespace isrlab::scenarios
