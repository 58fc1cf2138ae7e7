// The section "faults".
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/faults/event_names.hpp"
#include "scenarios/faults/one_line.hpp"
#include "scenarios/faults/registry.hpp"
#include "scenarios/format/sections.hpp"
#include "scenarios/format/spelling.hpp"
#include "scenarios/format/units.hpp"

namespace isrlab::scenarios {
namespace {

using Kind = Value::Kind;

/// Reads one item of the list.
class FaultReader {
 public:
  FaultReader(const Value& item, std::size_t index, std::string pointer, LoadContext& context)
      : item_(item),
        index_(index),
        pointer_(std::move(pointer)),
        context_(context),
        problems_(context.problems) {}

  /// The item as far as it could be read; errors are in the context.
  FaultSpec read() {
    fault_.location = {pointer_, item_.line};
    if (!expect_kind(item_, Kind::kObject, pointer_, problems_, "an object")) return fault_;
    if (!find_action()) return fault_;
    check_keys();
    read_trigger();
    read_target();
    read_fields();
    fault_.text = fault_line(fault_);
    return fault_;
  }

 private:
  std::string at(std::string_view key) const { return child_pointer(pointer_, key); }
  const Value* find(std::string_view key) const { return item_.find(key); }

  bool span(std::string_view key, sim::Duration& result) {
    const Value* value = find(key);
    const TriggerInfo* trigger = find_trigger(key);
    const Word* word = trigger != nullptr ? &trigger->word : find_fault_field(key);
    return value != nullptr && word != nullptr &&
           read_integer(*value, at(key), *word, problems_, result);
  }

  /// Exactly one key is an action. "restart" is one only when no other is there.
  bool find_action() {
    std::vector<std::string> found;
    for (const FaultInfo& fault : fault_table()) {
      if (find(fault.word) == nullptr) continue;
      if (fault.action == FaultAction::kRestart) continue;
      found.emplace_back(fault.word);
    }
    if (found.empty() && find("restart") != nullptr) found.emplace_back("restart");
    if (found.size() == 1) {
      about_ = find_fault(found[0]);
      fault_.action = about_->action;
      return true;
    }
    if (found.size() > 1) {
      problems_.error(pointer_, fmt::format("does {} at once", joined(found)),
                      "write one item of the list for each");
      return false;
    }
    bool explained = false;  // an unknown key may be the misspelt action
    for (const std::string& key : item_.keys) explained = report_key(key, {}) || explained;
    for (const std::string& key : item_.keys) {  // a field in the place of the action
      if (explained || other_words(key).empty()) continue;
      problems_.error(at(key), in_quotes(key) + " is no fault of its own",
                      std::string(other_words(key)));
      explained = true;
    }
    std::vector<std::string> known;
    for (const FaultInfo& fault : fault_table()) known.emplace_back(fault.word);
    if (!explained) {
      problems_.error(pointer_, "says when but not what", "add one of " + joined(known, "or"));
    }
    return false;
  }

  bool report_key(const std::string& key, const std::vector<std::string>& allowed) {
    if (problems_.full()) return true;
    const bool known = find_fault(key) != nullptr || find_trigger(key) != nullptr ||
                       find_fault_field(key) != nullptr;
    if (known && allowed.empty()) return false;
    if (std::find(allowed.begin(), allowed.end(), key) != allowed.end()) return false;
    if (known) {
      problems_.error(at(key),
                      fmt::format("{} does not take {}", in_quotes(about_->word), in_quotes(key)),
                      "it takes " + joined(allowed));
      return true;
    }
    if (const std::string_view advice = other_words(key); !advice.empty()) {
      problems_.error(at(key), in_quotes(key) + " is no fault of its own", std::string(advice));
      return true;
    }
    if (report_planned(at(key), Shape::kFault, key, problems_)) return true;
    std::vector<std::string> words = allowed;
    for (const TriggerInfo& trigger : trigger_table()) words.emplace_back(trigger.word.name);
    if (about_ == nullptr) {
      for (const FaultInfo& fault : fault_table()) words.emplace_back(fault.word);
      for (const Word& field : fault_field_table()) words.emplace_back(field.name);
    }
    report_unknown(at(key), "key", key, words, problems_);
    return true;
  }

  void check_keys() {
    std::vector<std::string> allowed = {std::string(about_->word)};
    for (const std::string_view field : about_->fields) allowed.emplace_back(field);
    for (const TriggerInfo& trigger : trigger_table()) allowed.emplace_back(trigger.word.name);
    allowed.emplace_back("times");
    for (const std::string& key : item_.keys) report_key(key, allowed);
  }

  void read_trigger() {
    const bool repeats = find("every") != nullptr || find("when") != nullptr;
    std::vector<std::string> found;
    for (const TriggerInfo& trigger : trigger_table()) {
      if (find(trigger.word.name) == nullptr) continue;
      if (repeats && trigger.kind == TriggerKind::kAt) continue;  // the first firing, or not before
      found.emplace_back(trigger.word.name);
      fault_.trigger = trigger.kind;
    }
    if (found.size() != 1) {
      problems_.error(pointer_,
                      found.empty() ? "says not when" : joined(found) + " contradict each other",
                      "write one of at, after, between, every or when");
      return;
    }
    switch (fault_.trigger) {
      case TriggerKind::kAt: span("at", fault_.at); break;
      case TriggerKind::kAfter: span("after", fault_.at); break;
      case TriggerKind::kBetween: read_between(*find("between")); break;
      case TriggerKind::kEvery:
        span("every", fault_.every);
        fault_.at = fault_.every;
        span("at", fault_.at);
        break;
      case TriggerKind::kWhen:
        span("at", fault_.at);
        read_moment(*find("when"), at("when"), fault_.when);
        break;
    }
    read_times(repeats);
  }

  void read_moment(const Value& value, const std::string& pointer, Moment& moment) {
    if (!expect_kind(value, Kind::kString, pointer, problems_, "a condition")) return;
    std::string what;
    std::string fix;
    if (parse_moment(value.text, moment, what, fix)) {
      check_moment(moment, index_, pointer, context_);
    } else {
      problems_.error(pointer, what, fix);
    }
  }

  void read_until() {
    const Value* until = find("until");
    if (until == nullptr) return;
    if (!expect_kind(*until, Kind::kString, at("until"), problems_, "a time or a condition"))
      return;
    if (find("for") != nullptr) {
      problems_.error(at("until"), "the end is said twice", "remove for or until");
      return;
    }
    const Measure time = parse_duration(until->text);
    if (!time.ok()) return read_moment(*until, at("until"), fault_.ends_when);
    fault_.ends_at = time.value;
    if (fault_.trigger == TriggerKind::kAt && fault_.ends_at <= fault_.at) {
      problems_.error(at("until"), "the end comes before the beginning", "end it later");
    }
  }

  void read_times(bool every) {
    const Value* times = find("times");
    if (times == nullptr) return;
    if (!every) {
      problems_.error(at("times"), "belongs to every and when",
                      "add \"every\" or \"when\", or remove times");
      return;
    }
    std::int64_t count = 0;
    if (span("times", count)) fault_.times = static_cast<std::int32_t>(count);
  }

  /// "10s..20s" or ["10s", "20s"].
  void read_between(const Value& value) {
    std::string text = value.text;
    const bool pair = value.is(Kind::kArray) && value.items.size() == 2 &&
                      value.items[0].is(Kind::kString) && value.items[1].is(Kind::kString);
    if (pair) text = value.items[0].text + ".." + value.items[1].text;
    if (!pair && !value.is(Kind::kString)) {
      problems_.error(at("between"), fmt::format("must be two times, not {}", value.described()),
                      "write \"10s..20s\" or [\"10s\", \"20s\"]");
      return;
    }
    const MeasureRange range = parse_duration_range(text);
    if (!range.ok()) {
      problems_.error(at("between"), range.problem, range.fix);
      return;
    }
    fault_.at = range.low;
    fault_.until = range.high;
  }

  /// A selector, or a list of them.
  bool read_selector(const Value& value, const std::string& pointer, Selector& selector) {
    if (value.is(Kind::kString)) {
      std::string what;
      std::string fix;
      if (!parse_selector(value.text, selector, what, fix)) {
        problems_.error(pointer, what, fix);
        return false;
      }
      return check_selector(selector, pointer, context_);
    }
    if (!expect_kind(value, Kind::kArray, pointer, problems_,
                     "a selector or a list of selectors")) {
      return false;
    }
    Selector list;
    list.kind = SelectorKind::kList;
    bool good = !value.items.empty();
    if (!good) problems_.error(pointer, "names nobody", "name at least one node");
    for (std::size_t i = 0; i < value.items.size() && !problems_.full(); ++i) {
      const std::string inner = child_pointer(pointer, i);
      Selector one;
      good = expect_kind(value.items[i], Kind::kString, inner, problems_, "a selector") &&
             read_selector(value.items[i], inner, one) && good;
      if (one.kind == SelectorKind::kList) {
        list.members.insert(list.members.end(), one.members.begin(), one.members.end());
      } else {
        list.members.push_back(std::move(one));
      }
    }
    list.text = selector_text(list);
    selector = list.members.size() == 1 ? list.members[0] : list;
    return good;
  }

  void read_target() {
    const Value& target = *find(about_->word);
    const std::string pointer = at(about_->word);
    if (about_->target == Form::kMessage) return read_hold(target, pointer);
    if (about_->target == Form::kMoves || about_->target == Form::kPartitions) {
      return read_picks(target, pointer, about_->target == Form::kMoves);
    }
    if (about_->target == Form::kSides && target.is(Kind::kObject)) {
      read_sides(target, pointer);
    } else if (about_->target == Form::kSides && read_sides_text(target, pointer)) {
      // "a | b | c" or "link a -> b"
    } else if (read_selector(target, pointer, fault_.who)) {
      check_target(fault_.who, pointer);
    }
    const Value* from = find("from");
    if (from != nullptr && fault_.from.empty()) {
      read_selector(*from, at("from"), fault_.from);
    } else if (from != nullptr) {
      problems_.error(at("from"), "the other side is said twice", "remove one");
    }
    const bool two_sides = about_->target == Form::kSides || fault_.action == FaultAction::kIsolate;
    if (two_sides && fault_.from.empty()) {
      fault_.from.kind = SelectorKind::kAll;
      fault_.from.text = "all";
    }
  }

  /// What kafka-reassign-partitions.sh reads, or the same in one line.
  void read_picks(const Value& target, const std::string& pointer, bool moves) {
    if (moves && target.is(Kind::kObject)) {
      read_reassignment(target, pointer);
    } else {
      const std::string_view form = moves ? "moves or an object" : "partitions";
      if (!expect_kind(target, Kind::kString, pointer, problems_, form)) return;
      std::string what;
      std::string fix;
      if (!parse_picks(target.text, moves, fault_.picks, what, fix)) {
        return problems_.error(pointer, what, fix);
      }
    }
    for (std::size_t i = 0; i < fault_.picks.size() && !problems_.full(); ++i) {
      const PartitionPick& pick = fault_.picks[i];
      if (pick.partition >= 0) {
        check_topic_partition(pick.topic, pick.partition, pointer, context_);
      } else if (!pick.topic.empty()) {
        check_topic(pick.topic, pointer, context_);
      }
      if (moves) check_replicas(pick, pointer);
      for (std::size_t j = 0; j < i; ++j) {
        const PartitionPick& other = fault_.picks[j];
        if (other.topic == pick.topic && other.partition == pick.partition) {
          problems_.error(pointer, fmt::format("names {} twice", picks_text({pick})), "remove one");
        }
      }
    }
  }

  void read_reassignment(const Value& target, const std::string& pointer) {
    ObjectReader plan(target, pointer, Shape::kReassignment, problems_);
    std::int64_t version = 1;
    plan.integer("version", version);
    const Value* partitions = plan.list("partitions");
    if (partitions == nullptr) return;
    if (partitions->items.empty()) {
      problems_.error(plan.at("partitions"), "moves nothing", "name at least one partition");
    }
    for (std::size_t i = 0; i < partitions->items.size() && !problems_.full(); ++i) {
      ObjectReader move(partitions->items[i], child_pointer(plan.at("partitions"), i), Shape::kMove,
                        problems_);
      PartitionPick pick;
      std::int64_t partition = -1;
      if (!move.name("topic", pick.topic) || !move.integer("partition", partition)) continue;
      pick.partition = static_cast<std::int32_t>(partition);
      const Value* replicas = move.find("replicas");
      const bool listed = replicas != nullptr && replicas->is(Kind::kArray);
      for (std::size_t r = 0; listed && r < replicas->items.size(); ++r) {
        const Value& broker = replicas->items[r];
        const bool id = broker.is(Kind::kInteger) && !broker.negative && broker.magnitude < 10'000;
        pick.replicas.push_back(id ? static_cast<model::BrokerId>(broker.magnitude) : -1);
      }
      if (pick.replicas.empty()) {
        problems_.error(move.at("replicas"), "names no brokers", "write \"replicas\": [2, 3, 1]");
        continue;
      }
      fault_.picks.push_back(std::move(pick));
    }
  }

  /// What the tool itself refuses. A broker that is not up is refused later, by the controller.
  void check_replicas(const PartitionPick& pick, const std::string& pointer) {
    const auto brokers = static_cast<model::BrokerId>(context_.scenario.cluster.brokers.size());
    const auto wrong = [&](const std::string& what) {
      problems_.error(pointer, what, fmt::format("name brokers from 1 to {}, each once", brokers));
    };
    for (const model::BrokerId broker : pick.replicas) {
      if (broker < 1 || (context_.cluster_complete && broker > brokers)) {
        return wrong(
            fmt::format("{}-{} goes to a broker that does not exist", pick.topic, pick.partition));
      }
      if (std::count(pick.replicas.begin(), pick.replicas.end(), broker) > 1) {
        return wrong(
            fmt::format("{}-{} goes to broker-{} twice", pick.topic, pick.partition, broker));
      }
    }
    // While it moves, the old and the new replicas are in one list.
    if (pick.replicas.size() > model::BrokerList::kCapacity / 2) {
      problems_.error(
          pointer,
          fmt::format("{}-{} gets {} replicas", pick.topic, pick.partition, pick.replicas.size()),
          fmt::format("at most {} can be moved here", model::BrokerList::kCapacity / 2));
    }
  }

  void everybody(Selector& selector) {
    selector.kind = SelectorKind::kAll;
    selector.text = "all";
  }

  /// "hold": "LeaderAndIsr", "from": senders, "to": receivers.
  void read_hold(const Value& target, const std::string& pointer) {
    if (!expect_kind(target, Kind::kString, pointer, problems_, "a message")) return;
    fault_.message = find_message(target.text);
    if (fault_.message < 0) {
      report_unknown(pointer, "message", target.text, message_words(), problems_);
    }
    const Value* from = find("from");
    const Value* to = find("to");
    if (from == nullptr && to == nullptr) {
      problems_.error(pointer_, "says not between whom", "add from, to or both");
    }
    if (from == nullptr || !read_selector(*from, at("from"), fault_.who)) everybody(fault_.who);
    if (to == nullptr || !read_selector(*to, at("to"), fault_.from)) everybody(fault_.from);
  }

  /// The sides as one text; false: it is a plain selector.
  bool read_sides_text(const Value& target, const std::string& pointer) {
    if (!target.is(Kind::kString)) return false;
    const std::string_view text = target.text;
    const bool link = text.starts_with("link ");
    const std::string_view sign = link ? "->" : "|";
    if (text.find(sign) == std::string_view::npos) {
      if (link)
        problems_.error(pointer, "names no direction", "write \"link broker-1 -> broker-2\"");
      return link;
    }
    std::vector<Selector> sides;
    std::string_view rest = link ? text.substr(5) : text;
    while (true) {
      const std::size_t end = std::min(rest.find(sign), rest.size());
      Value side = Value::of_text(rest.substr(0, end));
      sides.emplace_back();
      if (!read_selector(side, pointer, sides.back())) return true;
      if (end == rest.size()) break;
      rest.remove_prefix(end + sign.size());
    }
    if (link) fault_.direction = CutDirection::kFrom;
    take_sides(std::move(sides), pointer, link);
    return true;
  }

  void take_sides(std::vector<Selector> sides, const std::string& pointer, bool only_two) {
    const bool many = sides.size() > 2;
    if (many && (only_two || fault_.action != FaultAction::kPartition)) {
      problems_.error(pointer, "has more than two sides", "name two; only partition takes more");
      return;
    }
    fault_.who = std::move(sides[0]);
    fault_.from = std::move(sides[1]);
    fault_.more_sides.assign(std::make_move_iterator(sides.begin() + 2),
                             std::make_move_iterator(sides.end()));
    if (many && find("direction") != nullptr) {
      problems_.error(at("direction"), "more than two groups have no direction", "remove it");
    }
  }

  void read_sides(const Value& target, const std::string& pointer) {
    ObjectReader sides(target, pointer, Shape::kSides, problems_);
    const Value* direction = sides.find("direction");
    if (direction != nullptr) read_direction(*direction, sides.at("direction"));
    if (direction != nullptr && find("direction") != nullptr) {
      problems_.error(at("direction"), "the direction is said twice", "remove one");
    }
    const Value* groups = sides.find("groups");
    const Value* side = sides.find("side");
    const Value* from = sides.find("from");
    if ((groups != nullptr) == (side != nullptr) || (groups != nullptr && from != nullptr)) {
      problems_.error(pointer, "needs one side and the other, or two groups",
                      "write {\"side\": \"broker-1\", \"from\": \"all brokers\"} or "
                      "{\"groups\": [[\"broker-1\"], [\"broker-2\", \"broker-3\"]]}");
      return;
    }
    if (groups != nullptr) {
      read_groups(*groups, sides.at("groups"));
      return;
    }
    read_selector(*side, sides.at("side"), fault_.who);
    if (from != nullptr) read_selector(*from, sides.at("from"), fault_.from);
  }

  void read_groups(const Value& groups, const std::string& pointer) {
    if (!groups.is(Kind::kArray) || groups.items.size() < 2) {
      problems_.error(pointer, "must be a list of groups, at least two",
                      "write [[\"broker-1\"], [\"broker-2\", \"broker-3\"]]");
      return;
    }
    std::vector<Selector> sides(groups.items.size());
    bool good = true;
    for (std::size_t i = 0; i < sides.size() && !problems_.full(); ++i) {
      good = read_selector(groups.items[i], child_pointer(pointer, i), sides[i]) && good;
    }
    if (good) take_sides(std::move(sides), pointer, false);
  }

  /// Some faults are for brokers only, some for ZooKeeper servers, some for both but no clients.
  void check_target(const Selector& who, const std::string& pointer) {
    for (const Selector& member : who.members) check_target(member, pointer);
    const bool server =
        who.kind == SelectorKind::kZooKeeper || who.kind == SelectorKind::kAllZooKeeper ||
        who.kind == SelectorKind::kZooKeeperLeader || who.kind == SelectorKind::kSomeZooKeeper ||
        who.kind == SelectorKind::kZooKeeperFollowers || who.kind == SelectorKind::kZkMinority ||
        who.kind == SelectorKind::kZkMajority;
    const bool client = who.kind == SelectorKind::kClient || who.kind == SelectorKind::kAllClients;
    const bool mixed = who.kind == SelectorKind::kRack || who.kind == SelectorKind::kAll ||
                       who.kind == SelectorKind::kList;
    const auto wrong = [&](std::string_view has, std::string_view fix) {
      problems_.error(pointer, fmt::format("{} {}", in_quotes(selector_text(who)), has),
                      std::string(fix));
    };
    switch (fault_.action) {
      case FaultAction::kExpireSession:
        if (server || client) {
          wrong("has no ZooKeeper session", "name a broker, the controller or a leader");
        }
        return;
      case FaultAction::kLoseUnflushed:
      case FaultAction::kTornWrite:
        if (server) wrong("keeps exactly what it has synced", "name brokers");
        if (client) wrong("has no log", "name brokers");
        return;
      case FaultAction::kRollingRestart:
        if (server || client) wrong("is no broker", "name brokers, such as \"all brokers\"");
        return;
      case FaultAction::kDelayWatches:
        if (server || client) wrong("sets no watches", "name brokers");
        return;
      case FaultAction::kZkQuorumLoss:
        if (!server && !mixed) wrong("is no ZooKeeper server", "name servers, such as zk:leader");
        return;
      case FaultAction::kSlowDisk:
      case FaultAction::kFullDisk:
      case FaultAction::kFailDisk:
      case FaultAction::kWipe:
        if (client) wrong("has no disk", "name brokers or ZooKeeper servers");
        return;
      default: return;
    }
  }

  void read_direction(const Value& value, const std::string& pointer) {
    for (const CutDirection each : {CutDirection::kBoth, CutDirection::kTo, CutDirection::kFrom}) {
      if (value.text != direction_word(each) || !value.is(Kind::kString)) continue;
      fault_.direction = each;
      return;
    }
    problems_.error(pointer, fmt::format("there is no direction {}", value.described()),
                    "known are both, to and from");
  }

  void read_fields() {
    span("for", fault_.lasts);
    span("latency", fault_.latency);
    span("jitter", fault_.jitter);
    span("rate", fault_.bytes_per_second);
    span("offset", fault_.offset);
    span("ppm", fault_.ppm);
    read_until();
    read_loss();
    std::int64_t directory = 0;
    if (span("directory", directory)) fault_.directory = static_cast<std::int32_t>(directory);
    if (fault_.action == FaultAction::kFlap) {
      fault_.down = fault_.up = sim::kSecond;
      span("down", fault_.down);
      span("up", fault_.up);
    }
    span("interval", fault_.interval);
    if (const Value* wait = find("wait"); wait != nullptr) read_wait(*wait);
    if (const Value* unflushed = find("unflushed"); unflushed != nullptr)
      read_unflushed(*unflushed);
    const Value* direction = find("direction");
    if (direction != nullptr) read_direction(*direction, at("direction"));
    const Value* why = find("why");
    if (why != nullptr && expect_kind(*why, Kind::kString, at("why"), problems_, "a text")) {
      fault_.why = why->text;
    }
    if (fault_.action != FaultAction::kRestart) read_restart();
    const bool ends = find("for") != nullptr || find("until") != nullptr;
    if (fault_.action == FaultAction::kPause && !ends) {
      problems_.error(at("for"), "\"for\" is missing",
                      "say how long the pause lasts: \"for\": \"8s\"");
    }
    const auto says = [this](std::string_view key) { return find(key) != nullptr; };
    const bool steps = fault_.action == FaultAction::kSkew || fault_.action == FaultAction::kJump;
    if (steps && !says("offset")) {
      problems_.error(at("offset"), "says not how far the clock moves",
                      "add it: \"offset\": \"-5s\"");
    }
    if (fault_.action == FaultAction::kDrift && !says("ppm")) {
      problems_.error(at("ppm"), "says not how fast the clock runs", "add it: \"ppm\": 200");
    }
    const bool slow = says("latency") || says("jitter") || says("rate") || says("loss");
    const bool must = fault_.action == FaultAction::kSlowLink ||
                      fault_.action == FaultAction::kDelay ||
                      fault_.action == FaultAction::kSlowDisk;
    if (must && !slow) {
      problems_.error(pointer_, "says not how slow",
                      fault_.action == FaultAction::kSlowLink ? "add latency, jitter, rate or loss"
                      : fault_.action == FaultAction::kDelay  ? "add latency or jitter"
                                                              : "add latency or rate");
    }
  }

  void read_loss() {
    const Value* loss = find("loss");
    if (loss == nullptr) return;
    if (!expect_kind(*loss, Kind::kString, at("loss"), problems_, "a ratio such as \"5%\"")) return;
    const Ratio ratio = parse_ratio(loss->text);
    if (!ratio.ok()) {
      problems_.error(at("loss"), ratio.problem, ratio.fix);
      return;
    }
    constexpr std::int64_t kMillion = 1'000'000;
    const auto ppm = static_cast<__int128>(ratio.numerator) * kMillion / ratio.denominator;
    if (ppm < 1 || ppm > kMillion * 9 / 10) {
      problems_.error(at("loss"), "must be between 0.0001% and 90%",
                      "for everything, use partition");
      return;
    }
    fault_.loss_ppm = static_cast<std::int64_t>(ppm);
  }

  void read_wait(const Value& value) {
    const bool known = value.is(Kind::kString) && (value.text == "isr" || value.text == "running");
    if (!known) {
      return problems_.error(at("wait"), fmt::format("{} is unknown", value.described()),
                             "known are isr and running");
    }
    fault_.waits_for_isr = value.text == "isr";
  }

  void read_unflushed(const Value& value) {
    for (const Unflushed each : {Unflushed::kDrawn, Unflushed::kLost, Unflushed::kKept}) {
      if (!value.is(Kind::kString) || value.text != unflushed_word(each)) continue;
      fault_.unflushed = each;
      return;
    }
    problems_.error(at("unflushed"), fmt::format("{} is unknown", value.described()),
                    "known are drawn, lost and kept");
  }

  void read_restart() {
    const Value* restart = find("restart");
    if (restart == nullptr || (restart->is(Kind::kString) && restart->text == "never")) return;
    constexpr const char* kFix = "write \"after 15s\" or \"never\"";
    if (!restart->is(Kind::kString) || !restart->text.starts_with("after ")) {
      problems_.error(at("restart"), fmt::format("{} is no restart", restart->described()), kFix);
      return;
    }
    const Measure delay = parse_duration(std::string_view(restart->text).substr(6));
    if (!delay.ok()) {
      problems_.error(at("restart"), delay.problem, delay.fix);
      return;
    }
    fault_.restart_after = delay.value;
  }

  const Value& item_;
  std::size_t index_;
  std::string pointer_;
  LoadContext& context_;
  Problems& problems_;
  const FaultInfo* about_ = nullptr;
  FaultSpec fault_;
};

}  // namespace

void read_faults(ObjectReader& file, LoadContext& context) {
  const std::size_t errors = context.problems.errors();
  const Value* items = file.list("faults");
  for (std::size_t i = 0; items != nullptr && i < items->items.size() && !context.problems.full();
       ++i) {
    FaultReader reader(items->items[i], i, child_pointer("/faults", i), context);
    context.scenario.faults.push_back(reader.read());
  }
  context.faults_complete = context.problems.errors() == errors;
  if (context.faults_complete) check_fault_times(context);
}

}  // namespace isrlab::scenarios
