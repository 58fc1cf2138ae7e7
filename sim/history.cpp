#include "sim/history.hpp"

#include <algorithm>

#include "sim/assert.hpp"

namespace isrlab::sim {

void History::seal() {
  auto chunk = std::make_shared<Chunk>();
  std::copy(tail_.begin(), tail_.end(), chunk->begin());
  sealed_.push_back(std::move(chunk));
  tail_.clear();
}

std::span<const std::uint32_t> History::list(std::int64_t handle) const {
  if (!lists_ || handle < 0) return {};
  const auto at = static_cast<std::size_t>(handle);
  SIM_ASSERT(at < lists_->words.size(), "a list handle of another run");
  return {lists_->words.data() + at + 1, lists_->words[at]};
}

std::int64_t History::intern(std::span<const std::uint32_t> list_in) {
  // Few distinct lists occur (ISRs, assignments), so a linear look at the latest ones finds most.
  if (!lists_) lists_ = std::make_shared<Lists>();
  for (const std::uint32_t at : lists_->recent) {
    const auto known = list(at);
    if (std::equal(known.begin(), known.end(), list_in.begin(), list_in.end())) return at;
  }
  if (lists_.use_count() > 1) lists_ = std::make_shared<Lists>(*lists_);
  const auto at = static_cast<std::uint32_t>(lists_->words.size());
  lists_->words.push_back(static_cast<std::uint32_t>(list_in.size()));
  lists_->words.insert(lists_->words.end(), list_in.begin(), list_in.end());
  if (lists_->recent.size() == 32) lists_->recent.erase(lists_->recent.begin());
  lists_->recent.push_back(at);
  return at;
}

}  // namespace isrlab::sim
