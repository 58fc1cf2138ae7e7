// History events as sentences, and the chain of causes that led to one: the "why" of the inspector.
#pragma once
#include <string>
#include <vector>

#include "model/catalog.hpp"
#include "model/history.hpp"
#include "scenarios/format/scenario.hpp"
#include "sim/history.hpp"

namespace isrlab::viz {

/// What event texts need to know: names, lists and the faults that items stand for.
struct EventContext {
  const model::Catalog& catalog;
  const sim::History& history;
  const std::vector<scenarios::FaultSpec>& faults;
};

inline model::HistoryKind kind_of(const sim::HistoryEvent& event) {
  return static_cast<model::HistoryKind>(event.kind);
}

/// One clause without the actor: `elected leader of orders-0: b2, epoch 1`.
std::string event_text(const EventContext& context, const sim::HistoryEvent& event);
/// With the actor in front: `b3: becomes controller, epoch 2`.
std::string event_line(const EventContext& context, const sim::HistoryEvent& event);

/// Does the event concern this partition (as its subject)?
bool is_about_partition(const sim::HistoryEvent& event, std::uint32_t partition);
bool is_about_group(const sim::HistoryEvent& event, std::uint32_t group);
/// Is the process its actor, its victim or the broker it names?
bool is_about_process(const EventContext& context, const sim::HistoryEvent& event,
                      std::uint32_t process);

/// The event, its cause, the cause of that, ... at most `limit` of them. Ids; ends at the start of
/// the run or at a fault.
std::vector<std::uint32_t> cause_chain(const sim::History& history, std::uint32_t event,
                                       std::size_t limit);

}  // namespace isrlab::viz
