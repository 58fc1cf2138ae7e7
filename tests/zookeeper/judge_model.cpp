// The model's side of the judge: servers and clients of model/zookeeper on a virtual clock.
#include <stdexcept>

#include "tests/unit/zookeeper_harness.hpp"
#include "tests/zookeeper/judge.hpp"

namespace isrlab::judge {
namespace {

using namespace isrlab::model;
using test::ZkHarness;

constexpr int kClients = 8;

ZkOpKind kind_of(const std::string& name) {
  static const std::map<std::string, ZkOpKind> kKinds = {
      {"create", ZkOpKind::kCreate},
      {"ephemeral", ZkOpKind::kCreateEphemeral},
      {"sequential", ZkOpKind::kCreateSequential},
      {"delete", ZkOpKind::kDelete},
      {"set", ZkOpKind::kSetData},
      {"check", ZkOpKind::kCheck},
      {"exists", ZkOpKind::kExists},
      {"get", ZkOpKind::kGetData},
      {"children", ZkOpKind::kGetChildren},
      {"sync", ZkOpKind::kSync}};
  return kKinds.at(name);
}

class ModelSide final : public Side {
 public:
  ModelSide(const Setup& setup, int seed) : harness_(options(setup, seed)), seed_(seed) {}

  std::string name() const override { return "model"; }
  void start_server(int server) override { harness_.start(process(server)); }
  void kill_server(int server) override { harness_.kill(process(server)); }
  void pause_server(int server) override { harness_.pause(process(server)); }
  void resume_server(int server) override { harness_.resume(process(server)); }
  int leader() override { return harness_.leader() + 1; }
  bool serving(int server) override { return harness_.servers[process(server)].serving(); }

  void open(const std::string& client, Milliseconds timeout,
            const std::vector<int>& servers) override {
    const int index = static_cast<int>(clients_.size());
    if (index == kClients) throw std::runtime_error("too many clients");
    clients_[client] = {index, 0};
    std::vector<ProcessId> list;
    for (const int server : servers) list.push_back(process(server));
    at(client).client = ZkClient(list, timeout * sim::kMillisecond, 100, 0,
                                 sim::Random(static_cast<std::uint64_t>(seed_), client));
    harness_.open(index);
  }
  void send(const std::string& client, int token, const Ops& ops) override {
    ZkRequest request;
    request.multi = ops.size() > 1;
    for (const Op& op : ops) {
      ZkOp& added = request.ops.emplace_back();
      added.kind = kind_of(op.name);
      added.path = op.path;
      added.version = op.version;
      added.watch = op.watch;
      if (!op.data.empty()) added.value = op.data;
    }
    harness_.submit(clients_.at(client).index, static_cast<std::uint32_t>(token),
                    {std::move(request)});
  }
  void give_up(const std::string& client, int token) override {
    at(client).client.abandon(static_cast<std::uint32_t>(token));
  }
  void close(const std::string& client) override { harness_.close(clients_.at(client).index); }
  void kill(const std::string& client) override {
    harness_.kill(harness_.client_process(clients_.at(client).index));
  }
  int server_of(const std::string& client) override {
    const ZkClient& zk = at(client).client;
    return zk.connected() ? static_cast<int>(zk.server()) + 1 : 0;
  }
  std::optional<Happening> next(const std::string& client, Milliseconds limit) override {
    Place& place = clients_.at(client);
    const std::vector<ZkHarness::Seen>& seen = at(client).seen;
    harness_.run_while_not([&] { return seen.size() > place.read; }, limit * sim::kMillisecond);
    if (seen.size() <= place.read) return std::nullopt;
    return translated(client, seen[place.read++]);
  }
  void wait(Milliseconds duration) override { harness_.run_for(duration * sim::kMillisecond); }
  std::int64_t now() override { return harness_.now() / sim::kMicrosecond; }
  Milliseconds late() const override { return 0; }
  Milliseconds early() const override { return 0; }

 private:
  struct Place {
    int index = 0;
    std::size_t read = 0;  // how many of the seen events are told
  };

  static ZkHarness::Options options(const Setup& setup, int seed) {
    ZkHarness::Options result;
    result.servers = setup.servers;
    result.clients = kClients;
    result.seed = static_cast<std::uint64_t>(seed);
    result.tick = setup.tick * sim::kMillisecond;
    result.init_limit = setup.init_limit;
    result.sync_limit = setup.sync_limit;
    return result;
  }
  static ProcessId process(int server) { return static_cast<ProcessId>(server - 1); }
  ZkHarness::ClientProcess& at(const std::string& client) {
    return harness_.clients[static_cast<std::size_t>(clients_.at(client).index)];
  }

  Happening translated(const std::string& client, const ZkHarness::Seen& seen) {
    static const char* const kEvents[] = {"created ", "deleted ", "changed ", "children "};
    Happening result;
    result.at = seen.time / sim::kMicrosecond;
    switch (seen.event.kind) {
      case ZkClientEventKind::kConnected:
        result.kind = Happening::Kind::kConnected;
        result.session = at(client).client.session_id();
        result.timeout = at(client).client.negotiated_timeout() / sim::kMillisecond;
        break;
      case ZkClientEventKind::kDisconnected: result.kind = Happening::Kind::kDisconnected; break;
      case ZkClientEventKind::kExpired: result.kind = Happening::Kind::kExpired; break;
      case ZkClientEventKind::kClosed: result.kind = Happening::Kind::kClosed; break;
      case ZkClientEventKind::kWatch:
        result.event = kEvents[static_cast<int>(seen.event.watch.type)] + seen.event.watch.path;
        break;
      case ZkClientEventKind::kBatchFailed:
        result.kind = Happening::Kind::kResult;
        result.token = static_cast<int>(seen.event.token);
        result.code = static_cast<int>(ZkCode::kSessionExpired);
        break;
      case ZkClientEventKind::kBatchDone:
        result.kind = Happening::Kind::kResult;
        result.token = static_cast<int>(seen.event.token);
        result.code = static_cast<int>(seen.event.replies.at(0).code);
        for (const ZkOpResult& op : seen.event.replies.at(0).results) {
          result.results.push_back(translated(op));
        }
        break;
    }
    return result;
  }
  static OpResult translated(const ZkOpResult& op) {
    OpResult result;
    result.code = static_cast<int>(op.code);
    result.path = op.path;
    if (const auto* text = std::get_if<std::string>(&op.value)) result.data = *text;
    result.stat =
        Stat{op.stat.czxid,    op.stat.mzxid,           op.stat.pzxid,       op.stat.version,
             op.stat.cversion, op.stat.ephemeral_owner, op.stat.num_children};
    result.children = op.children;
    return result;
  }

  ZkHarness harness_;
  int seed_;
  std::map<std::string, Place> clients_;
};

}  // namespace

std::unique_ptr<Side> model_side(const Setup& setup, int seed) {
  return std::make_unique<ModelSide>(setup, seed);
}

}  // namespace isrlab::judge
