// Where a scenario argument leads: a path, or a name of the library.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "scenarios/format/loader.hpp"

namespace isrlab::cli {

/// Folders that are searched for library scenarios, those that exist: under the current directory,
/// beside the executable and above it, and where this program was compiled.
std::vector<std::filesystem::path> library_folders();
/// Names of all library scenarios, sorted.
std::vector<std::string> library_names();
/// The file for an argument. Empty, with what to do, if there is none.
std::filesystem::path find_scenario(const std::string& argument, std::string& problem);

/// Finds and loads; on failure tells why on stderr (as JSON with --json) and returns null.
std::shared_ptr<const scenarios::Scenario> load_for_run(const Options& options,
                                                        const std::string& argument);

/// --seed: the scenario's own, a number, or a random one, which is announced. False if it is bad.
bool choose_seed(const Options& options, std::uint64_t own, std::uint64_t& seed);

/// The directory of the running program.
std::filesystem::path program_folder();

}  // namespace isrlab::cli
