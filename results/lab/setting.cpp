#include "results/lab/setting.hpp"

#include "sim/time.hpp"

namespace isrlab::lab {

Span::Span(std::int64_t nanoseconds) : text_(sim::format_duration(nanoseconds)) {}

scenarios::Value texts(const std::vector<std::string>& list) {
  scenarios::Value value = scenarios::Value::list();
  for (const std::string& text : list) value.push(scenarios::Value::of_text(text));
  return value;
}

}  // namespace isrlab::lab
