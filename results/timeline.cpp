#include "results/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "results/narrator.hpp"
#include "results/text.hpp"

namespace isrlab::results {
namespace {

/// How a sentence says that an operation stops and goes on.
const char* again_word(const Outage& outage) {
  return outage.operation == "read"             ? "read"
         : outage.operation == "write acks=all" ? "acks=all writes acknowledged"
                                                : "acks=1 writes acknowledged";
}

void tell_outages(const Summary& summary, NoteBook& book) {
  std::vector<const Outage*> ends;
  for (const Outage& outage : summary.outages) {
    Note note;
    note.form = Form::kOutageBegins;
    note.time = outage.from;
    note.kind = "outage";
    note.key = outage.operation + outage.group;
    note.name = outage.name;
    note.text = outage.operation == "read"
                    ? "group " + outage.group + " reads nothing from now on"
                    : outage.operation.substr(6) + " writes get no acknowledgement from now on";
    book.add(std::move(note));
    if (!outage.open) ends.push_back(&outage);
  }
  std::stable_sort(ends.begin(), ends.end(),
                   [](const Outage* a, const Outage* b) { return a->to < b->to; });
  for (const Outage* outage : ends) {
    Note note;
    note.form = Form::kOutageEnds;
    note.time = outage->to;
    note.kind = "outage";
    note.key = again_word(*outage) + (outage->group.empty() ? "" : " by " + outage->group);
    note.name = outage->name;
    note.number = outage->length();
    note.text = fmt::format("detect {} + elect {} + propagate {} + client {}",
                            span_text(outage->detect), span_text(outage->elect),
                            span_text(outage->propagate), span_text(outage->client));
    book.add(std::move(note));
  }
}

void tell_losses(const Summary& summary, NoteBook& book) {
  for (const LostRange& loss : summary.losses) {
    Note note;
    note.time = loss.lost_at;
    note.kind = "loss";
    note.name = loss.name;
    note.cause = loss.cause;
    note.event = loss.cause;
    note.text = fmt::format("{} of {} acknowledged to {} ({}) {} lost: {}",
                            counted(loss.records, "record"), loss.name, loss.producer,
                            acks_name(loss.acks), loss.records == 1 ? "is" : "are", loss.why);
    book.add(std::move(note));
  }
}

}  // namespace

std::vector<TimelineEntry> tell_timeline(const model::Cluster& cluster,
                                         const std::vector<scenarios::FaultSpec>& faults,
                                         const Summary& summary) {
  Narrator narrator(cluster, faults);
  const sim::History& history = cluster.history();
  for (std::uint32_t id = 1; id <= history.size(); ++id) narrator.tell(history[id]);
  narrator.end();
  tell_outages(summary, narrator.book());
  tell_losses(summary, narrator.book());
  return narrator.book().finish();
}

std::vector<FaultResult> tell_faults(const model::Cluster& cluster,
                                     const std::vector<scenarios::FaultSpec>& faults) {
  Narrator narrator(cluster, faults);
  const sim::History& history = cluster.history();
  for (std::uint32_t id = 1; id <= history.size(); ++id) narrator.tell(history[id]);
  return narrator.faults();
}

}  // namespace isrlab::results
