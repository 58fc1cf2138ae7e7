// ZooKeeper sessions of brokers: when their owners fell silent and when ZooKeeper ended them.
#pragma once
#include <memory>
#include <vector>

#include "model/cluster.hpp"
#include "results/metrics.hpp"
#include "results/summary.hpp"

namespace isrlab::results {

class SessionTracker {
 public:
  explicit SessionTracker(std::shared_ptr<const model::Catalog> catalog)
      : catalog_(std::move(catalog)) {}

  static std::vector<model::HistoryKind> interests();
  void on_event(const sim::HistoryEvent& event, const model::Cluster& cluster);

  const Sessions& result() const { return result_; }
  /// From death or cut to expiry, one sample per expired session.
  const Distribution& detect_time() const { return detect_time_; }

 private:
  struct Open {
    std::int64_t id = 0;
    model::ProcessId owner = 0;
    Time silent_since = sim::kNever;
    bool dead = false;  // its process is gone: nothing brings it back
  };
  void silence(model::ProcessId owner, Time now, bool dead);
  void silence_over(model::ProcessId owner);
  /// No packet passes between the broker's host and any ZooKeeper server, in one direction at
  /// least.
  bool cut_off(model::ProcessId broker, const model::Cluster& cluster) const;
  void expired(const sim::HistoryEvent& event);
  void forget(std::int64_t session);

  std::shared_ptr<const model::Catalog> catalog_;
  std::vector<Open> open_;
  Sessions result_;
  Distribution detect_time_;
};

}  // namespace isrlab::results
