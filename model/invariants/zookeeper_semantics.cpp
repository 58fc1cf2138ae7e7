// S20 ZooKeeper semantics: one leader per ZooKeeper epoch; all servers apply the same transactions
// in the same order; a session id is never used twice, and with a session go its ephemeral nodes; a
// write that succeeded is in the tree, and no version of a node is written twice.
// Source: reference scenarios.md 6.1 S20; controller-zookeeper.md 1.1 to 1.6 (ZAB:
// FastLeaderElection, Leader, DataTree, SessionTrackerImpl). The latest transactions are
// remembered; a server that starts, looks or takes over the leader's tree is found again among
// them. A deposed leader, back from a pause, may read the acknowledgements of what it had proposed
// and commit it after its successor, who had that in its log, took it over without a word and went
// on: no more than that successor inherited. So both tell once that a session began, the successor
// when it begins to lead: whether its predecessor still committed it, it cannot know.
#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "model/invariants/factories.hpp"

namespace isrlab::model {
namespace {

class ZooKeeperSemantics final : public Checker<ZooKeeperSemantics> {
 public:
  static constexpr std::string_view kId = "S20";
  static constexpr std::string_view kName = "zookeeper_semantics";
  static constexpr std::array kInterests = {
      HistoryKind::kZkCommitted,     HistoryKind::kZkLeading,        HistoryKind::kZkLooking,
      HistoryKind::kZkFollowing,     HistoryKind::kZkSessionCreated, HistoryKind::kZkSessionExpired,
      HistoryKind::kZkSessionClosed, HistoryKind::kPartitionState,   HistoryKind::kProcessStarted};

  explicit ZooKeeperSemantics(const Catalog& catalog)
      : Checker(catalog), applied_(catalog.zookeeper_count(), kUnknown) {}

  void check(const sim::HistoryEvent& event, const RunView& view) override {
    switch (kind_of(event)) {
      case HistoryKind::kZkCommitted: return committed(event);
      case HistoryKind::kZkLeading: leads(event, view); [[fallthrough]];
      case HistoryKind::kZkLooking:
      case HistoryKind::kZkFollowing:
      case HistoryKind::kProcessStarted: {
        const ProcessInfo& info = catalog().process(event.actor);
        if (info.kind == ProcessKind::kZooKeeper) applied_[info.index] = kUnknown;
        return;
      }
      case HistoryKind::kZkSessionCreated: return created(event);
      case HistoryKind::kPartitionState: return written(event, view);
      default: return ended(event, view);
    }
  }

  void check_end(Time now, const RunView& view) override {
    sim::HistoryEvent end;
    end.time = now;
    for (BrokerId id = 1; id <= static_cast<BrokerId>(catalog().broker_count()); ++id) {
      const std::int64_t owner = view.registration_owner(id);
      if (owner == 0) continue;
      count();
      if (!ended_.contains(owner)) continue;
      violated(end,
               sentence("/brokers/ids/", id, " belongs to session ", owner, ", which is over"));
    }
  }

 private:
  static constexpr std::uint64_t kUnknown = ~0ULL;
  static constexpr std::size_t kRemembered = 4096;

  struct Session {
    ProcessId owner = kNone;
    std::uint32_t tellers = 0;  // bits of the servers that told of it, each as a leader
  };

  const std::string& process(ProcessId id) const { return catalog().process(id).name; }

  void created(const sim::HistoryEvent& event) {
    count();
    const std::uint32_t teller = catalog().process(event.actor).index;
    const std::uint32_t bit = 1U << teller;
    const auto [at, fresh] = sessions_.try_emplace(event.a, Session{event.subject, bit});
    if (fresh) return;
    Session& session = at->second;
    const bool deposed = leader_ != 0 && leader_ != teller + 1;
    const bool takes_over = leader_ == teller + 1 && event.time == leads_since_;
    if ((deposed || takes_over) && session.owner == event.subject && (session.tellers & bit) == 0) {
      session.tellers |= bit;
      return;
    }
    violated(event, sentence("session ", event.a, " of ", process(event.subject),
                             " was created a second time"));
  }

  void leads(const sim::HistoryEvent& event, const RunView& view) {
    if (catalog().zookeeper_count() == 1) return;  // standalone: no elections, no epochs
    count();
    if (event.a > epoch_) {
      epoch_ = event.a;
      leader_ = event.subject;
      leads_since_ = event.time;
      inherited_.emplace_back(event.a, view.inherited_zxid(catalog().process(event.actor).index));
    } else if (event.a == epoch_ && event.subject != leader_) {
      violated(event, sentence("zk-", event.subject, " leads ZooKeeper in epoch ", event.a,
                               ", which belongs to zk-", leader_));
    }
  }

  void committed(const sim::HistoryEvent& event) {
    const std::uint32_t server = catalog().process(event.actor).index;
    std::uint64_t& applied = applied_[server];
    const std::uint64_t end = first_ + order_.size();
    count();
    if (applied == kUnknown) {
      const auto at = std::lower_bound(order_.begin(), order_.end(), event.a);
      const bool known = at != order_.end() && *at == event.a;
      applied = known ? first_ + static_cast<std::uint64_t>(at - order_.begin()) : end;
      if (!known && at != order_.end()) {
        applied = kUnknown;  // it was never told: a leader kept what its predecessor had begun
        return;
      }
    } else {
      ++applied;
    }
    if (applied < end) {
      if (applied < first_ || order_[applied - first_] == event.a) return;
      if (inherited(event.a, order_[applied - first_])) {
        --applied;  // its place is before that one, where nobody told of it
        return;
      }
      violated(event, sentence("zk-", event.subject, " applied transaction ", event.a,
                               " where the others applied ", order_[applied - first_]));
      applied = kUnknown;
      return;
    }
    if (!order_.empty() && event.a <= order_.back()) {
      violated(event, sentence("zk-", event.subject, " applied transaction ", event.a, " after ",
                               order_.back()));
      return;
    }
    order_.push_back(event.a);
    applied = first_ + order_.size() - 1;
    if (order_.size() > kRemembered) {
      order_.pop_front();
      ++first_;
    }
  }

  /// Did the leader after the transaction's epoch take it over, and the others with that leader?
  bool inherited(std::int64_t zxid, std::int64_t next) const {
    if (next >> 32 <= zxid >> 32) return false;
    for (const auto& [epoch, last] : inherited_) {
      if (epoch > zxid >> 32) return zxid <= last;
    }
    return false;
  }

  void ended(const sim::HistoryEvent& event, const RunView& view) {
    count();
    ended_.insert(event.a);
    const std::uint32_t server = catalog().process(event.actor).index;
    const bool known = view.session_known(server, event.a);
    if (!known && !view.has_ephemerals(server, event.a)) return;
    violated(event, sentence("session ", event.a, " of ", process(event.subject), " is over, but ",
                             process(event.actor),
                             known ? " still has it" : " still holds its ephemeral nodes"));
  }

  void written(const sim::HistoryEvent& event, const RunView& view) {
    const StateView now = view.state(event.subject);
    const auto version = static_cast<std::int32_t>(low_half(event.c));
    if (!now.known) return;
    count();
    const bool same = now.leader == event.a && now.leader_epoch == high_half(event.c);
    if (now.version > version || (now.version == version && same)) return;
    violated(event, sentence(partition_name(event.subject), ": ", process(event.actor),
                             " was told that it wrote version ", version,
                             " of the state, but ZooKeeper has version ", now.version, " of epoch ",
                             now.leader_epoch));
  }

  std::vector<std::uint64_t> applied_;  // by server: number of the last transaction in the order
  std::deque<std::int64_t> order_;      // zxids as they were applied first
  std::uint64_t first_ = 0;             // number of order_.front()
  std::int64_t epoch_ = -1;
  std::uint32_t leader_ = 0;
  Time leads_since_ = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> inherited_;  // (epoch, last zxid before it)
  std::map<std::int64_t, Session> sessions_;
  std::set<std::int64_t> ended_;
};

}  // namespace

ViewedInvariantPtr make_zookeeper_semantics(const Catalog& catalog) {
  return std::make_unique<ZooKeeperSemantics>(catalog);
}

}  // namespace isrlab::model
