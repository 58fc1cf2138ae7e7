// The status strip: the eight numbers that the usual Kafka dashboards open with, under their names.
#pragma once
#include <string>
#include <vector>

#include "viz/model/cluster_view.hpp"
#include "viz/widgets/pill.hpp"

namespace isrlab::viz {

struct StatusItem {
  std::string id;  // "urp": in the UI tree "badge/urp"
  Status status = Status::good;
  std::string label;
  std::string value;
  Definition definition;
};

std::vector<StatusItem> status_of(const ClusterView& view);
/// `4 400`: digits in groups of three.
std::string grouped(std::int64_t value);

}  // namespace isrlab::viz
