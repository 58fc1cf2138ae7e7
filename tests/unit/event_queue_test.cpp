// The event queue against a std::multimap, on many shapes of delay, and the promises of its header.
#include "tests/support/catch.hpp"

#include <rapidcheck/catch.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/event_queue.hpp"
#include "sim/random.hpp"

namespace {

using isrlab::sim::Event;
using isrlab::sim::EventQueue;
using isrlab::sim::InternalError;
using isrlab::sim::kMicrosecond;
using isrlab::sim::kMillisecond;
using isrlab::sim::kMinute;
using isrlab::sim::kNever;
using isrlab::sim::kSecond;
using isrlab::sim::Random;
using isrlab::sim::Time;

constexpr Time kYear = 365 * 24 * 60 * kMinute;

/// Shapes of delay; each drives other paths through the wheel.
enum class Shape { kUniform, kTies, kBurst, kTiny, kNetwork, kWide, kYears, kSame, kCount };

Time draw_delay(Shape shape, Random& random) {
  switch (shape) {
    case Shape::kUniform: return random.between(0, kSecond);
    case Shape::kTies: return random.between(0, 5) * kMillisecond;
    case Shape::kBurst: return random.chance(1, 2) ? 0 : 7 * kSecond + random.between(0, 3);
    case Shape::kTiny: return random.between(0, 20);
    case Shape::kNetwork:
      return random.chance(1, 8) ? 500 * kMillisecond : random.between(100, 1500) * kMicrosecond;
    case Shape::kWide: {
      // Every order of magnitude is equally likely.
      const Time bits = random.between(0, 59);
      return random.between(0, (Time{1} << bits) - 1);
    }
    case Shape::kYears:
      return random.chance(1, 20) ? random.between(1, 40) * kYear : random.between(0, 2);
    case Shape::kSame:
    case Shape::kCount: break;
  }
  return 0;
}

/// A queue and the reference it must agree with at every step.
class Pair {
 public:
  explicit Pair(std::uint64_t seed) : random_(seed, "event queue test") {}

  Random& random() { return random_; }
  EventQueue& queue() { return queue_; }
  std::size_t size() const { return reference_.size(); }
  Time now() const { return now_; }

  void push(Time time) {
    if (time < now_) time = kNever;  // the sum of long delays has overflowed
    Event event;
    event.time = time;
    event.sequence = sequence_;
    event.target = static_cast<std::uint32_t>(sequence_ * 7);
    event.argument = static_cast<std::uint32_t>(sequence_ * 13);
    event.cause = static_cast<std::uint32_t>(time);
    event.type = static_cast<std::uint16_t>(sequence_);
    event.flags = static_cast<std::uint8_t>(time);
    sequence_ += 1 + random_.below(3);
    queue_.push(event);
    reference_.emplace(time, event);  // keeps the order of arrival among equal times
  }
  void push_delay(Shape shape) {
    const std::uint64_t delay = static_cast<std::uint64_t>(draw_delay(shape, random_));
    push(static_cast<Time>(static_cast<std::uint64_t>(now_) + delay));
  }

  /// Pops from both; false if they do not agree.
  bool pop() {
    Event event;
    if (!queue_.pop(event)) return reference_.empty();
    if (reference_.empty()) return false;
    const bool good = same(event, reference_.begin()->second);
    reference_.erase(reference_.begin());
    now_ = event.time;
    return good && queue_.size() == reference_.size();
  }
  bool look() {
    if (queue_.empty() != reference_.empty() || queue_.size() != reference_.size()) return false;
    const Event* const event = queue_.peek();
    if (event == nullptr) return reference_.empty() && queue_.next_time() == kNever;
    return !reference_.empty() && same(*event, reference_.begin()->second) &&
           queue_.next_time() == event->time;
  }
  bool drain() {
    while (!reference_.empty()) {
      if (!pop()) return false;
    }
    return look() && pop();
  }
  void use_copy() { queue_ = EventQueue(queue_); }
  void use_moved() {
    EventQueue other = std::move(queue_);
    queue_ = std::move(other);
  }

  static bool same(const Event& left, const Event& right) {
    return left.time == right.time && left.sequence == right.sequence &&
           left.target == right.target && left.argument == right.argument &&
           left.cause == right.cause && left.type == right.type && left.flags == right.flags;
  }

 private:
  Random random_;
  EventQueue queue_;
  std::multimap<Time, Event> reference_;
  std::uint64_t sequence_ = 0;
  Time now_ = 0;
};

Event at(Time time, std::uint64_t sequence) {
  Event event;
  event.time = time;
  event.sequence = sequence;
  return event;
}

std::vector<std::uint64_t> rest(EventQueue& queue) {
  std::vector<std::uint64_t> sequences;
  Event event;
  while (queue.pop(event)) sequences.push_back(event.sequence);
  return sequences;
}

/// A random walk around `level` pending events, with peeks and copies in between.
bool walk(Pair& pair, Shape shape, std::size_t level, int steps, bool copies) {
  while (pair.size() < level) pair.push_delay(shape);
  for (int i = 0; i < steps; ++i) {
    if (!pair.pop()) return false;
    for (std::uint64_t pushes = pair.random().below(3); pushes > 0; --pushes) {
      pair.push_delay(shape);
    }
    if (pair.size() < level / 2) {
      while (pair.size() < level) pair.push_delay(shape);
    }
    if (pair.random().chance(1, 8) && !pair.look()) return false;
    if (copies && pair.random().chance(1, 50)) pair.use_copy();
    if (copies && pair.random().chance(1, 50)) pair.use_moved();
  }
  return true;
}

}  // namespace

TEST_CASE("the event queue pops in the order of time and sequence", "[event_queue]") {
  rc::prop("on one shape of delay", [](std::uint64_t seed) {
    Pair pair(seed);
    const auto shape = static_cast<Shape>(*rc::gen::inRange(0, static_cast<int>(Shape::kCount)));
    const auto level = *rc::gen::element<std::size_t>(0, 1, 5, 40, 100, 700, 5000);
    const bool copies = *rc::gen::arbitrary<bool>();
    RC_ASSERT(walk(pair, shape, level, 1500, copies));
    RC_ASSERT(pair.drain());
  });

  rc::prop("on shapes that change as it goes", [](std::uint64_t seed) {
    Pair pair(seed);
    for (int i = 0; i < 12; ++i) {
      const auto shape = static_cast<Shape>(pair.random().below(static_cast<int>(Shape::kCount)));
      RC_ASSERT(walk(pair, shape, pair.random().below(400), 200, true));
      if (pair.random().chance(1, 4)) RC_ASSERT(pair.drain());
    }
    RC_ASSERT(pair.drain());
  });

  rc::prop("on pushes and pops that rapidcheck chooses", [] {
    Pair pair(1);
    const auto steps = *rc::gen::container<std::vector<std::pair<bool, std::uint32_t>>>(
        rc::gen::pair(rc::gen::arbitrary<bool>(), rc::gen::arbitrary<std::uint32_t>()));
    for (const auto& [pushes, delay] : steps) {
      if (pushes) {
        pair.push(pair.now() + delay);
      } else {
        RC_ASSERT(pair.pop());
      }
      RC_ASSERT(pair.look());
    }
    RC_ASSERT(pair.drain());
  });
}

TEST_CASE("the event queue is exact with many pending events", "[event_queue]") {
  for (const Shape shape : {Shape::kUniform, Shape::kTies, Shape::kNetwork, Shape::kWide}) {
    Pair pair(42);
    CAPTURE(static_cast<int>(shape));
    for (int i = 0; i < 150'000; ++i) pair.push_delay(shape);
    REQUIRE(walk(pair, shape, 150'000, 150'000, false));
    REQUIRE(pair.drain());
  }
}

TEST_CASE("a burst at one time leaves in the order it came", "[event_queue]") {
  Pair pair(7);
  for (int i = 0; i < 20'000; ++i) pair.push(kSecond);
  // Every event pops one more of the same time: zero delay inside a burst.
  for (int i = 0; i < 40'000; ++i) {
    REQUIRE(pair.pop());
    pair.push(kSecond);
  }
  pair.use_copy();
  for (int i = 0; i < 10; ++i) pair.push(kSecond);
  REQUIRE(pair.drain());
}

TEST_CASE("events crowded into a corner of a slot are sorted", "[event_queue]") {
  Pair pair(9);
  pair.push(kYear);
  for (int i = 0; i < 1500; ++i) {
    pair.push(10 * kMinute + static_cast<Time>(pair.random().below(2000)));
  }
  REQUIRE(pair.drain());
}

TEST_CASE("events may be pushed before one that was peeked at", "[event_queue]") {
  Pair pair(11);
  for (int round = 0; round < 10; ++round) {
    const Time now = pair.now();
    for (int i = 0; i < 100; ++i) pair.push(now + i);
    for (int i = 0; i < 3000; ++i) {
      pair.push(now + kMinute + static_cast<Time>(pair.random().below(kMinute)));
    }
    for (int i = 0; i < 100; ++i) REQUIRE(pair.pop());
    // The peek moves the wheel on to the far events; then many come that are due before them.
    REQUIRE(pair.look());
    for (int i = 0; i < 500; ++i) {
      pair.push(now + kSecond + static_cast<Time>(pair.random().below(kMinute)));
      if (i % 100 == 99) REQUIRE(pair.look());
      if (i == 250 && round % 2 == 1) pair.use_copy();
    }
    for (int i = 0; i < 1000; ++i) REQUIRE(pair.pop());
    REQUIRE(pair.drain());
  }
}

TEST_CASE("the last representable time is a time like any other", "[event_queue]") {
  EventQueue queue;
  queue.push(at(kNever, 0));
  queue.push(at(kNever - 1, 1));
  queue.push(at(0, 2));
  for (std::uint64_t i = 3; i < 200; ++i) queue.push(at(kNever, i));
  Event event;
  REQUIRE(queue.pop(event));
  CHECK(event.sequence == 2);
  REQUIRE(queue.pop(event));
  CHECK(event.sequence == 1);
  queue.push(at(kNever, 200));
  const std::vector<std::uint64_t> left = rest(queue);
  REQUIRE(left.size() == 199);
  CHECK(left.front() == 0);
  CHECK(left.back() == 200);
}

TEST_CASE("a copy of the event queue is a value", "[event_queue]") {
  rc::prop("it gives the same rest and leaves the original untouched", [](std::uint64_t seed) {
    Pair pair(seed);
    const auto shape = static_cast<Shape>(*rc::gen::inRange(0, static_cast<int>(Shape::kCount)));
    const auto level = *rc::gen::element<std::size_t>(0, 3, 60, 200, 3000);
    RC_ASSERT(walk(pair, shape, level, *rc::gen::inRange(0, 400), false));

    EventQueue copy(pair.queue());
    EventQueue assigned;
    assigned.push(at(5, 1));
    assigned = copy;  // a copy of a copy that was not used yet
    RC_ASSERT(copy.size() == pair.queue().size());

    // A copy goes its own way: what is pushed to it is not seen elsewhere.
    Event event = at(pair.now(), 1u << 30);
    EventQueue branch(copy);
    branch.push(event);
    RC_ASSERT(branch.size() == copy.size() + 1);

    const std::vector<std::uint64_t> from_copy = rest(copy);
    const std::vector<std::uint64_t> from_assigned = rest(assigned);
    RC_ASSERT(from_copy == from_assigned);
    RC_ASSERT(rest(branch).size() == from_copy.size() + 1);
    RC_ASSERT(copy.empty());
    RC_ASSERT(pair.look());

    std::vector<std::uint64_t> from_original;
    EventQueue again(pair.queue());
    RC_ASSERT(pair.drain());
    while (again.pop(event)) from_original.push_back(event.sequence);
    RC_ASSERT(from_original == from_copy);
  });
}

TEST_CASE("an assigned event queue may be itself or have been moved from", "[event_queue]") {
  EventQueue queue;
  for (std::uint64_t i = 0; i < 300; ++i) queue.push(at(static_cast<Time>(i) * kSecond, i));
  const EventQueue& self = queue;
  queue = self;
  CHECK(queue.size() == 300);
  EventQueue target = std::move(queue);
  CHECK(target.size() == 300);
  queue = target;
  CHECK(rest(queue) == rest(target));
}

TEST_CASE("the event queue refuses an event in the past", "[event_queue]") {
  EventQueue queue;
  queue.push(at(1000, 1));
  queue.push(at(2000, 2));
  Event event;
  REQUIRE(queue.pop(event));
  CHECK_THROWS_AS(queue.push(at(999, 3)), InternalError);
  CHECK_THROWS_WITH(queue.push(at(999, 3)), Catch::Contains("999") && Catch::Contains("1000"));
  CHECK_THROWS_AS(queue.push(at(3000, 2)), InternalError);
  CHECK_THROWS_AS(EventQueue().push(at(-1, 0)), InternalError);
  CHECK(queue.size() == 1);
  queue.push(at(1000, 3));  // the very time of the last event is not the past
  CHECK(rest(queue) == std::vector<std::uint64_t>{3, 2});
}

TEST_CASE("the event queue names an event that comes soon", "[event_queue]") {
  EventQueue queue;
  int calls = 0;
  queue.ahead([&calls](const Event&) { ++calls; });
  CHECK(calls == 0);
  for (std::uint64_t i = 0; i < 2 * EventQueue::kAheadMin; ++i) {
    queue.push(at(static_cast<Time>(i), i));
  }
  Event event;
  REQUIRE(queue.pop(event));
  queue.ahead([&](const Event& soon) {
    ++calls;
    CHECK(soon.sequence > event.sequence);
    CHECK(soon.sequence < event.sequence + 20);
  });
  CHECK(calls > 0);
}

TEST_CASE("the event queue is small for its events", "[event_queue]") {
  CHECK(EventQueue().memory_bytes() < 512);

  EventQueue queue;
  Random random(3, "memory");
  std::size_t most = 0;
  std::uint64_t sequence = 0;
  constexpr std::uint64_t kPending = 1'000'000;
  const auto delay = [&random] { return random.between(kSecond / 10, 2 * kSecond); };
  while (sequence < kPending) queue.push(at(delay(), sequence++));
  Event event;
  for (int i = 0; i < 1'500'000; ++i) {
    REQUIRE(queue.pop(event));
    queue.push(at(event.time + delay(), sequence++));
    if (i % 1000 == 0) most = std::max(most, queue.memory_bytes());
  }
  CHECK(most <= 64 * kPending);

  // What a burst has taken is given back, and a copy holds no more than it must.
  CHECK(EventQueue(queue).memory_bytes() <= 33 * kPending);
  while (queue.pop(event)) continue;
  CHECK(queue.memory_bytes() < 4'000'000);
}
