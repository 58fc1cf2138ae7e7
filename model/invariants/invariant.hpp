// A property that must hold in every reachable state. One file per invariant, named as the
// literature names it; incremental: the work per event does not grow with the log or the cluster.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/reader.hpp"

namespace isrlab::model {

struct Violation {
  Time time = 0;
  std::uint32_t event = 0;  // kept history event it belongs to (or its cause), 0 = none
  std::string text;         // one sentence with names, offsets and epochs
};

class Invariant : public Reader {
 public:
  /// "S1".
  virtual std::string_view id() const = 0;
  /// "no_acked_record_lost".
  virtual std::string_view name() const = 0;
  /// Does the run's configuration promise it (reference 6.1, 6.3)? If not, violations are counted
  /// but are not failures.
  virtual bool promised(const Catalog& catalog) const {
    (void)catalog;
    return true;
  }
  /// Does it say something of data that a lost disk takes along? From then on it is not promised.
  virtual bool rests_on_disks() const { return false; }
  std::uint64_t checked() const { return checked_; }
  std::uint64_t violations() const { return violations_; }
  bool held() const { return violations_ == 0; }
  const std::optional<Violation>& first() const { return first_; }

 protected:
  void count() { ++checked_; }
  void violated(const sim::HistoryEvent& event, std::string text) {
    if (++violations_ == 1) {
      first_ = Violation{event.time, event.id != 0 ? event.id : event.cause, std::move(text)};
    }
  }

 private:
  std::uint64_t checked_ = 0;
  std::uint64_t violations_ = 0;
  std::optional<Violation> first_;
};

/// Every invariant of this version, in the order of their numbers. Sized to the catalog.
std::vector<std::unique_ptr<Invariant>> make_invariants(const Catalog& catalog);

}  // namespace isrlab::model
