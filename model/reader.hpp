// A reader of a run: it sees the history and a const world, draws no randomness and changes
// nothing, so a run's digest is the same with it or without. Readers are copied with a checkpoint.
#pragma once
#include <memory>
#include <vector>

#include "model/cluster.hpp"

namespace isrlab::model {

class Reader {
 public:
  virtual ~Reader() = default;
  /// Kinds of events it wants; nothing else reaches it.
  virtual std::vector<HistoryKind> interests() const = 0;
  /// Called after the step that wrote the event has been applied. Kept and transient events come in
  /// the order in which they were written.
  virtual void on_event(const sim::HistoryEvent& event, const Cluster& cluster) = 0;
  /// The next time at which it wants to look at the world although nothing is written, kNever if it
  /// does not. It looks after the first step at or after that time.
  virtual Time wakes_at() const { return sim::kNever; }
  virtual void on_time(const Cluster& cluster) { (void)cluster; }
  /// The run is over.
  virtual void at_end(const Cluster& cluster) { (void)cluster; }
  virtual std::unique_ptr<Reader> clone() const = 0;
};

/// Hands events to the readers that asked for their kind. A value: copying clones the readers.
class Readers {
 public:
  Readers() = default;
  Readers(const Readers& other);
  Readers& operator=(const Readers& other);
  Readers(Readers&&) noexcept = default;
  Readers& operator=(Readers&&) noexcept = default;

  /// Returns the reader for later use; it lives as long as this object (not its copies).
  template <class R>
  R* add(std::unique_ptr<R> reader) {
    R* raw = reader.get();
    attach(std::move(reader));
    return raw;
  }
  void see(const Cluster& cluster);  // the events of the cluster's last step
  void finish(const Cluster& cluster);
  std::size_t size() const { return readers_.size(); }
  Reader& operator[](std::size_t index) { return *readers_[index]; }
  const Reader& operator[](std::size_t index) const { return *readers_[index]; }

 private:
  void attach(std::unique_ptr<Reader> reader);
  void hand(const sim::HistoryEvent& event, const Cluster& cluster) {
    for (Reader* reader : by_kind_[event.kind]) reader->on_event(event, cluster);
  }
  void wake(const Cluster& cluster);

  std::vector<std::unique_ptr<Reader>> readers_;
  Time wakes_at_ = 0;
  std::vector<std::vector<Reader*>> by_kind_ =
      std::vector<std::vector<Reader*>>(static_cast<std::size_t>(HistoryKind::kCount));
};

}  // namespace isrlab::model
