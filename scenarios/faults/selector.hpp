// The tiny grammar that names nodes: "broker-2", "leader of orders-0", "rack:a", "zk:leader".
// A selector is parsed with the file and resolved when the fault fires.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace isrlab::scenarios {

enum class SelectorKind : std::uint8_t {
  kNone,
  kBroker,       // broker-2, broker 2, brokers 1,3: ids
  kSomeBrokers,  // one broker, 2 brokers: count, drawn from the fault stream
  kAllBrokers,   // all brokers
  kMinority,     // the largest minority of the brokers, drawn
  kMajority,     // the smallest majority of the brokers, drawn
  kRack,         // rack:a: every broker, ZooKeeper server and client in it
  kController,
  kLeaderOf,            // leader of orders-0
  kFollowersOf,         // followers of orders-0
  kIsrOf,               // isr of orders-0
  kOutOfSync,           // out of sync of orders-0
  kCoordinatorOf,       // coordinator of billing
  kZooKeeper,           // zk-1
  kAllZooKeeper,        // all zk
  kZooKeeperLeader,     // zk:leader
  kZooKeeperFollowers,  // zk:followers
  kSomeZooKeeper,       // one zk, 2 zk
  kZkMinority,          // minority of zk
  kZkMajority,          // majority of zk
  kClient,      // client p1: a producer or a group member by name; client billing: all its members
  kAllClients,  // all clients
  kAll,         // all: every host
  kList,        // several selectors
};

struct Selector {
  SelectorKind kind = SelectorKind::kNone;
  std::vector<std::int32_t> ids;  // broker ids or zk ids
  std::int32_t count = 0;    // kSomeBrokers, kSomeZooKeeper, kMinority, kMajority: how many to draw
  std::int32_t percent = 0;  // written as a share ("50% of brokers"); the loader sets count from it
  std::string name;          // rack, topic, group or client
  std::int32_t partition = -1;
  std::vector<Selector> members;  // kList
  std::string text;               // as written

  bool empty() const { return kind == SelectorKind::kNone; }
};

/// Reads one selector, or several joined by "and". On failure returns false and says what is wrong
/// and what to do. Whether the named things exist is checked later, against the cluster.
bool parse_selector(std::string_view text, Selector& selector, std::string& what, std::string& fix);

/// The one canonical spelling of a selector; parse_selector() reads it back to the same selector.
std::string selector_text(const Selector& selector);

}  // namespace isrlab::scenarios
