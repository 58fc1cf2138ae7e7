// A cluster, a load and a schedule, one run, and what can be asked of it. Saves the run below the
// folder it is given, for `isrlab replay`.
#include <cstdlib>
#include <iostream>
#include <isrlab/lab.hpp>
#include <isrlab/sweep.hpp>

using namespace isrlab::lab;
using namespace std::chrono_literals;

namespace {

void demand(bool held, const char* what) {
  if (held) return;
  std::cerr << "not so: " << what << "\n";
  std::exit(1);
}

Lab two_crashes() {
  const Cluster cluster =
      Cluster()
          .brokers(3, {"a", "b", "c"})
          .zookeeper(3)
          .set("zookeeper.session.timeout.ms", 9s)
          .topic(Topic("orders").partitions(3).replication(3).set("min.insync.replicas", 2));
  const Load load = Load()
                        .producer(Producer("orders").rate(200).set("acks", "all"))
                        .group(Group("billing", {"orders"}).members(2));
  const Schedule schedule = {at(20s).kill("leader of orders-0").restart_after(15s),
                             after(3s).pause("zk:leader").lasts(5s),
                             "at 45s isolate broker-1 for 4s why its switch is restarted"};
  return Lab(cluster, load, schedule)
      .name("two-crashes")
      .lasts(90s)
      .sometimes("leader_elected")
      .eventually("all isr full", "30s of heal")
      .limit("write_gap max < 20s");
}

void wrong_input() {
  try {
    two_crashes().add(at(60s).kill("leader of order-0")).set("/cluster/brokers/cuont", 3).run();
    demand(false, "wrong input throws");
  } catch (const ScenarioError& error) {
    demand(error.problems().size() == 2, "all problems come at once");
    std::cout << error.what();
  }
}

void many_seeds() {
  const SweepResult swept =
      Sweep(two_crashes())
          .seeds(1, 6)
          .vary("/cluster/brokers/config/zookeeper.session.timeout.ms", {"6s", "18s"})
          .metric("write_gap max")
          .run();
  demand(swept.runs() == 12 && swept.cells().size() == 2, "six seeds in two cells");
  demand(swept.cells()[1].difference("write_gap max").mean > 3e9, "a longer session waits longer");
  demand(swept.reached("leader_elected") == 12, "a leader is elected in each run");
  std::cout << swept;
}

}  // namespace

int main(int count, char** arguments) {
  const Result result = two_crashes().run(7);
  std::cout << result;
  demand(result.verdict() == Verdict::kPass && result.broken().empty(), "it passes");
  demand(result.lost() == 0 && result.acked(AcksClass::kAll) > 5000, "nothing is lost");
  demand(result.longest_outage("write") > 3s, "the crash is an outage");
  demand(two_crashes().run(7).digest() == result.digest(), "the same seed is the same run");

  const Result loss = Lab::library("acks-one-loss").set("/producers/p1/rate", "100/s").run();
  demand(!loss.losses().empty() && loss.losses()[0].records == loss.lost(), "acks=1 loses");
  std::cout << loss;

  many_seeds();
  wrong_input();
  if (count > 1) std::cout << "saved " << result.save(arguments[1]).string() << "\n";
  return 0;
}
