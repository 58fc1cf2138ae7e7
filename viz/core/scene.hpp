// What the panels draw, what they may change at once (selection, zoom, folding) and what they can
// only ask for: the viewer carries the wishes out after the frame, so that one frame shows one
// state.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "viz/core/commands.hpp"
#include "viz/core/playback.hpp"
#include "viz/model/cluster_view.hpp"
#include "viz/model/flights.hpp"
#include "viz/model/inspect.hpp"
#include "viz/model/names.hpp"
#include "viz/model/status.hpp"
#include "viz/widgets/time_axis.hpp"

namespace isrlab::viz {

/// Sizes and switches of the window; the user changes them, the run does not know them.
struct ViewState {
  TimeAxis axis{0, sim::kMinute, 0, 1};
  std::array<bool, kLaneCount> watched{true, true, true, true, true, true, false};
  float split_rows = 0.55F;
  float split_map = 0.40F;
  float split_matrix = 0.50F;
  std::optional<bool> show_internal;  // of __consumer_offsets; none: when there is room
  bool internal_shown = false;        // what came of it
  bool show_help = false;
  bool show_palette = false;
  std::string palette_text;
  /// How long a pause or a cut by hand lasts; -1: until the end of the run.
  sim::Duration fault_lasts = 10 * sim::kSecond;
};

/// What panels ask for.
struct Wishes {
  std::optional<sim::Time> seek;
  std::optional<sim::Time> scrub;  // the axis is being dragged: may be shown late
  bool scrub_released = false;
  std::optional<std::size_t> branch;
  std::optional<double> speed;
  std::vector<CommandId> commands;
};

struct Scene {
  const Playback& playback;
  const ClusterView& view;
  const InspectModel& inspect;
  const Flights& flights;
  bool show_flights = false;
  Selection& selection;
  ViewState& state;
  Wishes& wishes;
  sim::Time playhead = 0;  // where the time line is drawn: while scrubbing, ahead of the view
  std::string toast;       // the latest message to the user, empty when it has faded
  std::string caption;     // of a script's `say`

  const model::Catalog& catalog() const { return playback.run().cluster().catalog(); }
  void ask(CommandId command) { wishes.commands.push_back(command); }
  TimeLimits limits() const { return {0, playback.end(), 100 * sim::kNanosecond}; }
};

}  // namespace isrlab::viz
