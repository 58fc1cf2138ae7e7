// The viewer: one run, one window, and everything a script can do with them.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "viz/core/playback.hpp"
#include "viz/core/scene.hpp"
#include "viz/core/script_run.hpp"
#include "viz/render/renderer.hpp"

namespace isrlab::viz {

class Viewer final : public ScriptHost {
 public:
  /// `scripted`: frames are a constant time apart and nothing depends on how fast the machine is.
  Viewer(Renderer& renderer, std::shared_ptr<const scenarios::Scenario> scenario,
         std::uint64_t seed, bool scripted);

  Playback& playback() { return playback_; }
  const ClusterView& view();
  Selection& selection() { return selection_; }
  ViewState& state() { return state_; }
  /// Problem when there is nothing of that name; says what there is.
  Problem select(const std::string& name);
  Problem run_command(CommandId command);
  /// Scenario, seed, branch, time, event, digest: what every picture carries.
  std::vector<PngText> address();
  std::string describe_now();

  /// Draws one frame `seconds` after the last one.
  bool frame(double seconds);
  /// Something moves by itself: draw on without waiting for input.
  bool busy() const;

  // ScriptHost
  Problem seek(sim::Time to) override;
  void play() override { playback_.play(); }
  void pause() override { playback_.pause(); }
  Problem step(int events) override;
  void set_speed(double factor) override { playback_.set_speed(factor); }
  Problem run_until(sim::Time to) override;
  Problem run_until(const std::string& condition, std::optional<sim::Duration> within) override;
  Problem command(const std::string& id) override;
  std::optional<std::string> value_of(const std::string& name) override;
  Problem shot(const std::string& file) override;
  void say(const std::string& text) override { caption_ = text; }
  bool frame() override { return frame(1.0 / 60); }
  InputQueue& input() override { return renderer_.input(); }
  const UiTree& ui() const override { return tree_; }

 private:
  void refresh();
  void handle_keys();
  void carry_out(Wishes& wishes);
  void draw();
  bool run_time_command(CommandId command, Problem& problem);
  bool run_fault_command(CommandId command, Problem& problem);
  void run_window_command(CommandId command, Problem& problem);
  Problem shot_into_folder();
  Problem inject(scenarios::FaultAction action);
  Problem restart();
  Problem heal();
  void heal_fault(std::uint32_t active);
  Problem watch(int direction);
  void move_selection(int direction);
  void zoom(float factor);
  void tell(std::string text);
  std::optional<std::string> own_value(const std::string& name);

  Renderer& renderer_;
  bool scripted_;
  Playback playback_;
  UiTree tree_;
  Selection selection_;
  ViewState state_;
  sim::Topology topology_;
  ClusterView view_;
  InspectModel inspect_;
  Flights flights_;
  bool show_flights_ = false;
  std::uint64_t seen_version_ = 0;
  std::optional<Selection> seen_selection_;
  std::optional<sim::Time> scrub_;
  double last_seek_seconds_ = 0;
  std::string toast_;
  double toast_left_ = 0;
  std::string caption_;
  int shots_ = 0;
};

}  // namespace isrlab::viz
