// Judging a run: expectations against what was watched and measured.
#include <fmt/format.h>

#include <algorithm>

#include "results/expectations.hpp"
#include "results/text.hpp"
#include "scenarios/faults/registry.hpp"

namespace isrlab::results {

using scenarios::Aggregate;
using scenarios::Comparison;
using scenarios::Expectation;
using scenarios::ExpectationKind;
using scenarios::Metric;

bool compares(std::int64_t left, Comparison comparison, std::int64_t right) {
  switch (comparison) {
    case Comparison::kLess: return left < right;
    case Comparison::kLessEqual: return left <= right;
    case Comparison::kEqual: return left == right;
    case Comparison::kNotEqual: return left != right;
    case Comparison::kGreaterEqual: return left >= right;
    case Comparison::kGreater: return left > right;
  }
  return false;
}

namespace {

/// Outages of one kind, and the longest of them in words.
std::int64_t measure_gaps(const Expectation& limit, const Measured& measured, bool read,
                          std::string& detail) {
  Distribution gaps;
  const Outage* longest = nullptr;
  for (const Outage& outage : measured.summary.outages) {
    if ((outage.operation == "read") != read) continue;
    const model::Catalog& catalog = measured.view.catalog();
    const model::PartitionInfo& partition = catalog.partition(outage.partition);
    if (!limit.topic.empty() && catalog.topic(partition.topic).name != limit.topic) continue;
    if (limit.partition >= 0 && partition.number != limit.partition) continue;
    gaps.add(outage.length());
    if (longest == nullptr || outage.length() > longest->length()) longest = &outage;
  }
  if (longest != nullptr && limit.aggregate != Aggregate::kCount) {
    detail = fmt::format("{} at {}: detect {} + elect {} + propagate {} + client {}", longest->name,
                         clock_text(longest->from), span_text(longest->detect),
                         span_text(longest->elect), span_text(longest->propagate),
                         span_text(longest->client));
  }
  return gaps.aggregate(limit.aggregate);
}

std::int64_t measure_records(const Expectation& limit, const Measured& measured) {
  std::int64_t sum = 0;
  for (const RecordCounts& counts : measured.summary.records) {
    if (limit.acks != scenarios::AcksClass::kAny && counts.acks != limit.acks) continue;
    sum += limit.metric == Metric::kLost ? counts.lost : counts.duplicated;
  }
  return sum;
}

std::int64_t measure_latency(const Expectation& limit, const Measured& measured) {
  const model::Catalog& catalog = measured.view.catalog();
  Distribution all;
  for (model::TopicId topic = 0; topic < catalog.topics().size(); ++topic) {
    if (!limit.topic.empty() && catalog.topic(topic).name != limit.topic) continue;
    all.add_all(measured.ledger.latency(topic));
  }
  return all.aggregate(limit.aggregate);
}

std::int64_t measure_lag(const Expectation& limit, const Measured& measured) {
  const model::Catalog& catalog = measured.view.catalog();
  const auto group = catalog.find_group(limit.group);
  if (group) return measured.groups.lag(*group).aggregate(limit.aggregate);
  // Without a group: the worst of them.
  std::int64_t worst = 0;
  for (model::GroupId id = 0; id < catalog.groups().size(); ++id) {
    worst = std::max(worst, measured.groups.lag(id).aggregate(limit.aggregate));
  }
  return worst;
}

std::string value_text(const Expectation& limit, std::int64_t value) {
  const bool time = scenarios::info(limit.metric).unit == scenarios::MetricUnit::kDuration &&
                    limit.aggregate != Aggregate::kCount;
  return time ? span_text(value) : grouped(value);
}

ExpectationResult judge_limit(const Expectation& limit, const Measured& measured) {
  ExpectationResult result;
  std::string where;
  const std::int64_t value = measure(limit, measured, where);
  if (!compares(value, limit.comparison, limit.value)) result.outcome = Outcome::kFailed;
  result.detail = "was " + value_text(limit, value);
  // Where the time went matters when it was too much; the tables have it in any case.
  if (!where.empty() && result.outcome == Outcome::kFailed) result.detail += " (" + where + ")";
  return result;
}

/// When a state was first reached, kNever if it was not.
Time first_reached(scenarios::State state, const Measured& measured) {
  return state == scenarios::State::kRecordLost ? measured.first_loss
                                                : measured.states.reached(state);
}

ExpectationResult judge_sometimes(const Expectation& expectation, const Measured& measured) {
  ExpectationResult result;
  const Time reached = first_reached(expectation.state, measured);
  if (reached == sim::kNever) {
    result.outcome = Outcome::kInconclusive;
    result.detail = "never seen, so the rest says little";
  } else {
    result.detail = "first at " + clock_text(reached);
  }
  return result;
}

ExpectationResult judge_eventually(const Expectation& expectation, const TruthOverTime& truth,
                                   Time start, Time end) {
  ExpectationResult result;
  if (start == sim::kNever || start > end) {
    result.outcome = Outcome::kInconclusive;
    result.detail = "nothing was healed, so the clock never started";
    return result;
  }
  const Time deadline = start + expectation.within;
  const Time at = truth.first_true(start, std::min(deadline, end));
  const std::string since = expectation.within_of == scenarios::kSinceStart
                                ? std::string("the start")
                                : "the healing at " + clock_text(start);
  if (at >= 0) {
    result.detail = at == start && start > 0
                        ? "true already at " + clock_text(start)
                        : fmt::format("{} after {}", span_text(at - start), since);
    if (!truth.now()) result.detail += ", but not true any more at the end";
  } else if (deadline > end) {
    result.outcome = Outcome::kInconclusive;
    result.detail =
        fmt::format("not yet, {} after {}, when the run ended", span_text(end - start), since);
  } else {
    result.outcome = Outcome::kFailed;
    const Time later = truth.first_true(deadline, end);
    result.detail = later < 0 ? "not true by the end of the run"
                              : fmt::format("only {} after {}", span_text(later - start), since);
  }
  return result;
}

/// " within 13s of heal".
std::string within_text(const Expectation& expectation) {
  std::string text = " within " + sim::format_duration(expectation.within);
  if (expectation.within_of == scenarios::kSinceLastHeal) text += " of heal";
  if (expectation.within_of >= 0) {
    text += " of the healing of fault " + std::to_string(expectation.within_of + 1);
  }
  return text;
}

ExpectationResult judge_always(const Expectation& expectation, const Summary& summary,
                               bool invariants_checked, bool drawn) {
  ExpectationResult result;
  const scenarios::InvariantInfo& info = scenarios::info(expectation.invariant);
  const std::string_view name = info.name;
  const bool acks_one = expectation.invariant == scenarios::Invariant::kNoAckedRecordLost &&
                        expectation.acks != scenarios::AcksClass::kAny &&
                        expectation.acks != scenarios::AcksClass::kAll;
  if (acks_one) {  // what no setting promises may still be demanded
    for (const RecordCounts& counts : summary.records) {
      if (counts.acks != expectation.acks) continue;
      if (counts.lost > 0) result.outcome = Outcome::kFailed;
      result.detail = fmt::format("{} of {} acknowledged lost", grouped(counts.lost),
                                  counted(counts.acked, "record"));
    }
    return result;
  }
  const auto found =
      std::find_if(summary.invariants.begin(), summary.invariants.end(),
                   [name](const InvariantResult& each) { return each.name == name; });
  if (found == summary.invariants.end()) {
    result.outcome = Outcome::kInconclusive;
    result.detail =
        invariants_checked ? "this build has no checker for it" : "not checked (--check off)";
    return result;
  }
  if (found->held && found->checked == 0 && scenarios::can_be_awaited(info)) {
    result.outcome = Outcome::kInconclusive;
    result.detail = "the run ended before it had to hold";
    return result;
  }
  if (found->held) {
    result.detail = grouped(static_cast<std::int64_t>(found->checked)) + " checked";
    return result;
  }
  if (drawn && !found->promised) {
    // The seed drew these settings, not the author of the file: what they do not promise is
    // counted.
    result.detail = fmt::format("broke {}, which the drawn settings do not rule out",
                                counted(static_cast<std::int64_t>(found->violations), "time"));
    return result;
  }
  result.outcome = Outcome::kFailed;
  result.violation = found->promised;
  result.detail = fmt::format("broke at {}: {}", clock_text(found->first_time), found->first);
  if (!found->promised) result.detail += " (these settings do not promise it)";
  return result;
}

}  // namespace

std::vector<StateReached> states_reached(const Measured& measured) {
  std::vector<StateReached> reached;
  for (const scenarios::StateInfo& each : scenarios::state_table()) {
    const Time first = first_reached(each.state, measured);
    if (first != sim::kNever) reached.push_back({each.state, first});
  }
  return reached;
}

std::int64_t measure(const Expectation& limit, const Measured& measured, std::string& detail) {
  const Summary& summary = measured.summary;
  switch (limit.metric) {
    case Metric::kWriteGap: return measure_gaps(limit, measured, false, detail);
    case Metric::kReadGap: return measure_gaps(limit, measured, true, detail);
    case Metric::kDetectTime: return measured.sessions.detect_time().aggregate(limit.aggregate);
    case Metric::kElections: return summary.elections.total();
    case Metric::kUncleanElections: return summary.elections.unclean;
    case Metric::kIsrShrinks: return summary.isr_changes.shrinks;
    case Metric::kIsrExpands: return summary.isr_changes.expands;
    case Metric::kRebalances: return summary.rebalances.completed;
    case Metric::kSessionExpiries:
      return static_cast<std::int64_t>(summary.sessions.expired.size());
    case Metric::kLost:
    case Metric::kDuplicated: return measure_records(limit, measured);
    case Metric::kOfflinePartitions: return measured.view.offline().aggregate(limit.aggregate);
    case Metric::kConsumerLag: return measure_lag(limit, measured);
    case Metric::kAckLatency: return measure_latency(limit, measured);
  }
  return 0;
}

std::vector<ExpectationResult> judge(const scenarios::Scenario& scenario,
                                     const ExpectationTracker& tracker, const Measured& measured,
                                     bool invariants_checked, Time end) {
  std::vector<ExpectationResult> results;
  for (std::size_t i = 0; i < scenario.expectations.size(); ++i) {
    const Expectation& expectation = scenario.expectations[i];
    ExpectationResult result;
    switch (expectation.kind) {
      case ExpectationKind::kAlways:
        result = judge_always(expectation, measured.summary, invariants_checked,
                              scenario.chaos.on && scenario.chaos.swarm);
        break;
      case ExpectationKind::kSometimes: result = judge_sometimes(expectation, measured); break;
      case ExpectationKind::kEventually:
        result = judge_eventually(expectation, tracker.truth(i),
                                  tracker.clock_start(expectation, end), end);
        break;
      case ExpectationKind::kLimit: result = judge_limit(expectation, measured); break;
    }
    result.kind = expectation.kind;
    result.text = expectation.text;
    if (expectation.kind == ExpectationKind::kEventually) result.text += within_text(expectation);
    results.push_back(std::move(result));
  }
  return results;
}

Verdict verdict_of(const Summary& summary) {
  Verdict verdict = Verdict::kPass;
  for (const InvariantResult& invariant : summary.invariants) {
    if (!invariant.held && invariant.promised) verdict = heavier(verdict, Verdict::kViolation);
  }
  for (const ExpectationResult& result : summary.expectations) {
    if (result.violation) verdict = heavier(verdict, Verdict::kViolation);
    if (result.outcome == Outcome::kFailed) verdict = heavier(verdict, Verdict::kFail);
    if (result.outcome == Outcome::kInconclusive)
      verdict = heavier(verdict, Verdict::kInconclusive);
  }
  return verdict;
}

}  // namespace isrlab::results
