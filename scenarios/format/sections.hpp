// The parts of the loader, one per section of a scenario file, and what they share.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "scenarios/format/reader.hpp"
#include "scenarios/format/scenario.hpp"

namespace isrlab::scenarios {

/// What has been read so far. The names are an index of the scenario for cross-references.
struct LoadContext {
  const Value& root;
  Problems& problems;
  Scenario& scenario;

  std::map<std::string, std::size_t> topics;  // name to index
  std::map<std::string, std::size_t> groups;
  std::set<std::string> producers;
  std::set<std::string> racks;
  // False when a part could not be read: names that seem unknown may be in that part, and an error
  // that follows from another error helps nobody.
  bool cluster_complete = true;
  bool topics_complete = true;
  bool clients_complete = true;
  bool faults_complete = true;

  const Value* find(std::string_view pointer) const { return find_pointer(root, pointer); }
};

void read_cluster(ObjectReader& file, LoadContext& context);
void read_network(ObjectReader& file, LoadContext& context);
void read_clocks(ObjectReader& file, LoadContext& context);
void read_topics(ObjectReader& file, LoadContext& context);
void read_producers(ObjectReader& file, LoadContext& context);
void read_consumers(ObjectReader& file, LoadContext& context);
void read_faults(ObjectReader& file, LoadContext& context);
void read_heal(ObjectReader& file, LoadContext& context);
void read_chaos(ObjectReader& file, LoadContext& context);
/// The section in canonical form.
Value chaos_value(const ChaosSpec& chaos);
void read_expectations(ObjectReader& file, LoadContext& context);

/// Rules that need more than one value: Kafka's own checks of its settings, and sizes that cannot
/// be.
void check_cluster(LoadContext& context);
void check_clients(LoadContext& context);
void check_network(LoadContext& context);
void check_fault_times(LoadContext& context);

/// Unknown names of topics, groups, racks ... are reported with the nearest known one.
bool check_topic(const std::string& name, const std::string& pointer, LoadContext& context);
bool check_topic_partition(const std::string& topic, std::int32_t partition,
                           const std::string& pointer, LoadContext& context);
bool check_group(const std::string& name, const std::string& pointer, LoadContext& context);
bool check_rack(const std::string& name, const std::string& pointer, LoadContext& context);
/// Members of a group are clients too: "billing-2"; `groups_too` accepts the group's own name.
bool is_client(const std::string& name, bool groups_too, const LoadContext& context);
/// Checks that what a selector names exists, and turns shares and majorities into counts.
bool check_moment(const Moment& moment, std::size_t item, const std::string& pointer,
                  LoadContext& context);
bool check_selector(Selector& selector, const std::string& pointer, LoadContext& context);

/// The scenario after defaults as a document; see Scenario::canonical.
Value canonical_document(const Scenario& scenario);

}  // namespace isrlab::scenarios
