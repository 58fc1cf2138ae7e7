// Every event of a run, the transient ones too, as lines of JSON while the run goes on: for those
// who look for an interleaving. The kept events alone are in the run's folder.
#pragma once
#include <memory>
#include <ostream>

#include "model/reader.hpp"

namespace isrlab::results {

class Trace final : public model::Reader {
 public:
  /// Copies of the run write to the same stream.
  explicit Trace(std::shared_ptr<std::ostream> out) : out_(std::move(out)) {}

  std::vector<model::HistoryKind> interests() const override;
  void on_event(const sim::HistoryEvent& event, const model::Cluster& cluster) override;
  std::unique_ptr<Reader> clone() const override { return std::make_unique<Trace>(*this); }

 private:
  std::shared_ptr<std::ostream> out_;
};

}  // namespace isrlab::results
