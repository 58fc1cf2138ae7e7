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
  CHECK(playback.compared() > 0);
}

TEST_CASE("a replay compares every digest that it passes", "[viz]") {
  const auto scenario = scenario_named("follower-crash");
  PlaybackOptions options;
  options.checkpoint_every = scenario->duration;  // no copies on the way: a seek replays it all
  Playback playback(scenario, scenario->seed, options);
  playback.finish_ahead();
  CHECK(playback.compared() == 0);
  const sim::Time to = 20 * sim::kSecond;
  playback.seek(to);
  std::uint64_t passed = 0;
  for (const Checkpoint& each : playback.branch().checkpoints.all()) {
    passed += each.time > 0 && each.time <= to ? 1 : 0;
  }
  CHECK(passed > 500);
  CHECK(playback.compared() == passed);
  CHECK_FALSE(playback.divergence());
  // Back and again, by numbers of events.
  playback.seek(0);
  playback.seek_position({0, playback.branch().checkpoints.all()[10].position.events});
  CHECK(playback.compared() == passed + 10);
}

TEST_CASE("a digest that differs is found and named", "[viz]") {
  const auto scenario = scenario_named("follower-crash");
  scenarios::Run run = headless(scenario, 10 * sim::kSecond);
  PlaybackOptions options;
  options.checkpoint_every = scenario->duration;  // a copy on the way would be a short cut
  Playback playback(scenario, scenario->seed, options);
  playback.finish_ahead();
  REQUIRE(run.step(run.end()));
  const Position place{0, run.events()};
  playback.expect_digest(place, run.cluster().now(), run.digest());
  playback.seek(12 * sim::kSecond);
  playback.seek(8 * sim::kSecond);
  playback.seek(12 * sim::kSecond);
  CHECK_FALSE(playback.divergence());

  REQUIRE(run.step(run.end()));
  const Position wrong{0, run.events()};
  const std::uint64_t planted = run.digest() ^ 1;
  playback.seek(9 * sim::kSecond);
  playback.expect_digest(wrong, run.cluster().now(), planted);
  CHECK_FALSE(playback.divergence());
  playback.seek_position({0, wrong.events - 1});
  CHECK_FALSE(playback.divergence());
  SECTION("by a seek") {
    playback.seek(playback.time() + sim::kSecond);
  }
  SECTION("by a step") {
    playback.step(1);
  }
  SECTION("by playing") {
    playback.play();
    playback.tick(0.25, 1.0e9);
  }
  SECTION("by going to the place") {
    playback.seek_position(wrong);
  }
  REQUIRE(playback.divergence());
  CHECK(playback.divergence()->events == wrong.events);
  CHECK(playback.divergence()->time == run.cluster().now());
  CHECK(playback.divergence()->expected == planted);
  CHECK(playback.divergence()->found == run.digest());
}

TEST_CASE("two digests of one place are a divergence at once", "[viz]") {
  const auto scenario = scenario_named("hello");
  Playback playback(scenario, scenario->seed);
  playback.finish_ahead();
  const Checkpoint last = playback.branch().checkpoints.all().back();
  playback.expect_digest(last.position, last.time, last.digest);
  CHECK_FALSE(playback.divergence());
  playback.expect_digest(last.position, last.time, last.digest + 1);
  REQUIRE(playback.divergence());
  CHECK(playback.divergence()->expected == last.digest);
  CHECK(playback.divergence()->found == last.digest + 1);
}

TEST_CASE("a run that is only advanced keeps its digest", "[viz]") {
  const auto scenario = scenario_named("leader-crash");
  scenarios::Run run(scenario, scenario->seed);
  sim::Random random(11, "advance");
  sim::Time to = 0;
  while (to < run.end()) {
    to = std::min(run.end(), to + random.between(1, 700 * sim::kMillisecond));
    run.advance_to(to);
    CHECK(run.cluster().now() == to);
    const std::uint64_t events = run.events();
    run.advance_to(to);
    CHECK(run.events() == events);
  }
  run.run_until(run.end());
  const scenarios::Run plain = headless(scenario, scenario->duration);
  CHECK(run.digest() == plain.digest());
  CHECK(run.events() == plain.events());
}

TEST_CASE("what is done by hand is done at the playhead", "[viz]") {
  const auto scenario = scenario_named("hello");
  Playback playback(scenario, scenario->seed);
  playback.finish_ahead();
  // A moment between two events: the last one was before the playhead.
  playback.seek(12 * sim::kSecond);
  sim::Time at = playback.run().cluster().now() + sim::kMillisecond / 2;
  playback.seek(at);
  while (playback.run().cluster().now() == at) playback.seek(++at);
  const std::uint64_t before = playback.run().digest();
  playback.inject(fault_of(FaultAction::kKill, "broker-1"));
  CHECK(playback.time() == at);
  CHECK(playback.branch().from == at);
  CHECK(playback.run().faults().faults().back().from == at);
  const sim::History& history = playback.run().cluster().history();
  const std::uint32_t event = playback.run().faults().faults().back().event;
  CHECK(history[event].time == at);
  CHECK(history[event].cause == 0);
  playback.finish_ahead();
  playback.seek(playback.end());
  CHECK(playback.run().digest() == playback.branch().final_digest);
  CHECK(playback.undo());
  CHECK(playback.time() == at);
  CHECK(playback.run().digest() == before);
  // Done once more where it was undone: the same future.
  const std::uint64_t first = playback.branches()[1]->final_digest;
  playback.inject(fault_of(FaultAction::kKill, "broker-1"));
  playback.finish_ahead();
  CHECK(playback.branch().final_digest == first);
  CHECK_FALSE(playback.divergence());
}

TEST_CASE("healing by hand is the heal of the schedule", "[viz]") {
  const auto scenario = scenario_named("leader-crash");
  Playback playback(scenario, scenario->seed);
  playback.finish_ahead();
  playback.seek(40 * sim::kSecond);
  REQUIRE(playback.run().faults().faults().size() == 1);
  const model::ProcessId broker = playback.run().faults().faults()[0].targets.at(0);
  CHECK_FALSE(playback.run().cluster().alive(broker));
  playback.heal(0);
  CHECK(playback.run().cluster().alive(broker));
  CHECK(playback.run().faults().faults()[0].until == playback.time());
  playback.finish_ahead();
  playback.seek(playback.end());
  CHECK(playback.run().digest() == playback.branch().final_digest);
  // The schedule's own heal at 45 s finds nothing left to do.
  int healed = 0;
  const sim::History& history = playback.run().cluster().history();
  for (std::uint32_t id = 1; id <= history.size(); ++id) {
    if (static_cast<model::HistoryKind>(history[id].kind) != model::HistoryKind::kFaultHealed)
      continue;
    ++healed;
    CHECK(history[id].time == 40 * sim::kSecond);
    CHECK(history[id].cause == playback.run().faults().faults()[0].event);
  }
  CHECK(healed == 1);
  CHECK(playback.undo());
  CHECK_FALSE(playback.run().cluster().alive(broker));
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
