// How a group agrees on an assignor: among those that every member supports, each member votes for
// the first of its own order; most votes win. Members of this model all offer just "range", so the
// coordinator has nothing to count yet; the rule stands here for the second assignor.
// Source: GroupMetadata#selectProtocol; reference clients-and-groups.md section 3.4 step 5.
#pragma once
#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace isrlab::model {

/// One list per member, most preferred first. A tie goes to the first name in the alphabet (Kafka:
/// the order of a hash map). Empty if nothing is supported by all.
inline std::string select_protocol(const std::vector<std::vector<std::string>>& preferences) {
  const auto supported_by_all = [&preferences](const std::string& name) {
    return std::all_of(preferences.begin(), preferences.end(), [&name](const auto& list) {
      return std::find(list.begin(), list.end(), name) != list.end();
    });
  };
  std::map<std::string, int> votes;
  for (const auto& list : preferences) {
    const auto vote = std::find_if(list.begin(), list.end(), supported_by_all);
    if (vote != list.end()) ++votes[*vote];
  }
  const auto most = std::max_element(
      votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == votes.end() ? std::string() : most->first;
}

}  // namespace isrlab::model
