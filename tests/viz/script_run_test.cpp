#include "viz/core/script_run.hpp"

#include "tests/support/catch.hpp"
#include "tests/viz/demo.hpp"

using namespace isrlab;
using namespace isrlab::viz;

namespace {

struct Stage {
  std::unique_ptr<Renderer> renderer = Renderer::create({.backend = Backend::null});
  DemoHost host{*renderer};

  ScriptReport run(const char* text) { return run_script(parse_script(text, "t.viz"), host); }
};

}  // namespace

TEST_CASE("a script drives the viewer by names", "[viz]") {
  Stage stage;
  const ScriptReport report = stage.run(R"(
    seek 7s
    expect demo.playhead == 7s
    expect demo.playhead < 8000ms
    play
    speed 0.01
    pause
    step 3
    click pill/in_sync
    expect ui.selection == in_sync
    expect ui.value(pill/in_sync) == selected
    expect ui.value(pill/leader) == ""
    click button/kill
    key k
    command fault.kill
    expect demo.kills == 3
    expect ui.enabled(button/restart) == false
    expect ui.exists(button/unknown) == false
    expect ui.label(badge/urp) == "URP 12"
    click timeline/isr/eye
    expect ui.value(timeline/isr/eye) == off
    click timeline/isr/mark:39
    expect demo.playhead == 20s
    run until 21s
    run until "something" within 5s
    say "done"
    wait 2 frames
  )");
  for (const std::string& failure : report.failures) UNSCOPED_INFO(failure);
  CHECK(report.ok());
  CHECK(stage.host.state.log ==
        "play;speed 0.01;pause;step 3;until something within 5000000000;say done;");
  CHECK(stage.host.tree.duplicates().empty());
}

TEST_CASE("failed expectations are all reported, other problems stop the script", "[viz]") {
  Stage stage;
  const ScriptReport report = stage.run(
      "expect demo.kills == 5\n"
      "expect demo.nothing == 1\n"
      "expect demo.kills < many\n"
      "click pill/laeder\n"
      "play\n");
  REQUIRE(report.failures.size() == 4);
  CHECK(report.failures[0] == "t.viz:1: expected demo.kills == 5, but it is \"0\"");
  CHECK_THAT(report.failures[1], Catch::Contains("there is no value named \"demo.nothing\""));
  CHECK_THAT(report.failures[2], Catch::Contains("have no order"));
  CHECK(report.failures[3] ==
        "t.viz:4: there is no \"pill/laeder\" on the screen, did you mean \"pill/leader\"?");
  CHECK(report.steps_done == 3);
  CHECK(stage.host.state.log.empty());
}

TEST_CASE("what cannot be done is said with its line", "[viz]") {
  const auto failure = [](const char* text) {
    Stage stage;
    const ScriptReport report = stage.run(text);
    REQUIRE(report.failures.size() == 1);
    return report.failures.front();
  };
  CHECK(failure("seek 61s") == "t.viz:1: the run ends before that, seek to a smaller time");
  CHECK_THAT(failure("click button/restart"), Catch::Contains("is disabled"));
  CHECK_THAT(failure("play\ncommand fault.explode"), Catch::StartsWith("t.viz:2: "));
  CHECK_THAT(failure("sekk 1s"), Catch::Contains("did you mean \"seek\""));
}

TEST_CASE("a splitter is dragged and put back by a double click", "[viz]") {
  Stage stage;
  REQUIRE(stage.run("drag split/across to pill/leader\n").ok());
  CHECK(stage.host.state.share_across < 0.1F);
  REQUIRE(stage.run("click split/across double").ok());
  CHECK(stage.host.state.share_across == Approx(0.5F).margin(0.01));
}

TEST_CASE("the wheel zooms the time under the pointer, the right button pans", "[viz]") {
  Stage stage;
  stage.host.frame();
  const Rect lane = stage.host.tree.find("timeline/isr")->rect;
  const TimeAxis before = stage.host.state.axis;
  const float x = lane.x0 + 300;
  stage.host.input().wheel(x, lane.center_y(), 3);
  for (int i = 0; i < 5; ++i) stage.host.frame();
  const TimeAxis zoomed = stage.host.state.axis;
  CHECK(zoomed.to - zoomed.from < before.to - before.from);
  CHECK(zoomed.to_x(before.to_time(x)) == Approx(x).margin(0.01));
  stage.host.input().drag(x, lane.center_y(), x - 100, lane.center_y(), MouseButton::right);
  for (int i = 0; i < 12; ++i) stage.host.frame();
  CHECK(stage.host.state.axis.from > zoomed.from);
  CHECK(stage.host.state.axis.to - stage.host.state.axis.from == zoomed.to - zoomed.from);
}

TEST_CASE("dragging the axis scrubs", "[viz]") {
  Stage stage;
  stage.host.frame();
  const Rect axis = stage.host.tree.find("timeline/axis")->rect;
  stage.host.input().drag(axis.x0 + 10, axis.y0 + 5, axis.x1 + 400, axis.y0 + 5);
  for (int i = 0; i < 12; ++i) stage.host.frame();
  CHECK(stage.host.state.playhead > 30 * sim::kSecond);  // also beyond the edge, within the run
  CHECK(stage.host.state.playhead <= 60 * sim::kSecond);
}

TEST_CASE("values compare as numbers, durations or texts", "[viz]") {
  using step::Compare;
  CHECK(compare_values("10", Compare::greater, "9") == true);
  CHECK(compare_values("2.50", Compare::equal, "2.5") == true);
  CHECK(compare_values("9007199254740993", Compare::equal, "9007199254740992") == false);
  CHECK(compare_values("1500ms", Compare::equal, "1.5s") == true);
  CHECK(compare_values("2s", Compare::less_equal, "1m") == true);
  CHECK(compare_values("1e3", Compare::equal, "1000") == false);  // could be part of a hash
  CHECK(compare_values("broker-0", Compare::not_equal, "broker-1") == true);
  CHECK_FALSE(compare_values("a", Compare::less, "b").has_value());
}
