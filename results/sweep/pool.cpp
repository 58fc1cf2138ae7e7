#include "results/sweep/pool.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace isrlab::results {
namespace {

/// What the threads of one call share.
struct Shared {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> broken{false};
  std::mutex mutex;  // guards the rest
  std::condition_variable ended;
  unsigned working = 0;
  std::size_t thrown_at = 0;
  std::exception_ptr thrown;
};

void note_exception(Shared& shared, std::size_t index) {
  const std::lock_guard lock(shared.mutex);
  if (shared.thrown == nullptr || index < shared.thrown_at) {
    shared.thrown = std::current_exception();
    shared.thrown_at = index;
  }
  shared.broken = true;
}

void labour(Shared& shared, std::size_t count, const std::function<void(std::size_t)>& work,
            const std::function<bool(std::size_t)>& stop) {
  while (!shared.broken) {
    const std::size_t index = shared.next.fetch_add(1);
    if (index >= count) break;
    try {
      if (stop && stop(index)) break;
      work(index);
    } catch (...) {
      note_exception(shared, index);
    }
  }
  const std::lock_guard lock(shared.mutex);
  --shared.working;
  shared.ended.notify_all();
}

}  // namespace

Pool::Pool(unsigned threads)
    : threads_(threads != 0 ? threads : std::max(1u, std::thread::hardware_concurrency())) {}

void Pool::run(std::size_t count, const std::function<void(std::size_t)>& work,
               const std::function<bool(std::size_t)>& stop,
               const std::function<void()>& watch) const {
  Shared shared;
  shared.working = static_cast<unsigned>(std::min<std::size_t>(threads_, count));
  {
    std::vector<std::jthread> threads;
    const unsigned started = shared.working;
    for (unsigned i = 0; i < started; ++i) {
      threads.emplace_back([&] { labour(shared, count, work, stop); });
    }
    std::unique_lock lock(shared.mutex);
    while (shared.working > 0) {
      shared.ended.wait_for(lock, std::chrono::milliseconds(100));
      lock.unlock();
      if (watch) watch();
      lock.lock();
    }
  }
  if (shared.thrown != nullptr) std::rethrow_exception(shared.thrown);
}

}  // namespace isrlab::results
