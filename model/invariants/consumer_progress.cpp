// L9 consumer progress: what there was to read in a partition is read by the groups that subscribe
// to it.
// Source: reference scenarios.md 6.2 L9; lag / (rc - rp) (F9), once the group is stable.
// Promised if one member processes faster than producers write: it may be all that is left.
#include "model/invariants/factories.hpp"
#include "model/invariants/liveness.hpp"

namespace isrlab::model {
namespace {

class ConsumerProgress final : public Liveness<ConsumerProgress> {
 public:
  static constexpr std::string_view kId = "L9";
  static constexpr std::string_view kName = "consumer_progress";

  using Liveness::Liveness;
  bool promised(const Catalog& catalog) const override {
    for (GroupId group = 0; group < catalog.groups().size(); ++group) {
      const ConsumerGroupSpec& spec = catalog.spec().groups[catalog.group(group).spec];
      if (spec.config.auto_offset_reset == 2 || margin(catalog, group) < 1) return false;
    }
    return replication_keeps_up(catalog);
  }
  Duration settles_within() const override { return std::max(group_bound(), isr_bound()); }

  LivenessMarks mark(const RunView& view) const override { return committed_ends(view); }
  Duration span(const RunView& view, const LivenessMarks& ends) const override {
    Duration longest = 0;
    for (GroupId group = 0; group < catalog().groups().size(); ++group) {
      std::int64_t lag = 0;
      each_partition(group, [&](PartitionId id) {
        lag += std::max<std::int64_t>(0, ends[id] - view.position(group, id).position);
        return true;
      });
      const ConsumerConfig& config = catalog().spec().groups[catalog().group(group).spec].config;
      const std::int64_t rate = std::max<std::int64_t>(1, margin(catalog(), group));
      longest = std::max(longest, lag / rate * sim::kSecond + 2 * config.fetch_max_wait);
    }
    return longest + 5 * sim::kSecond;
  }

  std::string missing(const RunView& view, const LivenessMarks& ends, Time) const override {
    std::string text;
    for (GroupId group = 0; group < catalog().groups().size() && text.empty(); ++group) {
      if (!any_member(view, group)) continue;
      each_partition(group, [&](PartitionId id) {
        const std::int64_t position = view.position(group, id).position;
        const BrokerId leader = view.state(id).leader;
        if (id >= ends.size() || position >= ends[id] || leader < 1) return true;
        text = sentence("group ", catalog().group(group).name, " is at offset ", position, " of ",
                        partition_name(id), ", where it could read up to ", ends[id]);
        return false;
      });
    }
    return text;
  }

 private:
  /// Records per second that the group can read beyond what is written for it.
  static std::int64_t margin(const Catalog& catalog, GroupId group) {
    const GroupInfo& info = catalog.group(group);
    const ConsumerGroupSpec& spec = catalog.spec().groups[info.spec];
    std::int64_t written = 0;
    for (const ProducerSpec& producer : catalog.spec().producers) {
      const auto topic = catalog.find_topic(producer.topic);
      const bool read =
          std::find(info.topics.begin(), info.topics.end(), *topic) != info.topics.end();
      if (read && producer.interval > 0) written += sim::kSecond / producer.interval + 1;
    }
    constexpr std::int64_t kWithoutProcessing = 10'000;
    return (spec.processing > 0 ? sim::kSecond / spec.processing : kWithoutProcessing) - written;
  }

  template <class Visit>
  void each_partition(GroupId group, Visit visit) const {
    for (const TopicId topic : catalog().group(group).topics) {
      const TopicInfo& info = catalog().topic(topic);
      for (std::int32_t i = 0; i < info.partitions; ++i) {
        if (!visit(info.first + static_cast<PartitionId>(i))) return;
      }
    }
  }
};

}  // namespace

ViewedInvariantPtr make_consumer_progress(const Catalog& catalog) {
  return std::make_unique<ConsumerProgress>(catalog);
}

}  // namespace isrlab::model
