// The whole viewer without pixels, driven by scripts.
#include <fmt/format.h>

#include "tests/viz/viewer_support.hpp"

using namespace isrlab;
using namespace isrlab::viz;

TEST_CASE("every command runs on every scenario of the library", "[viz]") {
  for (const std::string& name : library_names()) {
    DYNAMIC_SECTION(name) {
      Watched watched(name);
      std::string script = "expect sim.deterministic == true\nseek 12s\nclick map/broker:1\n";
      for (const CommandInfo& command : command_table()) {
        // Quitting ends the script; what a command refuses (a PNG without pixels) is told on the
        // screen when it comes from a key, so keys are pressed where a refusal is possible.
        if (command.command == CommandId::quit) continue;
        const std::string key(command.keys.substr(0, command.keys.find(' ')));
        script += "key " + key + "\n";
      }
      script += "seek 20s\nexpect sim.time == 20s\nexpect sim.hash == at(20s).hash\nseek 0s\n";
      const ScriptReport report = watched.run(script);
      CHECK(report.ok());
      CHECK(watched.viewer.ui().duplicates().empty());
      CHECK_FALSE(watched.viewer.playback().divergence());
    }
  }
}

TEST_CASE("the viewer does not change the run", "[viz]") {
  for (const std::string& name : library_names()) {
    Watched watched(name);
    CAPTURE(name);
    if (watched.viewer.playback().branch().failure) continue;
    REQUIRE(watched
                .run("speed 1000\nseek 3s\nplay\nwait 20 frames\npause\nseek 7s\nseek 1s\n"
                     "command seek.end\n")
                .ok());
    CHECK(watched.viewer.playback().run().digest() ==
          headless(watched.scenario, watched.scenario->duration).digest());
  }
}

TEST_CASE("breaking things by click and key, and taking it back", "[viz]") {
  Watched watched("follower-crash");
  const ScriptReport report = watched.run(R"(
    seek 10s
    expect cluster.urp == 0
    click map/broker:2
    expect ui.selection == broker-2
    expect ui.enabled(ins/fault.kill) == true
    key K
    expect broker(2).state == DOWN
    expect branch.name == main.1
    expect branch.count == 2
    expect ui.exists(overlay/toast) == true
    run until "broker(2).registered == false" within 25s
    run until "cluster.urp > 0" within 25s
    expect badge/urp.status == warning
    click ins/fault.restart
    expect branch.name == main.1.1
    expect branch.label == "heal kill broker-2"
    run until "cluster.urp == 0" within 40s
    key Ctrl+Z
    expect branch.name == main.1
    expect broker(2).state == DOWN
    key Ctrl+Y
    expect branch.name == main.1.1
    key Ctrl+Z
    key Ctrl+Z
    expect branch.name == main
    expect sim.time == 10s
    expect sim.hash == at(10s).hash
    command fault.pause
    expect broker(2).state == PAUSED
    click ins/fault.heal
    expect broker(2).state == RUNNING
    command branch.undo
    expect broker(2).state == PAUSED
    command branch.undo
    command fault.isolate
    expect ui.exists(ins/fault.heal) == true
    expect ui.exists(ins/fault.isolate) == false
    key H
    expect ui.exists(ins/fault.isolate) == true
    expect broker(2).state == RUNNING
    click timeline/branches/bar:0
    expect branch.name == main
  )");
  CHECK(report.ok());
}

TEST_CASE("values that scripts can expect", "[viz]") {
  Watched watched("leader-crash");
  const ScriptReport report = watched.run(R"(
    seek 10s
    expect cluster.controllers == 1
    expect partition(orders-0).epoch == 0
    expect partition(orders-0).isr.size == 3
    expect partition(orders-0).lag < 100
    expect broker(1).state == RUNNING
    expect broker(1).registered == true
    expect broker(1).session > 1s
    expect zk(1).serving == true
    expect cluster.zk.serving == 3
    expect group(billing).state == Stable
    expect group(billing).members == 1
    expect badge/offline.text == "offline 0"
    expect badge/offline == 0
    expect ui.selection == none
    run until "event ProcessKilled" within 15s
    expect sim.time == 20s
    expect cluster.offline == 0
    click matrix/row:orders-0
    expect ui.selection == orders-0
  )");
  CHECK(report.ok());
  CHECK(watched.run("expect partition(nothing-0).leader == 1\n").failures.size() == 1);
  CHECK(watched.run("run until \"cluster.urp == 99\" within 1s\n").failures.size() == 1);
  CHECK(watched.run("run until \"event Nonsense\"\n").failures.size() == 1);
  CHECK_THAT(watched.run("command fault.kil\n").failures.front(),
             Catch::Contains("did you mean \"fault.kill\"?"));
  CHECK_THAT(watched.run("seek 61s\n").failures.front(), Catch::Contains("lasts from 0 s to"));
}

TEST_CASE("marks and axis move the playhead", "[viz]") {
  Watched watched("follower-crash");
  const ScriptReport report = watched.run(R"(
    click timeline/faults/bar:0
    expect sim.time == 20s
    key n
    expect sim.time > 20s
    key p
    expect sim.time <= 20s
    key ]
    key [
    expect sim.time <= 20s
    drag timeline/axis to timeline/acks
    expect sim.time > 25s
    click timeline/axis
    expect sim.time > 25s
    click matrix/internal
    click matrix/broker:3
    expect ui.selection == broker-3
    key Ctrl+K
    expect ui.exists(palette/find) == true
    type "branch.undo"
    expect ui.exists(palette/play.toggle) == false
    key Esc
    key ?
    expect ui.exists(help/fault.kill) == true
    key Esc
    expect ui.exists(help/fault.kill) == false
  )");
  CHECK(report.ok());
}

TEST_CASE("small and large windows, all scales and themes are drawn", "[viz]") {
  Watched watched("two-racks-lost");
  REQUIRE(watched.run("seek 25s\nclick map/broker:2\n").ok());
  for (const float scale : {0.75F, 1.0F, 2.0F}) {
    for (const auto& [width, height] :
         {std::pair(480, 360), std::pair(1280, 800), std::pair(2560, 1440)}) {
      watched.renderer->set_scale(scale);
      watched.renderer->resize(width, height);
      watched.renderer->set_theme(theme::Kind::light);
      for (int i = 0; i < 3; ++i) watched.viewer.frame();
      CHECK(watched.viewer.ui().find("header/time") != nullptr);
      CHECK(watched.viewer.ui().duplicates().empty());
    }
  }
}

TEST_CASE("a wrong digest is told on the screen", "[viz]") {
  Watched watched("hello");
  REQUIRE(watched.run("seek 9s\nexpect ui.exists(overlay/banner) == false\n").ok());
  Playback& playback = watched.viewer.playback();
  Position place = playback.position();
  ++place.events;
  playback.expect_digest(place, playback.time(), 1);
  CHECK(watched
            .run("key Right\nexpect sim.deterministic == false\n"
                 "expect ui.exists(overlay/banner) == true\n")
            .ok());
}
