// Threads for work that is independent: many runs, each on one thread. Results go into slots by
// index, so nothing that is computed depends on how many threads there are or which was faster.
#pragma once
#include <cstddef>
#include <functional>

namespace isrlab::results {

class Pool {
 public:
  /// 0: as many as the machine runs at once.
  explicit Pool(unsigned threads = 0);
  unsigned threads() const { return threads_; }

  /// Calls work(0) to work(count - 1), begun in this order, each on one of the threads; returns
  /// when the last has ended. `stop` is asked before each, on its thread: true begins nothing more.
  /// `watch` is called on the calling thread ten times a second. An exception of `work` stops the
  /// rest and comes out of here (the one of the lowest index).
  void run(std::size_t count, const std::function<void(std::size_t)>& work,
           const std::function<bool(std::size_t)>& stop = {},
           const std::function<void()>& watch = {}) const;

 private:
  unsigned threads_;
};

}  // namespace isrlab::results
