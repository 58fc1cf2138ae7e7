// Links and messages of the cluster map.
#pragma once
#include <map>
#include <utility>

#include "viz/model/map_route.hpp"
#include "viz/panels/panels.hpp"

namespace isrlab::viz {

/// The ways of all links of one frame; a link and its messages take the same one.
class MapRoutes {
 public:
  MapRoutes(const model::Catalog& catalog, const MapLayout& layout, float unit);
  /// Null for a process that is not on the map (the scenario's admin). The curve runs from the
  /// process with the lower id to that with the higher one.
  const MapCurve* between(ProcessId one, ProcessId other);
  /// Where a message is that has come so far: it moves between the edges of the two nodes, because
  /// inside of them it would cover their words.
  bool place(ProcessId from, ProcessId to, float share, MapPoint& at);

 private:
  struct Route {
    MapCurve curve;
    float leaves = 0;   // the share at which it comes out of the first node
    float arrives = 1;  // ... and into the second one
  };
  bool place_of(ProcessId process, MapPoint& at) const;
  const Route* route(ProcessId one, ProcessId other);

  const model::Catalog& catalog_;
  const MapLayout& layout_;
  float unit_;
  std::vector<Rect> obstacles_;
  std::map<std::pair<ProcessId, ProcessId>, Route> known_;
};

/// Open connections as thin lines; cut links broken, with an arrow where one direction still works.
void draw_links(Ui& ui, const Scene& scene, ImDrawList& list, MapRoutes& routes);
void draw_flights(Ui& ui, const Scene& scene, ImDrawList& list, MapRoutes& routes);

}  // namespace isrlab::viz
