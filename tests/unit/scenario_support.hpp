// Helpers of the scenario tests: the shortest good scenario, files of the tree, and short checks.
#pragma once
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "scenarios/format/loader.hpp"

namespace isrlab::scenarios::test {

/// The root of the source tree.
inline std::filesystem::path source_root() {
  return ISRLAB_SOURCE_ROOT;
}

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// Files of a directory by extension, sorted by name.
inline std::vector<std::filesystem::path> files_of(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// A whole scenario with `more` put in: `"faults": [...]`. One topic, orders, two partitions.
inline std::string scenario_with(const std::string& more) {
  return R"({"schema": "kafka-failure-scenario/1", "name": "t",
"topics": [{"name": "orders", "partitions": 2, "replication.factor": 3}],
"producers": [{"name": "p1", "topic": "orders"}],
"consumers": [{"group": "billing", "topics": ["orders"], "members": 2}])" +
         (more.empty() ? "" : ",\n" + more) + "}";
}

inline LoadResult load(const std::string& text, const Overrides& overrides = {}) {
  return load_scenario_text(text, "t.json", overrides);
}

/// A scenario of only what is given, beside schema and name.
inline LoadResult load_bare(const std::string& members, const Overrides& overrides = {}) {
  return load(R"({"schema": "kafka-failure-scenario/1", "name": "t")" +
                  (members.empty() ? "" : ",\n" + members) + "}",
              overrides);
}

inline bool has_problem(const LoadResult& result, const std::string& part) {
  return result.text().find(part) != std::string::npos;
}

}  // namespace isrlab::scenarios::test
