#include "viz/model/names.hpp"

#include <fmt/format.h>

#include <charconv>

namespace isrlab::viz {
namespace {

std::optional<std::int32_t> number(std::string_view text) {
  std::int32_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || result.ec != std::errc{} || result.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

/// The number behind one of the prefixes, with a space or a hyphen in between or not.
std::optional<std::int32_t> numbered(std::string_view text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return std::nullopt;
  text.remove_prefix(prefix.size());
  if (!text.empty() && (text.front() == ' ' || text.front() == '-')) text.remove_prefix(1);
  return number(text);
}

}  // namespace

std::string short_name(const model::Catalog& catalog, model::ProcessId process) {
  if (process >= catalog.processes().size()) return "environment";
  const model::ProcessInfo& info = catalog.process(process);
  switch (info.kind) {
    case model::ProcessKind::kBroker: return fmt::format("b{}", info.index + 1);
    case model::ProcessKind::kZooKeeper:
      return fmt::format("zk{}", catalog.spec().zookeeper[info.index].id);
    default: return info.name;
  }
}

std::string broker_name(model::BrokerId broker) {
  return broker < 0 ? "none" : fmt::format("b{}", broker);
}

std::string process_names(const model::Catalog& catalog, std::span<const std::uint32_t> processes,
                          std::size_t limit) {
  if (processes.empty()) return "nobody";
  if (processes.size() + 1 >= catalog.processes().size() && processes.size() > limit) {
    return "everybody else";
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(limit, processes.size()); ++i) {
    if (i != 0) text += ", ";
    text += short_name(catalog, processes[i]);
  }
  if (processes.size() > limit) text += fmt::format(" and {} more", processes.size() - limit);
  return text;
}

std::string broker_names(std::span<const std::uint32_t> brokers) {
  std::string text;
  for (const std::uint32_t broker : brokers) {
    if (!text.empty()) text += ' ';
    text += fmt::format("b{}", broker);
  }
  return text.empty() ? "empty" : text;
}

std::string selection_name(const model::Catalog& catalog, const Selection& selection) {
  switch (selection.kind) {
    case Selection::Kind::none: return "none";
    case Selection::Kind::process: return catalog.process(selection.index).name;
    case Selection::Kind::partition: return catalog.partition_name(selection.index);
    case Selection::Kind::group: return "group " + catalog.group(selection.index).name;
    case Selection::Kind::event: return fmt::format("event {}", selection.index);
  }
  return "none";
}

std::optional<Selection> parse_selection(const model::Catalog& catalog, std::string_view text) {
  using Kind = Selection::Kind;
  if (text == "none" || text.empty()) return Selection{};
  if (const auto process = catalog.find_process(text)) return Selection{Kind::process, *process};
  for (const std::string_view prefix : {"broker", "b"}) {
    const auto id = numbered(text, prefix);
    if (id && *id >= 1 && static_cast<std::uint32_t>(*id) <= catalog.broker_count()) {
      return Selection{Kind::process, catalog.broker_process(*id)};
    }
  }
  if (const auto id = numbered(text, "zk")) {
    for (std::uint32_t i = 0; i < catalog.zookeeper_count(); ++i) {
      if (catalog.spec().zookeeper[i].id == *id) return Selection{Kind::process, i};
    }
  }
  if (const auto id = numbered(text, "event"); id && *id > 0) {
    return Selection{Kind::event, static_cast<std::uint32_t>(*id)};
  }
  const std::string_view group = text.rfind("group ", 0) == 0 ? text.substr(6) : text;
  if (const auto id = catalog.find_group(group)) return Selection{Kind::group, *id};
  const std::size_t hyphen = text.rfind('-');
  if (hyphen == std::string_view::npos) return std::nullopt;
  const auto partition = number(text.substr(hyphen + 1));
  if (!partition) return std::nullopt;
  const auto id = catalog.find_partition(text.substr(0, hyphen), *partition);
  if (!id) return std::nullopt;
  return Selection{Kind::partition, *id};
}

}  // namespace isrlab::viz
