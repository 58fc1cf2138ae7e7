// The timeline's lanes as data: marks and intervals of a whole run, filled from the history as the
// run is simulated ahead. One object per branch.
#pragma once
#include <array>
#include <map>
#include <string>
#include <vector>

#include "scenarios/run.hpp"
#include "viz/widgets/lane.hpp"

namespace isrlab::viz {

enum class Lane : std::uint8_t { faults, controller, elections, isr, zookeeper, groups, clients };
inline constexpr std::size_t kLaneCount = 7;
/// "faults", also the part of the name in the UI tree: "timeline/faults".
const char* lane_id(Lane lane);
const char* lane_title(Lane lane);

/// Tags of marks: what kind of event, and so which shape and colour.
enum class MarkKind : std::uint8_t {
  first_leader,
  new_leader,
  preferred_leader,
  unclean_leader,
  offline,
  isr_shrink,
  isr_expand,
  truncation,
  zk_leader,
  zk_looking,
  session_opened,
  session_expired,
  session_lost,  // a broker lost its connection; the session may live on
  rebalance,
  generation,
  group_stable,
  retried,
  timed_out,
  failed,
};
inline constexpr std::size_t kMarkKinds = 19;
const char* mark_title(MarkKind kind);

/// A bar with its words. `by_hand`: injected in the viewer, drawn hatched.
struct LaneBar {
  Interval interval;
  std::string label;
  bool by_hand = false;
  std::uint32_t event = 0;  // of the history; what a click selects
  scenarios::FaultAction action = scenarios::FaultAction::kKill;  // faults only
};

class LaneModel {
 public:
  /// Takes in what the run has written since the last call.
  void update(const scenarios::Run& run);

  const std::vector<Mark>& marks(Lane lane) const { return marks_[static_cast<std::size_t>(lane)]; }
  /// History ids of the marks, index by index.
  const std::vector<std::uint32_t>& events(Lane lane) const {
    return events_[static_cast<std::size_t>(lane)];
  }
  const std::vector<LaneBar>& faults() const { return faults_; }
  const std::vector<LaneBar>& controllers() const { return controllers_; }
  std::uint32_t seen() const { return seen_; }

 private:
  void take(const sim::HistoryEvent& event, const scenarios::Run& run);
  void take_controller(const sim::HistoryEvent& event, const scenarios::Run& run);
  void take_isr(const sim::HistoryEvent& event, const sim::History& history);
  void mark(Lane lane, MarkKind kind, std::uint8_t severity, const sim::HistoryEvent& event);
  void end_controller(std::uint32_t process, sim::Time at);
  void refresh_faults(const scenarios::Run& run);

  std::uint32_t seen_ = 0;
  std::array<std::vector<Mark>, kLaneCount> marks_;
  std::array<std::vector<std::uint32_t>, kLaneCount> events_;
  std::vector<LaneBar> faults_;
  std::vector<LaneBar> controllers_;
  std::vector<std::uint32_t> controller_process_;
  std::map<std::uint32_t, std::vector<std::uint32_t>> isr_;  // last known, by partition
};

}  // namespace isrlab::viz
