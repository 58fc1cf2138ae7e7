// Links and messages of the cluster map.
#pragma once
#include "viz/model/map_layout.hpp"
#include "viz/panels/panels.hpp"

namespace isrlab::viz {

/// Open connections as thin lines; cut links broken, with an arrow where one direction still works.
void draw_links(Ui& ui, const Scene& scene, ImDrawList& list, const MapLayout& layout);
void draw_flights(Ui& ui, const Scene& scene, ImDrawList& list, const MapLayout& layout);

}  // namespace isrlab::viz
