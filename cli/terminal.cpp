#include "cli/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "results/text.hpp"

namespace isrlab::cli {
namespace {

bool set_and_not_empty(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

std::string running_command;
volatile std::sig_atomic_t interrupts = 0;

extern "C" void on_interrupt(int signal) {
  const bool again = interrupts != 0;
  interrupts = 1;
  if (again) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

std::string minutes(sim::Time time) {
  const std::int64_t seconds = time / sim::kSecond;
  return fmt::format("{:02}:{:02}", seconds / 60, seconds % 60);
}

std::string event_count(std::uint64_t events) {
  if (events < 1000) return std::to_string(events);
  if (events < 10'000'000) return fmt::format("{} k", events / 1000);
  return fmt::format("{} M", events / 1'000'000);
}

}  // namespace

bool is_terminal(int stream) {
  return isatty(stream) == 1;
}

bool wants_colour(int stream) {
  if (set_and_not_empty("NO_COLOR")) return false;
  for (const char* name : {"CLICOLOR_FORCE", "FORCE_COLOR"}) {
    if (set_and_not_empty(name) && std::strcmp(std::getenv(name), "0") != 0) return true;
  }
  const char* term = std::getenv("TERM");
  if (term == nullptr || std::strcmp(term, "dumb") == 0) return false;
  return is_terminal(stream);
}

void say(const std::string& line) {
  std::fprintf(stderr, "%s\n", line.c_str());
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void note_running(std::string command) {
  running_command = std::move(command);
}

std::string what_was_running() {
  return running_command.empty() ? std::string("Nothing was being run.")
                                 : "To repeat it: " + running_command;
}

void catch_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() {
  return interrupts > 0;
}

ProgressLine::ProgressLine(bool shown)
    : shown_(shown && is_terminal(2)), start_(Clock::now()), last_(start_) {}

std::int64_t ProgressLine::elapsed_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_).count();
}

void ProgressLine::show(const results::Progress& progress) {
  if (!shown_) return;
  const auto now = Clock::now();
  if (now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  dirty_ = true;
  std::fprintf(stderr, "\r\x1b[Ksimulated %s of %s · %s events · %s", minutes(progress.now).c_str(),
               minutes(progress.end).c_str(), event_count(progress.events).c_str(),
               speed_text(progress.now, elapsed_ms()).c_str());
  std::fflush(stderr);
}

void ProgressLine::clear() {
  if (dirty_) std::fputs("\r\x1b[K", stderr);
  dirty_ = false;
}

std::string speed_text(sim::Duration simulated, std::int64_t elapsed_ms) {
  const std::int64_t simulated_ms = simulated / sim::kMillisecond;
  const std::int64_t factor = simulated_ms / std::max<std::int64_t>(1, elapsed_ms);
  if (factor >= 10) return results::grouped(factor) + "x real time";
  const std::int64_t tenths = simulated_ms * 10 / std::max<std::int64_t>(1, elapsed_ms);
  return fmt::format("{}.{}x real time", tenths / 10, tenths % 10);
}

}  // namespace isrlab::cli
