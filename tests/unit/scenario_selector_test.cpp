// Selectors: every form of the registry, its canonical text, and what wrong ones are answered.
#include <rapidcheck.h>

#include "scenarios/faults/registry.hpp"
#include "scenarios/faults/selector.hpp"
#include "tests/support/catch.hpp"

using namespace isrlab::scenarios;

namespace {

Selector parsed(const std::string& text) {
  Selector selector;
  std::string what;
  std::string fix;
  INFO(text);
  const bool good = parse_selector(text, selector, what, fix);
  INFO(what);
  REQUIRE(good);
  return selector;
}

std::string refused(const std::string& text) {
  Selector selector;
  std::string what;
  std::string fix;
  INFO(text);
  REQUIRE_FALSE(parse_selector(text, selector, what, fix));
  return what + "; " + fix;
}

}  // namespace

TEST_CASE("every example of the registry parses to its kind", "[scenario][selector]") {
  for (const SelectorInfo& each : selector_table()) {
    const Selector selector = parsed(std::string(each.example));
    CHECK(selector.kind == each.kind);
    CHECK(selector_text(selector) == each.example);
  }
}

TEST_CASE("spellings of one selector have one canonical text", "[scenario][selector]") {
  CHECK(selector_text(parsed("broker 2")) == "broker-2");
  CHECK(selector_text(parsed("brokers 3, 1,3")) == "brokers 1,3");
  CHECK(selector_text(parsed("zk 2")) == "zk-2");
  CHECK(selector_text(parsed("  leader   of  orders-0 ")) == "leader of orders-0");
  CHECK(selector_text(parsed("1 brokers")) == "one broker");
  CHECK(selector_text(parsed("50% of brokers")) == "50% of brokers");
  CHECK(selector_text(parsed("client p1 and broker 2")) == "client p1 and broker-2");
}

TEST_CASE("selectors keep what they name", "[scenario][selector]") {
  const Selector leader = parsed("leader of __consumer_offsets-3");
  CHECK(leader.name == "__consumer_offsets");
  CHECK(leader.partition == 3);
  const Selector dashes = parsed("isr of my-topic-12");
  CHECK(dashes.name == "my-topic");
  CHECK(dashes.partition == 12);
  CHECK(parsed("brokers 1,3").ids == std::vector<std::int32_t>{1, 3});
  CHECK(parsed("2 zk").count == 2);
  const Selector list = parsed("rack:a and zk:leader and client p1");
  REQUIRE(list.members.size() == 3);
  CHECK(list.members[1].kind == SelectorKind::kZooKeeperLeader);
}

TEST_CASE("wrong selectors are answered with the nearest right one", "[scenario][selector]") {
  CHECK(refused("leadr of orders-0") ==
        "unknown selector \"leadr of orders-0\"; did you mean \"leader of orders-0\"?");
  CHECK(refused("brokr-2") == "unknown selector \"brokr-2\"; did you mean \"broker-2\"?");
  CHECK(refused("contoller") == "unknown selector \"contoller\"; did you mean \"controller\"?");
  CHECK(refused("zk:leadr") == "unknown selector \"zk:leadr\"; did you mean \"zk:leader\"?");
  CHECK(refused("all borkers") ==
        "unknown selector \"all borkers\"; did you mean \"all brokers\"?");
  CHECK(refused("rak:a") == "unknown selector \"rak:a\"; did you mean \"rack:a\"?");
  CHECK(refused("2 broker s") == "unknown selector \"2 broker s\"; did you mean \"2 brokers\"?");
  CHECK(refused("leader of orders") ==
        "unknown selector \"leader of orders\"; name a partition as topic-number, such as "
        "\"leader of orders-0\"");
  CHECK(refused("") ==
        "an empty selector; name a node, such as \"broker-1\" or \"leader of orders-0\"");
  CHECK(refused("broker-1 and").starts_with("an empty selector"));
  CHECK(refused("out of sync of orders").starts_with("unknown selector"));
  CHECK(refused("site:dc1").find("known but not supported") != std::string::npos);
  CHECK(refused("broker-99999999999999999999").starts_with("unknown selector"));
  CHECK(refused("0 brokers").starts_with("unknown selector"));
  CHECK(refused("0% of brokers").starts_with("unknown selector"));
}

TEST_CASE("no text makes the selector parser throw", "[scenario][selector][property]") {
  CHECK(rc::check("any words", [] {
    const auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "leader", "of", "orders-0", "and", "all", "brokers", "zk", "one", "2", "-", "zk-1",
        "rack:", "client", "50%", "brokers", "1,3", ",", "\xff", "broker-", "coordinator",
        "orders-99999999999"));
    std::string text;
    for (const std::string& word : words) text += word + " ";
    Selector selector;
    std::string what;
    std::string fix;
    if (!parse_selector(text, selector, what, fix)) {
      RC_ASSERT(!what.empty());
      return;
    }
    // What parses has a canonical text that parses to itself.
    Selector again;
    RC_ASSERT(parse_selector(selector_text(selector), again, what, fix));
    RC_ASSERT(selector_text(again) == selector_text(selector));
  }));
}

TEST_CASE("the registry has one entry per enumerator, found by its word", "[scenario][registry]") {
  for (std::size_t i = 0; i < fault_table().size(); ++i) {
    const FaultInfo& fault = fault_table()[i];
    CHECK(static_cast<std::size_t>(fault.action) == i);
    CHECK(find_fault(fault.word) == &fault);
    CHECK(fault.colour.size() == 7);
    for (const std::string_view field : fault.fields) CHECK(find_fault_field(field) != nullptr);
  }
  for (std::size_t i = 0; i < trigger_table().size(); ++i) {
    CHECK(static_cast<std::size_t>(trigger_table()[i].kind) == i);
  }
  for (std::size_t i = 0; i < invariant_table().size(); ++i) {
    const InvariantInfo& invariant = invariant_table()[i];
    CHECK(static_cast<std::size_t>(invariant.invariant) == i);
    CHECK(find_invariant(invariant.name) == &invariant);
    CHECK(find_invariant(invariant.id) == &invariant);
  }
  for (std::size_t i = 0; i < state_table().size(); ++i) {
    CHECK(static_cast<std::size_t>(state_table()[i].state) == i);
    CHECK(find_state(state_table()[i].name) == &state_table()[i]);
  }
  for (std::size_t i = 0; i < condition_table().size(); ++i) {
    CHECK(static_cast<std::size_t>(condition_table()[i].condition) == i);
  }
  for (std::size_t i = 0; i < metric_table().size(); ++i) {
    CHECK(static_cast<std::size_t>(metric_table()[i].metric) == i);
    CHECK(find_metric(metric_table()[i].name) == &metric_table()[i]);
  }
  for (std::size_t i = 0; i < aggregate_table().size(); ++i) {
    CHECK(static_cast<std::size_t>(aggregate_table()[i].aggregate) == i);
    CHECK(find_aggregate(aggregate_table()[i].word) == &aggregate_table()[i]);
  }
  for (std::size_t i = 0; i < comparison_table().size(); ++i) {
    CHECK(static_cast<std::size_t>(comparison_table()[i].comparison) == i);
  }
  // The last enumerators: a new one without an entry fails here.
  CHECK(info(FaultAction::kExpireSession).word == "expire_session");
  CHECK(info(Invariant::kNoFlapping).id == "L14");
  CHECK(info(State::kPreferredLeaderRestored).name == "preferred_leader_restored");
  CHECK(info(Condition::kLiveness).form == "<liveness>");
  CHECK(info(Metric::kAckLatency).name == "ack_latency");
  CHECK(info(Aggregate::kP99).word == "p99");
  CHECK(info(Comparison::kGreater).symbol == ">");
}
