// The terminal: whether it takes colour, notes on stderr, and the progress line.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "results/run_scenario.hpp"

namespace isrlab::cli {

/// NO_COLOR (not empty) wins, then CLICOLOR_FORCE and FORCE_COLOR, then TERM=dumb, then whether the
/// stream is a terminal.
bool wants_colour(int stream);
bool is_terminal(int stream);
/// A line on stderr.
void say(const std::string& line);
/// Writes to stdout; a reader that has gone (| head) is no error.
void print(const std::string& text);

/// How to repeat what is running now: for the message of an internal error.
void note_running(std::string command);
std::string what_was_running();

/// Ctrl-C asks for a partial result; a second one ends the process.
void catch_interrupts();
bool interrupted();

/// `simulated 00:42 of 01:00 · 310 k events · 2 300x real time`, on one line of a terminal.
class ProgressLine {
 public:
  explicit ProgressLine(bool shown);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void show(const results::Progress& progress);
  /// `312 of 1 000 runs · 41/s · eta 16 s · 2 failed`; `made` of them by this process.
  void show_runs(std::size_t done, std::size_t all, std::size_t made, std::size_t failed);
  void clear();
  /// Real seconds since it was made, in thousandths.
  std::int64_t elapsed_ms() const;

 private:
  bool due();
  void write(const std::string& text);
  using Clock = std::chrono::steady_clock;
  bool shown_;
  bool dirty_ = false;
  Clock::time_point start_;
  Clock::time_point last_;
};

/// Runs a second: "41/s", "3.2/s".
std::string rate_text(std::size_t runs, std::int64_t elapsed_ms);
/// "2 300x real time".
std::string speed_text(sim::Duration simulated, std::int64_t elapsed_ms);

}  // namespace isrlab::cli
