// What the user asked for, after the command line has been read.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace isrlab::cli {

/// Exit codes of every verb (users-and-ecosystem.md, 5.3).
enum ExitCode : int {
  kPassed = 0,
  kFailed = 1,
  kBadUsage = 2,
  kInconclusive = 3,
  kViolated = 4,
  kDiverged = 5,
  kInternal = 70,
  kInterrupted = 130,
};

struct Options {
  std::string verb;
  std::vector<std::string> scenarios;  // paths or library names; for replay the token or folder
  std::string what;                    // list: which section; help: which topic

  std::string seed;  // a number or "random"; empty: the scenario's
  std::uint32_t repeat = 1;
  std::optional<std::string> until;  // "90s"
  std::vector<std::string> set;      // POINTER=VALUE
  std::vector<std::string> faults;   // one line each
  std::vector<std::string> require;  // limits beside the scenario's
  std::string format = "text";       // text or json
  std::string output;                // -o FILE; empty or "-": stdout
  std::string trace;                 // --trace FILE: every event
  std::string runs_folder;           // --out DIR
  bool save = true;
  bool check = true;
  bool quiet = false;
  bool progress = true;

  // sweep and test
  std::string seeds = "1..100";
  std::vector<std::string> vary;
  std::vector<std::string> metrics;
  unsigned jobs = 0;  // 0: all cores
  bool resume = false;
  bool twice = false;
  std::size_t stop_after = 0;  // so many failures; 0: never
  bool fail_fast = false;
  std::string shard;                 // 3/16
  std::vector<std::string> merge;    // folders of shards
  std::vector<std::string> exports;  // .html and .csv files
  std::vector<std::string> name_parts;
  bool last_failed = false;
  std::string junit;

  std::vector<std::string> viewer_arguments;
  bool json() const { return format == "json"; }
};

/// Reads the command line. A number: nothing is to be run, that is the exit code.
std::optional<int> read_arguments(int argc, char** argv, Options& options);

int run_verb(const Options& options);
int repeat_verb(const Options& options);
int sweep_verb(const Options& options);
int test_verb(const Options& options);
int replay_verb(const Options& options);
int validate_verb(const Options& options);
int list_verb(const Options& options);
int schema_verb(const Options& options);
int view_verb(const Options& options);

}  // namespace isrlab::cli
