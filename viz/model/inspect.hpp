// What the inspector says about the selected thing: identity, numbers, beliefs that differ from the
// truth, why its last change happened, and what happened to it lately.
#pragma once
#include <string>
#include <vector>

#include "scenarios/run.hpp"
#include "viz/model/cluster_view.hpp"
#include "viz/model/event_text.hpp"
#include "viz/model/names.hpp"

namespace isrlab::viz {

enum class Tone : std::uint8_t {
  plain,
  heading,  // only the label counts
  good,
  differs,  // believed, but not so: yellow
  bad,
};

struct InspectRow {
  std::string label;
  std::string value;
  Tone tone = Tone::plain;
  float share = -1;  // 0 to 1: drawn as a bar (session time left)
};

struct InspectModel {
  std::string title;
  std::string subtitle;
  Tone tone = Tone::plain;  // of the subtitle
  std::vector<InspectRow> rows;
  std::vector<std::uint32_t> why;     // an event and its causes, newest first
  std::vector<std::uint32_t> recent;  // newest first
};

InspectModel inspect(const scenarios::Run& run, const ClusterView& view,
                     const Selection& selection);

/// For event texts about this run.
EventContext event_context(const scenarios::Run& run);

}  // namespace isrlab::viz
