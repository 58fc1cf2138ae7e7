// Helpers of the sweep tests: plans of small scenarios, folders that go away.
#pragma once
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "results/sweep/plan.hpp"
#include "tests/support/catch.hpp"

namespace isrlab::results::test {

/// A folder of its own, removed at the end.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "isrlab-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// Two brokers, one partition, one producer, nothing that breaks.
inline std::filesystem::path write_tiny(const Folder& folder, const std::string& expect = "{}") {
  const std::filesystem::path file = folder.path() / "tiny.json";
  std::ofstream(file) << R"({ "schema": "kafka-failure-scenario/1", "name": "tiny",
  "duration": "12s",
  "cluster": { "brokers": { "count": 2, "config": { "offsets.topic.replication.factor": 1 } } },
  "topics": [ { "name": "t", "partitions": 1, "replication.factor": 2,
                "config": { "min.insync.replicas": 1 } } ],
  "producers": [ { "name": "p", "topic": "t", "rate": "50/s" } ],
  "expect": )" << expect
                      << "}";
  return file;
}

inline PlanRequest request_for(const std::filesystem::path& file, const std::string& seeds) {
  PlanRequest request;
  request.argument = "tiny.json";
  request.file = file.string();
  request.seeds = seeds;
  return request;
}

inline Plan plan_of(const PlanRequest& request) {
  Plan plan;
  std::string problem;
  const bool good = make_plan(request, plan, problem);
  INFO(problem);
  REQUIRE(good);
  return plan;
}

inline std::string refusal_of(const PlanRequest& request) {
  Plan plan;
  std::string problem;
  REQUIRE_FALSE(make_plan(request, plan, problem));
  return problem;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace isrlab::results::test
