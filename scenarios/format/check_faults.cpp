// Times of faults against each other and the run, and the sections "heal" and "clocks".
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/faults/registry.hpp"
#include "scenarios/format/sections.hpp"
#include "scenarios/format/spelling.hpp"

namespace isrlab::scenarios {

/// Items that can never fire, and chains of `after` that have no beginning.
void check_fault_times(LoadContext& context) {
  sim::Time previous = 0;  // earliest firing of the item before
  for (std::size_t i = 0; i < context.scenario.faults.size() && !context.problems.full(); ++i) {
    const FaultSpec& fault = context.scenario.faults[i];
    const std::int64_t directories = context.scenario.cluster.brokers.empty()
                                         ? 1
                                         : context.scenario.cluster.brokers[0].config.log_dirs;
    if (fault.directory > directories) {
      context.problems.error(child_pointer(fault.location.pointer, "directory"),
                             fmt::format("brokers have log directories 1 to {}", directories),
                             "set log.dirs in /cluster/brokers/config to their number");
    }
    const bool after = fault.trigger == TriggerKind::kAfter;
    const std::string first_at = child_pointer(fault.location.pointer, "at");
    const std::string pointer =
        context.find(first_at) != nullptr
            ? first_at
            : child_pointer(fault.location.pointer, info(fault.trigger).word.name);
    if (after && i == 0) {
      context.problems.error(pointer, "nothing comes before the first item", "use at");
    } else if (after && context.scenario.faults[i - 1].trigger == TriggerKind::kEvery) {
      context.problems.error(pointer, "the item before fires again and again", "use at");
    }
    const sim::Time first = after ? std::min(previous + fault.at, sim::kNever / 2) : fault.at;
    if (first >= context.scenario.duration) {
      context.problems.error(
          pointer,
          fmt::format("fires at {}, but the run ends at {}", sim::format_duration(first),
                      sim::format_duration(context.scenario.duration)),
          "fire earlier or lengthen /duration");
    } else if (fault.at >= context.scenario.heal_at && !after) {
      context.problems.note(pointer, "fires after the healing",
                            "it is mended only if it says for or restart");
    }
    previous = first;
  }
}

namespace {

/// Roles move: at the start of the run nobody has one.
bool is_fixed(const Selector& selector) {
  switch (selector.kind) {
    case SelectorKind::kController:
    case SelectorKind::kLeaderOf:
    case SelectorKind::kFollowersOf:
    case SelectorKind::kIsrOf:
    case SelectorKind::kOutOfSync:
    case SelectorKind::kCoordinatorOf:
    case SelectorKind::kZooKeeperLeader:
    case SelectorKind::kZooKeeperFollowers: return false;
    default: return std::all_of(selector.members.begin(), selector.members.end(), is_fixed);
  }
}

}  // namespace

void read_clocks(ObjectReader& file, LoadContext& context) {
  const Value* items = file.list("clocks");
  for (std::size_t i = 0; items != nullptr && i < items->items.size() && !context.problems.full();
       ++i) {
    ObjectReader reader(items->items[i], child_pointer("/clocks", i), Shape::kClock,
                        context.problems);
    ClockSpec clock;
    reader.integer("ppm", clock.ppm);
    reader.integer("offset", clock.offset);
    if (reader.valid() && reader.find("ppm") == nullptr && reader.find("offset") == nullptr) {
      context.problems.error(reader.pointer(), "says not how the clock is off",
                             "add ppm or offset");
    }
    std::string of;
    if (!reader.text("of", of)) continue;
    std::string what;
    std::string fix;
    if (!parse_selector(of, clock.of, what, fix)) {
      context.problems.error(reader.at("of"), what, fix);
    } else if (!is_fixed(clock.of)) {
      context.problems.error(reader.at("of"), in_quotes(of) + " is nobody when the run starts",
                             "name hosts, or use the faults skew and drift");
    } else if (check_selector(clock.of, reader.at("of"), context)) {
      context.scenario.clocks.push_back(std::move(clock));
    }
  }
}

void read_heal(ObjectReader& file, LoadContext& context) {
  const Value* heal = file.find("heal");
  if (heal == nullptr) return;
  ObjectReader reader(*heal, "/heal", Shape::kHeal, context.problems);
  if (reader.integer("at", context.scenario.heal_at) &&
      context.scenario.heal_at >= context.scenario.duration) {
    context.problems.error(reader.at("at"), "the healing comes after the end of the run",
                           "heal earlier or lengthen /duration");
  }
  std::string core;
  if (!reader.text("core", core)) return;
  Selector selector;
  std::string what;
  std::string fix;
  if (!parse_selector(core, selector, what, fix)) {
    context.problems.error(reader.at("core"), what, fix);
  } else if (check_selector(selector, reader.at("core"), context) &&
             selector.kind != SelectorKind::kAll) {
    context.scenario.heal_core = selector;
  }
}

}  // namespace isrlab::scenarios
