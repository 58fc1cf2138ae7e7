#include "scenarios/faults/moves.hpp"

#include <fmt/format.h>

#include "scenarios/format/spelling.hpp"
#include "scenarios/format/units.hpp"

namespace isrlab::scenarios {
namespace {

constexpr std::string_view kEveryTopic = "all topics";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// The text up to the sign, which is taken away with it.
std::string_view cut(std::string_view& rest, char sign) {
  const std::size_t end = std::min(rest.find(sign), rest.size());
  const std::string_view part = trimmed(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

bool small_number(std::string_view text, std::int32_t& number) {
  const Measure parsed = parse_whole_number(text);
  if (!parsed.ok() || parsed.value < 0 || parsed.value > 100'000'000) return false;
  number = static_cast<std::int32_t>(parsed.value);
  return true;
}

/// "orders-0": a topic may have dashes of its own, so the number stands after the last one.
bool parse_partition(std::string_view text, PartitionPick& pick) {
  const std::size_t dash = text.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return false;
  if (!small_number(text.substr(dash + 1), pick.partition)) return false;
  pick.topic = text.substr(0, dash);
  return true;
}

bool parse_replicas(std::string_view text, std::vector<model::BrokerId>& replicas) {
  std::string_view rest = text;
  do {
    std::int32_t broker = 0;
    if (!small_number(cut(rest, ','), broker)) return false;
    replicas.push_back(broker);
  } while (!rest.empty());
  return true;
}

}  // namespace

bool parse_picks(std::string_view text, bool moves, std::vector<PartitionPick>& picks,
                 std::string& what, std::string& fix) {
  constexpr std::string_view kMove = "write \"orders-0 -> 2,3,1; orders-1 -> 3,1,2\"";
  constexpr std::string_view kPlain = "write \"orders-0, orders-1\", \"orders\" or \"all topics\"";
  std::string_view rest = trimmed(text);
  const auto fail = [&](std::string_view part) {
    what = fmt::format("{} names no {}", in_quotes(part), moves ? "move" : "partition");
    fix = moves ? kMove : kPlain;
    return false;
  };
  if (rest.empty()) return fail(text);
  while (!rest.empty()) {
    std::string_view part = cut(rest, moves ? ';' : ',');
    PartitionPick pick;
    if (moves) {
      const std::size_t arrow = part.find("->");
      if (arrow == std::string_view::npos) return fail(part);
      if (!parse_replicas(trimmed(part.substr(arrow + 2)), pick.replicas)) return fail(part);
      part = trimmed(part.substr(0, arrow));
      if (!parse_partition(part, pick)) return fail(part);
    } else if (part != kEveryTopic && !parse_partition(part, pick)) {
      if (part.empty() || part.find(' ') != std::string_view::npos) return fail(part);
      pick.topic = part;
    }
    picks.push_back(std::move(pick));
  }
  return true;
}

std::string picks_text(const std::vector<PartitionPick>& picks) {
  std::string text;
  for (const PartitionPick& pick : picks) {
    if (!text.empty()) text += pick.replicas.empty() ? ", " : "; ";
    text += pick.topic.empty() ? std::string(kEveryTopic) : pick.topic;
    if (pick.partition >= 0) text += "-" + std::to_string(pick.partition);
    for (std::size_t i = 0; i < pick.replicas.size(); ++i) {
      text += (i == 0 ? " -> " : ",") + std::to_string(pick.replicas[i]);
    }
  }
  return text;
}

std::vector<model::PartitionId> picked(const PartitionPick& pick, const model::Catalog& catalog) {
  std::vector<model::PartitionId> result;
  for (const model::TopicInfo& topic : catalog.topics()) {
    if (pick.topic.empty() ? topic.internal : topic.name != pick.topic) continue;
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
      if (pick.partition >= 0 && p != pick.partition) continue;
      result.push_back(topic.first + static_cast<model::PartitionId>(p));
    }
  }
  return result;
}

}  // namespace isrlab::scenarios
