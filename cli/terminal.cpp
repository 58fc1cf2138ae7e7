#include "cli/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
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
// Set by the handler, read by the threads of a sweep.
std::atomic<int> interrupts{0};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void on_interrupt(int signal) {
  const bool again = interrupts.exchange(1) != 0;
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

bool ProgressLine::due() {
  const auto now = Clock::now();
  if (!shown_ || now - last_ < std::chrono::milliseconds(100)) return false;
  last_ = now;
  return true;
}

void ProgressLine::write(const std::string& text) {
  dirty_ = true;
  std::fprintf(stderr, "\r\x1b[K%s", text.c_str());
  std::fflush(stderr);
}

void ProgressLine::show(const results::Progress& progress) {
  if (!due()) return;
  write(fmt::format("simulated {} of {} · {} events · {}", minutes(progress.now),
                    minutes(progress.end), event_count(progress.events),
                    speed_text(progress.now, elapsed_ms())));
}

void ProgressLine::show_runs(std::size_t done, std::size_t all, std::size_t made,
                             std::size_t failed) {
  if (!due()) return;
  const auto number = [](std::size_t n) { return results::grouped(static_cast<std::int64_t>(n)); };
  const std::int64_t elapsed = elapsed_ms();
  std::string text = fmt::format("{} of {} runs", number(done), number(all));
  if (made > 0 && elapsed > 0) {
    text += " · " + rate_text(made, elapsed);
    const auto left = static_cast<std::int64_t>(all - std::min(done, all)) * elapsed /
                      static_cast<std::int64_t>(made) / 1000;
    text += left < 120 ? fmt::format(" · eta {} s", left) : fmt::format(" · eta {} min", left / 60);
  }
  if (failed > 0) text += fmt::format(" · {} failed", number(failed));
  write(text);
}

void ProgressLine::clear() {
  if (dirty_) std::fputs("\r\x1b[K", stderr);
  dirty_ = false;
}

std::string rate_text(std::size_t runs, std::int64_t elapsed_ms) {
  const std::int64_t tenths =
      static_cast<std::int64_t>(runs) * 10'000 / std::max<std::int64_t>(1, elapsed_ms);
  return tenths >= 100 ? results::grouped(tenths / 10) + "/s"
                       : fmt::format("{}.{}/s", tenths / 10, tenths % 10);
}

std::string speed_text(sim::Duration simulated, std::int64_t elapsed_ms) {
  const std::int64_t simulated_ms = simulated / sim::kMillisecond;
  const std::int64_t factor = simulated_ms / std::max<std::int64_t>(1, elapsed_ms);
  if (factor >= 10) return results::grouped(factor) + "x real time";
  const std::int64_t tenths = simulated_ms * 10 / std::max<std::int64_t>(1, elapsed_ms);
  return fmt::format("{}.{}x real time", tenths / 10, tenths % 10);
}

}  // namespace isrlab::cli
