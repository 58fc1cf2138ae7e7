// The view-models: plain data, tested without Dear ImGui.
#include <set>

#include "tests/viz/viewer_support.hpp"
#include "viz/model/describe.hpp"
#include "viz/model/map_route.hpp"

using namespace isrlab;
using namespace isrlab::viz;

namespace {

ClusterView view_at(const std::string& name, sim::Time time) {
  return view_of(headless(scenario_named(name), time).cluster(), time);
}

}  // namespace

TEST_CASE("a healthy cluster is seen as healthy", "[viz]") {
  const ClusterView view = view_at("follower-crash", 15 * sim::kSecond);
  CHECK(view.controller >= 1);
  CHECK(view.believed_controllers == 1);
  CHECK(view.zk_serving == 3);
  CHECK(view.zk_leader >= 0);
  CHECK(view.under_replicated == 0);
  CHECK(view.offline == 0);
  for (const BrokerView& broker : view.brokers) {
    CHECK(broker.ok());
    CHECK(broker.session.known);
    CHECK(broker.session.left > 0);
  }
  for (const StatusItem& item : status_of(view)) {
    CAPTURE(item.label, item.value);
    CHECK(item.status == Status::good);
  }
}

TEST_CASE("a killed follower is down, then out of the ISR, then back", "[viz]") {
  const ClusterView dead = view_at("follower-crash", 21 * sim::kSecond);
  const auto down = std::count_if(dead.brokers.begin(), dead.brokers.end(),
                                  [](const BrokerView& broker) { return !broker.alive; });
  CHECK(down == 1);
  const ClusterView shrunk = view_at("follower-crash", 44 * sim::kSecond);
  CHECK(shrunk.under_replicated > 0);
  const ClusterView healed = view_at("follower-crash", 59 * sim::kSecond);
  CHECK(healed.under_replicated == 0);
}

TEST_CASE("problems are ordered by how much they hurt", "[viz]") {
  PartitionView partition;
  partition.exists = true;
  partition.leader = 1;
  partition.isr = {1, 2, 3};
  partition.min_isr = 2;
  partition.replicas.resize(3);
  for (auto& replica : partition.replicas) replica.state = ReplicaState::in_sync;
  CHECK(partition.severity() == 0);
  partition.isr = {1, 2};
  CHECK(partition.severity() == 2);
  partition.isr = {1};
  CHECK(partition.severity() == 3);
  partition.leader_down = true;
  CHECK(partition.severity() == 4);
  partition.leader = -1;
  CHECK(partition.severity() == 5);
  partition.exists = false;
  CHECK(partition.severity() == 0);
}

TEST_CASE("lanes tell the story of a crash", "[viz]") {
  const auto scenario = scenario_named("follower-crash");
  Playback playback(scenario, scenario->seed);
  playback.finish_ahead();
  const LaneModel& lanes = playback.recording().lanes();
  REQUIRE(lanes.faults().size() == 1);
  CHECK(lanes.faults().front().interval.from == 20 * sim::kSecond);
  CHECK_FALSE(lanes.faults().front().by_hand);
  CHECK_FALSE(lanes.controllers().empty());
  std::set<std::uint32_t> kinds;
  for (const Lane lane : {Lane::elections, Lane::isr, Lane::zookeeper, Lane::groups}) {
    const auto& marks = lanes.marks(lane);
    CHECK(marks.size() == lanes.events(lane).size());
    CHECK(std::is_sorted(marks.begin(), marks.end(),
                         [](const Mark& a, const Mark& b) { return a.time < b.time; }));
    for (const Mark& mark : marks) kinds.insert(mark.tag);
  }
  const auto has = [&](MarkKind kind) {
    return kinds.count(static_cast<std::uint32_t>(kind)) != 0;
  };
  CHECK(has(MarkKind::first_leader));
  CHECK(has(MarkKind::isr_shrink));
  CHECK(has(MarkKind::isr_expand));
  CHECK(has(MarkKind::session_expired));
  CHECK(playback.recording().known_until() == scenario->duration);
  double most = 0;
  for (const auto& samples : playback.recording().lag()) {
    for (const Sample& sample : samples) most = std::max(most, sample.value);
  }
  CHECK(most > 100);
}

TEST_CASE("an election of a reassignment is no unclean one", "[viz]") {
  const auto scenario = scenario_named("reassignment");
  Playback playback(scenario, scenario->seed);
  playback.finish_ahead();
  bool elected = false;
  for (const Mark& mark : playback.recording().lanes().marks(Lane::elections)) {
    CHECK(mark.tag != static_cast<std::uint32_t>(MarkKind::unclean_leader));
    elected = elected || mark.time > 20 * sim::kSecond;
  }
  CHECK(elected);
}

TEST_CASE("every kept event of the library has a sentence and a finite chain of causes", "[viz]") {
  for (const std::string& name : library_names()) {
    const auto scenario = scenario_named(name);
    Playback playback(scenario, scenario->seed);
    playback.finish_ahead();
    playback.seek(playback.limit());
    const EventContext context = event_context(playback.run());
    CAPTURE(name);
    for (std::uint32_t id = 1; id <= context.history.size(); ++id) {
      const sim::HistoryEvent& event = context.history[id];
      const std::string text = event_text(context, event);
      CAPTURE(id, text);
      // The fallback begins with the kind's name: then a kind has no sentence yet.
      CHECK(text.rfind(std::string(model::history_kind(kind_of(event)).name) + " ", 0) != 0);
      CHECK(cause_chain(context.history, id, 100).front() == id);
    }
  }
}

TEST_CASE("names are read as people write them", "[viz]") {
  const auto scenario = scenario_named("leader-crash");
  const scenarios::Run run(scenario, 1);
  const model::Catalog& catalog = run.cluster().catalog();
  const auto process = [&](const char* text) {
    const auto selection = parse_selection(catalog, text);
    REQUIRE(selection);
    return selection_name(catalog, *selection);
  };
  CHECK(process("broker-2") == "broker-2");
  CHECK(process("broker 2") == "broker-2");
  CHECK(process("b2") == "broker-2");
  CHECK(process("zk-1") == "zk-1");
  CHECK(process("zk1") == "zk-1");
  CHECK(process("p1") == "p1");
  CHECK(process("orders-2") == "orders-2");
  CHECK(process("billing") == "group billing");
  CHECK(process("event 3") == "event 3");
  CHECK(process("none") == "none");
  CHECK_FALSE(parse_selection(catalog, "broker-9"));
  CHECK_FALSE(parse_selection(catalog, "orders-17"));
  CHECK_FALSE(parse_selection(catalog, "nothing"));
}

TEST_CASE("the description says what is wrong", "[viz]") {
  const auto scenario = scenario_named("follower-crash");
  const scenarios::Run run = headless(scenario, 21 * sim::kSecond);
  const std::string text = describe(run, view_of(run.cluster(), 21 * sim::kSecond));
  CHECK_THAT(text, Catch::Contains(" is DOWN."));
  CHECK_THAT(text, Catch::Contains("BROKER  STATE"));
  CHECK_THAT(text, Catch::Contains("process is killed"));
  const scenarios::Run early = headless(scenario, 15 * sim::kSecond);
  CHECK_THAT(describe(early, view_of(early.cluster(), 15 * sim::kSecond)),
             Catch::Contains("Everything is as it should be."));
}

TEST_CASE("nodes of the map do not overlap and stay inside", "[viz]") {
  for (const char* name : {"hello", "leader-crash", "two-racks-lost", "publish-subscribe"}) {
    const ClusterView view = view_at(name, sim::kSecond);
    for (const Rect area : {Rect{0, 0, 620, 460}, Rect{0, 0, 330, 300}, Rect{10, 20, 1200, 900}}) {
      const MapLayout layout = lay_out_map(view, area, 1);
      CAPTURE(name, area.x1, area.y1);
      for (std::size_t i = 0; i < layout.brokers.size(); ++i) {
        const Rect& box = layout.brokers[i];
        CHECK(box.clipped_to(area) == box);
        for (std::size_t k = 0; k < i; ++k) {
          CHECK(box.clipped_to(layout.brokers[k]).empty());
        }
      }
    }
  }
}

namespace {

/// How much of a link lies behind brokers that it does not end at, in 200ths.
int hidden_by(const MapLayout& layout, const MapCurve& curve) {
  int hidden = 0;
  for (int at = 1; at < 200; ++at) {
    const MapPoint point = curve.at(static_cast<float>(at) / 200);
    for (const Rect& box : layout.brokers) {
      const bool own =
          box.contains(curve.from.x, curve.from.y) || box.contains(curve.to.x, curve.to.y);
      hidden += !own && box.contains(point.x, point.y) ? 1 : 0;
    }
  }
  return hidden;
}

}  // namespace

TEST_CASE("links of the map do not pass behind nodes that they do not end at", "[viz]") {
  for (const std::string& name : library_names()) {
    const ClusterView view = view_at(name, sim::kSecond);
    const MapLayout layout = lay_out_map(view, Rect{0, 0, 620, 460}, 1);
    const std::vector<Rect> obstacles = obstacles_of(layout, 1);
    std::vector<MapPoint> nodes = layout.zookeeper;
    for (const Rect& box : layout.brokers) nodes.push_back({box.center_x(), box.center_y()});
    const std::size_t clients_from = nodes.size();
    nodes.insert(nodes.end(), layout.clients.begin(), layout.clients.end());
    int straight = 0;
    int bent = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        // Clients talk to brokers only.
        if (i >= clients_from && (k < layout.zookeeper.size() || k >= clients_from)) continue;
        straight += hidden_by(layout, {nodes[k], nodes[i], {}});
        bent += hidden_by(layout, route_link(layout, obstacles, nodes[k], nodes[i], 1));
      }
    }
    CAPTURE(name, straight, bent);
    // Two rows of brokers leave no free way from the clients to the upper row.
    const bool one_row = view.brokers.size() <= 3;
    CHECK(bent <= (one_row ? 0 : straight / 2));
  }
}

TEST_CASE("messages under way arrive after now and from somebody else", "[viz]") {
  const auto scenario = scenario_named("leader-crash");
  const sim::Time now = 10 * sim::kSecond;
  const scenarios::Run run = headless(scenario, now);
  const sim::Topology topology(run.cluster().catalog().network_spec());
  const std::uint64_t digest = run.digest();
  for (int i = 0; i < 50; ++i) {
    for (const Flight& flight : flights_of(run.cluster(), topology, now, 100).flights) {
      CHECK(flight.arrives >= run.cluster().now());
      CHECK(flight.from != flight.to);
      CHECK((flight.share >= 0 && flight.share <= 1));
    }
  }
  CHECK(run.digest() == digest);
  CHECK(grouped(1234567) == "1\u2009234\u2009567");
  CHECK(grouped(-123) == "-123");
}
