#include "viz/core/checkpoints.hpp"

#include <malloc.h>

#include <algorithm>

#include "sim/assert.hpp"

namespace isrlab::viz {
namespace {

constexpr sim::Duration kNear = 5 * sim::kSecond;
/// Where the allocator tells nothing (sanitizers), a copy of a small cluster is about this large.
constexpr std::size_t kGuess = 4U << 20U;

std::size_t allocated() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace

Checkpoint make_checkpoint(const scenarios::Run& run, std::uint32_t injections, bool pinned) {
  Checkpoint checkpoint;
  checkpoint.position = {injections, run.events()};
  checkpoint.time = run.cluster().now();
  checkpoint.digest = run.digest();
  checkpoint.pinned = pinned;
  const std::size_t before = allocated();
  checkpoint.run = std::make_shared<const scenarios::Run>(run);
  const std::size_t after = allocated();
  checkpoint.bytes = after > before ? after - before : kGuess;
  return checkpoint;
}

std::optional<std::uint64_t> Checkpoints::add(Checkpoint checkpoint) {
  const auto at = std::lower_bound(list_.begin(), list_.end(), checkpoint,
                                   [](const Checkpoint& left, const Checkpoint& right) {
                                     return left.position < right.position;
                                   });
  if (at != list_.end() && at->position == checkpoint.position) {
    if (at->digest != checkpoint.digest) return at->digest;
    if (at->run == nullptr) {
      at->run = std::move(checkpoint.run);
      at->bytes = checkpoint.bytes;
    }
    at->pinned = at->pinned || checkpoint.pinned;
    return {};
  }
  list_.insert(at, std::move(checkpoint));
  return {};
}

const Checkpoint& Checkpoints::before(sim::Time time) const {
  const Checkpoint* found = nullptr;
  for (const Checkpoint& checkpoint : list_) {
    if (checkpoint.time > time) break;
    if (checkpoint.run != nullptr) found = &checkpoint;
  }
  SIM_ASSERT(found != nullptr, "a branch has no checkpoint at its start");
  return *found;
}

const Checkpoint& Checkpoints::before(Position position) const {
  const Checkpoint* found = nullptr;
  for (const Checkpoint& checkpoint : list_) {
    if (checkpoint.position > position) break;
    if (checkpoint.run != nullptr) found = &checkpoint;
  }
  SIM_ASSERT(found != nullptr, "a branch has no checkpoint at its start");
  return *found;
}

const Checkpoint* Checkpoints::at(Position position) const {
  const auto at = std::lower_bound(
      list_.begin(), list_.end(), position,
      [](const Checkpoint& left, Position right) { return left.position < right; });
  return at == list_.end() || at->position != position ? nullptr : &*at;
}

const Checkpoint* Checkpoints::next(Position position) const {
  const auto at = std::upper_bound(
      list_.begin(), list_.end(), position,
      [](Position left, const Checkpoint& right) { return left < right.position; });
  return at == list_.end() ? nullptr : &*at;
}

void Checkpoints::thin(std::size_t limit, sim::Time playhead) {
  while (bytes() > limit) {
    bool odd = false;
    bool dropped = false;
    for (Checkpoint& checkpoint : list_) {
      if (checkpoint.run == nullptr || checkpoint.pinned) continue;
      const sim::Duration distance =
          checkpoint.time > playhead ? checkpoint.time - playhead : playhead - checkpoint.time;
      if (distance <= kNear) continue;
      odd = !odd;
      if (!odd) continue;
      checkpoint.run.reset();
      dropped = true;
    }
    if (!dropped) return;  // what is left is near or pinned: the limit yields
  }
}

Checkpoints Checkpoints::up_to(Position position) const {
  Checkpoints result;
  for (const Checkpoint& checkpoint : list_) {
    if (checkpoint.position <= position) result.list_.push_back(checkpoint);
  }
  return result;
}

std::size_t Checkpoints::bytes() const {
  std::size_t sum = 0;
  for (const Checkpoint& checkpoint : list_)
    sum += checkpoint.run != nullptr ? checkpoint.bytes : 0;
  return sum;
}

std::size_t Checkpoints::copies() const {
  return static_cast<std::size_t>(
      std::count_if(list_.begin(), list_.end(),
                    [](const Checkpoint& checkpoint) { return checkpoint.run != nullptr; }));
}

}  // namespace isrlab::viz
