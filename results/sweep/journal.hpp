// The folder of a sweep: sweep.json (what it runs), cells/N.json (the effective scenario of each
// cell, for replays), journal.ndjson (a line for each finished run, written whole, in the order in
// which they ended) and at the end report.txt and summary.json. A process that is killed loses the
// runs it was in the middle of and nothing else.
#pragma once
#include <filesystem>
#include <string>

#include "results/replay_token.hpp"
#include "results/sweep/sweep.hpp"

namespace isrlab::results {

inline constexpr const char* kSweepsFolder = "results/sweeps";

/// <base>/<scenario>-<hash8 of the plan>, a shard's with -3of16: the same command finds the same
/// folder.
std::filesystem::path sweep_folder(const std::filesystem::path& base, const Plan& plan);

class Journal {
 public:
  Journal() = default;
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Makes the folder, or goes on with what it holds: `rows` gets the finished runs. A torn last
  /// line is cut off. False, with a sentence, if it cannot be written, belongs to another plan, or
  /// another process is at work in it; with `must_exist` also if there is nothing to go on with.
  bool open(const std::filesystem::path& folder, const Plan& plan, bool must_exist, SweepRows& rows,
            std::string& problem);
  /// One line, one write. False if that failed; problem() tells.
  bool append(const Plan& plan, std::size_t run, const SweepRows& rows);
  const std::string& problem() const { return problem_; }
  /// Lines that were no run of this plan and were passed over.
  std::size_t passed_over() const { return passed_over_; }

 private:
  bool read(const Plan& plan, SweepRows& rows);
  std::filesystem::path file_;
  int descriptor_ = -1;
  std::size_t passed_over_ = 0;
  std::string problem_;
};

/// A run as a line, ended by a newline.
std::string journal_line(const Plan& plan, std::size_t run, const SweepRows& rows);
/// Puts a line's run into the rows; false if it is no line of this plan.
bool read_journal_line(const std::string& line, const Plan& plan, SweepRows& rows);

/// Puts the runs that the folders of shards (or of a whole sweep) hold into `rows`. False, with a
/// sentence, if one belongs to another plan or is in use; with `diverged` if two of them hold the
/// same run with different results.
bool merge_journals(const std::vector<std::filesystem::path>& folders, const Plan& plan,
                    SweepRows& rows, bool& diverged, std::string& problem);

/// Writes report.txt and summary.json. False, with a sentence, if that failed.
bool save_sweep_report(const std::filesystem::path& folder, const std::string& report,
                       const std::string& summary, std::string& problem);

/// The scenario of a token's run among the cells of a sweep, or of all sweeps below a folder;
/// empty if it is not there.
std::filesystem::path find_swept_scenario(const std::filesystem::path& folder,
                                          const ReplayToken& token);

}  // namespace isrlab::results
