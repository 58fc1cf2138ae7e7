// ZkTree, ZkWatches and the leader's preparation, without a server around them.
// Vectors of reference controller-zookeeper.md 10.7 are named after their source.
#include "tests/support/catch.hpp"
#include "tests/unit/zookeeper_harness.hpp"

namespace isrlab::test {
namespace {

/// A leader's write path in one call: prepare, then apply at once.
struct Bench {
  ZkTree tree;
  ZkPreparation preparation;
  ZkSessions sessions{2 * kSecond, 0};
  std::vector<ZkChange> changes;
  std::vector<ZkOpResult> results;
  std::vector<std::shared_ptr<const ZkTransaction>> kept;
  std::int64_t zxid = 0;

  Bench() { open(7); }
  void open(std::int64_t session) {
    ZkTransaction request;
    request.session_id = session;
    request.session_timeout = 10 * kSecond;
    request.ops.emplace_back();
    request.ops.back().kind = ZkOpKind::kCreateSession;
    write(std::move(request));
  }
  void close(std::int64_t session) {
    ZkTransaction request;
    request.session_id = session;
    request.ops.emplace_back();
    request.ops.back().kind = ZkOpKind::kCloseSession;
    write(std::move(request));
  }
  std::shared_ptr<const ZkTransaction> prepare(ZkTransaction request) {
    preparation.prepare(request, ++zxid, tree, sessions, 0);
    kept.push_back(std::make_shared<const ZkTransaction>(std::move(request)));
    return kept.back();
  }
  void apply(const ZkTransaction& transaction) {
    changes.clear();
    results.clear();
    tree.apply(transaction, &changes, &results);
    preparation.committed(transaction.zxid);
  }
  void write(ZkTransaction request) { apply(*prepare(std::move(request))); }
  ZkCode write(ZkRequest request, std::int64_t session = 7) {
    write(transaction(std::move(request), session));
    for (const ZkOpResult& result : results) {
      if (result.code != ZkCode::kOk) return result.code;
    }
    return ZkCode::kOk;
  }
  static ZkTransaction transaction(ZkRequest request, std::int64_t session = 7) {
    ZkTransaction write;
    write.session_id = session;
    write.multi = request.multi;
    write.ops = std::move(request.ops);
    return write;
  }
};

TEST_CASE("stat of a node follows DataNode.copyStat") {
  Bench b;
  CHECK(b.write(zk(ZkOpKind::kCreate, "/a", "x")) == ZkCode::kOk);
  const std::int64_t created = b.zxid;
  CHECK(b.write(zk(ZkOpKind::kSetData, "/a", "y", 0)) == ZkCode::kOk);
  CHECK(b.results[0].stat.version == 1);
  CHECK(b.write(zk(ZkOpKind::kCreate, "/a/b")) == ZkCode::kOk);
  CHECK(b.write(zk(ZkOpKind::kCreate, "/a/c")) == ZkCode::kOk);
  CHECK(b.write(zk(ZkOpKind::kDelete, "/a/b")) == ZkCode::kOk);
  const ZkStat stat = b.tree.find("/a")->stat();
  CHECK(stat.czxid == created);
  CHECK(stat.mzxid == created + 1);
  CHECK(stat.pzxid == created + 4);
  CHECK(stat.version == 1);
  CHECK(stat.num_children == 1);
  CHECK(stat.cversion == 3);  // 2 * creates - children
}

TEST_CASE("error codes of single writes, and a failed write takes a zxid") {
  Bench b;
  CHECK(b.write(zk(ZkOpKind::kCreate, "/a/b")) == ZkCode::kNoNode);
  CHECK(b.write(zk(ZkOpKind::kCreate, "/a")) == ZkCode::kOk);
  CHECK(b.write(zk(ZkOpKind::kCreate, "/a")) == ZkCode::kNodeExists);
  CHECK(b.write(zk(ZkOpKind::kSetData, "/a", "x", 3)) == ZkCode::kBadVersion);
  CHECK(b.write(zk(ZkOpKind::kSetData, "/b", "x", 3)) == ZkCode::kNoNode);
  CHECK(b.write(zk(ZkOpKind::kCreate, "/a/b")) == ZkCode::kOk);
  CHECK(b.write(zk(ZkOpKind::kDelete, "/a")) == ZkCode::kNotEmpty);
  CHECK(b.write(zk(ZkOpKind::kDelete, "/a", "", 5)) == ZkCode::kBadVersion);
  CHECK(b.write(zk(ZkOpKind::kDelete, "/c")) == ZkCode::kNoNode);
  CHECK(b.write(zk(ZkOpKind::kCreateEphemeral, "/e")) == ZkCode::kOk);
  CHECK(b.write(zk(ZkOpKind::kCreate, "/e/f")) == ZkCode::kNoChildrenForEphemerals);
  CHECK(b.zxid == 12);
  CHECK(b.tree.last_zxid() == 12);
}

TEST_CASE("sequential names count every child ever created, in ten digits") {
  Bench b;
  b.write(zk(ZkOpKind::kCreate, "/s"));
  CHECK(b.write(zk(ZkOpKind::kCreateSequential, "/s/n_")) == ZkCode::kOk);
  CHECK(b.results[0].path == "/s/n_0000000000");
  b.write(zk(ZkOpKind::kCreate, "/s/other"));
  b.write(zk(ZkOpKind::kDelete, "/s/n_0000000000"));
  b.write(zk(ZkOpKind::kCreateSequential, "/s/n_"));
  CHECK(b.results[0].path == "/s/n_0000000002");
}

TEST_CASE("a multi is all or nothing: codes before, at and after the culprit") {
  Bench b;
  const ZkCode code = b.write(zk_multi(
      {zk(ZkOpKind::kCreate, "/a"), zk(ZkOpKind::kCreate, "/x/y"), zk(ZkOpKind::kCreate, "/b")}));
  CHECK(code == ZkCode::kNoNode);
  REQUIRE(b.results.size() == 3);
  CHECK(b.results[0].code == ZkCode::kOk);
  CHECK(b.results[1].code == ZkCode::kNoNode);
  CHECK(b.results[2].code == ZkCode::kRuntimeInconsistency);
  CHECK(b.tree.find("/a") == nullptr);
  CHECK(b.write(zk(ZkOpKind::kCreate, "/a")) == ZkCode::kOk);  // nothing of it is left behind
}

TEST_CASE("MultiOperationTest.testUpdateConflict") {
  Bench b;
  CHECK(b.write(zk_multi({zk(ZkOpKind::kCreate, "/foo"), zk(ZkOpKind::kSetData, "/foo", "1", 0),
                          zk(ZkOpKind::kSetData, "/foo", "2", 0)})) == ZkCode::kBadVersion);
  CHECK(b.tree.find("/foo") == nullptr);
  CHECK(b.write(zk_multi({zk(ZkOpKind::kCreate, "/foo"), zk(ZkOpKind::kSetData, "/foo", "1", 0),
                          zk(ZkOpKind::kSetData, "/foo", "2", 1)})) == ZkCode::kOk);
  CHECK(b.tree.find("/foo")->version == 2);
}

TEST_CASE("MultiOperationTest.testTransactionBuilder") {
  Bench b;
  b.write(zk(ZkOpKind::kCreate, "/t1"));
  b.write(zk(ZkOpKind::kCreate, "/t2"));
  CHECK(b.write(zk_multi({zk(ZkOpKind::kCheck, "/t2", "", 1)})) == ZkCode::kBadVersion);
  CHECK(b.write(zk_multi({zk(ZkOpKind::kCheck, "/t1", "", 1),
                          zk(ZkOpKind::kSetData, "/t1", "x", 2)})) == ZkCode::kBadVersion);
  CHECK(b.write(zk_multi({zk(ZkOpKind::kCheck, "/t1", "", 0),
                          zk(ZkOpKind::kSetData, "/t1", "x", 0)})) == ZkCode::kOk);
}

TEST_CASE("LeaderSessionTrackerTest.testCreateEphemeral: an unknown session creates nothing") {
  Bench b;
  CHECK(b.write(zk(ZkOpKind::kCreateEphemeral, "/e"), 99) == ZkCode::kSessionExpired);
  CHECK(b.tree.find("/e") == nullptr);
}

TEST_CASE("writes are checked against what is proposed but not committed") {
  Bench b;
  const auto create = b.prepare(Bench::transaction(zk(ZkOpKind::kCreate, "/a")));
  const auto again = b.prepare(Bench::transaction(zk(ZkOpKind::kCreate, "/a")));
  const auto first = b.prepare(Bench::transaction(zk(ZkOpKind::kSetData, "/a", "1", 0)));
  const auto stale = b.prepare(Bench::transaction(zk(ZkOpKind::kSetData, "/a", "2", 0)));
  CHECK_FALSE(create->failed);
  CHECK(again->codes[0] == ZkCode::kNodeExists);
  CHECK_FALSE(first->failed);
  CHECK(stale->codes[0] == ZkCode::kBadVersion);
  for (const auto& transaction : {create, again, first, stale}) b.apply(*transaction);
  CHECK(b.tree.find("/a")->version == 1);
  CHECK(b.write(zk(ZkOpKind::kSetData, "/a", "2", 1)) == ZkCode::kOk);
}

TEST_CASE("closing a session deletes its ephemerals in one transaction, outstanding ones too") {
  Bench b;
  b.write(zk(ZkOpKind::kCreateEphemeral, "/b"));
  b.write(zk(ZkOpKind::kCreateEphemeral, "/a"));
  b.open(8);
  b.write(zk(ZkOpKind::kCreateEphemeral, "/other"), 8);
  const auto late = b.prepare(Bench::transaction(zk(ZkOpKind::kCreateEphemeral, "/c")));
  const auto gone = b.prepare(Bench::transaction(zk(ZkOpKind::kDelete, "/b")));
  ZkTransaction request;
  request.session_id = 7;
  request.ops.emplace_back();
  request.ops.back().kind = ZkOpKind::kCloseSession;
  const auto closing = b.prepare(std::move(request));
  for (const auto& transaction : {late, gone, closing}) b.apply(*transaction);
  REQUIRE(b.changes.size() == 2);
  CHECK(b.changes[0].path == "/a");
  CHECK(b.changes[1].path == "/c");
  CHECK(b.tree.find("/other") != nullptr);
  CHECK(b.tree.sessions().size() == 1);
  CHECK(b.tree.ephemerals(7) == nullptr);
  CHECK(b.write(zk(ZkOpKind::kCreate, "/z")) == ZkCode::kSessionExpired);
}

TEST_CASE("a copy of a tree is a snapshot") {
  Bench b;
  b.write(zk(ZkOpKind::kCreate, "/a", "1"));
  b.write(zk(ZkOpKind::kCreate, "/a/b"));
  const ZkTree copy = b.tree;
  b.write(zk(ZkOpKind::kSetData, "/a", "2"));
  b.write(zk(ZkOpKind::kDelete, "/a/b"));
  b.close(7);
  CHECK(std::get<std::string>(copy.find("/a")->value) == "1");
  CHECK(copy.find("/a/b") != nullptr);
  CHECK(copy.sessions().size() == 1);
  CHECK(b.tree.find("/a/b") == nullptr);
  CHECK(b.tree.node_count() == copy.node_count() - 1);
}

// --- watches

std::vector<std::string> fire(ZkWatches& watches, const std::vector<ZkChange>& changes) {
  static const char* const kNames[] = {"created", "deleted", "data", "children"};
  std::vector<ZkFiring> firings;
  for (const ZkChange& change : changes) watches.fire(change, firings);
  std::vector<std::string> result;
  for (const ZkFiring& firing : firings) {
    result.push_back(std::to_string(firing.connection) + " " +
                     kNames[static_cast<int>(firing.type)] + " " + std::string(firing.path));
  }
  return result;
}
using Lines = std::vector<std::string>;

TEST_CASE("create, setData and delete fire in DataTree's order and once") {
  Bench b;
  ZkWatches watches;
  b.write(zk(ZkOpKind::kCreate, "/p"));
  watches.add(zk(ZkOpKind::kGetChildren, "/p").ops[0], true, 1);
  watches.add(zk(ZkOpKind::kExists, "/p/c").ops[0], false, 1);
  watches.add(zk(ZkOpKind::kGetData, "/p/x").ops[0], false, 1);  // absent: no watch is left
  CHECK(watches.size() == 2);
  b.write(zk(ZkOpKind::kCreate, "/p/c"));
  CHECK(fire(watches, b.changes) == Lines{"1 created /p/c", "1 children /p"});
  b.write(zk(ZkOpKind::kSetData, "/p/c", "x"));
  CHECK(fire(watches, b.changes).empty());
  watches.add(zk(ZkOpKind::kGetData, "/p/c").ops[0], true, 2);
  watches.add(zk(ZkOpKind::kGetChildren, "/p/c").ops[0], true, 2);
  watches.add(zk(ZkOpKind::kGetChildren, "/p/c").ops[0], true, 3);
  watches.add(zk(ZkOpKind::kGetChildren, "/p").ops[0], true, 1);
  b.write(zk(ZkOpKind::kDelete, "/p/c"));
  // One event per watcher, though 2 watched data and children.
  CHECK(fire(watches, b.changes) == Lines{"2 deleted /p/c", "3 deleted /p/c", "1 children /p"});
  CHECK(watches.size() == 0);
}

TEST_CASE("create and setData in one multi: who waited with exists is told of the creation only") {
  Bench b;
  ZkWatches watches;
  watches.add(zk(ZkOpKind::kExists, "/a").ops[0], false, 1);
  b.write(zk_multi({zk(ZkOpKind::kCreate, "/a"), zk(ZkOpKind::kSetData, "/a", "x")}));
  CHECK(fire(watches, b.changes) == Lines{"1 created /a"});
}

TEST_CASE("MultiOperationTest.testWatchesTriggered, testNoWatchesTriggeredForFailedMulti") {
  Bench b;
  b.write(zk(ZkOpKind::kCreate, "/t"));
  ZkWatches watches;
  watches.add(zk(ZkOpKind::kGetChildren, "/").ops[0], true, 1);
  b.write(zk_multi({zk(ZkOpKind::kCreate, "/a"), zk(ZkOpKind::kDelete, "/nothing")}));
  CHECK(fire(watches, b.changes).empty());
  b.write(zk_multi({zk(ZkOpKind::kCreate, "/a"), zk(ZkOpKind::kDelete, "/a")}));
  CHECK(fire(watches, b.changes) == Lines{"1 children /"});
}

TEST_CASE("setWatches fires what changed since relative zxid and re-arms the rest") {
  Bench b;
  b.write(zk(ZkOpKind::kCreate, "/same"));
  b.write(zk(ZkOpKind::kCreate, "/changed"));
  b.write(zk(ZkOpKind::kCreate, "/gone"));
  b.write(zk(ZkOpKind::kCreate, "/parent"));
  ZkRequest request;
  request.relative_zxid = b.zxid;
  b.write(zk(ZkOpKind::kSetData, "/changed", "x"));
  b.write(zk(ZkOpKind::kDelete, "/gone"));
  b.write(zk(ZkOpKind::kCreate, "/new"));
  b.write(zk(ZkOpKind::kCreate, "/parent/child"));
  for (const char* path : {"/same", "/changed", "/gone"}) {
    request.ops.push_back(zk(ZkOpKind::kGetData, path).ops[0]);
  }
  request.ops.push_back(zk(ZkOpKind::kExists, "/new").ops[0]);
  request.ops.push_back(zk(ZkOpKind::kExists, "/absent").ops[0]);
  request.ops.push_back(zk(ZkOpKind::kGetChildren, "/parent").ops[0]);
  request.ops.push_back(zk(ZkOpKind::kGetChildren, "/same").ops[0]);
  request.ops.push_back(zk(ZkOpKind::kGetChildren, "/gone").ops[0]);
  ZkWatches watches;
  std::vector<ZkFiring> firings;
  watches.set_again(request, b.tree, 4, firings);
  REQUIRE(firings.size() == 5);
  CHECK(firings[0].type == ZkEventType::kNodeDataChanged);
  CHECK(firings[1].type == ZkEventType::kNodeDeleted);
  CHECK(firings[2].type == ZkEventType::kNodeCreated);
  CHECK(firings[3].type == ZkEventType::kNodeChildrenChanged);
  CHECK(firings[4].type == ZkEventType::kNodeDeleted);
  CHECK(watches.size() == 3);  // /same twice, /absent
  watches.forget(4);
  CHECK(watches.size() == 0);
}

// --- the disk

TEST_CASE("a crash leaves what was fsynced, however far commits have come") {
  Bench b;
  ZkDisk disk;
  std::vector<std::shared_ptr<const ZkTransaction>> writes{b.kept[0]};
  for (const char* path : {"/a", "/b", "/c"}) {
    writes.push_back(b.prepare(Bench::transaction(zk(ZkOpKind::kCreate, path))));
  }
  for (const auto& write : writes) disk.append(write);
  disk.synced(writes[1]->zxid);
  for (int i = 0; i < 3; ++i) disk.apply_next(nullptr, nullptr);
  CHECK(disk.tree().find("/b") != nullptr);  // committed before its own fsync
  ZkDisk crashed = disk;
  crashed.crash();
  CHECK(crashed.tree().find("/a") != nullptr);
  CHECK(crashed.tree().find("/b") == nullptr);
  CHECK(crashed.last_logged() == writes[1]->zxid);
  disk.synced(writes[3]->zxid);
  disk.crash();
  CHECK(disk.tree().find("/b") != nullptr);
  CHECK(disk.tree().find("/c") == nullptr);  // logged, not applied
  CHECK(disk.last_logged() == writes[3]->zxid);
  CHECK(disk.next_unapplied() == writes[3]);
}

}  // namespace
}  // namespace isrlab::test
