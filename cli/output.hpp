// Where a verb's result goes: stdout or the file of -o.
#pragma once
#include <filesystem>
#include <string>

#include "cli/options.hpp"

namespace isrlab::cli {

/// --json, or a file of -o that ends in .json.
bool as_json(const Options& options);
bool to_stdout(const Options& options);
/// Writes the result; on failure says so on stderr and returns false.
bool put(const Options& options, const std::string& text);
/// --out, or the place where it belongs.
std::filesystem::path folder_or(const Options& options, const char* otherwise);

}  // namespace isrlab::cli
