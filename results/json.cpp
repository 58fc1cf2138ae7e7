#include "results/json.hpp"

#include <nlohmann/json.hpp>

#include "results/text.hpp"
#include "scenarios/faults/terms.hpp"

namespace isrlab::results {
namespace {

using Json = nlohmann::ordered_json;

Json expectations(const Summary& summary) {
  Json list = Json::array();
  for (const ExpectationResult& each : summary.expectations) {
    Json object;
    object["kind"] = std::string(kind_word(each.kind));
    object["text"] = each.text;
    object["held"] = each.outcome == Outcome::kHeld;
    object["inconclusive"] = each.outcome == Outcome::kInconclusive;
    object["detail"] = each.detail;
    list.push_back(std::move(object));
  }
  return list;
}

Json invariants(const Summary& summary) {
  Json list = Json::array();
  for (const InvariantResult& each : summary.invariants) {
    Json object;
    object["id"] = each.id;
    object["name"] = each.name;
    object["promised"] = each.promised;
    object["held"] = each.held;
    object["checked"] = each.checked;
    object["violations"] = each.violations;
    if (each.held) {
      object["first_violation"] = nullptr;
    } else {
      object["first_violation"] = {
          {"time", each.first_time}, {"event", each.first_event}, {"text", each.first}};
    }
    list.push_back(std::move(object));
  }
  return list;
}

Json records(const Summary& summary) {
  Json list = Json::array();
  for (const RecordCounts& each : summary.records) {
    list.push_back({{"acks", acks_name(each.acks).substr(5)},
                    {"produced", each.produced},
                    {"acked", each.acked},
                    {"failed", each.failed},
                    {"unknown", each.unknown},
                    {"lost", each.lost},
                    {"duplicated", each.duplicated},
                    {"reordered", each.reordered}});
  }
  return list;
}

Json losses(const Summary& summary) {
  Json list = Json::array();
  for (const LostRange& each : summary.losses) {
    list.push_back({{"partition", each.name},
                    {"producer", each.producer},
                    {"acks", acks_name(each.acks).substr(5)},
                    {"first_record", each.first_record},
                    {"records", each.records},
                    {"first_offset", each.first_offset},
                    {"last_offset", each.last_offset},
                    {"first_acked", each.first_acked},
                    {"last_acked", each.last_acked},
                    {"acked_by", each.acked_by},
                    {"lost_at", each.lost_at},
                    {"cause", each.cause},
                    {"why", each.why}});
  }
  return list;
}

Json outages(const Summary& summary) {
  Json list = Json::array();
  for (const Outage& each : summary.outages) {
    Json object;
    object["partition"] = each.name;
    object["operation"] = each.operation;
    if (!each.group.empty()) object["group"] = each.group;
    object["from"] = each.from;
    object["to"] = each.to;
    object["open"] = each.open;
    object["detect"] = each.detect;
    object["elect"] = each.elect;
    object["propagate"] = each.propagate;
    object["client"] = each.client;
    object["why"] = each.why;
    list.push_back(std::move(object));
  }
  return list;
}

Json sessions(const Sessions& sessions) {
  Json expired = Json::array();
  for (const SessionEnd& each : sessions.expired) {
    expired.push_back({{"owner", each.owner},
                       {"expired", each.expired},
                       {"last_heard", each.last_heard},
                       {"timeout", each.timeout},
                       {"detect", each.detect}});
  }
  return {{"created", sessions.created}, {"closed", sessions.closed}, {"expired", expired}};
}

Json replicas(const Summary& summary) {
  Json list = Json::array();
  for (const PartitionResult& partition : summary.partitions) {
    Json object;
    object["partition"] = partition.name;
    object["leader"] = partition.leader;
    object["leader_epoch"] = partition.leader_epoch;
    object["isr"] = partition.isr;
    object["replicas"] = Json::array();
    for (const ReplicaState& each : partition.replicas) {
      object["replicas"].push_back({{"broker", each.broker},
                                    {"log_end_offset", each.log_end_offset},
                                    {"high_watermark", each.high_watermark},
                                    {"epoch", each.epoch},
                                    {"alive", each.alive},
                                    {"in_sync", each.in_sync}});
    }
    list.push_back(std::move(object));
  }
  return list;
}

Json groups(const Summary& summary) {
  Json list = Json::array();
  for (const GroupResult& group : summary.groups) {
    Json object;
    object["group"] = group.name;
    object["state"] = group.state;
    object["coordinator"] = group.coordinator;
    object["generation"] = group.generation;
    object["lag"] = group.lag;
    object["lag_max"] = group.lag_max;
    object["members"] = Json::array();
    for (const GroupMemberResult& member : group.members) {
      object["members"].push_back({{"name", member.name},
                                   {"member_id", member.member_id},
                                   {"partitions", member.partitions}});
    }
    object["idle"] = group.idle;
    object["partitions"] = Json::array();
    for (const GroupPartition& row : group.partitions) {
      object["partitions"].push_back({{"partition", row.name},
                                      {"committed", row.committed},
                                      {"log_end_offset", row.log_end_offset},
                                      {"lag", row.lag},
                                      {"member", row.member}});
    }
    list.push_back(std::move(object));
  }
  return list;
}

Json faults(const Summary& summary) {
  Json list = Json::array();
  for (const FaultResult& each : summary.faults) {
    Json object;
    object["from"] = each.from;
    if (each.until == sim::kNever) {
      object["until"] = nullptr;
    } else {
      object["until"] = each.until;
    }
    object["text"] = each.text;
    object["what"] = each.what;
    object["why"] = each.why;
    list.push_back(std::move(object));
  }
  return list;
}

Json timeline(const Summary& summary) {
  Json list = Json::array();
  for (const TimelineEntry& each : summary.timeline) {
    list.push_back({{"time", each.time},
                    {"kind", each.kind},
                    {"subject", each.subject},
                    {"text", each.text},
                    {"event", each.event},
                    {"cause", each.cause}});
  }
  return list;
}

Json as_json(const Summary& summary) {
  Json json;
  json["schema"] = kSummarySchema;
  json["scenario"] = summary.scenario;
  json["seed"] = summary.seed;
  json["digest"] = hex16(summary.digest);
  json["events"] = summary.events;
  json["simulated"] = summary.simulated;
  json["verdict"] = std::string(verdict_name(summary.verdict));
  json["expectations"] = expectations(summary);
  json["invariants"] = invariants(summary);
  json["records"] = records(summary);
  json["losses"] = losses(summary);
  json["outages"] = outages(summary);
  json["ack_latency"] = Json::array();
  for (const AckLatency& each : summary.ack_latency) {
    json["ack_latency"].push_back({{"topic", each.topic},
                                   {"count", each.count},
                                   {"p50", each.p50},
                                   {"p99", each.p99},
                                   {"max", each.max}});
  }
  json["elections"] = {
      {"total", summary.elections.total()},     {"clean", summary.elections.clean},
      {"unclean", summary.elections.unclean},   {"preferred", summary.elections.preferred},
      {"shutdown", summary.elections.shutdown}, {"reassignment", summary.elections.reassignment}};
  json["isr_changes"] = {{"shrinks", summary.isr_changes.shrinks},
                         {"expands", summary.isr_changes.expands}};
  json["rebalances"] = {{"started", summary.rebalances.started},
                        {"completed", summary.rebalances.completed}};
  json["sessions"] = sessions(summary.sessions);
  json["replicas"] = replicas(summary);
  json["groups"] = groups(summary);
  json["faults"] = faults(summary);
  json["timeline"] = timeline(summary);
  json["traffic"] = {{"bytes", summary.bytes_sent}, {"messages", Json::object()}};
  for (const TrafficRow& row : summary.traffic) {
    json["traffic"]["messages"][row.message] = row.sent;
  }
  json["replay"] = summary.replay;
  return json;
}

}  // namespace

std::string summary_json(const Summary& summary) {
  return as_json(summary).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string summary_json_line(const Summary& summary) {
  return as_json(summary).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace isrlab::results
