// A page with every widget, used by the tests of the null and the EGL backend and for looking at.
#pragma once
#include <string>
#include <vector>

#include "viz/core/script_run.hpp"
#include "viz/render/renderer.hpp"
#include "viz/widgets/time_axis.hpp"

namespace isrlab::viz {

struct DemoState {
  float share_across = 0.6F;
  float share_down = 0.42F;
  TimeAxis axis{0, 30 * sim::kSecond, 0, 1};
  sim::Time playhead = 14'802'317'400;
  bool watch_isr = true;
  bool watch_zookeeper = false;
  int kills = 0;
  std::string selection = "none";
  std::string log;
};

/// Draws one frame of the demonstration in the whole window.
void draw_demo(Renderer& renderer, UiTree& tree, DemoState& state);

/// The demonstration as something a script can drive.
class DemoHost final : public ScriptHost {
 public:
  explicit DemoHost(Renderer& renderer) : renderer_(renderer) {}

  Problem seek(sim::Time to) override;
  void play() override { state.log += "play;"; }
  void pause() override { state.log += "pause;"; }
  Problem step(int events) override;
  void set_speed(double factor) override;
  Problem run_until(sim::Time to) override { return seek(to); }
  Problem run_until(const std::string& condition, std::optional<sim::Duration> within) override;
  Problem command(const std::string& id) override;
  std::optional<std::string> value_of(const std::string& name) override;
  Problem shot(const std::string& file) override;
  void say(const std::string& text) override { state.log += "say " + text + ";"; }
  bool frame() override;
  InputQueue& input() override { return renderer_.input(); }
  const UiTree& ui() const override { return tree; }

  DemoState state;
  UiTree tree;

 private:
  Renderer& renderer_;
};

}  // namespace isrlab::viz
