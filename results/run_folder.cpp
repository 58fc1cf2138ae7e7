#include "results/run_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "results/json.hpp"
#include "results/report_text.hpp"
#include "results/text.hpp"
#include "results/version.hpp"

namespace isrlab::results {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

bool write_file(const fs::path& path, const std::string& bytes) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return static_cast<bool>(stream.flush());
}

bool read_file(const fs::path& path, std::string& bytes) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return false;
  bytes.assign(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  return true;
}

namespace {

std::string manifest_json(const scenarios::Run& run, const Summary& summary,
                          bool invariants_checked) {
  Json json;
  json["schema"] = "isrlab-run/1";
  json["isrlab"] = std::string(code_version());
  json["scenario"] = summary.scenario;
  json["identity"] = hex16(summary.identity);
  json["seed"] = summary.seed;
  json["stop"] = {{"simulated", summary.simulated}, {"duration", run.scenario().duration}};
  json["invariants_checked"] = invariants_checked;
  json["digest"] = hex16(summary.digest);
  json["verdict"] = std::string(verdict_name(summary.verdict));
  json["replay"] = summary.replay;
  json["files"] = {"scenario.json", "summary.json", "report.txt", "events.ndjson"};
  return json.dump(2) + "\n";
}

}  // namespace

std::string readable_scenario(const scenarios::Scenario& scenario) {
  const Json json = Json::parse(scenario.canonical, nullptr, false);
  return json.is_discarded() ? scenario.canonical : json.dump(2) + "\n";
}

std::string safe_name(const std::string& name) {
  std::string safe = name.empty() ? "unnamed" : name;
  for (char& c : safe) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    if (!plain) c = '_';
  }
  if (safe.front() == '.') safe.front() = '_';
  return safe;
}

namespace {

/// Readers of `latest` see the old link or the new one, never none.
void move_latest(const fs::path& base, const fs::path& target, std::error_code& error) {
  const fs::path fresh = base / ".latest.new";
  fs::remove(fresh, error);
  fs::create_directory_symlink(target, fresh, error);
  if (!error) fs::rename(fresh, base / "latest", error);
}

}  // namespace

std::string run_folder_name(const Summary& summary) {
  std::uint64_t hash = sim::fold(summary.identity, summary.digest, summary.seed);
  for (const char c : code_version()) hash = sim::fold(hash, static_cast<unsigned char>(c), 1);
  return fmt::format("{}-{:08x}", summary.seed, static_cast<std::uint32_t>(hash >> 32));
}

RunFiles make_run_files(const scenarios::Run& run, const Summary& summary,
                        bool invariants_checked) {
  RunFiles files;
  files.manifest = manifest_json(run, summary, invariants_checked);
  files.scenario = readable_scenario(run.scenario());
  files.summary = summary_json(summary);
  files.report = report_text(summary, run.scenario());
  files.events = events_ndjson(run);
  return files;
}

SavedRun save_run(const fs::path& base, const Summary& summary, const RunFiles& files) {
  SavedRun saved;
  std::error_code error;
  const fs::path relative = fs::path(safe_name(summary.scenario)) / run_folder_name(summary);
  // The same run again gives the same bytes. A manifest that differs is another run (say, one
  // without invariants): it gets a name of its own.
  fs::path chosen = relative;
  for (char suffix = 'b'; suffix <= 'z'; ++suffix) {
    std::string there;
    if (!read_file(base / chosen / "manifest.json", there) || there == files.manifest) break;
    chosen = relative;
    chosen += std::string("-") + suffix;
  }
  saved.path = base / chosen;
  fs::create_directories(saved.path, error);
  const bool written = !error && write_file(saved.path / "scenario.json", files.scenario) &&
                       write_file(saved.path / "summary.json", files.summary) &&
                       write_file(saved.path / "report.txt", files.report) &&
                       write_file(saved.path / "events.ndjson", files.events) &&
                       write_file(saved.path / "manifest.json", files.manifest);
  if (written) move_latest(base, chosen, error);
  if (!written || error) {
    saved.problem = fmt::format(
        "cannot write to {}: choose another place with --out DIR, or "
        "--no-save",
        saved.path.string());
  }
  return saved;
}

bool read_run_token(const fs::path& folder, ReplayToken& token, std::string& problem) {
  std::string text;
  if (!read_file(folder / "manifest.json", text)) {
    problem = folder.string() + " holds no manifest.json, so it is not the folder of a run";
    return false;
  }
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.contains("replay") || !json["replay"].is_string()) {
    problem = (folder / "manifest.json").string() + " is damaged: it names no replay token";
    return false;
  }
  return ReplayToken::parse(json["replay"].get<std::string>(), token, problem);
}

fs::path find_saved_scenario(const fs::path& base, const ReplayToken& token) {
  std::error_code error;
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(base / safe_name(token.scenario), error)) {
    folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  for (const fs::path& folder : folders) {
    ReplayToken there;
    std::string ignored;
    if (!read_run_token(folder, there, ignored) || there.identity != token.identity) continue;
    if (fs::exists(folder / "scenario.json", error)) return folder / "scenario.json";
  }
  return {};
}

}  // namespace isrlab::results
