// The threads of a sweep: everything once, exceptions come out, stopping stops.
#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "results/sweep/pool.hpp"
#include "tests/support/catch.hpp"

using isrlab::results::Pool;

TEST_CASE("every index is worked on once, whatever the number of threads") {
  for (const unsigned threads : {1u, 2u, 5u, 64u}) {
    std::vector<int> slots(50, 0);
    Pool(threads).run(slots.size(), [&](std::size_t i) { slots[i] += static_cast<int>(i) + 1; });
    for (std::size_t i = 0; i < slots.size(); ++i) CHECK(slots[i] == static_cast<int>(i) + 1);
  }
  Pool(3).run(0, [](std::size_t) { FAIL("there is nothing to do"); });
  CHECK(Pool(0).threads() >= 1);
}

TEST_CASE("one thread keeps the order, and stopping begins nothing more") {
  std::vector<std::size_t> order;
  Pool(1).run(
      10, [&](std::size_t i) { order.push_back(i); }, [](std::size_t i) { return i == 4; });
  CHECK(order == std::vector<std::size_t>{0, 1, 2, 3});
}

TEST_CASE("an exception stops the rest and comes out") {
  std::atomic<int> done{0};
  std::string what;
  try {
    Pool(1).run(1000, [&](std::size_t i) {
      if (i == 3) throw std::runtime_error("run 3");
      ++done;
    });
  } catch (const std::runtime_error& error) {
    what = error.what();
  }
  CHECK(what == "run 3");
  CHECK(done == 3);
}
