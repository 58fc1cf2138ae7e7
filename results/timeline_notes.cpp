#include "results/timeline_notes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "results/text.hpp"

namespace isrlab::results {
namespace {

using Group = std::vector<Note>;

/// Each name once: p1, p2, p10; orders-0 before orders-10.
std::vector<std::string> sorted_names(const Group& group, bool internal) {
  std::vector<std::string> names;
  for (const Note& note : group) {
    if (note.internal == internal) names.push_back(note.name);
  }
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    const auto key = [](const std::string& name) {
      const std::size_t dash = name.rfind('-');
      return std::tuple(name.substr(0, dash), name.size(), name);
    };
    return key(a) < key(b);
  });
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

/// User partitions by name, those of the offsets topic as a number.
std::string partitions_of(const Group& group, std::size_t most = 3) {
  std::vector<std::string> names = sorted_names(group, false);
  const std::vector<std::string> internal = sorted_names(group, true);
  if (names.empty() && internal.size() <= 2) return some_of(internal, 2);
  if (names.size() > most + 1) {
    const std::size_t hidden = names.size() - most;
    names.resize(most);
    names.push_back(std::to_string(hidden) + " more");
  }
  if (!internal.empty()) names.push_back(fmt::format("{} of __consumer_offsets", internal.size()));
  return some_of(names, names.size());
}

std::string names_of(const Group& group, std::size_t most = 4) {
  return some_of(sorted_names(group, false), most);
}

std::size_t distinct(const Group& group) {
  return sorted_names(group, false).size() + sorted_names(group, true).size();
}

std::int64_t sum(const Group& group) {
  std::int64_t total = 0;
  for (const Note& note : group) total += note.number;
  return total;
}

std::string until_text(const Group& group) {
  const Duration lasted = group.back().time - group.front().time;
  return lasted < sim::kSecond ? "" : ", until " + clock_text(group.back().time);
}

std::string processes_text(const Group& group) {
  std::map<std::string, int> kinds;  // text holds "broker" or "ZooKeeper server"
  for (const Note& note : group) ++kinds[note.text];
  if (group.size() <= 3) return names_of(group);
  std::vector<std::string> parts;
  for (const auto& [kind, number] : kinds) parts.push_back(counted(number, kind));
  return some_of(parts);
}

/// One line per user partition when there are few; else one line for all.
std::vector<std::string> elected(const Group& group) {
  std::vector<std::string> lines;
  Group internal;
  Group user;
  for (const Note& note : group) (note.internal ? internal : user).push_back(note);
  if (user.size() <= 3) {
    for (const Note& note : user) lines.push_back(note.name + ": " + note.text);
  } else {
    lines.push_back(fmt::format("{} partitions have new leaders: {} ({}: {})", user.size(),
                                partitions_of(user), user.front().name, user.front().text));
  }
  if (internal.size() == 1) {
    lines.push_back(internal.front().name + ": " + internal.front().text);
  } else if (!internal.empty()) {
    lines.push_back(
        fmt::format("{} partitions of __consumer_offsets have new leaders", internal.size()));
  }
  return lines;
}

std::string outage_ends(const Group& group) {
  const Note& longest = *std::max_element(
      group.begin(), group.end(), [](const Note& a, const Note& b) { return a.number < b.number; });
  if (group.size() == 1) {
    return fmt::format("{}: {} again after {}: {}", group.front().name, group.front().key,
                       span_text(longest.number), longest.text);
  }
  return fmt::format("{}: {} again after up to {} ({}: {})", names_of(group, 3), group.front().key,
                     span_text(longest.number), longest.name, longest.text);
}

std::vector<std::string> lines_of(const Group& group) {
  const Note& first = group.front();
  const bool one = distinct(group) == 1;
  switch (first.form) {
    case Form::kPlain: return {first.text};
    case Form::kStarts: return {processes_text(group) + (one ? " starts" : " start")};
    case Form::kUp: return {one ? first.name + " is up" + first.text : names_of(group) + " are up"};
    case Form::kLooking:
      return {names_of(group) + (one ? " looks" : " look") + " for a ZooKeeper leader"};
    case Form::kZkLost:
      return {names_of(group) + (one ? " loses its" : " lose their") + " ZooKeeper server"};
    case Form::kZkBack:
      return {names_of(group) + (one ? " reaches" : " reach") + " ZooKeeper again"};
    case Form::kElected: return elected(group);
    case Form::kShrunk:
    case Form::kExpanded: {
      const char* verb =
          first.form == Form::kShrunk ? "leaves the ISR of" : "is back in the ISR of";
      const std::string example = group.size() == 1 ? " (" + first.text + ")"
                                  : first.internal
                                      ? ""
                                      : fmt::format(" ({}: {})", first.name, first.text);
      return {fmt::format("{} {} {}{}{}", first.key, verb, partitions_of(group), example,
                          until_text(group))};
    }
    case Form::kLeaderless:
      return {one ? first.name + " has no leader: " + first.text
                  : partitions_of(group) + " have no leader (" + first.name + ": " + first.text +
                        ")"};
    case Form::kActs:
      return {fmt::format("{} acts as leader of {}{}", first.key, partitions_of(group),
                          one ? first.text : std::string())};
    case Form::kCut:
      return {one && group.size() == 1
                  ? fmt::format("{} cuts {} off {}: {}", first.key, counted(first.number, "record"),
                                first.name, first.text)
                  : fmt::format("{} cuts {} off {}", first.key, counted(sum(group), "record"),
                                partitions_of(group))};
    case Form::kLearned:
      return {one ? fmt::format("{} learns that {}", first.key, first.text)
                  : fmt::format("{} learns the leaders of {}", first.key, partitions_of(group))};
    case Form::kResent:
      return {fmt::format("{}: {}, {}{}", first.text, counted(sum(group), "record"),
                          partitions_of(group), until_text(group))};
    case Form::kGaveUp:
      return {fmt::format("{}: {} of {}{}", first.text, counted(sum(group), "record"),
                          partitions_of(group), until_text(group))};
    case Form::kNoAnswer: return {first.text};
    case Form::kAssigned: {
      std::vector<std::string> parts;
      for (const Note& note : group) parts.push_back(note.name + " gets " + note.text);
      return {fmt::format("group {}: {}", first.key, some_of(parts))};
    }
    case Form::kOutageBegins: return {fmt::format("{}: {}", partitions_of(group), first.text)};
    case Form::kOutageEnds: return {outage_ends(group)};
  }
  return {};
}

}  // namespace

Duration merge_window(Form form) {
  switch (form) {
    case Form::kPlain: return -1;
    case Form::kUp: return 2 * sim::kSecond;
    case Form::kElected:
    case Form::kShrunk:
    case Form::kLeaderless: return 200 * sim::kMillisecond;
    case Form::kResent:
    case Form::kGaveUp:
    case Form::kNoAnswer: return 5 * sim::kSecond;
    default: return sim::kSecond;
  }
}

std::vector<TimelineEntry> sentences(const Group& group) {
  std::vector<TimelineEntry> entries;
  for (std::string& line : lines_of(group)) {
    TimelineEntry entry;
    // An outage is over when the last of its partitions is.
    const bool last = group.front().form == Form::kOutageEnds;
    entry.time = last ? group.back().time : group.front().time;
    entry.kind = group.front().kind;
    entry.subject = group.front().name;
    entry.text = std::move(line);
    entry.event = group.front().event;
    entry.cause = group.front().cause;
    entries.push_back(std::move(entry));
  }
  return entries;
}

void NoteBook::write(Group& group) {
  for (TimelineEntry& entry : sentences(group)) entries_.push_back(std::move(entry));
  group.clear();
}

void NoteBook::add(Note note) {
  Group& group = open_[{note.form, note.key}];
  const Duration window = merge_window(note.form);
  if (!group.empty() && (window < 0 || note.time - group.back().time > window)) write(group);
  group.push_back(std::move(note));
}

std::vector<TimelineEntry> NoteBook::finish() {
  for (auto& [key, group] : open_) {
    if (!group.empty()) write(group);
  }
  open_.clear();
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const TimelineEntry& a, const TimelineEntry& b) {
                     return std::pair(a.time, a.event) < std::pair(b.time, b.event);
                   });
  return std::move(entries_);
}

}  // namespace isrlab::results
