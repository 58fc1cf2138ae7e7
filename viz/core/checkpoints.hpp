// Copies of a run at known places. A copy goes on exactly as the original did, so the nearest copy
// plus a replay is any moment of the run; and a replay that passes a copy must find the same
// digest.
#pragma once
#include <compare>
#include <memory>
#include <optional>
#include <vector>

#include "scenarios/run.hpp"

namespace isrlab::viz {

/// A place in a branch: injections by hand come first, because between two of them the number of
/// events names one state.
struct Position {
  std::uint32_t injections = 0;
  std::uint64_t events = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

struct Checkpoint {
  Position position;
  sim::Time time = 0;  // of the last thing that had happened
  std::uint64_t digest = 0;
  std::size_t bytes = 0;  // measured when it was copied; what copies share counts once
  bool pinned = false;    // next to an injection, at the start or the end: never thinned out
  /// Null when it was thinned out: then only the digest is left, which replays still compare.
  std::shared_ptr<const scenarios::Run> run;
};

/// Copies the run and measures what the copy costs.
Checkpoint make_checkpoint(const scenarios::Run& run, std::uint32_t injections, bool pinned);

/// The checkpoints of one branch, in order. Branches share the copies.
class Checkpoints {
 public:
  /// Returns the digest that was known of this place, if it is another one: then the list stays.
  std::optional<std::uint64_t> add(Checkpoint checkpoint);
  /// The last one that still has its copy and is not behind the time (the position). The first
  /// checkpoint is at the start of the run, so there always is one.
  const Checkpoint& before(sim::Time time) const;
  const Checkpoint& before(Position position) const;
  /// The one at the position; null if there is none.
  const Checkpoint* at(Position position) const;
  /// The first one behind the position, with a copy or not; null if there is none.
  const Checkpoint* next(Position position) const;
  /// Drops every second copy that is far from the playhead until the bytes fit.
  void thin(std::size_t limit, sim::Time playhead);
  /// Those up to the position: what a new branch shares with its parent.
  Checkpoints up_to(Position position) const;

  std::size_t bytes() const;
  std::size_t copies() const;
  const std::vector<Checkpoint>& all() const { return list_; }

 private:
  std::vector<Checkpoint> list_;
};

}  // namespace isrlab::viz
