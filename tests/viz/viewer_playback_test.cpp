// Time travel is exact: whatever way the playhead came to a moment, the digest is that of a run
// that went there without a viewer.
#include "sim/random.hpp"
#include "tests/viz/viewer_support.hpp"

using namespace isrlab;
using namespace isrlab::viz;
using scenarios::FaultAction;

TEST_CASE("rewinding to random times gives the digests of headless runs", "[viz]") {
  const auto scenario = scenario_named("follower-crash");
  PlaybackOptions options;
  options.checkpoint_seconds = 0.001;  // many, however quick the machine is
  Playback playback(scenario, scenario->seed, options);
  playback.finish_ahead();
  CHECK(playback.branch().final_digest == headless(scenario, scenario->duration).digest());
  sim::Random random(7, "rewind");
  for (int i = 0; i < 10; ++i) {
    const sim::Time to = random.between(0, scenario->duration);
    playback.seek(to);
    CAPTURE(to);
    CHECK(playback.time() == to);
    CHECK(playback.run().digest() == headless(scenario, to).digest());
  }
  playback.seek(0);
  playback.seek(playback.end());
  CHECK(playback.run().digest() == playback.branch().final_digest);
  CHECK_FALSE(playback.divergence());
}

TEST_CASE("steps go event by event, in both directions", "[viz]") {
  const auto scenario = scenario_named("hello");
  Playback playback(scenario, scenario->seed);
  playback.finish_ahead();
  playback.seek(9 * sim::kSecond);
  const std::uint64_t events = playback.run().events();
  const std::uint64_t digest = playback.run().digest();
  playback.step(25);
  CHECK(playback.run().events() == events + 25);
  playback.step(-25);
  CHECK(playback.run().events() == events);
  CHECK(playback.run().digest() == digest);
  playback.seek(0);
  playback.step(-1'000);
  CHECK(playback.time() == 0);
  playback.step(1'000'000);
  CHECK(playback.time() == playback.end());
  CHECK(playback.run().digest() == playback.branch().final_digest);
}

TEST_CASE("playing frame by frame changes nothing", "[viz]") {
  const auto scenario = scenario_named("hello");
  Playback playback(scenario, scenario->seed);
  playback.set_speed(100);
  playback.play();
  for (int i = 0; i < 10'000 && playback.playing(); ++i) playback.tick(1.0 / 60, 1.0e9);
  CHECK_FALSE(playback.playing());
  CHECK(playback.time() == playback.end());
  CHECK(playback.run().digest() == headless(scenario, scenario->duration).digest());
}

TEST_CASE("a fault by hand begins a branch, undo and redo travel between them", "[viz]") {
  const auto scenario = scenario_named("follower-crash");
  Playback playback(scenario, scenario->seed);
  playback.finish_ahead();
  const std::uint64_t main_digest = playback.branch().final_digest;
  playback.seek(10 * sim::kSecond);
  const Position before = playback.position();
  const std::uint64_t digest = playback.run().digest();
  playback.inject(fault_of(FaultAction::kKill, "broker-1"));
  playback.finish_ahead();
  CHECK(playback.branches().size() == 2);
  CHECK(playback.branch().name == "main.1");
  CHECK_FALSE(playback.run().cluster().alive(playback.run().cluster().catalog().broker_process(1)));
  CHECK(playback.branch().final_digest != main_digest);
  CHECK(playback.recording().lanes().faults().front().by_hand);

  // Along the branch: before the fault as on main, behind it as the branch went.
  playback.seek(30 * sim::kSecond);
  const std::uint64_t later = playback.run().digest();
  playback.seek(5 * sim::kSecond);
  CHECK(playback.run().digest() == headless(scenario, 5 * sim::kSecond).digest());
  playback.seek(30 * sim::kSecond);
  CHECK(playback.run().digest() == later);

  CHECK(playback.undo());
  CHECK(playback.position() == before);
  CHECK(playback.run().digest() == digest);
  playback.seek(playback.end());
  CHECK(playback.run().digest() == main_digest);
  CHECK_FALSE(playback.undo());
  CHECK(playback.redo());
  CHECK(playback.branch().name == "main.1");
  playback.seek(30 * sim::kSecond);
  CHECK(playback.run().digest() == later);
  CHECK_FALSE(playback.divergence());
}

TEST_CASE("branches of branches replay all their faults", "[viz]") {
  const auto scenario = scenario_named("hello");
  Playback playback(scenario, scenario->seed);
  playback.seek(12 * sim::kSecond);
  playback.inject(fault_of(FaultAction::kKill, "broker-1"));
  playback.seek(14 * sim::kSecond);
  playback.inject(fault_of(FaultAction::kRestart, "broker-1"));
  playback.finish_ahead();
  CHECK(playback.branch().name == "main.1.1");
  playback.seek(playback.end());
  const std::uint64_t end = playback.run().digest();
  CHECK(end == playback.branch().final_digest);
  playback.seek(13 * sim::kSecond);
  CHECK_FALSE(playback.run().cluster().alive(1));
  playback.seek(11 * sim::kSecond);
  CHECK(playback.run().cluster().alive(1));
  playback.step(1);
  playback.seek(playback.end());
  CHECK(playback.run().digest() == end);
  // Event by event over an injection and back.
  const Position fork = playback.branch().forks[0].before;
  playback.seek_position(fork);
  CHECK(playback.run().cluster().alive(1));
  playback.step(1);
  CHECK_FALSE(playback.run().cluster().alive(1));
  playback.step(-1);
  CHECK(playback.position() == fork);
  CHECK_FALSE(playback.divergence());
}

TEST_CASE("thinned checkpoints still say their digests", "[viz]") {
  const auto scenario = scenario_named("follower-crash");
  Playback playback(scenario, scenario->seed,
                    {.checkpoint_bytes = 1, .checkpoint_seconds = 0.0005});
  playback.finish_ahead();
  const Checkpoints& checkpoints = playback.branch().checkpoints;
  CHECK(checkpoints.copies() < checkpoints.all().size());
  playback.seek(40 * sim::kSecond);
  playback.seek(20 * sim::kSecond);
  CHECK(playback.run().digest() == headless(scenario, 20 * sim::kSecond).digest());
  CHECK_FALSE(playback.divergence());
}
