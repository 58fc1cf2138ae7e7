#include "scenarios/faults/selector.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/faults/registry.hpp"
#include "scenarios/format/spelling.hpp"
#include "scenarios/format/units.hpp"

namespace isrlab::scenarios {
namespace {

using Words = std::vector<std::string_view>;

Words split_words(std::string_view text) {
  Words words;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == ' ' || text[at] == '\t') {
      ++at;
      continue;
    }
    const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

std::string glued(const Words& words, std::size_t first, std::string_view between) {
  std::string result;
  for (std::size_t i = first; i < words.size(); ++i) {
    if (i > first) result += between;
    result += words[i];
  }
  return result;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789._-") == std::string_view::npos;
}

/// A small number that is not negative, or -1.
std::int32_t small_number(std::string_view text) {
  if (text.empty() || text.size() > 9) return -1;
  std::int32_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

bool read_ids(std::string_view text, std::vector<std::int32_t>& ids) {
  ids.clear();
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::int32_t id = small_number(text.substr(0, comma));
    if (id < 0) return false;
    ids.push_back(id);
    if (comma == text.size()) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) return false;
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return !ids.empty();
}

bool read_partition(std::string_view text, Selector& selector) {
  const std::size_t dash = text.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return false;
  selector.name = text.substr(0, dash);
  selector.partition = small_number(text.substr(dash + 1));
  return selector.partition >= 0 && is_name(selector.name);
}

struct Fixed {
  std::string_view text;
  SelectorKind kind;
};
constexpr Fixed kFixed[] = {{"controller", SelectorKind::kController},
                            {"minority", SelectorKind::kMinority},
                            {"majority", SelectorKind::kMajority},
                            {"all", SelectorKind::kAll},
                            {"all brokers", SelectorKind::kAllBrokers},
                            {"all zk", SelectorKind::kAllZooKeeper},
                            {"all clients", SelectorKind::kAllClients},
                            {"minority of zk", SelectorKind::kZkMinority},
                            {"majority of zk", SelectorKind::kZkMajority},
                            {"zk:leader", SelectorKind::kZooKeeperLeader},
                            {"zk:followers", SelectorKind::kZooKeeperFollowers}};

bool parse_nodes(const Words& words, Selector& selector) {
  const std::string_view first = words[0];
  const auto ids_after = [&](std::string_view prefix, SelectorKind kind) {
    selector.kind = kind;
    return words.size() == 1 && first.starts_with(prefix) &&
           small_number(first.substr(prefix.size())) >= 0 &&
           read_ids(first.substr(prefix.size()), selector.ids);
  };
  if (ids_after("broker-", SelectorKind::kBroker)) return true;
  if (ids_after("zk-", SelectorKind::kZooKeeper)) return true;
  if (words.size() == 1 && first.starts_with("rack:")) {
    selector.kind = SelectorKind::kRack;
    selector.name = first.substr(5);
    return is_name(selector.name);
  }
  if (words.size() < 2) return false;
  if (first == "broker" || first == "brokers") {
    selector.kind = SelectorKind::kBroker;
    return read_ids(glued(words, 1, ""), selector.ids);
  }
  if (first == "zk") {
    selector.kind = SelectorKind::kZooKeeper;
    return read_ids(glued(words, 1, ""), selector.ids);
  }
  return false;
}

/// "one broker", "2 brokers", "50% of brokers", and the same with zk.
bool parse_some(const Words& words, Selector& selector) {
  if (words.size() < 2 || words.size() > 3) return false;
  const std::string_view kind = words.back();
  const bool brokers = kind == "broker" || kind == "brokers";
  if (!brokers && kind != "zk") return false;
  selector.kind = brokers ? SelectorKind::kSomeBrokers : SelectorKind::kSomeZooKeeper;
  if (words.size() == 2) {
    selector.count = words[0] == "one" ? 1 : small_number(words[0]);
    return selector.count > 0;
  }
  const Measure percent = parse_percent(words[0]);
  if (words[1] != "of" || !percent.ok() || percent.value < 1 || percent.value > 100) return false;
  selector.percent = static_cast<std::int32_t>(percent.value);
  return true;
}

bool parse_role(const Words& words, Selector& selector) {
  if (words.size() == 2 && words[0] == "client") {
    selector.kind = SelectorKind::kClient;
    selector.name = words[1];
    return is_name(selector.name);
  }
  if (words.size() == 5 && words[0] == "out" && words[1] == "of" && words[2] == "sync" &&
      words[3] == "of") {
    selector.kind = SelectorKind::kOutOfSync;
    return read_partition(words[4], selector);
  }
  if (words.size() != 3 || words[1] != "of") return false;
  if (words[0] == "coordinator") {
    selector.kind = SelectorKind::kCoordinatorOf;
    selector.name = words[2];
    return is_name(selector.name);
  }
  if (words[0] == "leader") {
    selector.kind = SelectorKind::kLeaderOf;
  } else if (words[0] == "followers") {
    selector.kind = SelectorKind::kFollowersOf;
  } else if (words[0] == "isr") {
    selector.kind = SelectorKind::kIsrOf;
  } else {
    return false;
  }
  return read_partition(words[2], selector);
}

/// All selectors the text could have been meant as: the forms, filled with its own names.
std::vector<std::string> candidates(const Words& words) {
  std::vector<std::string> result = {"one broker", "one zk"};
  for (const Fixed& fixed : kFixed) result.emplace_back(fixed.text);
  const std::string last(words.back());
  const std::size_t digits = last.find_last_not_of("0123456789") + 1;
  if (digits < last.size()) {
    for (const char* prefix : {"broker-", "zk-", "broker ", "brokers ", "zk "}) {
      result.push_back(prefix + last.substr(digits));
    }
  }
  const std::size_t colon = last.find(':');
  if (colon != std::string::npos) result.push_back("rack:" + last.substr(colon + 1));
  if (words.size() > 1) {
    for (const char* prefix : {"leader of ", "followers of ", "isr of ", "out of sync of ",
                               "coordinator of ", "client "}) {
      result.push_back(prefix + last);
    }
    const std::string first(words.front());
    if (small_number(first) > 0) {
      result.push_back(first + " brokers");
      result.push_back(first + " zk");
    }
  }
  return result;
}

std::string fix_for(std::string_view text, const Words& words) {
  const bool of_partition = words.size() == 3 && words[1] == "of" &&
                            (words[0] == "leader" || words[0] == "followers" || words[0] == "isr");
  if (of_partition) {
    return fmt::format("name a partition as topic-number, such as \"{} of {}-0\"", words[0],
                       is_name(words[2]) ? words[2] : "orders");
  }
  const std::string best = nearest(text, candidates(words));
  if (!best.empty()) return "did you mean " + in_quotes(best) + "?";
  return "isrlab list selectors shows all forms";
}

bool parse_one(const Words& words, Selector& selector, std::string& what, std::string& fix) {
  const std::string text = glued(words, 0, " ");
  selector.text = text;
  if (words.empty()) {
    what = "an empty selector";
    fix = "name a node, such as \"broker-1\" or \"leader of orders-0\"";
    return false;
  }
  for (const Fixed& fixed : kFixed) {
    if (fixed.text == text) {
      selector.kind = fixed.kind;
      return true;
    }
  }
  for (const auto parse : {parse_nodes, parse_some, parse_role}) {
    Selector attempt;
    if (!parse(words, attempt)) continue;
    attempt.text = text;
    selector = attempt;
    return true;
  }
  for (const PlannedWord& planned : planned_table()) {
    if (planned.place == PlannedWord::Place::kSelector && text.starts_with(planned.word)) {
      what = fmt::format("the selector {} is known but not supported by this version",
                         in_quotes(text));
      fix = "isrlab list selectors shows what is";
      return false;
    }
  }
  what = "unknown selector " + in_quotes(text);
  fix = fix_for(text, words);
  return false;
}

std::string ids_text(const std::vector<std::int32_t>& ids, std::string_view one,
                     std::string_view many) {
  if (ids.size() == 1) return fmt::format("{}{}", one, ids[0]);
  std::string result(many);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    result += fmt::format("{}{}", i > 0 ? "," : "", ids[i]);
  }
  return result;
}

std::string some_text(const Selector& selector, std::string_view one, std::string_view many) {
  if (selector.percent > 0) return fmt::format("{}% of {}", selector.percent, many);
  if (selector.count == 1) return fmt::format("one {}", one);
  return fmt::format("{} {}", selector.count, many);
}

}  // namespace

bool parse_selector(std::string_view text, Selector& selector, std::string& what,
                    std::string& fix) {
  selector = Selector();
  Words part;
  for (const std::string_view word : split_words(text)) {
    if (word != "and") {
      part.push_back(word);
      continue;
    }
    selector.members.emplace_back();
    if (!parse_one(part, selector.members.back(), what, fix)) return false;
    part.clear();
  }
  if (selector.members.empty()) return parse_one(part, selector, what, fix);
  selector.members.emplace_back();
  if (!parse_one(part, selector.members.back(), what, fix)) return false;
  selector.kind = SelectorKind::kList;
  selector.text = selector_text(selector);
  return true;
}

std::string selector_text(const Selector& selector) {
  switch (selector.kind) {
    case SelectorKind::kNone: return {};
    case SelectorKind::kBroker: return ids_text(selector.ids, "broker-", "brokers ");
    case SelectorKind::kZooKeeper: return ids_text(selector.ids, "zk-", "zk ");
    case SelectorKind::kSomeBrokers: return some_text(selector, "broker", "brokers");
    case SelectorKind::kSomeZooKeeper: return some_text(selector, "zk", "zk");
    case SelectorKind::kRack: return "rack:" + selector.name;
    case SelectorKind::kLeaderOf:
      return fmt::format("leader of {}-{}", selector.name, selector.partition);
    case SelectorKind::kFollowersOf:
      return fmt::format("followers of {}-{}", selector.name, selector.partition);
    case SelectorKind::kIsrOf:
      return fmt::format("isr of {}-{}", selector.name, selector.partition);
    case SelectorKind::kOutOfSync:
      return fmt::format("out of sync of {}-{}", selector.name, selector.partition);
    case SelectorKind::kCoordinatorOf: return "coordinator of " + selector.name;
    case SelectorKind::kClient: return "client " + selector.name;
    case SelectorKind::kList: break;
    default:
      for (const Fixed& fixed : kFixed) {
        if (fixed.kind == selector.kind) return std::string(fixed.text);
      }
      return {};
  }
  std::string result;
  for (const Selector& member : selector.members) {
    if (!result.empty()) result += " and ";
    result += selector_text(member);
  }
  return result;
}

}  // namespace isrlab::scenarios
