#include "scenarios/format/reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/faults/registry.hpp"
#include "scenarios/format/spelling.hpp"
#include "scenarios/format/units.hpp"
#include "scenarios/format/vocabulary.hpp"
#include "sim/assert.hpp"

namespace isrlab::scenarios {
namespace {

using Kind = Value::Kind;

struct Wanted {
  std::string_view what;
  Measure (*parse)(std::string_view);
};

Wanted wanted(Form form) {
  switch (form) {
    case Form::kDuration: return {"a duration such as \"250ms\"", parse_duration};
    case Form::kOffset: return {"a duration such as \"-250ms\"", parse_offset};
    case Form::kSize: return {"a size such as \"1KiB\"", parse_size};
    case Form::kBandwidth: return {"a bandwidth such as \"10MB/s\"", parse_bandwidth};
    case Form::kRecordRate: return {"a rate such as \"200/s\"", parse_record_rate};
    default: return {"a whole number", nullptr};
  }
}

/// A number as its author would have put it into quotes: to show it with units.
std::string digits_of(const Value& value) {
  return value.is(Kind::kFraction)
             ? value.text.substr(0, 30)
             : fmt::format("{}{}", value.negative ? "-" : "", value.magnitude);
}

std::string bound_text(Form form, std::int64_t bound) {
  const bool span = form == Form::kDuration || form == Form::kOffset;
  return span ? sim::format_duration(bound) : fmt::format("{}", bound);
}

bool read_count(const Value& value, const std::string& pointer, Problems& problems,
                std::int64_t& result) {
  if (value.is(Kind::kString)) {
    problems.error(
        pointer, fmt::format("must be a whole number, not the text {}", value.described()),
        parse_whole_number(value.text).ok() ? "write it without quotes" : "write digits only");
    return false;
  }
  if (!value.is(Kind::kInteger)) {
    problems.error(pointer, fmt::format("must be a whole number, not {}", value.described()),
                   "write digits only");
    return false;
  }
  if (value.magnitude > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    problems.error(pointer, value.described() + " is too large", "write a smaller number");
    return false;
  }
  result = static_cast<std::int64_t>(value.magnitude);
  if (value.negative) result = -result;
  return true;
}

bool read_measure(const Value& value, const std::string& pointer, Form form, Problems& problems,
                  std::int64_t& result) {
  const Wanted want = wanted(form);
  const bool number = value.is(Kind::kInteger) || value.is(Kind::kFraction);
  if (!value.is(Kind::kString) && !number) {
    problems.error(pointer, fmt::format("must be {}, not {}", want.what, value.described()));
    return false;
  }
  // A bare number is parsed as its digits would be: that gives the error that shows the fix.
  const Measure measure = want.parse(number ? digits_of(value) : value.text);
  if (!measure.ok()) {
    problems.error(pointer, measure.problem, measure.fix);
    return false;
  }
  result = measure.value;
  return true;
}

bool is_name(std::string_view text) {
  constexpr std::size_t kLongestName = 249;  // Kafka's limit for topics
  return !text.empty() && text.size() <= kLongestName && text != "." && text != ".." &&
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
             std::string_view::npos;
}

}  // namespace

bool read_integer(const Value& value, const std::string& pointer, const Word& word,
                  Problems& problems, std::int64_t& result) {
  std::int64_t number = 0;
  const bool good = wanted(word.form).parse == nullptr
                        ? read_count(value, pointer, problems, number)
                        : read_measure(value, pointer, word.form, problems, number);
  if (!good) return false;
  if (number < word.minimum || number > word.maximum) {
    const bool low = number < word.minimum;
    problems.error(pointer, fmt::format("{} is too {}", value.described(), low ? "small" : "large"),
                   fmt::format("at {} {}", low ? "least" : "most",
                               bound_text(word.form, low ? word.minimum : word.maximum)));
    return false;
  }
  result = number;
  return true;
}

bool read_name(const Value& value, const std::string& pointer, Problems& problems,
               std::string& result) {
  if (!expect_kind(value, Kind::kString, pointer, problems, "a name")) return false;
  if (!is_name(value.text)) {
    problems.error(pointer, in_quotes(value.text) + " is no name",
                   "use 1 to 249 letters, digits, dots, underscores and dashes");
    return false;
  }
  result = value.text;
  return true;
}

bool expect_kind(const Value& value, Kind kind, const std::string& pointer, Problems& problems,
                 std::string_view wanted_text) {
  if (value.is(kind)) return true;
  problems.error(pointer, fmt::format("must be {}, not {}", wanted_text, value.described()));
  return false;
}

bool report_planned(const std::string& pointer, Shape shape, std::string_view word,
                    Problems& problems) {
  using Place = PlannedWord::Place;
  const auto place = [&] {
    switch (shape) {
      case Shape::kScenario: return Place::kTop;
      case Shape::kFault: return Place::kFault;
      case Shape::kLink:
      case Shape::kNamedLink:
      case Shape::kNetwork: return Place::kNetwork;
      case Shape::kExpect: return Place::kExpect;
      case Shape::kBrokerConfig:
      case Shape::kTopicConfig:
      case Shape::kProducerConfig:
      case Shape::kConsumerConfig: return Place::kSetting;
      default: return Place::kElsewhere;
    }
  }();
  if (!is_planned(place, word)) return false;
  problems.error(pointer,
                 fmt::format("{} is known but not supported by this version", in_quotes(word)),
                 "remove it, or run a newer isrlab");
  return true;
}

void report_unknown(const std::string& pointer, std::string_view kind, std::string_view word,
                    const std::vector<std::string>& known, Problems& problems) {
  problems.error(pointer, fmt::format("unknown {} {}", kind, in_quotes(word)),
                 suggestion(word, known));
}

ObjectReader::ObjectReader(const Value& value, std::string pointer, Shape shape, Problems& problems,
                           const std::vector<std::string>& more)
    : value_(&value), pointer_(std::move(pointer)), shape_(shape), problems_(&problems) {
  valid_ = expect_kind(value, Kind::kObject, pointer_, problems, "an object");
  if (valid_) check_keys(more);
}

void ObjectReader::check_keys(const std::vector<std::string>& more) {
  std::vector<std::string> known = more;
  for (const Word& each : words_of(shape_)) known.emplace_back(each.name);
  for (const std::string& key : value_->keys) {
    if (problems_->full()) return;
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    if (report_planned(at(key), shape_, key, *problems_)) continue;
    report_unknown(at(key), "key", key, known, *problems_);
  }
  for (const Word& each : words_of(shape_)) {
    if (!each.required || value_->find(each.name) != nullptr) continue;
    problems_->error(at(each.name), fmt::format("\"{}\" is missing", each.name),
                     fmt::format("add it: {}", each.what));
  }
}

const Word& ObjectReader::word(std::string_view key) const {
  const Word* found = find_word(shape_, key);
  SIM_ASSERT(found != nullptr, "the loader reads a word that its vocabulary does not have");
  return *found;
}

bool ObjectReader::integer(std::string_view key, std::int64_t& result) {
  const Value* value = find(key);
  return value != nullptr && read_integer(*value, at(key), word(key), *problems_, result);
}

bool ObjectReader::integer(std::string_view key, std::int32_t& result) {
  std::int64_t wide = 0;
  if (!integer(key, wide)) return false;
  SIM_ASSERT2(wide >= std::numeric_limits<std::int32_t>::min() &&
                  wide <= std::numeric_limits<std::int32_t>::max(),
              "the vocabulary allows more than the field holds", wide, 0);
  result = static_cast<std::int32_t>(wide);
  return true;
}

bool ObjectReader::flag(std::string_view key, bool& result) {
  const Value* value = find(key);
  if (value == nullptr ||
      !expect_kind(*value, Kind::kBoolean, at(key), *problems_, "true or false")) {
    return false;
  }
  result = value->flag;
  return true;
}
bool ObjectReader::text(std::string_view key, std::string& result) {
  const Value* value = find(key);
  if (value == nullptr || !expect_kind(*value, Kind::kString, at(key), *problems_, "a text")) {
    return false;
  }
  result = value->text;
  return true;
}

bool ObjectReader::name(std::string_view key, std::string& result) {
  const Value* value = find(key);
  return value != nullptr && read_name(*value, at(key), *problems_, result);
}

bool ObjectReader::names(std::string_view key, std::vector<std::string>& result) {
  const Value* values = list(key);
  if (values == nullptr) return false;
  std::vector<std::string> read;
  for (std::size_t i = 0; i < values->items.size() && !problems_->full(); ++i) {
    std::string one;
    if (read_name(values->items[i], child_pointer(at(key), i), *problems_, one)) {
      read.push_back(one);
    }
  }
  const bool good = read.size() == values->items.size();
  if (good) result = std::move(read);
  return good;
}

bool ObjectReader::range(std::string_view key, std::int64_t& low, std::int64_t& high) {
  std::string written;
  if (!text(key, written)) return false;
  const MeasureRange parsed = parse_duration_range(written);
  if (!parsed.ok()) {
    problems_->error(at(key), parsed.problem, parsed.fix);
    return false;
  }
  low = parsed.low;
  high = parsed.high;
  return true;
}

const Value* ObjectReader::list(std::string_view key) {
  const Value* value = find(key);
  if (value == nullptr || !expect_kind(*value, Kind::kArray, at(key), *problems_, "a list")) {
    return nullptr;
  }
  return value;
}

}  // namespace isrlab::scenarios
