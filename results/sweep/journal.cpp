#include "results/sweep/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "results/run_folder.hpp"
#include "results/text.hpp"
#include "results/version.hpp"
#include "scenarios/faults/registry.hpp"
#include "scenarios/format/loader.hpp"

namespace isrlab::results {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kManifest = "sweep.json";
constexpr const char* kJournal = "journal.ndjson";

template <class Table>
Json names_of_bits(std::uint64_t bits, const Table& table) {
  Json names = Json::array();
  for (std::size_t i = 0; i < table.size() && i < 64; ++i) {
    if ((bits >> i & 1) != 0) names.push_back(std::string(table[i].name));
  }
  return names;
}

template <class Table>
bool read_names(const Json& names, const Table& table, std::uint64_t& bits) {
  if (!names.is_array()) return false;
  for (const Json& name : names) {
    const auto found = std::find_if(table.begin(), table.end(), [&](const auto& entry) {
      return name.is_string() && entry.name == name.get_ref<const std::string&>();
    });
    if (found == table.end()) return false;
    bits |= std::uint64_t{1} << (found - table.begin());
  }
  return true;
}

bool read_hex(const Json& object, const char* key, std::uint64_t& value) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return false;
  const auto& text = found->get_ref<const std::string&>();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return error == std::errc() && end == text.data() + text.size() && text.size() == 16;
}

bool read_verdict(const Json& object, Verdict& verdict) {
  const auto found = object.find("verdict");
  if (found == object.end() || !found->is_string()) return false;
  for (const Verdict each :
       {Verdict::kPass, Verdict::kFail, Verdict::kViolation, Verdict::kInconclusive}) {
    if (verdict_name(each) != found->get_ref<const std::string&>()) continue;
    verdict = each;
    return true;
  }
  return false;
}

std::string manifest_json(const Plan& plan) {
  const PlanRequest& request = plan.request;
  Json json;
  json["schema"] = "isrlab-sweep-plan/1";
  json["isrlab"] = std::string(code_version());
  json["scenario"] = plan.scenario;
  json["identity"] = hex16(plan.identity());
  json["seeds"] = plan.seeds.text();
  json["set"] = request.set;
  json["fault"] = request.faults;
  json["require"] = request.require;
  if (request.until) json["until"] = *request.until;
  json["vary"] = Json::array();
  for (const Variation& each : plan.variations) {
    json["vary"].push_back({{"pointer", each.pointer}, {"values", each.values}});
  }
  json["metrics"] = Json::array();
  for (const Metric& each : plan.metrics) json["metrics"].push_back(each.name);
  if (!plan.shard.whole()) json["shard"] = plan.shard.text();
  json["twice"] = request.twice;
  json["invariants_checked"] = request.check_invariants;
  json["cells"] = Json::array();
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    json["cells"].push_back(
        {{"cell", i + 1},
         {"values", plan.cells[i].values},
         {"identity", hex16(scenarios::scenario_identity(*plan.cells[i].scenario))},
         {"file", fmt::format("cells/{}.json", i + 1)}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string cannot_write(const fs::path& path) {
  return fmt::format("cannot write to {} ({}): choose another place with --out DIR, or --no-save",
                     path.string(), std::strerror(errno));
}

/// The plan last of all: a folder that has it is whole.
bool make_folder(const fs::path& folder, const Plan& plan, std::string& problem) {
  std::error_code error;
  fs::create_directories(folder / "cells", error);
  bool written = !error;
  for (std::size_t i = 0; written && i < plan.cells.size(); ++i) {
    written = write_file(folder / "cells" / fmt::format("{}.json", i + 1),
                         readable_scenario(*plan.cells[i].scenario));
  }
  const fs::path fresh = folder / (std::string(".") + kManifest);
  written = written && write_file(fresh, manifest_json(plan));
  if (written) fs::rename(fresh, folder / kManifest, error);
  if (written && !error) return true;
  problem = cannot_write(folder);
  return false;
}

bool same_plan(const fs::path& folder, const Plan& plan, const std::string& manifest,
               bool any_shard, std::string& problem) {
  const Json json = Json::parse(manifest, nullptr, false);
  if (json.is_object() && json.value("identity", "") == hex16(plan.identity())) {
    const std::string shard = json.value("shard", "");
    if (any_shard || shard == (plan.shard.whole() ? "" : plan.shard.text())) return true;
    problem = fmt::format("{} holds {} of this sweep; choose another --out", folder.string(),
                          shard.empty() ? "the whole" : "shard " + shard);
    return false;
  }
  const std::string version = json.is_object() ? json.value("isrlab", "") : "";
  const std::string why = version.empty() ? std::string("a damaged sweep.json")
                          : version != code_version()
                              ? "a sweep of isrlab " + version
                              : "another sweep (scenario, seeds, settings or metrics differ)";
  problem = fmt::format("{} holds {}; choose another --out, or remove it", folder.string(), why);
  return false;
}

bool read_row(const Json& json, const Plan& plan, RunRow& row, std::vector<std::int64_t>& values) {
  row.done = true;
  row.twice = json.contains("second");
  bool good = read_verdict(json, row.verdict) && read_hex(json, "digest", row.digest) &&
              (!row.twice || read_hex(json, "second", row.second_digest)) &&
              read_names(json.value("states", Json()), scenarios::state_table(), row.states) &&
              read_names(json.value("broken", Json()), scenarios::invariant_table(), row.broken);
  const Json failed = json.value("failed", Json());
  good = good && failed.is_array();
  for (std::size_t i = 0; good && i < failed.size(); ++i) {
    good = failed[i].is_number_unsigned() && failed[i].get<std::size_t>() < 64;
    if (good) row.failed |= std::uint64_t{1} << failed[i].get<std::size_t>();
  }
  const Json list = json.value("values", Json());
  good = good && list.is_array() && list.size() == plan.metrics.size();
  for (std::size_t i = 0; good && i < list.size(); ++i) {
    good = list[i].is_number_integer();
    if (good) values.push_back(list[i].get<std::int64_t>());
  }
  return good;
}

}  // namespace

fs::path sweep_folder(const fs::path& base, const Plan& plan) {
  const std::string share =
      plan.shard.whole() ? "" : fmt::format("-{}of{}", plan.shard.number, plan.shard.of);
  return base / fmt::format("{}-{:08x}{}", safe_name(plan.scenario),
                            static_cast<std::uint32_t>(plan.identity() >> 32), share);
}

std::string journal_line(const Plan& plan, std::size_t run, const SweepRows& rows) {
  const RunRow& row = rows.row(run);
  Json json;
  json["cell"] = plan.cell_of(run) + 1;
  json["seed"] = plan.seed_of(run);
  json["verdict"] = std::string(verdict_name(row.verdict));
  json["digest"] = hex16(row.digest);
  if (row.twice) json["second"] = hex16(row.second_digest);
  json["values"] = Json::array();
  for (std::size_t i = 0; i < rows.metrics(); ++i) json["values"].push_back(rows.values(run)[i]);
  json["states"] = names_of_bits(row.states, scenarios::state_table());
  json["broken"] = names_of_bits(row.broken, scenarios::invariant_table());
  json["failed"] = Json::array();
  for (std::size_t i = 0; i < 64; ++i) {
    if ((row.failed >> i & 1) != 0) json["failed"].push_back(i);
  }
  return json.dump() + "\n";
}

bool read_journal_line(const std::string& line, const Plan& plan, SweepRows& rows) {
  const Json json = Json::parse(line, nullptr, false);
  const auto number = [&json](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_number_unsigned();
  };
  if (!json.is_object() || !number("cell") || !number("seed")) return false;
  const auto cell = json["cell"].get<std::size_t>();
  const auto seed = plan.seeds.find(json["seed"].get<std::uint64_t>());
  if (cell < 1 || cell > plan.cells.size() || !seed) return false;
  RunRow row;
  std::vector<std::int64_t> values;
  if (!read_row(json, plan, row, values)) return false;
  const std::size_t run = plan.run_index(cell - 1, *seed);
  rows.row(run) = row;
  std::copy(values.begin(), values.end(), rows.values(run));
  return true;
}

Journal::~Journal() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool Journal::open(const fs::path& folder, const Plan& plan, bool must_exist, SweepRows& rows,
                   std::string& problem) {
  rows = SweepRows(plan.runs(), plan.metrics.size());
  std::string manifest;
  const bool there = read_file(folder / kManifest, manifest);
  if (there && !same_plan(folder, plan, manifest, false, problem)) return false;
  if (!there && must_exist) {
    problem = fmt::format("there is no sweep in {} to go on with; leave out --resume to begin it",
                          folder.string());
    return false;
  }
  if (!there && !make_folder(folder, plan, problem)) return false;
  file_ = folder / kJournal;
  descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor_ < 0) {
    problem = cannot_write(file_);
    return false;
  }
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    problem = fmt::format("another process is at work on the sweep in {}; let it end first",
                          folder.string());
    return false;
  }
  if (read(plan, rows)) return true;
  problem = problem_;
  return false;
}

bool Journal::read(const Plan& plan, SweepRows& rows) {
  std::ifstream stream(file_, std::ios::binary);
  std::string line;
  std::uintmax_t whole = 0;  // bytes up to the end of the last whole line
  while (std::getline(stream, line)) {
    if (stream.eof()) break;  // no newline: torn
    whole += line.size() + 1;
    if (!read_journal_line(line, plan, rows)) ++passed_over_;
  }
  std::error_code error;
  if (fs::file_size(file_, error) != whole &&
      ftruncate(descriptor_, static_cast<off_t>(whole)) != 0)
    problem_ = cannot_write(file_);
  return problem_.empty();
}

bool Journal::append(const Plan& plan, std::size_t run, const SweepRows& rows) {
  const std::string line = journal_line(plan, run, rows);
  const ssize_t written = write(descriptor_, line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) return true;
  if (written >= 0) errno = ENOSPC;
  if (problem_.empty()) {
    problem_ = fmt::format("cannot write to {} ({}); make room, then give the same command again",
                           file_.string(), std::strerror(errno));
  }
  return false;
}

namespace {

/// A run that two folders hold has to be the same in both.
bool same_run(const Plan& plan, std::size_t run, const SweepRows& left, const SweepRows& right,
              const fs::path& folder, std::string& problem) {
  if (journal_line(plan, run, left) == journal_line(plan, run, right)) return true;
  problem = fmt::format(
      "seed {} of cell {} has digest {} in one shard and {} in {}: it is not deterministic",
      plan.seed_of(run), plan.cell_of(run) + 1, hex16(left.row(run).digest),
      hex16(right.row(run).digest), folder.string());
  return false;
}

/// The runs of one folder, while nobody writes to it.
bool read_folder(const fs::path& folder, const Plan& plan, SweepRows& rows, std::string& problem) {
  std::string manifest;
  if (!read_file(folder / kManifest, manifest)) {
    problem =
        fmt::format("there is no sweep in {}; name the folders of the shards", folder.string());
    return false;
  }
  if (!same_plan(folder, plan, manifest, true, problem)) return false;
  const int descriptor = ::open((folder / kJournal).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return true;  // it was killed before its first run
  const bool quiet = flock(descriptor, LOCK_SH | LOCK_NB) == 0;
  if (quiet) {
    std::ifstream stream(folder / kJournal, std::ios::binary);
    for (std::string line; std::getline(stream, line) && !stream.eof();) {
      read_journal_line(line, plan, rows);
    }
  } else {
    problem = fmt::format("another process is at work on the sweep in {}; let it end first",
                          folder.string());
  }
  close(descriptor);
  return quiet;
}

}  // namespace

bool merge_journals(const std::vector<fs::path>& folders, const Plan& plan, SweepRows& rows,
                    bool& diverged, std::string& problem) {
  diverged = false;
  for (const fs::path& folder : folders) {
    SweepRows part(plan.runs(), plan.metrics.size());
    if (!read_folder(folder, plan, part, problem)) return false;
    for (std::size_t run = 0; run < plan.runs(); ++run) {
      if (!part.row(run).done) continue;
      if (!rows.row(run).done) {
        rows.row(run) = part.row(run);
        std::copy_n(part.values(run), part.metrics(), rows.values(run));
      } else if (!same_run(plan, run, rows, part, folder, problem)) {
        diverged = true;
        return false;
      }
    }
  }
  return true;
}

bool save_sweep_report(const fs::path& folder, const std::string& report,
                       const std::string& summary, std::string& problem) {
  if (write_file(folder / "report.txt", report) && write_file(folder / "summary.json", summary)) {
    return true;
  }
  problem = cannot_write(folder);
  return false;
}

fs::path find_swept_scenario(const fs::path& folder, const ReplayToken& token) {
  std::error_code error;
  std::vector<fs::path> manifests = {folder / kManifest};
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    manifests.push_back(entry.path() / kManifest);
  }
  std::sort(manifests.begin() + 1, manifests.end());
  for (const fs::path& file : manifests) {
    std::string text;
    if (!read_file(file, text)) continue;
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("cells") || !json["cells"].is_array()) continue;
    for (const Json& cell : json["cells"]) {
      std::uint64_t identity = 0;
      if (!cell.is_object() || !read_hex(cell, "identity", identity)) continue;
      if (ReplayToken::short_identity(identity) != token.identity) continue;
      const fs::path found = file.parent_path() / cell.value("file", "");
      if (fs::is_regular_file(found, error)) return found;
    }
  }
  return {};
}

}  // namespace isrlab::results
