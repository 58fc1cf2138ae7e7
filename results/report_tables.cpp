#include "results/report_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "results/text.hpp"

namespace isrlab::results {
namespace {

using Align = Table::Align;

void more(Page& page, std::size_t all, std::size_t most, const char* what) {
  if (all > most) page.line(page.ink(Ink::kDim, fmt::format("  and {} more {}", all - most, what)));
}

}  // namespace

std::string min_isr_words(const model::ClusterSpec& cluster) {
  std::vector<std::string> words;
  for (const model::TopicSpec& topic : cluster.topics) {
    const std::int64_t own = topic.config.min_insync_replicas;
    const std::int64_t least = own == model::kInherit && !cluster.brokers.empty()
                                   ? cluster.brokers.front().config.min_insync_replicas
                                   : own;
    std::int64_t replicas = topic.replication_factor;
    if (!topic.assignment.empty()) {
      replicas = static_cast<std::int64_t>(topic.assignment.front().size());
    }
    const std::string word = fmt::format("{} of {}", least, replicas);
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  }
  return words.empty() ? "-" : some_of(words);
}

void report_outages(Page& page, const Summary& summary, std::size_t most) {
  page.heading("OUTAGES", summary.outages.empty() ? "none longer than 1 s" : "longest first");
  if (summary.outages.empty()) return;
  std::vector<const Outage*> sorted;
  for (const Outage& outage : summary.outages) sorted.push_back(&outage);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Outage* a, const Outage* b) { return a->length() > b->length(); });
  Table table({{"partition"},
               {"operation"},
               {"from", Align::kRight},
               {"length", Align::kRight},
               {"detect", Align::kRight},
               {"elect", Align::kRight},
               {"propagate", Align::kRight},
               {"client", Align::kRight},
               {"what ended it"}});
  for (std::size_t i = 0; i < sorted.size() && i < most; ++i) {
    const Outage& outage = *sorted[i];
    const std::string operation =
        outage.group.empty() ? outage.operation : outage.operation + " " + outage.group;
    table.row({outage.name, operation, clock_text(outage.from),
               span_text(outage.length()) + (outage.open ? "+" : ""), span_text(outage.detect),
               span_text(outage.elect), span_text(outage.propagate), span_text(outage.client),
               outage.open ? "still open" : outage.why});
  }
  table.print(page);
  more(page, sorted.size(), most, "outages");
}

void report_records(Page& page, const Summary& summary) {
  if (summary.records.empty()) return;
  page.heading("RECORDS");
  Table table({{"producers"},
               {"produced", Align::kRight},
               {"acked", Align::kRight},
               {"failed", Align::kRight},
               {"unknown", Align::kRight},
               {"lost", Align::kRight},
               {"duplicated", Align::kRight},
               {"reordered", Align::kRight}});
  for (const RecordCounts& each : summary.records) {
    table.row({acks_name(each.acks), grouped(each.produced), grouped(each.acked),
               grouped(each.failed), grouped(each.unknown), grouped(each.lost),
               grouped(each.duplicated), grouped(each.reordered)});
  }
  table.print(page);
  for (const AckLatency& each : summary.ack_latency) {
    page.line(fmt::format("  acknowledged after (topic {}): p50 {} · p99 {} · max {}", each.topic,
                          span_text(each.p50), span_text(each.p99), span_text(each.max)));
  }
}

void report_losses(Page& page, const Summary& summary, std::size_t most) {
  std::int64_t lost = 0;
  for (const LostRange& loss : summary.losses) lost += loss.records;
  page.heading("LOSS", lost == 0 ? "no acknowledged record is lost"
                                 : counted(lost, "acknowledged record") + " lost");
  for (std::size_t i = 0; i < summary.losses.size() && i < most; ++i) {
    const LostRange& loss = summary.losses[i];
    std::string text = fmt::format("{} of {} ({})", counted(loss.records, "record"), loss.producer,
                                   acks_name(loss.acks));
    if (loss.first_offset >= 0) {
      text +=
          fmt::format(", offsets {}..{}", grouped(loss.first_offset), grouped(loss.last_offset));
    }
    if (loss.acked_by != model::kNoBroker) {
      text += fmt::format(", acknowledged by {} {}..{}", broker_name(loss.acked_by),
                          clock_text(loss.first_acked), clock_text(loss.last_acked));
    }
    page.wrapped("  " + page.ink(Ink::kBad, left_column(loss.name, 10)) + "  ", 14,
                 text + ": " + loss.why);
  }
  more(page, summary.losses.size(), most, "ranges");
}

void report_groups(Page& page, const Summary& summary, std::size_t most) {
  for (const GroupResult& group : summary.groups) {
    page.heading("GROUP " + group.name,
                 fmt::format("{} · coordinator {} · generation {} · {} · lag {} (at most {})",
                             group.state, broker_name(group.coordinator), group.generation,
                             counted(static_cast<std::int64_t>(group.members.size()), "member"),
                             grouped(group.lag), grouped(group.lag_max)));
    Table table({{"GROUP"},
                 {"TOPIC"},
                 {"PARTITION", Align::kRight},
                 {"CURRENT-OFFSET", Align::kRight},
                 {"LOG-END-OFFSET", Align::kRight},
                 {"LAG", Align::kRight},
                 {"CLIENT-ID"}});
    for (std::size_t i = 0; i < group.partitions.size() && i < most; ++i) {
      const GroupPartition& row = group.partitions[i];
      const std::size_t dash = row.name.rfind('-');
      const auto number = [](std::int64_t value) {
        return value < 0 ? std::string("-") : std::to_string(value);
      };
      table.row({group.name, row.name.substr(0, dash), row.name.substr(dash + 1),
                 number(row.committed), number(row.log_end_offset), number(row.lag),
                 row.member.empty() ? "-" : row.member});
    }
    table.print(page);
    more(page, group.partitions.size(), most, "partitions");
    if (!group.idle.empty()) {
      page.line(fmt::format("  idle: {} (more members than partitions)", some_of(group.idle)));
    }
  }
}

void report_partitions(Page& page, const Summary& summary, std::size_t most) {
  if (summary.partitions.empty()) return;
  page.heading("PARTITIONS AT THE END", "per replica: log end (high watermark); * not in the ISR");
  Table table({{"partition"}, {"leader"}, {"epoch", Align::kRight}, {"ISR"}, {"replicas"}});
  std::size_t rows = 0;
  std::size_t internal = 0;
  std::size_t internal_short = 0;
  for (const PartitionResult& partition : summary.partitions) {
    if (partition.internal) {
      ++internal;
      internal_short += partition.isr.size() < partition.replicas.size();
      continue;
    }
    if (rows++ >= most) continue;
    std::vector<std::string> replicas;
    for (const ReplicaState& each : partition.replicas) {
      replicas.push_back(fmt::format("{}: {} ({}){}{}", each.broker, each.log_end_offset,
                                     each.high_watermark, each.in_sync ? "" : "*",
                                     each.alive ? "" : " dead"));
    }
    table.row({partition.name, broker_name(partition.leader),
               std::to_string(partition.leader_epoch), isr_text(partition.isr),
               fmt::format("{}", fmt::join(replicas, " · "))});
  }
  table.print(page);
  more(page, rows, most, "partitions");
  if (internal > 0) {
    page.line(fmt::format(
        "  and {} of __consumer_offsets, {}", internal,
        internal_short == 0 ? "all in sync" : fmt::format("{} under-replicated", internal_short)));
  }
}

void report_traffic(Page& page, const Summary& summary) {
  std::uint64_t all = 0;
  for (const TrafficRow& row : summary.traffic) all += row.sent;
  page.heading("TRAFFIC", fmt::format("{} messages, {} MB", grouped(static_cast<std::int64_t>(all)),
                                      summary.bytes_sent / 1'000'000));
  std::string text;
  for (std::size_t i = 0; i < summary.traffic.size() && i < 10; ++i) {
    text += (i == 0 ? "" : " · ") + summary.traffic[i].message + " " +
            grouped(static_cast<std::int64_t>(summary.traffic[i].sent));
  }
  page.wrapped("  ", 2, text);
}

}  // namespace isrlab::results
