// One controller without a cluster: a real Controller and ZkClient, ZooKeeper as one tree that
// answers at once (with the real preparation of writes and the real watches), and brokers that say
// yes to every control request. For rules of the controller's state machines. As in Kafka's own
// tests the controller is broker 5 and its epoch 50.
#pragma once
#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/controller/controller.hpp"
#include "model/zookeeper/prepare.hpp"
#include "model/zookeeper/watches.hpp"
#include "tests/support/catch.hpp"

namespace isrlab::test {

using namespace isrlab::model;
using sim::Duration;
using sim::kMillisecond;
using sim::kSecond;

/// Six brokers; one topic `t` whose partitions have these replicas.
inline ClusterSpec replicas_on(const std::vector<std::vector<BrokerId>>& assignment) {
  ClusterSpec spec;
  for (std::int32_t id = 1; id <= 6; ++id) {
    BrokerSpec broker;
    broker.id = id;
    spec.brokers.push_back(broker);
  }
  spec.zookeeper.push_back({1, ""});
  TopicSpec topic;
  topic.name = "t";
  topic.partitions = static_cast<std::int32_t>(assignment.size());
  topic.replication_factor = static_cast<std::int32_t>(assignment[0].size());
  topic.assignment = assignment;
  spec.topics.push_back(topic);
  return spec;
}

class ControllerRig {
 public:
  static constexpr BrokerId kSelf = 5;

  explicit ControllerRig(ClusterSpec spec)
      : catalog(std::move(spec)),
        controller(kSelf, catalog),
        zk_({catalog.zookeeper_process(0)}, 18 * kSecond, 10, 100, sim::Random(1, "zk")),
        effects_(ids_) {
    controller.use_slots(slots_);
    open_session(kOthers);
    for (const char* path :
         {"/brokers", "/brokers/ids", "/brokers/topics", "/log_dir_event_notification",
          "/isr_change_notification", "/latest_producer_id_block"}) {
      create(path);
    }
    create("/controller_epoch", ControllerEpochZnode{49});
    act([this](Out& out) { zk_.open(out); });
  }

  ControllerRig(const ControllerRig&) = delete;
  ControllerRig& operator=(const ControllerRig&) = delete;

  const Catalog catalog;
  Controller controller;
  ZkTree tree;
  Time now = 100 * kSecond;
  /// Called before a write of the controller is applied: what comes in between.
  std::function<void(const std::string& path)> before_write;
  /// Writes of these paths are refused with this code.
  std::map<std::string, ZkCode> refused;

  struct Sent {
    BrokerId to = kNoBroker;
    ControlRequest request;
  };
  std::vector<Sent> sent;  // control requests in the order in which they left
  std::vector<ControlledShutdownResponse> shutdown_answers;
  std::vector<AlterPartitionResponse> alter_answers;
  std::vector<sim::HistoryEvent> records;

  // --- what others do in ZooKeeper ---
  void create(const std::string& path, ZnodeValue value = {}, ZkOpKind kind = ZkOpKind::kCreate) {
    ZkOp op;
    op.kind = kind;
    op.path = path;
    op.value = std::move(value);
    write_as(kOthers, std::move(op));
  }
  void set(const std::string& path, ZnodeValue value) {
    ZkOp op;
    op.kind = ZkOpKind::kSetData;
    op.path = path;
    op.value = std::move(value);
    write_as(kOthers, std::move(op));
  }
  void remove(const std::string& path) {
    ZkOp op;
    op.kind = ZkOpKind::kDelete;
    op.path = path;
    write_as(kOthers, std::move(op));
  }
  void register_broker(BrokerId id) {
    create("/brokers/ids/" + std::to_string(id), BrokerZnode{id}, ZkOpKind::kCreateEphemeral);
  }
  void unregister_broker(BrokerId id) { remove("/brokers/ids/" + std::to_string(id)); }
  /// Before the controller has looked.
  void unregister_both(BrokerId one, BrokerId other) {
    running_ = true;
    unregister_broker(one);
    unregister_broker(other);
    run();
  }
  /// It is gone and back before the controller has looked.
  void bounce(BrokerId id) {
    running_ = true;
    unregister_broker(id);
    register_broker(id);
    run();
  }
  /// /brokers/topics/t with the replicas of the catalog.
  void create_topic() {
    create("/brokers/topics/t", TopicZnode{0, std::make_shared<const std::vector<BrokerList>>(
                                                  catalog.topic(0).assignment)});
  }
  /// The state of a partition as an earlier controller left it.
  void create_state(PartitionId partition, BrokerId leader, BrokerList isr,
                    std::int32_t leader_epoch = 0) {
    const std::string path = catalog.path_of_state(partition);
    const std::string parent(zk_parent(path));
    const std::string above(zk_parent(parent));
    if (tree.find(above) == nullptr) create(above);
    if (tree.find(parent) == nullptr) create(parent);
    create(path, PartitionStateZnode{leader, leader_epoch, 1, isr, false});
  }
  struct State {
    BrokerId leader;
    BrokerList isr;
    std::int32_t leader_epoch;
    friend bool operator==(const State&, const State&) = default;
  };
  const PartitionStateZnode& znode(PartitionId partition) const {
    const ZkTree::Node* node = tree.find(catalog.path_of_state(partition));
    REQUIRE(node != nullptr);
    return std::get<PartitionStateZnode>(node->value);
  }
  State state(PartitionId partition) const {
    const PartitionStateZnode& znode = this->znode(partition);
    return {znode.leader, znode.isr, znode.leader_epoch};
  }
  std::int32_t version(PartitionId partition) const {
    return tree.find(catalog.path_of_state(partition))->version;
  }

  // --- what reaches the controller ---
  /// Elected and through its fail-over; what it sent for that is forgotten.
  void start() {
    post(ControllerEventType::kStartup);
    REQUIRE(controller.active());
    REQUIRE(controller.context().epoch == 50);
  }
  void post(ControllerEventType type) {
    ControllerEvent event;
    event.type = type;
    post(std::move(event));
  }
  void post(ControllerEvent event) {
    act([&](Out& out) { controller.enqueue(std::move(event), zk_, out); });
  }
  void ask_shutdown(BrokerId broker, std::int64_t epoch_offset = 0) {
    ControllerEvent event;
    event.type = ControllerEventType::kControlledShutdown;
    event.slot = 0;
    event.broker = broker;
    const std::int64_t* epoch = controller.context().live.find(broker);
    event.broker_epoch = (epoch != nullptr ? *epoch : 1000) + epoch_offset;
    post(std::move(event));
  }
  AlterPartitionRequest::Partition wish(PartitionId partition, BrokerList isr) const {
    AlterPartitionRequest::Partition wanted;
    wanted.partition = partition;
    wanted.leader_epoch = znode(partition).leader_epoch;
    wanted.partition_epoch = version(partition);
    wanted.new_isr = isr;
    return wanted;
  }
  const AlterPartitionResponse& alter(BrokerId leader, AlterPartitionRequest::Partition wanted) {
    ControllerEvent event;
    event.type = ControllerEventType::kAlterPartition;
    event.slot = 0;
    event.alter.broker = leader;
    const std::int64_t* epoch = controller.context().live.find(leader);
    event.alter.broker_epoch = epoch != nullptr ? *epoch : 1000;
    event.alter.partitions = {wanted};
    post(std::move(event));
    REQUIRE(!alter_answers.empty());
    return alter_answers.back();
  }
  void fire_rebalance() {
    act([this](Out& out) { controller.on_timer(TimerKind::kControllerRebalance, 0, zk_, out); });
  }

  // --- what it sent ---
  template <class R>
  std::vector<std::pair<BrokerId, R>> requests() const {
    std::vector<std::pair<BrokerId, R>> result;
    for (const Sent& each : sent) {
      if (const R* request = std::get_if<R>(&each.request)) result.emplace_back(each.to, *request);
    }
    return result;
  }
  /// Who got a request of that kind, sorted, each time it did.
  template <class R>
  std::vector<BrokerId> recipients() const {
    std::vector<BrokerId> ids;
    for (const auto& [to, request] : requests<R>()) ids.push_back(to);
    std::sort(ids.begin(), ids.end());
    return ids;
  }
  PartitionState partition_state(PartitionId partition) const {
    return controller.context().state[partition];
  }
  std::int64_t offline_partitions() const {
    const auto& states = controller.context().state;
    return std::count(states.begin(), states.end(), PartitionState::kOffline);
  }

 private:
  static constexpr std::int64_t kOthers = 1;  // sessions
  static constexpr std::int64_t kOwn = 2;

  void open_session(std::int64_t session) {
    ZkTransaction request;
    request.session_id = session;
    request.session_timeout = 18 * kSecond;
    request.ops.emplace_back();
    request.ops.back().kind = ZkOpKind::kCreateSession;
    commit(std::move(request));
  }
  /// The leader's write path in one call. What watches fire goes to the client.
  std::vector<ZkOpResult> commit(ZkTransaction request, ZkCode* code = nullptr) {
    preparation_.prepare(request, ++zxid_, tree, sessions_, 0);
    transactions_.push_back(std::make_shared<const ZkTransaction>(std::move(request)));
    const ZkTransaction& done = *transactions_.back();
    std::vector<ZkChange> changes;
    std::vector<ZkOpResult> results;
    tree.apply(done, &changes, &results);
    preparation_.committed(done.zxid);
    std::vector<ZkFiring> firings;
    for (const ZkChange& change : changes) watches_.fire(change, firings);
    for (const ZkFiring& firing : firings) {
      tell<ZkWatchEvent>([&](ZkWatchEvent& event) {
        event.type = firing.type;
        event.path = std::string(firing.path);
      });
    }
    if (code != nullptr) {
      *code = ZkCode::kOk;
      for (const ZkCode each : done.codes) {
        if (*code == ZkCode::kOk) *code = each;
      }
    }
    return results;
  }
  void write_as(std::int64_t session, ZkOp op) {
    ZkTransaction request;
    request.session_id = session;
    request.ops.push_back(std::move(op));
    ZkCode code = ZkCode::kOk;
    commit(std::move(request), &code);
    REQUIRE(code == ZkCode::kOk);
    if (!running_) run();
  }
  void answer(const ZkRequest& request) {
    const bool read = !request.multi && (request.ops[0].kind == ZkOpKind::kExists ||
                                         request.ops[0].kind == ZkOpKind::kGetData ||
                                         request.ops[0].kind == ZkOpKind::kGetChildren);
    ZkReply reply;
    reply.xid = request.xid;
    if (read) {
      const ZkOp& op = request.ops[0];
      reply.results.push_back(tree.read(op));
      reply.code = reply.results[0].code;
      if (op.watch) watches_.add(op, reply.code == ZkCode::kOk, zk_connection_);
    } else {
      const std::string path = request.ops.back().path;
      if (before_write) before_write(path);
      ZkTransaction write;
      write.session_id = kOwn;
      write.multi = request.multi;
      write.ops = request.ops;
      const auto refusal = refused.find(path);
      if (refusal == refused.end()) {
        reply.results = commit(std::move(write), &reply.code);
      } else {
        reply.code = refusal->second;
        reply.results.resize(request.ops.size());
        reply.results.back().code = refusal->second;
      }
    }
    reply.zxid = zxid_;
    tell<ZkReply>([&](ZkReply& message) { message = reply; });
  }

  // --- events and effects, one after the other ---
  template <class M, class Fill>
  void tell(Fill fill) {
    Pool<M>& pool = messages_.pool<M>();
    const std::uint32_t index = pool.take();
    fill(pool[index]);
    sim::Activation activation;
    activation.kind = sim::ActivationKind::kMessage;
    activation.connection = zk_connection_;
    activation.message = {static_cast<std::uint16_t>(MessageTypeOf<M>::value), index};
    waiting_.push_back([this, activation] { to_client(activation); });
  }
  template <class Act>
  void act(Act what) {
    waiting_.push_back([this, what] { apply(what); });
    run();
  }
  void run() {
    running_ = true;
    while (!waiting_.empty()) {
      const std::function<void()> next = std::move(waiting_.front());
      waiting_.pop_front();
      next();
    }
    running_ = false;
  }
  void to_client(sim::Activation activation) {
    activation.now = now;
    apply([&](Out& out) {
      std::vector<ZkClientEvent> events;
      zk_.handle(activation, messages_, out, events);
      if (activation.kind == sim::ActivationKind::kMessage) {
        messages_.release(activation.message);
      }
      for (ZkClientEvent& event : events) {
        if (event.kind == ZkClientEventKind::kWatch) controller.on_watch(event.watch, zk_, out);
        const bool own = event.token == controller.token();
        if (event.kind == ZkClientEventKind::kBatchDone && own) {
          controller.on_batch(event.replies, zk_, out);
        }
      }
    });
  }
  template <class Act>
  void apply(Act what) {
    Out out(effects_, messages_, arena_, history_, catalog);
    effects_.clear();
    out.begin(catalog.broker_process(kSelf), now, 0);
    what(out);
    for (const sim::HistoryEvent& event : effects_.records()) records.push_back(event);
    const std::vector<sim::Effect> done(effects_.effects().begin(), effects_.effects().end());
    for (const sim::Effect& effect : done) {
      if (effect.kind == sim::EffectKind::kConnect) connect(effect.target, effect.argument);
      if (effect.kind == sim::EffectKind::kSend) deliver(effect);
    }
    controller.new_connections().clear();
    controller.closed_connections().clear();
    for (const ControllerAnswer& answer : controller.answers()) note_answer(answer.message);
    controller.answers().clear();
  }
  void connect(ConnectionId connection, ProcessId server) {
    const BrokerId broker = catalog.broker_of(server);
    if (broker != kNoBroker) {
      brokers_[connection] = broker;
      waiting_.push_back([this, broker] {
        apply([&](Out& out) { controller.on_channel_connected(broker, out); });
      });
      return;
    }
    zk_connection_ = connection;
    sim::Activation activation;
    activation.kind = sim::ActivationKind::kConnected;
    activation.connection = connection;
    waiting_.push_back([this, activation] { to_client(activation); });
  }
  void deliver(const sim::Effect& effect) {
    const sim::MessageRef message{effect.type, effect.argument};
    const auto broker = brokers_.find(effect.target);
    if (broker != brokers_.end()) return to_broker(broker->second, message);
    if (effect.type == static_cast<std::uint16_t>(MessageTypeOf<ZkConnectRequest>::value)) {
      open_session(kOwn);
      tell<ZkConnectResponse>([](ZkConnectResponse& response) {
        response.session_id = kOwn;
        response.timeout = 18 * kSecond;
      });
    } else if (effect.type == static_cast<std::uint16_t>(MessageTypeOf<ZkRequest>::value)) {
      const ZkRequest request = messages_.get<ZkRequest>(message);
      waiting_.push_back([this, request] { answer(request); });
    }
    messages_.release(message);
  }
  template <class Request, class Response>
  bool take(BrokerId broker, sim::MessageRef message) {
    if (message.type != static_cast<std::uint16_t>(MessageTypeOf<Request>::value)) return false;
    const Request request = messages_.get<Request>(message);
    sent.push_back({broker, request});
    Pool<Response>& pool = messages_.pool<Response>();
    const std::uint32_t index = pool.take();
    pool[index].correlation = request.correlation;
    if constexpr (!std::is_same_v<Request, UpdateMetadataRequest>) {
      for (const auto& partition : request.partitions) {
        pool[index].partitions.push_back({partition.partition, Error::kNone});
      }
    }
    const sim::MessageRef response{static_cast<std::uint16_t>(MessageTypeOf<Response>::value),
                                   index};
    waiting_.push_back([this, broker, response] {
      apply(
          [&](Out& out) { controller.on_control_response(broker, response, messages_, zk_, out); });
      messages_.release(response);
    });
    return true;
  }
  void to_broker(BrokerId broker, sim::MessageRef message) {
    const bool known = take<LeaderAndIsrRequest, LeaderAndIsrResponse>(broker, message) ||
                       take<UpdateMetadataRequest, UpdateMetadataResponse>(broker, message) ||
                       take<StopReplicaRequest, StopReplicaResponse>(broker, message);
    REQUIRE(known);
    messages_.release(message);
  }
  void note_answer(sim::MessageRef message) {
    const auto is = [&](auto type) { return message.type == static_cast<std::uint16_t>(type); };
    if (is(MessageTypeOf<ControlledShutdownResponse>::value)) {
      shutdown_answers.push_back(messages_.get<ControlledShutdownResponse>(message));
    } else if (is(MessageTypeOf<AlterPartitionResponse>::value)) {
      alter_answers.push_back(messages_.get<AlterPartitionResponse>(message));
    }
    messages_.release(message);
  }

  sim::SlotAllocator slots_{200};
  ZkClient zk_;
  sim::ConnectionIds ids_;
  Messages messages_;
  RecordArena arena_;
  sim::History history_;
  sim::Effects effects_;
  ZkPreparation preparation_;
  ZkSessions sessions_{2 * kSecond, 0};
  ZkWatches watches_;
  std::vector<std::shared_ptr<const ZkTransaction>> transactions_;
  std::int64_t zxid_ = 0;
  ConnectionId zk_connection_ = kNone;
  std::map<ConnectionId, BrokerId> brokers_;
  std::deque<std::function<void()>> waiting_;
  bool running_ = false;
};

}  // namespace isrlab::test
