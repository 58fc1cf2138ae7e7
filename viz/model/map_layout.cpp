#include "viz/model/map_layout.hpp"

#include <algorithm>
#include <cmath>

namespace isrlab::viz {
namespace {

/// The racks that hold brokers, in the order of the brokers.
std::vector<std::string> racks_of(const ClusterView& view) {
  std::vector<std::string> racks;
  for (const BrokerView& broker : view.brokers) {
    if (std::find(racks.begin(), racks.end(), broker.rack) == racks.end()) {
      racks.push_back(broker.rack);
    }
  }
  return racks;
}

/// Brokers of one rack in rows. Links that would pass behind a neighbour are bent round it.
void place_brokers(const std::vector<std::size_t>& members, const Rect& box, float unit,
                   MapLayout& layout) {
  const auto count = static_cast<float>(members.size());
  const float least = layout.compact ? 62 * unit : 126 * unit;
  const float per_row = std::clamp(std::floor(box.width() / least), 1.0F, std::max(1.0F, count));
  const float rows = std::ceil(count / per_row);
  const float column = box.width() / per_row;
  const float line = box.height() / rows;
  const float width = std::min(column - 14 * unit, 156 * unit);
  const float tall = layout.compact ? 48 * unit : 88 * unit;
  const float height = std::min(line - 14 * unit, tall);
  for (std::size_t i = 0; i < members.size(); ++i) {
    const float x = static_cast<float>(i % static_cast<std::size_t>(per_row));
    const float y = static_cast<float>(i / static_cast<std::size_t>(per_row));
    const float center_x = box.x0 + column * (x + 0.5F);
    const float center_y = box.y0 + line * (y + 0.5F);
    layout.brokers[members[i]] = {
        std::round(center_x - width * 0.5F), std::round(center_y - height * 0.5F),
        std::round(center_x + width * 0.5F), std::round(center_y + height * 0.5F)};
  }
}

/// A row of points over the width, evenly.
template <class Place>
void place_row(std::size_t count, float x0, float x1, Place place) {
  for (std::size_t i = 0; i < count; ++i) {
    const float share = (static_cast<float>(i) + 0.5F) / static_cast<float>(count);
    place(i, std::round(x0 + (x1 - x0) * share));
  }
}

}  // namespace

MapLayout lay_out_map(const ClusterView& view, const Rect& area, float unit) {
  MapLayout layout;
  layout.area = area;
  layout.compact = view.brokers.size() > 12;
  layout.brokers.resize(view.brokers.size());
  layout.zookeeper.resize(view.zookeeper.size());
  layout.clients.resize(view.clients.size());
  const float pad = 8 * unit;
  const float top = 78 * unit;                                  // ZooKeeper servers
  const float bottom = view.clients.empty() ? pad : 58 * unit;  // clients
  const std::vector<std::string> racks = racks_of(view);
  const Rect middle{area.x0 + pad, area.y0 + top, area.x1 - pad, area.y1 - bottom};
  const float gap = 8 * unit;
  const auto columns = static_cast<float>(std::max<std::size_t>(1, racks.size()));
  const float width = (middle.width() - gap * (columns - 1)) / columns;
  for (std::size_t r = 0; r < racks.size(); ++r) {
    const float x0 = std::round(middle.x0 + static_cast<float>(r) * (width + gap));
    const Rect box{x0, middle.y0, std::round(x0 + width), middle.y1};
    layout.racks.push_back({racks[r], box});
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < view.brokers.size(); ++i) {
      if (view.brokers[i].rack == racks[r]) members.push_back(i);
    }
    const float label = racks[r].empty() ? 0 : 18 * unit;
    place_brokers(members, {box.x0, box.y0 + label, box.x1, box.y1}, unit, layout);
  }
  const auto zk = static_cast<float>(std::max<std::size_t>(1, view.zookeeper.size()));
  layout.zookeeper_radius = std::min(17 * unit, middle.width() / zk * 0.3F);
  place_row(view.zookeeper.size(), middle.x0, middle.x1, [&](std::size_t i, float x) {
    layout.zookeeper[i] = {x, std::round(area.y0 + 38 * unit)};
  });
  const auto clients = static_cast<float>(std::max<std::size_t>(1, view.clients.size()));
  layout.client_radius = std::min(12 * unit, middle.width() / clients * 0.4F);
  place_row(view.clients.size(), middle.x0, middle.x1, [&](std::size_t i, float x) {
    layout.clients[i] = {x, std::round(area.y1 - bottom + 20 * unit)};
  });
  return layout;
}

}  // namespace isrlab::viz
