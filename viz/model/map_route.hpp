// How the links of the cluster map run: straight, or bent round the nodes in between, because a
// line that passes behind a node looks as if it ended there. Pure geometry.
#pragma once
#include <vector>

#include "viz/model/map_layout.hpp"

namespace isrlab::viz {

/// The straight line, moved aside: by `bend` half-way, by nothing at the ends.
struct MapCurve {
  MapPoint from;
  MapPoint to;
  MapPoint bend;
  int steepness = 1;  // 1: an arc; more: quickly aside, then along the line for a while
  float skew = 1;     // below 1 it is farthest aside near `from`, above 1 near `to`
  MapPoint at(float share) const;
  float length() const;  // about
};

/// What a link between others must not cross: brokers, ZooKeeper servers and clients, each with the
/// words below it.
std::vector<Rect> obstacles_of(const MapLayout& layout, float unit);

/// From node centre to node centre. An obstacle that holds one of the ends is its own node. With
/// too many nodes for a way round, the way that hides least.
MapCurve route_link(const MapLayout& layout, const std::vector<Rect>& obstacles, MapPoint from,
                    MapPoint to, float unit);

}  // namespace isrlab::viz
