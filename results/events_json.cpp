// The kept events of a run as lines of JSON, with names in place of numbers where a name exists.
#include <nlohmann/json.hpp>

#include "results/json.hpp"

namespace isrlab::results {
namespace {

using Json = nlohmann::ordered_json;

std::string actor_name(const model::Catalog& catalog, std::uint16_t actor) {
  return actor < catalog.processes().size() ? catalog.process(actor).name : "environment";
}

/// The subject by the table's word for it; what is unknown stays a number.
Json subject_value(const model::Catalog& catalog, std::string_view word, std::uint32_t subject) {
  if (word == "partition" && subject < catalog.partition_count()) {
    return catalog.partition_name(subject);
  }
  if (word == "group" && subject < catalog.groups().size()) return catalog.group(subject).name;
  if (word == "topic" && subject < catalog.topics().size()) return catalog.topic(subject).name;
  const bool process = word == "owner process" || word == "peer process";
  if (process && subject < catalog.processes().size()) return catalog.process(subject).name;
  return subject;
}

/// A field's value: lists are spelt out, packed pairs are taken apart by add_field().
Json list_value(const sim::History& history, std::int64_t handle) {
  Json list = Json::array();
  for (const std::uint32_t member : history.list(handle)) list.push_back(member);
  return list;
}

void add_field(Json& object, const sim::History& history, std::string_view word,
               std::int64_t value) {
  if (word.empty()) return;
  const std::string key(word.substr(0, word.find(':')));
  const bool is_list = word.find("list") != std::string_view::npos;
  if (key == "leader epoch, partition epoch") {
    object["leader epoch"] = value >> 32;
    object["partition epoch"] = static_cast<std::int32_t>(value & 0xffffffff);
  } else if (is_list) {
    object[key] = list_value(history, value);
  } else {
    object[key] = value;
  }
}

}  // namespace

std::string event_line(const sim::HistoryEvent& event, const model::Cluster& cluster) {
  const sim::History& history = cluster.history();
  const model::Catalog& catalog = cluster.catalog();
  const model::HistoryKindInfo& info =
      model::history_kind(static_cast<model::HistoryKind>(event.kind));
  Json object;
  object["id"] = event.id;
  object["time"] = event.time;
  object["kind"] = std::string(info.name);
  object["actor"] = actor_name(catalog, event.actor);
  if (!info.subject.empty()) {
    object[std::string(info.subject)] = subject_value(catalog, info.subject, event.subject);
  }
  add_field(object, history, info.a, event.a);
  add_field(object, history, info.b, event.b);
  add_field(object, history, info.c, event.c);
  object["cause"] = event.cause;
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string events_ndjson(const scenarios::Run& run) {
  const sim::History& history = run.cluster().history();
  std::string lines;
  for (std::uint32_t id = 1; id <= history.size(); ++id) {
    lines += event_line(history[id], run.cluster());
    lines += '\n';
  }
  return lines;
}

}  // namespace isrlab::results
