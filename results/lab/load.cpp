#include "results/lab/load.hpp"

#include <fmt/format.h>

#include <ostream>

namespace isrlab::lab {

using scenarios::Value;

Producer& Producer::rate(int records_per_second) {
  return with("rate", fmt::format("{}/s", records_per_second));
}

Producer& Producer::keys(int count) {
  Value keys = Value::object();
  keys.set("count", Value::of_integer(count));
  return with("keys", Setting(std::move(keys)));
}

Group::Group(std::string_view name, const std::vector<std::string>& topics) {
  with("group", name);
  with("topics", Setting(texts(topics)));
}

Load& Load::producer(Producer producer) {
  producers_.push_back(std::move(producer));
  return *this;
}

Load& Load::group(Group group) {
  groups_.push_back(std::move(group));
  return *this;
}

Value Load::producers_value() const {
  Value list = Value::list();
  for (const Producer& producer : producers_) list.push(producer.value());
  return list;
}

Value Load::consumers_value() const {
  Value list = Value::list();
  for (const Group& group : groups_) list.push(group.value());
  return list;
}

std::ostream& operator<<(std::ostream& stream, const Load& load) {
  return stream << "producers " << scenarios::to_json(load.producers_value()) << ", consumers "
                << scenarios::to_json(load.consumers_value());
}

}  // namespace isrlab::lab
