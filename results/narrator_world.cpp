// Faults, processes, ZooKeeper, brokers, controller and groups in the story of a run.
#include <fmt/format.h>

#include <algorithm>

#include "model/protocol/errors.hpp"
#include "results/narrator.hpp"
#include "results/text.hpp"
#include "scenarios/faults/event_names.hpp"
#include "scenarios/faults/registry.hpp"

namespace isrlab::results {

using model::BrokerId;
using model::HistoryKind;
using model::ProcessId;
using model::ProcessKind;
using scenarios::FaultAction;
using sim::HistoryEvent;

/// What a process was when the fault hit it: "leader of orders-0, controller".
std::string Narrator::roles(ProcessId process) const {
  const BrokerId broker = catalog_.broker_of(process);
  if (broker == model::kNoBroker) {
    if (catalog_.process(process).kind != ProcessKind::kZooKeeper) return "";
    return zk_leader_ == static_cast<std::int64_t>(process) ? "ZooKeeper leader" : "";
  }
  std::vector<std::string> led;
  std::size_t internal = 0;
  for (model::PartitionId id = 0; id < catalog_.partition_count(); ++id) {
    const PartitionView& partition = view_.partition(id);
    if (!partition.known || partition.leader != broker) continue;
    if (catalog_.topic(catalog_.partition(id).topic).internal) {
      ++internal;
    } else {
      led.push_back(catalog_.partition_name(id));
    }
  }
  std::vector<std::string> parts;
  if (view_.controller() == broker) parts.push_back("controller");
  if (!led.empty()) parts.push_back("leader of " + some_of(led));
  for (const model::GroupInfo& group : catalog_.groups()) {
    const PartitionView& home = view_.partition(group.offsets_partition);
    if (home.known && home.leader == broker) parts.push_back("coordinator of " + group.name);
  }
  if (led.empty() && internal > 0 && parts.empty()) {
    parts.push_back(fmt::format("leader of {} of __consumer_offsets", internal));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string Narrator::targets_text(std::int64_t list, bool with_roles) const {
  std::vector<std::string> names;
  for (const std::uint32_t process : history_.list(list)) {
    const std::string role = with_roles ? roles(process) : std::string();
    names.push_back(process_name(process) + (role.empty() ? "" : " (" + role + ")"));
  }
  return names.empty() ? "nobody" : some_of(names, 6);
}

/// Everybody as one word, the others by name.
std::string Narrator::selector_text(const scenarios::Selector& selector, std::int64_t list,
                                    const std::string& before) const {
  const bool all = selector.kind == scenarios::SelectorKind::kAll;
  return before + (all ? std::string("all") : targets_text(list, false));
}

void Narrator::fault(const HistoryEvent& event) {
  FaultResult told;
  told.from = event.time;
  if (event.subject < specs_.size()) {
    const scenarios::FaultSpec& spec = specs_[event.subject];
    told.text = spec.text;
    told.why = spec.why;
    told_faults_.push_back(told);
    fault_items_.push_back(event.subject);
    std::string word(scenarios::info(spec.action).word);
    std::replace(word.begin(), word.end(), '_', ' ');
    std::string what = word + " " + targets_text(event.a, true);
    if (!spec.picks.empty()) {
      what = word + " " + scenarios::picks_text(spec.picks);
    } else if (spec.action == FaultAction::kIsolate) {
      what += " from everybody";
    } else if (spec.action == FaultAction::kHold) {
      what = word + " " + std::string(scenarios::message_word(spec.message)) + " " +
             selector_text(spec.who, event.a, "from ") + selector_text(spec.from, event.b, " to ");
    } else if (scenarios::has_two_sides(spec.action)) {
      what += " from " + targets_text(event.b, false);
    }
    if (spec.direction != scenarios::CutDirection::kBoth) {
      what += ", one way only (" + std::string(scenarios::direction_word(spec.direction)) + ")";
    }
    if (spec.offset != 0) {
      const std::string sign = spec.offset > 0 ? "+" : "";
      what += " by " + sign + sim::format_duration(spec.offset);
    }
    if (spec.ppm != 0) what += " by " + std::to_string(spec.ppm) + " ppm";
    if (event.c > 0) what += " for " + sim::format_duration(event.c);
    told_faults_.back().what = what;
    if (scenarios::is_instant(spec.action)) told_faults_.back().until = event.time;
  } else {
    told.what = "fault injected by hand: " + targets_text(event.a, true);
    told_faults_.push_back(told);
    fault_items_.push_back(event.subject);
  }
  const bool acts = event.subject < specs_.size() && !specs_[event.subject].picks.empty();
  plain(event, acts ? "admin" : "fault", acts ? "admin" : targets_text(event.a, false),
        told_faults_.back().what);
}

void Narrator::healed(const HistoryEvent& event) {
  for (std::size_t i = told_faults_.size(); i-- > 0;) {
    if (fault_items_[i] == event.subject && told_faults_[i].until == sim::kNever) {
      told_faults_[i].until = event.time;
      break;
    }
  }
  const std::string targets = targets_text(event.a, false);
  const bool several = history_.list(event.a).size() > 1;
  std::string text = "healed: " + targets;
  if (event.subject < specs_.size()) {
    switch (specs_[event.subject].action) {
      case FaultAction::kKill:
      case FaultAction::kStop:
      case FaultAction::kCrash:
      case FaultAction::kWipe:
      case FaultAction::kZkQuorumLoss:
        text = targets + (several ? " are started again" : " is started again");
        break;
      case FaultAction::kRollingRestart: text = "the rolling restart is through"; break;
      case FaultAction::kPause: text = targets + (several ? " go on" : " goes on"); break;
      case FaultAction::kPartition:
      case FaultAction::kFlap:
      case FaultAction::kClog:
      case FaultAction::kIsolate: text = "the cut around " + targets + " is mended"; break;
      case FaultAction::kHold:
      case FaultAction::kDelayWatches: text = "what was held back goes on its way"; break;
      case FaultAction::kSlowDisk:
      case FaultAction::kFullDisk:
      case FaultAction::kFailDisk: text = "the disk of " + targets + " is well again"; break;
      case FaultAction::kSkew: text = "the wall clock of " + targets + " is set right"; break;
      case FaultAction::kDrift: text = "the clock of " + targets + " keeps time again"; break;
      case FaultAction::kDelay:
      case FaultAction::kSlowLink: text = "the links of " + targets + " are quick again"; break;
      default: break;
    }
  }
  plain(event, "heal", targets, text);
}

bool Narrator::caused_by_fault(const HistoryEvent& event) const {
  if (event.cause == 0) return false;
  const auto kind = static_cast<HistoryKind>(history_[event.cause].kind);
  return kind == HistoryKind::kFaultInjected || kind == HistoryKind::kFaultHealed;
}

void Narrator::process_started(const HistoryEvent& event) {
  started_[event.actor] = event.time;
  zk_lost_[event.actor] = 0;
  const ProcessKind kind = catalog_.process(event.actor).kind;
  if (kind == ProcessKind::kAdmin || (event.subject > 1 && caused_by_fault(event))) return;
  const bool client = kind == ProcessKind::kProducer || kind == ProcessKind::kConsumer;
  Note told = note(event, "process", process_name(event.actor));
  told.form = Form::kStarts;
  told.key = client ? "clients" : event.subject > 1 ? "again" : "";
  told.text = kind == ProcessKind::kBroker      ? "broker"
              : kind == ProcessKind::kZooKeeper ? "ZooKeeper server"
              : kind == ProcessKind::kProducer  ? "producer"
                                                : "consumer";
  book_.add(std::move(told));
}

bool Narrator::tell_world(const HistoryEvent& event) {
  const std::string& actor = process_name(event.actor);
  const auto merged = [&](Form form, std::string kind) {
    Note told = note(event, std::move(kind), actor);
    told.form = form;
    book_.add(std::move(told));
  };
  switch (static_cast<HistoryKind>(event.kind)) {
    case HistoryKind::kFaultInjected: fault(event); return true;
    case HistoryKind::kFaultHealed: healed(event); return true;
    case HistoryKind::kProcessStarted: process_started(event); return true;
    case HistoryKind::kProcessExited:
      plain(event, "process", actor,
            event.a != 0 ? actor + " ends cleanly" : "the process of " + actor + " ends");
      return true;
    case HistoryKind::kZkLooking:
      if (booted_) merged(Form::kLooking, "zookeeper");
      return true;
    case HistoryKind::kZkLeading:
      zk_leader_ = event.actor;
      plain(event, "zookeeper", actor,
            fmt::format("{} leads ZooKeeper (epoch {})", actor, event.a));
      return true;
    case HistoryKind::kZkSessionExpired: {
      const std::string owner = process_name(event.subject);
      plain(event, "session", owner,
            fmt::format("ZooKeeper expires the session of {}: last heard {} earlier (session {}, "
                        "tick {})",
                        owner, span_text(event.time - event.b), sim::format_duration(event.c),
                        sim::format_duration(catalog_.spec().zookeeper_config.tick_time)));
      return true;
    }
    case HistoryKind::kZkClientDisconnected:
      // A dead process loses nothing any more, and one that stops has closed its session itself.
      if (booted_ && view_.alive(event.actor)) {
        zk_lost_[event.actor] = 1;
        merged(Form::kZkLost, "zookeeper");
      }
      return true;
    case HistoryKind::kZkClientConnected:
      if (zk_lost_[event.actor] != 0) merged(Form::kZkBack, "zookeeper");
      zk_lost_[event.actor] = 0;
      return true;
    case HistoryKind::kZkClientExpired:
      plain(event, "session", actor, actor + " learns that its session has expired");
      return true;
    default: return false;
  }
}

bool Narrator::tell_logs(const HistoryEvent& event) {
  const std::string& actor = process_name(event.actor);
  switch (static_cast<HistoryKind>(event.kind)) {
    case HistoryKind::kLogsLoaded:
      plain(event, "broker", actor,
            fmt::format("{} needs {} to scan {} bytes of its logs", actor, span_text(event.a),
                        grouped(event.b)));
      return true;
    case HistoryKind::kLogDirFailed:
      plain(
          event, "disk", actor,
          fmt::format("{} gives up log directory {}: {} offline there, {} left", actor, event.a + 1,
                      counted(event.b, "partition"), counted(event.c, "directory", "directories")));
      return true;
    default: return false;
  }
}

bool Narrator::tell_operator(const HistoryEvent& event) {
  const std::string& actor = process_name(event.actor);
  switch (static_cast<HistoryKind>(event.kind)) {
    case HistoryKind::kAdminAnswered:
      if (const auto error = static_cast<model::Error>(event.b); error != model::Error::kNone) {
        plain(event, "admin", catalog_.partition_name(event.subject),
              fmt::format("the operator's {} of {} is refused: {}",
                          static_cast<model::MessageType>(event.a) ==
                                  model::MessageType::kElectLeadersRequest
                              ? "election"
                              : "reassignment",
                          catalog_.partition_name(event.subject), model::error_name(error)));
      }
      return true;
    case HistoryKind::kReassignmentStarted: {
      const auto names = [&](std::int64_t list) { return isr_text(history_.list(list)); };
      std::string text = fmt::format("{} gets the replicas {}",
                                     catalog_.partition_name(event.subject), names(event.a));
      if (!history_.list(event.b).empty()) text += ", adding " + names(event.b);
      if (!history_.list(event.c).empty()) text += ", removing " + names(event.c);
      plain(event, "admin", catalog_.partition_name(event.subject), text);
      return true;
    }
    case HistoryKind::kReassignmentDone:
      plain(event, "admin", catalog_.partition_name(event.subject),
            fmt::format("the reassignment of {} is complete: {}",
                        catalog_.partition_name(event.subject), isr_text(history_.list(event.a))));
      return true;
    case HistoryKind::kReplicaDeleted:
      plain(event, "admin", catalog_.partition_name(event.subject),
            fmt::format("{} deletes its replica of {}, whose log ended at {}", actor,
                        catalog_.partition_name(event.subject), event.a));
      return true;
    default: return false;
  }
}

bool Narrator::tell_brokers(const HistoryEvent& event) {
  const std::string& actor = process_name(event.actor);
  const std::string subject = broker_name(static_cast<BrokerId>(event.subject));
  switch (static_cast<HistoryKind>(event.kind)) {
    case HistoryKind::kBrokerRegistered: registered_[event.subject] = event.time; return true;
    case HistoryKind::kBrokerRegistrationFailed:
      plain(event, "broker", actor,
            actor + " cannot register: /brokers/ids still holds its old session's node");
      return true;
    case HistoryKind::kBrokerRunning: {
      Note told = note(event, "broker", actor);
      told.form = Form::kUp;
      told.key = booted_ ? "again" : "";
      if (booted_ && registered_[event.subject] >= 0) {
        told.text = fmt::format(" (registered after {}, serves after {})",
                                span_text(registered_[event.subject] - started_[event.actor]),
                                span_text(event.time - started_[event.actor]));
      }
      book_.add(std::move(told));
      return true;
    }
    case HistoryKind::kControlledShutdownStarted:
      plain(event, "broker", actor, actor + " begins its controlled shutdown");
      return true;
    case HistoryKind::kControlledShutdownDone:
      plain(event, "broker", actor,
            fmt::format("{} has {} its leaderships ({})", actor,
                        event.a != 0 ? "handed over" : "NOT handed over",
                        counted(event.b, "attempt")));
      return true;
    case HistoryKind::kControllerElected:
      plain(event, "controller", actor,
            fmt::format("{} becomes controller (epoch {})", actor, event.a));
      return true;
    case HistoryKind::kControllerReady:
      if (booted_) {
        plain(event, "controller", actor,
              fmt::format("controller {} has taken over {}", actor, counted(event.b, "partition")));
      }
      return true;
    case HistoryKind::kControllerResigned:
      plain(event, "controller", actor,
            fmt::format("{} gives up being controller (epoch {})", actor, event.a));
      return true;
    case HistoryKind::kBrokerFailureSeen:
      plain(event, "controller", subject,
            fmt::format("controller {} sees {} vanish", actor, subject));
      return true;
    case HistoryKind::kBrokerStartSeen:
      if (booted_) {
        plain(event, "controller", subject,
              fmt::format("controller {} sees {} come back", actor, subject));
      }
      return true;
    case HistoryKind::kTopicCreated:
      plain(event, "topic", catalog_.topic(event.subject).name,
            fmt::format("topic {} is created: {}", catalog_.topic(event.subject).name,
                        counted(event.a, "partition")));
      return true;
    case HistoryKind::kIsrUpdateFailed:
      plain(event, "isr", catalog_.partition_name(event.subject),
            fmt::format("{}'s change of the ISR of {} is refused: {}", actor,
                        catalog_.partition_name(event.subject),
                        model::error_name(static_cast<model::Error>(event.a))));
      return true;
    default: return false;
  }
}

bool Narrator::tell_groups(const HistoryEvent& event) {
  const auto kind = static_cast<HistoryKind>(event.kind);
  static constexpr const char* kWhy[] = {"a member joins", "a member leaves",
                                         "a member's session ends", "its topics changed",
                                         "the assignment failed"};
  static constexpr const char* kLeft[] = {"it closed", "no heartbeat within its session",
                                          "it did not rejoin in time", "it did not sync in time"};
  const auto word = [](const auto& table, std::int64_t index) {
    return index >= 0 && index < static_cast<std::int64_t>(std::size(table))
               ? table[static_cast<std::size_t>(index)]
               : "";
  };
  switch (kind) {
    case HistoryKind::kGroupLoaded:
      if (event.b > 0) {
        plain(event, "group", catalog_.group(event.subject).name,
              fmt::format("{} takes over group {} (generation {}, {})", process_name(event.actor),
                          catalog_.group(event.subject).name, event.a, counted(event.b, "member")));
      }
      return true;
    case HistoryKind::kMemberLeft:
      plain(event, "group", catalog_.group(event.subject).name,
            fmt::format("{} is out of group {}: {}",
                        process_name(static_cast<std::uint32_t>(event.a)),
                        catalog_.group(event.subject).name, word(kLeft, event.b)));
      return true;
    case HistoryKind::kRebalanceStarted: {
      std::string who;
      if (event.c >= 0 && static_cast<std::uint64_t>(event.c) < catalog_.processes().size()) {
        who = " (" + process_name(static_cast<std::uint32_t>(event.c)) + ")";
      }
      plain(event, "group", catalog_.group(event.subject).name,
            fmt::format("group {} rebalances: {}{}", catalog_.group(event.subject).name,
                        word(kWhy, event.b), who));
      return true;
    }
    case HistoryKind::kGroupStable:
      plain(event, "group", catalog_.group(event.subject).name,
            fmt::format("group {} is stable: generation {}, {}", catalog_.group(event.subject).name,
                        event.a, counted(event.b, "member")));
      return true;
    case HistoryKind::kAssignmentReceived: {
      Note told = note(event, "group", process_name(event.actor));
      told.form = Form::kAssigned;
      told.key = catalog_.group(event.subject).name;
      std::vector<std::string> names;
      for (const std::uint32_t p : history_.list(event.b))
        names.push_back(catalog_.partition_name(p));
      told.text = names.empty() ? "nothing (idle)" : some_of(names);
      book_.add(std::move(told));
      return true;
    }
    case HistoryKind::kPositionReset:
      if (event.c != 0) {
        plain(event, "group", process_name(event.actor),
              fmt::format("{} found its offset {} of {} out of range and goes on at {}",
                          process_name(event.actor), event.a,
                          catalog_.partition_name(event.subject), event.b));
      }
      return true;
    default: return false;
  }
}

}  // namespace isrlab::results
