// Values for scripts, conditions, and the description in words.
#include <fmt/format.h>

#include <algorithm>

#include "viz/core/viewer.hpp"
#include "viz/model/describe.hpp"

namespace isrlab::viz {
namespace {

/// Conditions are looked at after every kept event, and at least this often.
constexpr sim::Duration kLookEvery = 10 * sim::kMillisecond;

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// `event LeaderElected`: the kind to wait for; empty when the condition is no such one.
std::string event_kind(const std::string& condition) {
  return condition.rfind("event ", 0) == 0 ? condition.substr(6) : std::string();
}

bool is_kind(const std::string& name) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(model::HistoryKind::kCount); ++i) {
    const model::HistoryKindInfo& info = model::history_kind(static_cast<model::HistoryKind>(i));
    if (info.kept && info.name == name) return true;
  }
  return false;
}

}  // namespace

std::string Viewer::describe_now() {
  refresh();
  return describe(playback_.run(), view_);
}

std::optional<std::string> Viewer::own_value(const std::string& name) {
  const scenarios::Run& run = playback_.run();
  const auto flag = [](bool value) { return std::string(value ? "true" : "false"); };
  if (name == "sim.hash") return fmt::format("{:016x}", run.digest());
  if (name == "sim.time") return sim::format_duration(playback_.time());
  if (name == "sim.end") return sim::format_duration(playback_.end());
  if (name == "sim.events") return std::to_string(run.events());
  if (name == "sim.seed") return std::to_string(run.seed());
  if (name == "sim.deterministic") return flag(!playback_.divergence());
  if (name == "ui.selection") return selection_name(run.cluster().catalog(), selection_);
  if (name == "ui.playing") return flag(playback_.playing());
  if (name == "ui.speed") return fmt::format("{}", playback_.speed());
  if (name == "ui.toast") return toast_;
  if (name == "branch.name") return playback_.branch().name;
  if (name == "branch.label") return playback_.branch().label;
  if (name == "branch.count") return std::to_string(playback_.branches().size());
  return std::nullopt;
}

std::optional<std::string> Viewer::value_of(const std::string& name) {
  refresh();
  if (auto value = own_value(name)) return value;
  if (name.rfind("at(", 0) == 0 && ends_with(name, ").hash")) {
    const auto time = parse_duration(std::string_view(name).substr(3, name.size() - 9));
    if (!time || *time > playback_.limit()) return std::nullopt;
    // There and back again: the digest of another moment, by the same exact replay.
    const Position here = playback_.position();
    const sim::Time now = playback_.time();
    playback_.seek(*time);
    const std::string hash = fmt::format("{:016x}", playback_.run().digest());
    playback_.seek_position(here, now);
    return hash;
  }
  if (name.rfind("badge/", 0) == 0) {
    const std::size_t dot = name.rfind('.');
    const std::string id = name.substr(6, dot == std::string::npos ? dot : dot - 6);
    for (const StatusItem& item : status_of(view_)) {
      if (item.id != id) continue;
      if (dot == std::string::npos || ends_with(name, ".value")) return item.value;
      if (ends_with(name, ".text")) return item.label + " " + item.value;
      if (ends_with(name, ".status")) return std::string(word_of(item.status));
    }
    return std::nullopt;
  }
  return isrlab::viz::value_of(playback_.run(), view_, name);
}

Problem Viewer::run_until(const std::string& condition, std::optional<sim::Duration> within) {
  const std::string kind = event_kind(condition);
  step::Expect wanted;
  if (!kind.empty()) {
    if (!is_kind(kind)) return fmt::format("there is no kept event called \"{}\"", kind);
  } else {
    // The grammar of `expect` is the grammar of conditions.
    const Script script = parse_script("expect " + condition, "condition");
    if (!script.ok()) return script.errors.front();
    wanted = std::get<step::Expect>(script.steps.front().action);
    if (!value_of(wanted.left.text)) {
      return fmt::format("there is no value named \"{}\" to wait for", wanted.left.text);
    }
  }
  const sim::Time limit =
      within ? std::min(playback_.limit(), playback_.time() + *within) : playback_.limit();
  const auto holds = [&] {
    const std::string left = value_of(wanted.left.text).value_or("");
    const std::string right = wanted.right.quoted
                                  ? wanted.right.text
                                  : value_of(wanted.right.text).value_or(wanted.right.text);
    return compare_values(left, wanted.compare, right).value_or(false);
  };
  std::uint32_t seen = playback_.run().cluster().history().size();
  sim::Time looked = -1;
  while (playback_.time() < limit) {
    playback_.step(1);
    const sim::History& history = playback_.run().cluster().history();
    for (std::uint32_t id = seen + 1; !kind.empty() && id <= history.size(); ++id) {
      if (model::history_kind(kind_of(history[id])).name == kind) return {};
    }
    const bool news = history.size() != seen || playback_.time() - looked >= kLookEvery;
    seen = history.size();
    if (!kind.empty() || !news) continue;
    looked = playback_.time();
    if (holds()) return {};
  }
  return fmt::format("\"{}\" did not come true before {}", condition,
                     format_clock(playback_.time(), 3));
}

}  // namespace isrlab::viz
