#include "results/report_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "results/page.hpp"
#include "results/report_tables.hpp"
#include "results/text.hpp"
#include "results/version.hpp"

namespace isrlab::results {
namespace {

using Align = Table::Align;

void header(Page& page, const Summary& summary, const scenarios::Scenario& scenario) {
  const model::ClusterSpec& cluster = scenario.cluster;
  std::int64_t partitions = 0;
  for (const model::TopicSpec& topic : cluster.topics) partitions += topic.partitions;
  std::set<std::string> racks;
  for (const model::BrokerSpec& broker : cluster.brokers) {
    if (!broker.rack.empty()) racks.insert(broker.rack);
  }
  page.line(fmt::format("{} · {} · seed {} · {}",
                        page.ink(Ink::kBold, "isrlab " + std::string(code_version())),
                        page.ink(Ink::kBold, summary.scenario), summary.seed, kModelled));
  std::string shape = counted(static_cast<std::int64_t>(cluster.brokers.size()), "broker");
  if (racks.size() > 1) shape += fmt::format(" in {} racks", racks.size());
  shape += " · ";
  shape += counted(static_cast<std::int64_t>(cluster.zookeeper.size()), "ZooKeeper server");
  shape += " · " + counted(static_cast<std::int64_t>(cluster.topics.size()), "topic") + ", " +
           counted(partitions, "partition");
  shape += " · " + counted(static_cast<std::int64_t>(cluster.producers.size()), "producer");
  shape += " · " + counted(static_cast<std::int64_t>(cluster.groups.size()), "consumer group");
  page.line(shape);
  if (!cluster.brokers.empty()) {
    const model::BrokerConfig& config = cluster.brokers.front().config;
    page.line(
        fmt::format("session {} · tick {} · replica lag {} · min ISR {} · unclean election {}",
                    sim::format_duration(config.zookeeper_session_timeout),
                    sim::format_duration(cluster.zookeeper_config.tick_time),
                    sim::format_duration(config.replica_lag_time_max), min_isr_words(cluster),
                    config.unclean_leader_election_enable != 0 ? "on" : "off"));
  }
  page.line(fmt::format("simulated {} · {} events · digest {}",
                        sim::format_duration(summary.simulated),
                        grouped(static_cast<std::int64_t>(summary.events)), hex16(summary.digest)));
}

std::string mark(const Page& page, Outcome outcome) {
  switch (outcome) {
    case Outcome::kHeld: return page.ink(Ink::kGood, "✓");
    case Outcome::kFailed: return page.ink(Ink::kBad, "✗");
    case Outcome::kInconclusive: return page.ink(Ink::kWarn, "?");
  }
  return "";
}

std::string verdict_line(const Page& page, const Summary& summary) {
  std::size_t held = 0;
  std::size_t failed = 0;
  for (const ExpectationResult& each : summary.expectations) {
    held += each.outcome == Outcome::kHeld;
    failed += each.outcome == Outcome::kFailed;
  }
  const std::size_t all = summary.expectations.size();
  switch (summary.verdict) {
    case Verdict::kPass:
      return page.ink(Ink::kGood, "PASS") +
             (all == 0 ? std::string("  nothing was demanded and no invariant broke")
                       : fmt::format("  {} of {} expectations held", held, all));
    case Verdict::kFail:
      return page.ink(Ink::kBad, "FAIL") +
             fmt::format("  {} of {} expectations failed", failed, all);
    case Verdict::kViolation:
      return page.ink(Ink::kBad, "VIOLATION") +
             "  a protocol invariant broke: a finding, or a bug of ours";
    case Verdict::kInconclusive:
      return page.ink(Ink::kWarn, "INCONCLUSIVE") +
             fmt::format("  {} of {} expectations held, none failed, the rest is open", held, all);
  }
  return "";
}

void expectations(Page& page, const Summary& summary) {
  page.heading("EXPECTATIONS", "");
  page.line("  " + verdict_line(page, summary));
  std::size_t width = 20;
  for (const ExpectationResult& each : summary.expectations) {
    width = std::max(width, std::min<std::size_t>(44, columns(each.text)));
  }
  for (const ExpectationResult& each : summary.expectations) {
    const std::string first =
        fmt::format("  {} {}{}  ", mark(page, each.outcome), left_column(kind_word(each.kind), 11),
                    left_column(each.text, width));
    page.wrapped(first, 15 + 2 + std::max(width, columns(each.text)), each.detail);
  }
  for (const InvariantResult& each : summary.invariants) {
    const bool told = std::any_of(
        summary.expectations.begin(), summary.expectations.end(),
        [&](const ExpectationResult& e) { return e.text.find(each.name) != std::string::npos; });
    if (each.held || told) continue;
    const std::string first = fmt::format(
        "  {} invariant  {} {}  ",
        mark(page, each.promised ? Outcome::kFailed : Outcome::kInconclusive), each.id, each.name);
    page.wrapped(first, 15,
                 fmt::format("broke at {}: {}{}", clock_text(each.first_time), each.first,
                             each.promised ? "" : " (not promised by these settings)"));
  }
}

void faults(Page& page, const Summary& summary) {
  if (summary.faults.empty()) return;
  page.heading("FAULTS");
  for (const FaultResult& fault : summary.faults) {
    std::string text = fault.what;
    text += fault.until == sim::kNever  ? " · never healed"
            : fault.until == fault.from ? ""
                                        : " · healed " + clock_text(fault.until);
    if (!fault.why.empty()) text += " · " + fault.why;
    page.wrapped("  " + right_column(clock_text(fault.from), 9) + "  ", 13, text);
  }
}

Ink ink_of(const std::string& kind) {
  if (kind == "fault" || kind == "loss" || kind == "offline") return Ink::kBad;
  if (kind == "heal") return Ink::kGood;
  if (kind == "outage") return Ink::kWarn;
  if (kind == "election" || kind == "session") return Ink::kAccent;
  return Ink::kNone;
}

/// What may go first when the story is too long for the page.
int weight(const std::string& kind) {
  if (kind == "client" || kind == "process") return 0;
  if (kind == "leader" || kind == "zookeeper" || kind == "broker" || kind == "group") return 1;
  if (kind == "isr" || kind == "topic" || kind == "log") return 2;
  return 3;
}

void timeline(Page& page, const Summary& summary, std::size_t most) {
  std::vector<char> shown(summary.timeline.size(), 1);
  std::size_t left = shown.size();
  for (int level = 0; level < 3 && left > most; ++level) {
    for (std::size_t i = shown.size(); i-- > 0 && left > most;) {
      if (shown[i] == 0 || weight(summary.timeline[i].kind) != level) continue;
      shown[i] = 0;
      --left;
    }
  }
  for (std::size_t i = shown.size(); i-- > 0 && left > most;) {
    left -= shown[i] != 0 ? 1 : 0;
    shown[i] = 0;
  }
  const std::size_t hidden = shown.size() - left;
  page.heading("TIMELINE",
               hidden == 0 ? std::string() : fmt::format("{} more lines in summary.json", hidden));
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (shown[i] == 0) continue;
    const TimelineEntry& entry = summary.timeline[i];
    const std::string time = right_column(clock_text(entry.time), 9);
    page.wrapped("  " + page.ink(ink_of(entry.kind), time) + "  ", 13, entry.text);
  }
}

}  // namespace

std::string report_text(const Summary& summary, const scenarios::Scenario& scenario,
                        const ReportStyle& style) {
  Page page(style.colour);
  header(page, summary, scenario);
  expectations(page, summary);
  faults(page, summary);
  timeline(page, summary, style.timeline_lines);
  report_outages(page, summary, style.table_rows);
  report_records(page, summary);
  report_losses(page, summary, style.table_rows);
  report_groups(page, summary, style.table_rows);
  report_partitions(page, summary, style.table_rows);
  report_traffic(page, summary);
  page.heading("AGAIN");
  page.line("  isrlab replay " + summary.replay);
  return page.take();
}

}  // namespace isrlab::results
