// isrlab-view: watch a scenario, travel in its time, break things by hand.
// Exit codes: 0 done, 1 a script's expectation failed, 2 bad usage or a bad file, 70 internal
// error.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "scenarios/format/loader.hpp"
#include "viz/core/viewer.hpp"

namespace isrlab::viz {
namespace {

constexpr int kFailed = 1;
constexpr int kBadUsage = 2;
constexpr int kInternal = 70;

struct Arguments {
  std::string scenario;
  std::string screenshot;
  std::string script;
  std::string at;
  std::string select;
  std::string size = "1600x1000";
  std::string theme = "dark";
  std::string backend;
  float scale = 0;
  std::optional<std::uint64_t> seed;
  bool describe = false;
  bool dump_ui = false;
  bool help_keys = false;
};

/// One sentence, then exit code 2.
struct UsageError {
  std::string text;
};

void declare(CLI::App& app, Arguments& arguments) {
  app.add_option("scenario", arguments.scenario, "scenario file, or a name of the library");
  app.add_option("--seed", arguments.seed, "instead of the scenario's own")
      ->check([](const std::string& text) {
        const bool number = text.find_first_not_of("0123456789") == std::string::npos;
        return number ? std::string() : fmt::format("\"{}\" is no whole number", text);
      });
  app.add_option("--at", arguments.at, "start at this time of the run, for example 20.5s");
  app.add_option("--select", arguments.select, "broker-2, zk-1, orders-0, a client or a group");
  app.add_option("--size", arguments.size, "of the window or picture, WxH")->capture_default_str();
  app.add_option("--scale", arguments.scale, "UI scale, 0.75 to 3; 0 = what the monitor asks for");
  app.add_option("--theme", arguments.theme, "dark, light or high-contrast")->capture_default_str();
  app.add_option("--screenshot", arguments.screenshot, "write a PNG and exit");
  app.add_option("--script", arguments.script, "run a viewer script and exit");
  app.add_flag("--describe", arguments.describe, "say in words what would be shown, and exit");
  app.add_flag("--dump-ui", arguments.dump_ui, "list the names of everything on the screen");
  app.add_option("--backend", arguments.backend,
                 "glfw (a window), egl (no window system) or null (no pixels); default: egl with "
                 "--screenshot or --script, null with --describe or --dump-ui, else glfw");
  app.add_flag("--help-keys", arguments.help_keys, "list all commands with their keys, and exit");
}

Backend backend_of(const Arguments& arguments) {
  if (arguments.backend.empty()) {
    if (!arguments.screenshot.empty() || !arguments.script.empty()) return Backend::egl;
    return arguments.describe || arguments.dump_ui ? Backend::null : Backend::glfw;
  }
  const auto backend = parse_backend(arguments.backend);
  if (!backend) {
    throw UsageError{
        fmt::format("--backend: there is no \"{}\", use glfw, egl or null", arguments.backend)};
  }
  if (*backend == Backend::null && !arguments.screenshot.empty()) {
    throw UsageError{"--screenshot: the null backend has no pixels, use --backend egl"};
  }
  return *backend;
}

RendererOptions renderer_options(const Arguments& arguments, bool scripted) {
  RendererOptions options;
  options.backend = backend_of(arguments);
  int used = 0;
  const bool read =
      std::sscanf(arguments.size.c_str(), "%5dx%5d%n", &options.width, &options.height, &used) == 2;
  if (!read || used != static_cast<int>(arguments.size.size())) {
    throw UsageError{
        fmt::format("--size: \"{}\" is no size, write it like 1600x1000", arguments.size)};
  }
  if (!theme::parse_kind(arguments.theme, options.theme)) {
    throw UsageError{fmt::format("--theme: there is no \"{}\", use dark, light or high-contrast",
                                 arguments.theme)};
  }
  if (arguments.scale != 0 && theme::clamp_scale(arguments.scale) != arguments.scale) {
    throw UsageError{"--scale: write a number from 0.75 to 3, or 0 for what the monitor asks for"};
  }
  options.scale = arguments.scale != 0 || !scripted ? arguments.scale : 1;
  options.scripted = scripted;
  options.title = "isrlab " + arguments.scenario;
  return options;
}

/// A path as it is; a bare name is also looked for in the library, under the working folder and
/// beside the tree that this program was built in.
std::string scenario_file(const std::string& argument) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::exists(argument, error) || argument.find('/') != std::string::npos) return argument;
  const fs::path library = fs::path("scenarios") / "library";
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const fs::path& folder : {library, program.parent_path().parent_path() / library}) {
    const fs::path file = folder / (argument + ".json");
    if (fs::is_regular_file(file, error)) return file.string();
  }
  return argument;
}

/// Problems are printed as the loader gives them; notes do not stop anything.
std::shared_ptr<const scenarios::Scenario> load(const Arguments& arguments) {
  scenarios::Overrides overrides;
  overrides.seed = arguments.seed;
  scenarios::LoadResult result =
      scenarios::load_scenario_file(scenario_file(arguments.scenario), overrides);
  std::fputs(result.text().c_str(), stderr);
  if (!result.ok()) throw UsageError{};
  return std::make_shared<const scenarios::Scenario>(std::move(result.scenario));
}

/// What can be known to be wrong before a window is opened.
void check_start(const Arguments& arguments, const scenarios::Scenario& scenario) {
  if (!arguments.at.empty()) {
    const auto time = parse_duration(arguments.at);
    if (!time) {
      throw UsageError{
          fmt::format("--at: \"{}\" is no time, write it like 14.8s or 250ms", arguments.at)};
    }
    if (*time < 0 || *time > scenario.duration) {
      throw UsageError{fmt::format("--at: the run lasts from 0 s to {}, name a time in between",
                                   sim::format_duration(scenario.duration))};
    }
  }
  if (arguments.select.empty()) return;
  if (!parse_selection(model::Catalog(scenario.cluster), arguments.select)) {
    throw UsageError{fmt::format(
        "--select: there is no \"{}\" in this scenario, name a broker (broker-1), a ZooKeeper "
        "server (zk-1), a client, a partition (topic-0) or a group",
        arguments.select)};
  }
}

/// A few frames, so that everything that needs a frame to find its size has found it.
void settle(Viewer& viewer) {
  for (int i = 0; i < 3; ++i) viewer.frame();
}

void apply_start(const Arguments& arguments, Viewer& viewer) {
  if (!arguments.at.empty()) {
    // Still possible: the simulator failed before this time.
    const Problem problem = viewer.seek(parse_duration(arguments.at).value_or(0));
    if (problem) throw UsageError{"--at: " + *problem};
  }
  if (!arguments.select.empty()) {
    if (const Problem problem = viewer.select(arguments.select)) {
      throw UsageError{"--select: " + *problem};
    }
  }
}

int run_batch(const Arguments& arguments, Viewer& viewer) {
  settle(viewer);
  int code = 0;
  if (!arguments.script.empty()) {
    const Script script = load_script(arguments.script);
    const ScriptReport report = run_script(script, viewer);
    for (const std::string& failure : report.failures) std::cerr << failure << '\n';
    if (!script.ok()) return kBadUsage;
    if (!report.ok()) code = kFailed;
  }
  if (!arguments.screenshot.empty()) {
    settle(viewer);
    if (const Problem problem = viewer.shot(arguments.screenshot)) throw UsageError{*problem};
  }
  if (arguments.describe) std::cout << viewer.describe_now();
  if (arguments.dump_ui) std::cout << viewer.ui().dump();
  return code;
}

/// Draws on demand: a still picture costs nothing, a playing one is drawn as fast as it can.
void run_window(Renderer& renderer, Viewer& viewer) {
  using Clock = std::chrono::steady_clock;
  constexpr int kFramesAfterInput = 4;  // hover and focus need a few frames to settle
  constexpr double kLeastFrame = 1.0 / 120;
  int frames_left = kFramesAfterInput;
  auto last = Clock::now();
  while (!renderer.should_close()) {
    renderer.poll();
    if (renderer.take_redraw()) frames_left = kFramesAfterInput;
    const double passed = std::chrono::duration<double>(Clock::now() - last).count();
    if (!viewer.busy() && frames_left == 0) {
      renderer.wait(0.2);
      continue;
    }
    if (passed < kLeastFrame) {
      renderer.wait(kLeastFrame - passed);
      continue;
    }
    frames_left = std::max(0, frames_left - 1);
    last = Clock::now();
    if (!viewer.frame(passed)) break;
  }
}

int run(const Arguments& arguments) {
  if (arguments.help_keys) {
    std::cout << keys_help();
    return 0;
  }
  if (arguments.scenario.empty()) {
    throw UsageError{"name a scenario file, for example scenarios/library/hello.json; see --help"};
  }
  const bool batch = !arguments.screenshot.empty() || !arguments.script.empty() ||
                     arguments.describe || arguments.dump_ui;
  const RendererOptions options = renderer_options(arguments, batch);
  const auto scenario = load(arguments);
  check_start(arguments, *scenario);
  const auto renderer = Renderer::create(options);
  Viewer viewer(*renderer, scenario, scenario->seed, batch);
  apply_start(arguments, viewer);
  if (batch) return run_batch(arguments, viewer);
  run_window(*renderer, viewer);
  return 0;
}

}  // namespace
}  // namespace isrlab::viz

int main(int count, char** values) {
  using namespace isrlab::viz;
  CLI::App app{"isrlab-view: watch a scenario, travel in its time, break things by hand"};
  Arguments arguments;
  declare(app, arguments);
  try {
    app.parse(count, values);
    return run(arguments);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "isrlab-view: " << error.what() << "; see --help\n";
    return kBadUsage;
  } catch (const UsageError& error) {
    if (!error.text.empty()) std::cerr << "isrlab-view: " << error.text << '\n';
    return kBadUsage;
  } catch (const RenderError& error) {
    std::cerr << "isrlab-view: " << error.what() << '\n';
    return kBadUsage;
  } catch (const std::exception& error) {
    std::cerr << "isrlab-view: internal error: " << error.what() << '\n';
    return kInternal;
  }
}
