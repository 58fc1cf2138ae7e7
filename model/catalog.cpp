#include "model/catalog.hpp"

#include <algorithm>

namespace isrlab::model {

std::int32_t java_string_hash(std::string_view utf8) {
  std::uint32_t hash = 0;
  const auto add = [&hash](std::uint32_t unit) { hash = hash * 31 + unit; };
  for (std::size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    std::uint32_t point = length == 1 ? lead : lead & (0xffU >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < utf8.size(); ++k) {
      point = (point << 6) | (static_cast<unsigned char>(utf8[i + k]) & 0x3fU);
    }
    i += length;
    if (point >= 0x10000) {  // a surrogate pair is two units
      point -= 0x10000;
      add(0xd800 + (point >> 10));
      add(0xdc00 + (point & 0x3ff));
    } else {
      add(point);
    }
  }
  return static_cast<std::int32_t>(hash);
}

std::int32_t java_abs(std::int32_t value) {
  if (value == std::numeric_limits<std::int32_t>::min()) return 0;
  return value < 0 ? -value : value;
}

std::int32_t murmur2(std::string_view bytes) {
  constexpr std::uint32_t kMultiplier = 0x5bd1e995U;
  std::uint32_t hash = 0x9747b28cU ^ static_cast<std::uint32_t>(bytes.size());
  const auto byte = [&bytes](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
  };
  std::size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    std::uint32_t word = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    word *= kMultiplier;
    word ^= word >> 24;
    word *= kMultiplier;
    hash = hash * kMultiplier ^ word;
  }
  const std::size_t tail = bytes.size() - i;
  if (tail >= 3) hash ^= byte(i + 2) << 16;
  if (tail >= 2) hash ^= byte(i + 1) << 8;
  if (tail >= 1) hash = (hash ^ byte(i)) * kMultiplier;
  hash ^= hash >> 13;
  hash *= kMultiplier;
  return static_cast<std::int32_t>(hash ^ (hash >> 15));
}

void Catalog::add_offsets_topic() {
  const BrokerConfig& config = spec_.brokers.front().config;
  TopicInfo offsets;
  offsets.name = kOffsetsTopicName;
  offsets.first = static_cast<PartitionId>(partitions_.size());
  offsets.partitions = static_cast<std::int32_t>(config.offsets_topic_num_partitions);
  offsets.replication_factor = static_cast<std::int32_t>(config.offsets_topic_replication_factor);
  offsets.internal = true;
  for (std::int32_t p = 0; p < offsets.partitions; ++p) {
    partitions_.push_back({static_cast<TopicId>(topics_.size()), p});
  }
  topics_.push_back(std::move(offsets));
}

Catalog::Catalog(ClusterSpec spec) : spec_(std::move(spec)) {
  const auto add = [this](ProcessKind kind, std::size_t index, std::string name, std::string rack) {
    const auto host = static_cast<sim::HostId>(processes_.size());  // one host per process
    processes_.push_back(
        {kind, static_cast<std::uint32_t>(index), host, std::move(name), std::move(rack)});
  };
  for (std::size_t i = 0; i < spec_.zookeeper.size(); ++i) {
    const auto& server = spec_.zookeeper[i];
    add(ProcessKind::kZooKeeper, i, "zk-" + std::to_string(server.id), server.rack);
  }
  for (std::size_t i = 0; i < spec_.brokers.size(); ++i) {
    const auto& broker = spec_.brokers[i];
    SIM_ASSERT(broker.id == static_cast<BrokerId>(i + 1), "broker ids run from 1");
    add(ProcessKind::kBroker, i, "broker-" + std::to_string(broker.id), broker.rack);
    broker_racks_.push_back(rack_id(broker.rack));
  }
  for (std::size_t i = 0; i < spec_.producers.size(); ++i) {
    add(ProcessKind::kProducer, i, spec_.producers[i].name, spec_.producers[i].rack);
  }
  first_consumer_ = static_cast<std::uint32_t>(processes_.size());
  for (const TopicSpec& topic : spec_.topics) {
    TopicInfo info;
    info.name = topic.name;
    info.first = static_cast<PartitionId>(partitions_.size());
    info.partitions = topic.partitions;
    info.replication_factor = topic.replication_factor;
    info.config = topic.config;
    const bool leader = parse_throttled_replicas(topic.config.leader_replication_throttled_replicas,
                                                 info.leader_throttled);
    const bool follower = parse_throttled_replicas(
        topic.config.follower_replication_throttled_replicas, info.follower_throttled);
    SIM_ASSERT(leader && follower, "throttled replicas that the loader should have refused");
    for (const auto& replicas : topic.assignment) {
      BrokerList list;
      for (const std::int32_t id : replicas) list.push_back(id);
      info.assignment.push_back(list);
    }
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
      partitions_.push_back({static_cast<TopicId>(topics_.size()), p});
    }
    topics_.push_back(std::move(info));
  }
  add_offsets_topic();
  add_log_configs();
  for (std::size_t g = 0; g < spec_.groups.size(); ++g) {
    const ConsumerGroupSpec& group = spec_.groups[g];
    GroupInfo info;
    info.name = group.group;
    info.spec = static_cast<std::uint32_t>(g);
    info.first_member = static_cast<std::uint32_t>(consumers_.size());
    info.members = static_cast<std::uint32_t>(group.members);
    info.client_rack = rack_id(group.config.client_rack);
    for (const std::string& name : group.topics) {
      const auto topic = find_topic(name);
      SIM_ASSERT(topic.has_value(), "a group subscribes to a topic that does not exist");
      info.topics.push_back(*topic);
    }
    const std::int32_t hash = java_abs(java_string_hash(group.group));
    info.offsets_partition =
        topics_.back().first + static_cast<PartitionId>(hash % topics_.back().partitions);
    for (std::int32_t m = 0; m < group.members; ++m) {
      add(ProcessKind::kConsumer, consumers_.size(), group.group + "-" + std::to_string(m + 1),
          group.rack);
      consumers_.push_back({static_cast<GroupId>(g), static_cast<std::uint32_t>(m)});
    }
    groups_.push_back(std::move(info));
  }
  add(ProcessKind::kAdmin, 0, "admin", "");
}

RackId Catalog::rack_id(const std::string& name) {
  if (name.empty()) return kNoRack;
  const auto known = std::find(racks_.begin(), racks_.end(), name);
  if (known != racks_.end()) return static_cast<RackId>(known - racks_.begin());
  racks_.push_back(name);
  return static_cast<RackId>(racks_.size()) - 1;
}

std::string Catalog::partition_name(PartitionId id) const {
  const PartitionInfo& info = partitions_[id];
  return topics_[info.topic].name + "-" + std::to_string(info.number);
}

std::string Catalog::path_of_state(PartitionId id) const {
  const PartitionInfo& info = partitions_[id];
  return "/brokers/topics/" + topics_[info.topic].name + "/partitions/" +
         std::to_string(info.number) + "/state";
}

std::int64_t Catalog::min_insync_replicas(TopicId topic, BrokerId broker) const {
  const std::int64_t own = topics_[topic].config.min_insync_replicas;
  return own == kInherit ? broker_config(broker).min_insync_replicas : own;
}

bool Catalog::historic() const {
  return std::any_of(spec_.brokers.begin(), spec_.brokers.end(), [](const BrokerSpec& broker) {
    return broker.config.bugs != 0 || !broker.config.protocol().fenced;
  });
}

bool Catalog::unclean_leader_election(TopicId topic, BrokerId broker) const {
  const std::int64_t own = topics_[topic].config.unclean_leader_election_enable;
  return (own == kInherit ? broker_config(broker).unclean_leader_election_enable : own) != 0;
}

namespace {
template <class List, class Name>
std::optional<std::uint32_t> index_of(const List& list, std::string_view name, Name name_of) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const auto& item) { return name_of(item) == name; });
  if (found == list.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - list.begin());
}
}  // namespace

std::optional<TopicId> Catalog::find_topic(std::string_view name) const {
  return index_of(topics_, name,
                  [](const TopicInfo& info) -> std::string_view { return info.name; });
}

std::optional<PartitionId> Catalog::find_partition(std::string_view topic,
                                                   std::int32_t number) const {
  const auto found = find_topic(topic);
  if (!found || number < 0 || number >= topics_[*found].partitions) return std::nullopt;
  return topics_[*found].first + static_cast<PartitionId>(number);
}

std::optional<GroupId> Catalog::find_group(std::string_view name) const {
  return index_of(groups_, name,
                  [](const GroupInfo& info) -> std::string_view { return info.name; });
}

std::optional<ProcessId> Catalog::find_process(std::string_view name) const {
  return index_of(processes_, name,
                  [](const ProcessInfo& info) -> std::string_view { return info.name; });
}

sim::NetworkSpec Catalog::network_spec() const {
  sim::NetworkSpec network;
  network.within_rack = spec_.within_rack;
  network.between_racks = spec_.between_racks;
  for (const ProcessInfo& process : processes_) {
    network.hosts.push_back({process.name, process.rack, spec_.nic_bytes_per_second,
                             spec_.disk_bytes_per_second, spec_.disk_fsync_latency});
  }
  const auto hosts_of = [this](const std::string& name) {
    std::vector<sim::HostId> hosts;
    for (const ProcessInfo& process : processes_) {
      const bool in_rack = name.starts_with("rack:") && process.rack == name.substr(5);
      if (in_rack || process.name == name) hosts.push_back(process.host);
    }
    return hosts;
  };
  for (const ClusterSpec::Link& link : spec_.links) {
    network.overrides.push_back({hosts_of(link.left), hosts_of(link.right), link.link});
  }
  return network;
}

}  // namespace isrlab::model
