#include "viz/core/viewer.hpp"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <chrono>

#include "viz/panels/panels.hpp"

namespace isrlab::viz {
namespace {

/// Slower than this, single messages can be followed with the eye.
constexpr double kFlightSpeed = 0.02;
constexpr std::size_t kMostFlights = 300;
/// Seeks that take longer are not made for every pixel of a drag.
constexpr double kSlowSeek = 0.04;
constexpr double kToastSeconds = 5;
constexpr double kAheadBudget = 0.012;
constexpr sim::Duration kScriptedCheckpoints = 64;

/// In scripts the checkpoints stand at the same places on every machine, so that a picture never
/// tells how fast the machine was.
PlaybackOptions playback_options(const scenarios::Scenario& scenario, bool scripted) {
  PlaybackOptions options;
  if (scripted) {
    options.checkpoint_every = std::max<sim::Duration>(1, scenario.duration / kScriptedCheckpoints);
  }
  return options;
}

}  // namespace

Viewer::Viewer(Renderer& renderer, std::shared_ptr<const scenarios::Scenario> scenario,
               std::uint64_t seed, bool scripted)
    : renderer_(renderer),
      scripted_(scripted),
      playback_(scenario, seed, playback_options(*scenario, scripted)),
      topology_(playback_.run().cluster().catalog().network_spec()) {
  state_.axis.to = playback_.end();
  if (scripted_) playback_.finish_ahead();
}

bool Viewer::busy() const {
  return playback_.playing() || !playback_.recording().complete() || toast_left_ > 0;
}

const ClusterView& Viewer::view() {
  refresh();
  return view_;
}

void Viewer::refresh() {
  const bool slow = !playback_.playing() || playback_.speed() <= kFlightSpeed;
  const bool moved = seen_version_ != playback_.version();
  if (moved) {
    seen_version_ = playback_.version();
    view_ = view_of(playback_.run().cluster(), playback_.time());
  }
  if (moved || slow != show_flights_) {
    show_flights_ = slow;
    flights_ =
        slow ? flights_of(playback_.run().cluster(), topology_, playback_.time(), kMostFlights)
             : Flights();
  }
  if (moved || seen_selection_ != selection_) {
    seen_selection_ = selection_;
    inspect_ = inspect(playback_.run(), view_, selection_);
  }
}

bool Viewer::frame(double seconds) {
  renderer_.poll();
  renderer_.begin_frame(seconds);
  tree_.begin_frame();
  handle_keys();
  if (playback_.playing()) playback_.tick(seconds, scripted_ ? 1.0e9 : 0.008);
  if (!scripted_) playback_.pump_ahead(kAheadBudget);
  if (scripted_) playback_.finish_ahead();
  toast_left_ = std::max(0.0, toast_left_ - seconds);
  refresh();
  draw();
  tree_.end_frame();
  renderer_.end_frame();
  return !renderer_.should_close();
}

void Viewer::draw() {
  Ui ui{tree_, renderer_.palette(), renderer_.fonts(), renderer_.scale()};
  const Rect area{0, 0, static_cast<float>(renderer_.width()),
                  static_cast<float>(renderer_.height())};
  ImGui::SetNextWindowPos(ImVec2(0, 0));
  ImGui::SetNextWindowSize(ImVec2(area.x1, area.y1));
  ImGui::Begin("isrlab", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoScrollWithMouse |
                   ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoNav);
  Wishes wishes;
  Scene scene{playback_,
              view_,
              inspect_,
              flights_,
              show_flights_,
              selection_,
              state_,
              wishes,
              scrub_.value_or(playback_.time()),
              toast_left_ > 0 ? toast_ : std::string(),
              caption_};
  draw_window(ui, scene, area);
  ImGui::End();
  draw_overlays(ui, scene, area);
  carry_out(wishes);
}

void Viewer::carry_out(Wishes& wishes) {
  if (wishes.speed) playback_.set_speed(*wishes.speed);
  if (wishes.branch) playback_.switch_to(*wishes.branch);
  if (wishes.seek) seek(*wishes.seek);
  if (wishes.scrub) {
    scrub_ = *wishes.scrub;
    if (last_seek_seconds_ < kSlowSeek || scripted_) seek(*scrub_);
  }
  if (wishes.scrub_released && scrub_) {
    if (playback_.time() != *scrub_) seek(*scrub_);
    scrub_.reset();
  }
  for (const CommandId command : wishes.commands) {
    if (Problem problem = run_command(command)) tell(*problem);
  }
}

void Viewer::handle_keys() {
  for (const InputEvent& event : renderer_.frame_events()) {
    if (!event.is_press()) continue;
    const Chord chord = event.chord();
    if (ImGui::GetIO().WantTextInput && !is_shortcut_while_typing(chord)) continue;
    const CommandInfo* command = command_of(chord);
    if (command == nullptr) continue;
    if (Problem problem = run_command(command->command)) tell(*problem);
  }
}

void Viewer::tell(std::string text) {
  toast_ = std::move(text);
  toast_left_ = kToastSeconds;
}

Problem Viewer::select(const std::string& name) {
  const auto selection = parse_selection(playback_.run().cluster().catalog(), name);
  if (!selection) {
    return fmt::format(
        "there is no \"{}\" in this scenario, name a broker (broker-1), a ZooKeeper server (zk-1), "
        "a client, a partition (topic-0) or a group",
        name);
  }
  selection_ = *selection;
  return {};
}

Problem Viewer::seek(sim::Time to) {
  if (to < 0 || to > playback_.end()) {
    return fmt::format("the run lasts from 0 s to {}, seek to a time in between",
                       sim::format_duration(playback_.end()));
  }
  if (to > playback_.limit() && playback_.branch().failure) return playback_.branch().failure;
  const auto start = std::chrono::steady_clock::now();
  playback_.seek(to);
  last_seek_seconds_ =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return {};
}

Problem Viewer::step(int events) {
  playback_.step(events);
  return {};
}

Problem Viewer::run_until(sim::Time to) {
  if (to < playback_.time()) return "that time is in the past, use seek";
  return seek(to);
}

Problem Viewer::command(const std::string& id) {
  const CommandInfo* command = find_command(id);
  if (command == nullptr) {
    const std::string nearest = nearest_command(id);
    return fmt::format(
        "there is no command \"{}\", {}", id,
        nearest.empty() ? "see --help-keys" : fmt::format("did you mean \"{}\"?", nearest));
  }
  return run_command(command->command);
}

Problem Viewer::shot(const std::string& file) {
  try {
    renderer_.save_png(file, address());
  } catch (const RenderError& error) {
    return std::string(error.what());
  }
  return {};
}

std::vector<PngText> Viewer::address() {
  const scenarios::Run& run = playback_.run();
  return {{"scenario", run.scenario().path},
          {"name", run.scenario().name},
          {"seed", std::to_string(run.seed())},
          {"branch", playback_.branch().name},
          {"time", sim::format_seconds(playback_.time())},
          {"event", std::to_string(run.events())},
          {"digest", fmt::format("{:016x}", run.digest())}};
}

}  // namespace isrlab::viz
