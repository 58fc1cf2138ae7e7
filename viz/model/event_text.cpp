#include "viz/model/event_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/protocol/errors.hpp"
#include "model/protocol/messages.hpp"
#include "viz/model/names.hpp"
#include "viz/widgets/time_axis.hpp"

namespace isrlab::viz {
namespace {

using model::HistoryKind;
using sim::HistoryEvent;

/// Short access to the parts of one event.
struct Parts {
  const EventContext& context;
  const HistoryEvent& event;

  std::string partition() const {
    return event.subject < context.catalog.partition_count()
               ? context.catalog.partition_name(event.subject)
               : fmt::format("partition {}", event.subject);
  }
  std::string group() const {
    return event.subject < context.catalog.groups().size()
               ? context.catalog.group(event.subject).name
               : fmt::format("group {}", event.subject);
  }
  std::string topic() const {
    return event.subject < context.catalog.topics().size()
               ? context.catalog.topic(event.subject).name
               : fmt::format("topic {}", event.subject);
  }
  std::string process(std::int64_t id) const {
    return short_name(context.catalog, static_cast<model::ProcessId>(id));
  }
  std::string brokers(std::int64_t handle) const {
    return broker_names(context.history.list(handle));
  }
  std::string processes(std::int64_t handle) const {
    return process_names(context.catalog, context.history.list(handle), 4);
  }
  std::string fault() const {
    const bool known = event.subject < context.faults.size();
    return known ? context.faults[event.subject].text : std::string("fault");
  }
  static std::string error(std::int64_t code) {
    return std::string(model::error_name(static_cast<model::Error>(code)));
  }
};

std::string environment_text(const Parts& p) {
  const HistoryEvent& e = p.event;
  switch (kind_of(e)) {
    case HistoryKind::kProcessStarted:
      return e.subject > 1 ? fmt::format("process starts again (start {})", e.subject)
                           : "process starts";
    case HistoryKind::kProcessKilled: return "process is killed";
    case HistoryKind::kProcessExited:
      return e.a != 0 ? "process ends cleanly" : "process ends by itself";
    case HistoryKind::kProcessPaused: return "process is paused";
    case HistoryKind::kProcessResumed:
      return fmt::format("process goes on after {}", format_span(e.a));
    case HistoryKind::kFaultInjected:
      return fmt::format("fault: {} → {}", p.fault(), p.processes(e.a));
    case HistoryKind::kFaultHealed:
      return fmt::format("healed: {} → {}", p.fault(), p.processes(e.a));
    case HistoryKind::kConnectionRefused:
      return fmt::format("connection refused by {}", p.process(e.subject));
    case HistoryKind::kConnectionLost:
      return fmt::format("loses its connection to {}", p.process(e.subject));
    default: return {};
  }
}

std::string zookeeper_text(const Parts& p) {
  const HistoryEvent& e = p.event;
  switch (kind_of(e)) {
    case HistoryKind::kZkLooking: return "looks for a ZooKeeper leader";
    case HistoryKind::kZkLeading: return fmt::format("leads ZooKeeper, epoch {}", e.a);
    case HistoryKind::kZkFollowing: return fmt::format("follows zk{}, epoch {}", e.a, e.b);
    case HistoryKind::kZkSessionCreated:
      return fmt::format("session of {} opened, time-out {}", p.process(e.subject),
                         format_span(e.b));
    case HistoryKind::kZkSessionExpired:
      return fmt::format("session of {} expired: last heard {} before", p.process(e.subject),
                         format_span(e.time - e.b));
    case HistoryKind::kZkSessionClosed:
      return fmt::format("session of {} closed", p.process(e.subject));
    case HistoryKind::kZkClientConnected:
      return fmt::format("has a ZooKeeper session through zk{}", e.subject);
    case HistoryKind::kZkClientDisconnected:
      return fmt::format("loses its connection to zk{}", e.subject);
    case HistoryKind::kZkClientExpired: return "learns that its session has expired";
    default: return {};
  }
}

std::string controller_text(const Parts& p) {
  const HistoryEvent& e = p.event;
  switch (kind_of(e)) {
    case HistoryKind::kBrokerRegistered:
      return fmt::format("registers in ZooKeeper, broker epoch {}", e.a);
    case HistoryKind::kBrokerRegistrationFailed:
      return "cannot register: its old session still lives";
    case HistoryKind::kBrokerRunning: return "is running";
    case HistoryKind::kControlledShutdownStarted: return "starts its controlled shutdown";
    case HistoryKind::kControlledShutdownDone:
      return e.a != 0 ? "hands over its leaders and stops" : "stops without handing over";
    case HistoryKind::kControllerElected: return fmt::format("becomes controller, epoch {}", e.a);
    case HistoryKind::kControllerReady:
      return fmt::format("controller is ready, {} partitions", e.b);
    case HistoryKind::kControllerResigned:
      return fmt::format("resigns as controller of epoch {}", e.a);
    case HistoryKind::kBrokerFailureSeen: return fmt::format("sees that b{} has failed", e.subject);
    case HistoryKind::kBrokerStartSeen: return fmt::format("sees that b{} has started", e.subject);
    case HistoryKind::kTopicCreated:
      return fmt::format("creates topic {} with {} partitions", p.topic(), e.a);
    case HistoryKind::kControlRequestRefused:
      return fmt::format("refuses a request of controller b{}: {}", e.subject, Parts::error(e.a));
    default: return {};
  }
}

const char* strategy_word(std::int64_t strategy) {
  constexpr const char* kWords[] = {"first leader",     "leader was offline",
                                    "preferred leader", "leader shuts down",
                                    "UNCLEAN",          "reassignment"};
  return strategy >= 0 && strategy < 6 ? kWords[strategy] : "?";
}

std::string partition_text(const Parts& p) {
  const HistoryEvent& e = p.event;
  switch (kind_of(e)) {
    case HistoryKind::kPartitionState:
      return fmt::format("{}: leader {}, ISR {}, leader epoch {}", p.partition(),
                         broker_name(static_cast<model::BrokerId>(e.a)), p.brokers(e.b), e.c >> 32);
    case HistoryKind::kLeaderElected:
      return fmt::format("{}: elects {}, leader epoch {} ({})", p.partition(),
                         broker_name(static_cast<model::BrokerId>(e.a)), e.b, strategy_word(e.c));
    case HistoryKind::kPartitionOffline:
      return fmt::format("{}: offline, last leader {}", p.partition(),
                         broker_name(static_cast<model::BrokerId>(e.a)));
    case HistoryKind::kBecameLeader:
      return fmt::format("{}: leads from offset {}, epoch {}", p.partition(), e.b, e.a);
    case HistoryKind::kBecameFollower:
      return fmt::format("{}: follows {}, epoch {}", p.partition(),
                         broker_name(static_cast<model::BrokerId>(e.b)), e.a);
    case HistoryKind::kReplicaStopped: return fmt::format("{}: replica stopped", p.partition());
    case HistoryKind::kReplicaDeleted:
      return fmt::format("{}: replica deleted, {} messages", p.partition(), e.a);
    case HistoryKind::kReassignmentStarted:
      return fmt::format("{}: reassignment to {}, adding {}, removing {}", p.partition(),
                         p.brokers(e.a), p.brokers(e.b), p.brokers(e.c));
    case HistoryKind::kReassignmentDone:
      return fmt::format("{}: reassignment complete, {}", p.partition(), p.brokers(e.a));
    case HistoryKind::kAdminAnswered:
      return fmt::format("{}: {} answered, {}", p.partition(),
                         model::message_name(static_cast<model::MessageType>(e.a)),
                         Parts::error(e.b));
    case HistoryKind::kTruncated:
      return fmt::format("{}: truncates {} messages, {} to {}", p.partition(), e.a - e.b, e.a, e.b);
    case HistoryKind::kIsrShrinkProposed:
      return fmt::format("{}: wants to shrink the ISR to {}", p.partition(), p.brokers(e.a));
    case HistoryKind::kIsrExpandProposed:
      return fmt::format("{}: wants to expand the ISR to {}", p.partition(), p.brokers(e.a));
    case HistoryKind::kIsrCommitted:
      return fmt::format("{}: ISR is now {}", p.partition(), p.brokers(e.a));
    case HistoryKind::kIsrUpdateFailed:
      return fmt::format("{}: ISR update failed: {}", p.partition(), Parts::error(e.a));
    case HistoryKind::kFetchFenced:
      return fmt::format("{}: fetch refused: {}", p.partition(), Parts::error(e.a));
    default: return {};
  }
}

std::string group_text(const Parts& p) {
  constexpr const char* kLeft[] = {"left", "session timed out", "did not rejoin", "did not sync"};
  constexpr const char* kWhy[] = {"a member joins", "a member leaves", "a member expired",
                                  "metadata changed", "a member did not sync"};
  const HistoryEvent& e = p.event;
  switch (kind_of(e)) {
    case HistoryKind::kGroupLoaded:
      return fmt::format("{}: loaded, generation {}, {} members", p.group(), e.a, e.b);
    case HistoryKind::kGroupUnloaded:
      return fmt::format("{}: moves to another coordinator", p.group());
    case HistoryKind::kMemberJoined: return fmt::format("{}: {} joins", p.group(), p.process(e.a));
    case HistoryKind::kMemberLeft:
      return fmt::format("{}: {} is out ({})", p.group(), p.process(e.a),
                         kLeft[std::clamp<std::int64_t>(e.b, 0, 3)]);
    case HistoryKind::kRebalanceStarted:
      return fmt::format("{}: rebalance, {} ({})", p.group(),
                         kWhy[std::clamp<std::int64_t>(e.b, 0, 4)], p.process(e.c));
    case HistoryKind::kGenerationStarted:
      return fmt::format("{}: generation {} with {} members", p.group(), e.a, e.b);
    case HistoryKind::kGroupStable:
      return fmt::format("{}: stable in generation {}", p.group(), e.a);
    case HistoryKind::kAssignmentReceived:
      return fmt::format("{}: gets {} partitions, generation {}", p.group(),
                         p.context.history.list(e.b).size(), e.a);
    case HistoryKind::kAssignmentLost:
      return fmt::format("{}: gives up {} partitions", p.group(),
                         p.context.history.list(e.b).size());
    case HistoryKind::kCoordinatorFound:
      return fmt::format("{}: coordinator is {}", p.group(),
                         broker_name(static_cast<model::BrokerId>(e.a)));
    case HistoryKind::kPositionReset:
      return fmt::format("{}: position {} → {}", p.partition(), e.a, e.b);
    default: return {};
  }
}

std::string client_text(const Parts& p) {
  const HistoryEvent& e = p.event;
  switch (kind_of(e)) {
    case HistoryKind::kRecordsFailed:
      return fmt::format("{}: {} records FAILED: {}{}", p.partition(), e.b, Parts::error(e.c >> 8),
                         (e.c & 1) != 0 ? " (may be in the log)" : "");
    case HistoryKind::kRecordsRetried:
      return fmt::format("{}: sends {} records again: {}", p.partition(), e.b, Parts::error(e.c));
    case HistoryKind::kSendBlocked:
      return fmt::format("send() to {} blocked for {}", p.topic(), format_span(e.b));
    case HistoryKind::kLeaderLearned:
      return fmt::format("{}: learns leader {}, epoch {}", p.partition(),
                         broker_name(static_cast<model::BrokerId>(e.a)), e.b);
    case HistoryKind::kRequestTimedOut:
      return fmt::format("{} to b{} timed out",
                         model::message_name(static_cast<model::MessageType>(e.a)), e.subject);
    case HistoryKind::kProducerIdAssigned: return fmt::format("gets producer id {}", e.a);
    case HistoryKind::kTopicsReady: return "all topics are ready";
    case HistoryKind::kLogsLoaded:
      return fmt::format("scans {} bytes of its logs for {}", e.b, format_span(e.a));
    case HistoryKind::kLogStartRaised:
      return fmt::format("{}: log start {} -> {}", p.partition(), e.a, e.b);
    case HistoryKind::kLogDirFailed:
      return fmt::format("log directory {} FAILED with {} partitions", e.a + 1, e.b);
    default: return {};
  }
}

/// Kinds whose subject is a partition.
bool has_partition(HistoryKind kind) {
  return model::history_kind(kind).subject == "partition";
}

bool has_broker(HistoryKind kind) {
  const std::string_view subject = model::history_kind(kind).subject;
  return subject == "broker" || subject == "failed broker" || subject == "new broker";
}

bool has_process(HistoryKind kind) {
  const std::string_view subject = model::history_kind(kind).subject;
  return subject == "owner process" || subject == "peer process";
}

}  // namespace

std::string event_text(const EventContext& context, const HistoryEvent& event) {
  const Parts parts{context, event};
  for (const auto& text : {&environment_text, &zookeeper_text, &controller_text, &partition_text,
                           &group_text, &client_text}) {
    std::string sentence = text(parts);
    if (!sentence.empty()) return sentence;
  }
  // A kind that came after this table was written still says its name and numbers.
  return fmt::format("{} {} {} {} {}", model::history_kind(kind_of(event)).name, event.subject,
                     event.a, event.b, event.c);
}

std::string event_line(const EventContext& context, const HistoryEvent& event) {
  const std::string text = event_text(context, event);
  if (event.actor == 0xffff) return text;
  return short_name(context.catalog, event.actor) + ": " + text;
}

bool is_about_partition(const HistoryEvent& event, std::uint32_t partition) {
  return event.subject == partition && has_partition(kind_of(event));
}

bool is_about_group(const HistoryEvent& event, std::uint32_t group) {
  return event.subject == group && model::history_kind(kind_of(event)).subject == "group";
}

bool is_about_process(const EventContext& context, const HistoryEvent& event,
                      std::uint32_t process) {
  if (event.actor == process) return true;
  const HistoryKind kind = kind_of(event);
  if (has_process(kind)) return event.subject == process;
  if (has_broker(kind)) {
    const model::BrokerId broker = context.catalog.broker_of(process);
    return broker >= 1 && event.subject == static_cast<std::uint32_t>(broker);
  }
  if (kind == HistoryKind::kFaultInjected || kind == HistoryKind::kFaultHealed) {
    const auto targets = context.history.list(event.a);
    return std::find(targets.begin(), targets.end(), process) != targets.end();
  }
  return false;
}

std::vector<std::uint32_t> cause_chain(const sim::History& history, std::uint32_t event,
                                       std::size_t limit) {
  std::vector<std::uint32_t> chain;
  while (event != 0 && event <= history.size() && chain.size() < limit) {
    chain.push_back(event);
    const std::uint32_t cause = history[event].cause;
    if (cause >= event) break;  // causes come first; anything else would never end
    event = cause;
  }
  return chain;
}

}  // namespace isrlab::viz
