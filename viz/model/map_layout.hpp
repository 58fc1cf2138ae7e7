// Where things stand on the cluster map: racks as boxes side by side, ZooKeeper servers above the
// brokers, clients below. Pure geometry.
#pragma once
#include <vector>

#include "viz/core/ui_tree.hpp"
#include "viz/model/cluster_view.hpp"

namespace isrlab::viz {

struct MapPoint {
  float x = 0;
  float y = 0;
};

struct MapRack {
  std::string name;
  Rect box;
};

struct MapLayout {
  std::vector<MapRack> racks;       // empty names: one nameless box
  std::vector<Rect> brokers;        // by broker id - 1
  std::vector<MapPoint> zookeeper;  // centres, by index
  std::vector<MapPoint> clients;    // centres, by index in ClusterView::clients
  float zookeeper_radius = 0;
  float client_radius = 0;
  Rect area;             // everything lies in here
  bool compact = false;  // too many brokers for their details
};

/// `unit` is one pixel at scale 1.
MapLayout lay_out_map(const ClusterView& view, const Rect& area, float unit);

}  // namespace isrlab::viz
