// isrlab-zookeeper-judge SCRIPT CLIENT: runs the script on the model and on ZooKeeper and compares.
// Without CLIENT it prints what the model answers. 0: they agree; 1: they differ; 77: skipped, as
// there is no ZooKeeper here (a failure if ISRLAB_MATRIX=1, as for ./dev test).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <future>

#include "tests/zookeeper/judge.hpp"

namespace isrlab::judge {
namespace {

constexpr int kSeeds = 5;  // of the model: all have to give one transcript
// Of the real side, which runs in real time: a machine may stand still at the wrong moment. What is
// truly different differs each time.
constexpr int kAttempts = 3;

void print(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::printf("%s\n", line.c_str());
}

/// The first difference with a little of what is before it.
bool same(const Transcript& model, const std::string& name, const Transcript& other) {
  const std::size_t size = std::max(model.lines.size(), other.lines.size());
  const auto line = [](const Transcript& transcript, std::size_t i) {
    return i < transcript.lines.size() ? transcript.lines[i] : std::string("(nothing)");
  };
  for (std::size_t i = 0; i < size; ++i) {
    if (line(model, i) == line(other, i)) continue;
    std::printf("They differ:\n");
    for (std::size_t j = i < 6 ? 0 : i - 6; j < i; ++j) {
      std::printf("      both  %s\n", line(model, j).c_str());
    }
    for (std::size_t j = i; j < std::min(i + 6, size); ++j) {
      std::printf("     model  %s\n%10s  %s\n", line(model, j).c_str(), name.c_str(),
                  line(other, j).c_str());
    }
    return false;
  }
  return true;
}

int judge(const std::string& path, const char* client) {
  const Script script = read_script(path);
  const auto play_model = [&script](int seed) {
    const std::unique_ptr<Side> side = model_side(script.setup, seed);
    return run_script(script, *side);
  };
  if (client == nullptr) {
    const Transcript transcript = play_model(1);
    print(transcript.lines);
    print(transcript.times);
    return 0;
  }
  const bool wanted =
      std::getenv("ISRLAB_MATRIX") != nullptr && std::string(std::getenv("ISRLAB_MATRIX")) == "1";
  if (!std::filesystem::exists(client) ||
      !std::filesystem::exists("/usr/share/java/zookeeper.jar") ||
      std::system("command -v java >/dev/null") != 0) {
    std::printf("there is no ZooKeeper: ./dev test installs it\n");
    return wanted ? 1 : 77;
  }
  const std::unique_ptr<Side> real = real_side(script.setup, client);
  const Transcript truth = run_script(script, *real);
  std::printf("%zu lines from ZooKeeper\n", truth.lines.size());
  print(truth.times);
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const Transcript model = play_model(seed);
    std::printf("model, seed %d\n", seed);
    print(model.times);
    if (!same(model, "ZooKeeper", truth)) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace isrlab::judge

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: isrlab-zookeeper-judge SCRIPT [CLIENT]\n");
    return 2;
  }
  const char* client = count > 2 ? arguments[2] : nullptr;
  int verdict = 1;
  for (int attempt = 1; attempt <= isrlab::judge::kAttempts && verdict == 1; ++attempt) {
    if (attempt > 1) std::printf("attempt %d\n", attempt);
    try {
      verdict = isrlab::judge::judge(arguments[1], client);
    } catch (const std::exception& error) {
      std::printf("%s\n", error.what());
    }
    std::fflush(stdout);
  }
  return verdict;
}
