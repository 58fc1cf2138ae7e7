#include "results/narrator.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/protocol/errors.hpp"
#include "results/text.hpp"

namespace isrlab::results {

using model::BrokerId;
using model::HistoryKind;
using model::PartitionId;
using sim::HistoryEvent;

Narrator::Narrator(const model::Cluster& cluster, const std::vector<scenarios::FaultSpec>& faults)
    : cluster_(cluster),
      catalog_(cluster.catalog()),
      history_(cluster.history()),
      specs_(faults),
      view_(cluster.shared_catalog()),
      zk_lost_(catalog_.processes().size()),
      registered_(catalog_.broker_count() + 1, -1),
      started_(catalog_.processes().size(), 0),
      acting_(catalog_.partition_count(), model::kNone) {}

const std::string& Narrator::process_name(std::uint32_t process) const {
  static const std::string nobody = "somebody";
  return process < catalog_.processes().size() ? catalog_.process(process).name : nobody;
}

Note Narrator::note(const HistoryEvent& event, std::string kind, std::string name) const {
  Note note;
  note.time = event.time;
  note.kind = std::move(kind);
  note.name = std::move(name);
  note.event = event.id;
  note.cause = event.cause;
  return note;
}

void Narrator::plain(const HistoryEvent& event, std::string kind, std::string name,
                     std::string text) {
  Note told = note(event, std::move(kind), std::move(name));
  told.text = std::move(text);
  book_.add(std::move(told));
}

void Narrator::partition_note(Form form, const HistoryEvent& event, std::string kind,
                              PartitionId partition, std::string key, std::string text,
                              std::int64_t number) {
  Note told = note(event, std::move(kind), catalog_.partition_name(partition));
  told.form = form;
  told.key = std::move(key);
  told.text = std::move(text);
  told.number = number;
  told.internal = catalog_.topic(catalog_.partition(partition).topic).internal;
  book_.add(std::move(told));
}

void Narrator::tell(const HistoryEvent& event) {
  // A PartitionState is an election if LeaderElected of the same partition follows at once.
  const bool election = pending_ &&
                        static_cast<HistoryKind>(event.kind) == HistoryKind::kLeaderElected &&
                        event.subject == pending_->event.subject;
  if (pending_) flush_state(election ? &event : nullptr);
  // Roles are those before the event: a killed broker was the leader.
  const bool told =
      tell_world(event) || tell_logs(event) || tell_brokers(event) || tell_operator(event);
  if (!told && !tell_groups(event)) tell_clients(event);
  view_.on_event(event, history_);
  tell_partitions(event);
}

bool Narrator::tell_partitions(const HistoryEvent& event) {
  switch (static_cast<HistoryKind>(event.kind)) {
    case HistoryKind::kPartitionState:
      if (view_.replaced().known) {
        pending_ = PendingState{event, view_.replaced(), view_.partition(event.subject)};
      }
      return true;
    case HistoryKind::kBecameLeader:
      // A leader that is told so again, in a new epoch, is no news.
      if (event.a > 0 && acting_[event.subject] != event.actor) {
        partition_note(Form::kActs, event, "leader", event.subject, process_name(event.actor),
                       fmt::format(" from offset {} on (epoch {})", grouped(event.b), event.a));
      }
      acting_[event.subject] = event.actor;
      return true;
    case HistoryKind::kTruncated:
      if (event.a > event.b) {
        partition_note(Form::kCut, event, "log", event.subject, process_name(event.actor),
                       fmt::format("{} -> {} (high watermark was {})", grouped(event.a),
                                   grouped(event.b), grouped(event.c)),
                       event.a - event.b);
      }
      return true;
    default: return false;
  }
}

/// The state that was written: an election, or only a change of the ISR.
void Narrator::flush_state(const HistoryEvent* election) {
  if (!pending_) return;
  const PendingState state = std::move(*pending_);
  pending_.reset();
  const PartitionView& before = state.before;
  const PartitionView& after = state.after;
  const PartitionId partition = state.event.subject;
  const std::string isr = isr_text(before.isr) + " -> " + isr_text(after.isr);
  if (after.leader == model::kNoBroker) {
    if (before.leader == model::kNoBroker) return;
    const bool hopeless = std::none_of(after.isr.begin(), after.isr.end(), [&](BrokerId id) {
      return view_.alive(catalog_.broker_process(id));
    });
    return partition_note(Form::kLeaderless, state.event, "offline", partition,
                          hopeless ? "all" : "",
                          hopeless ? fmt::format("{} was the last of its ISR {}",
                                                 broker_name(before.leader), isr_text(after.isr))
                                   : fmt::format("leader {} -> none, ISR {}", before.leader, isr));
  }
  if (election != nullptr || before.leader != after.leader) {
    static constexpr const char* kHow[] = {"", "", " (preferred leader)", " (handed over)",
                                           " (UNCLEAN: not in the ISR)"};
    const std::size_t how = election != nullptr && election->c >= 0 && election->c <= 4
                                ? static_cast<std::size_t>(election->c)
                                : 0;
    const std::string old = before.leader < 0 ? "none" : std::to_string(before.leader);
    return partition_note(
        Form::kElected, state.event, "election", partition, how >= 2 ? kHow[how] : "",
        fmt::format("leader {} -> {}, epoch {} -> {}{}{}", old, after.leader, before.leader_epoch,
                    after.leader_epoch, before.isr == after.isr ? "" : ", ISR " + isr, kHow[how]));
  }
  const auto has = [](const std::vector<BrokerId>& list, BrokerId id) {
    return std::find(list.begin(), list.end(), id) != list.end();
  };
  for (const BrokerId id : before.isr) {
    if (!has(after.isr, id)) {
      partition_note(Form::kShrunk, state.event, "isr", partition, broker_name(id), isr);
    }
  }
  for (const BrokerId id : after.isr) {
    if (!has(before.isr, id)) {
      partition_note(Form::kExpanded, state.event, "isr", partition, broker_name(id), isr);
    }
  }
}

bool Narrator::tell_clients(const HistoryEvent& event) {
  const auto error = [](std::int64_t code) {
    return std::string(model::error_name(static_cast<model::Error>(code)));
  };
  const std::string& actor = process_name(event.actor);
  switch (static_cast<HistoryKind>(event.kind)) {
    case HistoryKind::kLeaderLearned:
      if (event.a < 0) return true;
      partition_note(
          Form::kLearned, event, "client", event.subject, actor,
          fmt::format("{} leads {} (epoch {})", broker_name(static_cast<BrokerId>(event.a)),
                      catalog_.partition_name(event.subject), event.b));
      return true;
    case HistoryKind::kRecordsRetried:
      partition_note(Form::kResent, event, "client", event.subject, actor + error(event.c),
                     fmt::format("{} has to resend after {}", actor, error(event.c)), event.b);
      return true;
    case HistoryKind::kRecordsFailed:
      partition_note(Form::kGaveUp, event, "client", event.subject, actor + std::to_string(event.c),
                     fmt::format("{} gives up after {}{}", actor, error(event.c >> 8),
                                 (event.c & 0xff) != 0 ? " (may be in the log)" : ""),
                     event.b);
      return true;
    case HistoryKind::kRequestTimedOut: {
      Note told = note(event, "client", actor);
      told.form = Form::kNoAnswer;
      told.key = actor + std::to_string(event.subject);
      told.text = fmt::format("{} waited in vain for {} ({})", actor,
                              broker_name(static_cast<BrokerId>(event.subject)),
                              model::message_name(static_cast<model::MessageType>(event.a)));
      book_.add(std::move(told));
      return true;
    }
    case HistoryKind::kSendBlocked:
      // A producer that has just started waits for its first metadata; that is no news.
      if (event.b < sim::kSecond && event.c == 0) return true;
      plain(event, "client", actor,
            fmt::format("{}'s send() was blocked for {} ({}){}", actor, span_text(event.b),
                        event.a == 1 ? "buffer full" : "no metadata",
                        event.c > 0 ? ", " + counted(event.c, "record") + " dropped" : ""));
      return true;
    case HistoryKind::kTopicsReady:
      booted_ = true;
      plain(event, "topic", "", "all topics are ready; the clients start");
      return true;
    default: return false;
  }
}

}  // namespace isrlab::results
