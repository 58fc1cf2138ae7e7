// Where runs are kept: <base>/<scenario>/<seed>-<hash8>/ with manifest.json, scenario.json (the
// effective scenario, which loads again), summary.json, report.txt and events.ndjson, and a link
// <base>/latest. The hash covers scenario, seed, digest and code version, so equal runs have equal
// names and equal bytes and a different run never overwrites one.
#pragma once
#include <filesystem>
#include <string>

#include "results/replay_token.hpp"
#include "scenarios/run.hpp"

namespace isrlab::results {

inline constexpr const char* kRunsFolder = "results/runs";

/// Files of one run, ready to be written.
struct RunFiles {
  std::string manifest;
  std::string scenario;
  std::string summary;
  std::string report;
  std::string events;
};
RunFiles make_run_files(const scenarios::Run& run, const Summary& summary, bool invariants_checked);

struct SavedRun {
  std::filesystem::path path;
  std::string problem;  // a sentence; empty if all is well
};
SavedRun save_run(const std::filesystem::path& base, const Summary& summary, const RunFiles& files);

/// "1-7f3a91c2".
std::string run_folder_name(const Summary& summary);

/// The token of a saved run. False, with a sentence, if the folder holds none.
bool read_run_token(const std::filesystem::path& folder, ReplayToken& token, std::string& problem);
/// The saved effective scenario of a token's run; empty if no run of it is there.
std::filesystem::path find_saved_scenario(const std::filesystem::path& base,
                                          const ReplayToken& token);

/// The effective scenario as indented JSON, which loads again.
std::string readable_scenario(const scenarios::Scenario& scenario);
/// A name fit for a folder: other characters than letters, digits and - _ . become underscores.
std::string safe_name(const std::string& name);
/// Whole files; false if that failed.
bool write_file(const std::filesystem::path& path, const std::string& bytes);
bool read_file(const std::filesystem::path& path, std::string& bytes);

}  // namespace isrlab::results
