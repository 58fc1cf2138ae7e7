// Time travel over a run: play, seek, step, rewind by checkpoint and exact replay, and branches
// that begin with a fault injected by hand. The viewer shows run() at time(); nothing else may
// change it.
#pragma once
#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "viz/core/checkpoints.hpp"
#include "viz/model/recording.hpp"

namespace isrlab::viz {

struct PlaybackOptions {
  std::size_t checkpoint_bytes = 512U << 20U;  // over all branches together
  double checkpoint_seconds = 0.025;           // wall time of simulation between two checkpoints
  /// Virtual time between two checkpoints instead, if it is not 0: then they stand at the same
  /// places on every machine.
  sim::Duration checkpoint_every = 0;
};

/// A replay came to another digest than the run before: the code is not deterministic, or the
/// program was changed.
struct Divergence {
  sim::Time time = 0;
  std::uint64_t events = 0;
  std::uint64_t expected = 0;
  std::uint64_t found = 0;
};

/// One way the run went. The first is "main"; every injection by hand begins another one.
struct Branch {
  std::string name = "main";
  std::string label;  // the injection it begins with: `kill broker-1`
  std::size_t parent = 0;
  sim::Time from = 0;  // where it leaves its parent
  /// The injections along it: applied when a replay gets there by loading the copy behind them.
  struct Fork {
    Position before;
    sim::Time time = 0;
    std::string label;
    Checkpoint after;
  };
  std::vector<Fork> forks;
  Checkpoints checkpoints;
  Recording recording;
  /// Simulates to the end once to fill the recording; gone when it has arrived.
  std::unique_ptr<scenarios::Run> ahead;
  sim::Time copied_at = 0;         // how far ahead had come when it was copied last
  std::uint64_t final_digest = 0;  // when the recording is complete
  /// The simulator failed on the way: nothing from this time on can be shown.
  std::optional<std::string> failure;
  sim::Time failed_at = sim::kNever;

  explicit Branch(const scenarios::Run& run) : recording(run) {}
};

class Playback {
 public:
  Playback(std::shared_ptr<const scenarios::Scenario> scenario, std::uint64_t seed,
           PlaybackOptions options = {});

  // --- what is shown ---
  const scenarios::Run& run() const { return run_; }
  sim::Time time() const { return time_; }
  sim::Time end() const { return run_.end(); }
  Position position() const { return {injections_, run_.events()}; }
  /// The last time that can be shown: the end, or just before the simulator fails.
  sim::Time limit() const { return std::min(end(), branch().failed_at - 1); }
  /// Changes whenever run() or time() does.
  std::uint64_t version() const { return version_; }
  const std::optional<Divergence>& divergence() const { return divergence_; }
  /// Digests that were compared during replays so far.
  std::uint64_t compared() const { return compared_; }
  /// A digest of the current branch that is known from elsewhere, for example from another machine:
  /// replays that pass the place compare it.
  void expect_digest(Position at, sim::Time time, std::uint64_t digest);

  // --- clock ---
  bool playing() const { return playing_; }
  void play();
  void pause() { playing_ = false; }
  double speed() const { return speed_; }
  void set_speed(double speed);
  /// What was reached lately, when it is less than what was asked for.
  double effective_speed() const { return effective_speed_; }
  /// Lets `wall` seconds pass; simulates for at most `budget` seconds of them.
  void tick(double wall, double budget = 0.008);

  // --- moving ---
  void seek(sim::Time to);
  /// Forward, or with a negative number back; an injection by hand counts as one.
  void step(int events);
  /// Puts the run behind the last event of this number, and the playhead there or at `time`, which
  /// is not behind the event that follows.
  void seek_position(Position to, std::optional<sim::Time> time = {});

  // --- the run ahead ---
  /// Simulates the current branch towards its end; true while there is more to do.
  bool pump_ahead(double seconds);
  void finish_ahead();
  const Recording& recording() const { return branch().recording; }

  // --- branches ---
  /// Injects at the playhead: a new branch begins here, the old future stays.
  void inject(const scenarios::FaultSpec& fault);
  /// Ends a fault in force at the playhead, on a new branch as well; `active` is its place in
  /// run().faults().faults().
  void heal(std::uint32_t active);
  /// Back to before the last injection of this branch, on the parent; false on main.
  bool undo();
  bool redo();
  void switch_to(std::size_t branch);
  std::size_t current() const { return current_; }
  const Branch& branch() const { return *branches_[current_]; }
  const std::vector<std::unique_ptr<Branch>>& branches() const { return branches_; }
  std::size_t checkpoint_bytes() const;

 private:
  /// Replays to everything at or before `to`; stops early when `give_up` says so.
  bool advance(sim::Time to, const std::function<bool()>& give_up = {});
  void load(const Checkpoint& checkpoint);
  void compare(const Checkpoint& checkpoint);
  void add(Branch& branch, Checkpoint checkpoint);
  void diverge(const Checkpoint& place, std::uint64_t expected, std::uint64_t found);
  void fork(const std::string& label, const std::function<void(scenarios::Run&)>& act);
  /// What is sampled and marked where the run ahead stands.
  void mark_ahead(Branch& branch, std::uint32_t injections);
  const Branch::Fork* next_fork() const;
  void changed(sim::Time time);
  void fail(Branch& branch, const char* what);
  Branch& own_branch() { return *branches_[current_]; }

  PlaybackOptions options_;
  scenarios::Run run_;
  std::uint32_t injections_ = 0;
  sim::Time time_ = 0;
  std::uint64_t version_ = 1;
  bool playing_ = false;
  double speed_ = 1;
  double effective_speed_ = 1;
  std::optional<Divergence> divergence_;
  std::uint64_t compared_ = 0;
  std::vector<std::unique_ptr<Branch>> branches_;
  std::size_t current_ = 0;
  std::vector<std::size_t> redo_;
};

}  // namespace isrlab::viz
