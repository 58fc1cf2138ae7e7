// The benchmarks of isrlab-bench.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace isrlab::bench {

struct PholdOptions {
  std::uint32_t lps = 1000;
  std::uint32_t per_lp = 1;
  std::uint64_t events = 5'000'000;
};
struct ClusterOptions {
  std::uint32_t nodes = 10;
  std::uint64_t events = 6'000'000;
};
struct RunOptions {
  std::string scenario;
  std::uint32_t repeat = 10;
  bool no_readers = false;
};
struct CopyOptions {
  std::string scenario;
  std::int64_t at_ms = 15'000;
};

struct Result {
  std::string name;
  std::uint64_t events = 0;
  double seconds = 0;
  double bytes_per_pending = 0;  // (peak resident - resident at start) / pending events and timers
  std::uint64_t pending = 0;
  std::uint64_t digest = 0;
};

Result run_phold(const PholdOptions& options);
Result run_cluster(const ClusterOptions& options);
int run_scenario(const RunOptions& options, const std::string& format);
int run_copy(const CopyOptions& options, const std::string& format);
/// The table of results/tables/replication-formulas.md; 1 if a point is off by more than 5 %.
int run_formulas();
int report(const Result& result, const std::string& format);

inline double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
/// Resident bytes now and at the peak, from /proc/self/status; 0 elsewhere.
std::uint64_t resident_bytes();
std::uint64_t peak_resident_bytes();

}  // namespace isrlab::bench
