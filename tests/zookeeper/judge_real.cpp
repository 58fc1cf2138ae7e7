// The real side of the judge: Debian's ZooKeeper servers, and clients of its C library, each a
// process of its own on loopback, with free ports and a temporary directory.
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/zookeeper/judge.hpp"

namespace isrlab::judge {
namespace {

std::int64_t microseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }

 private:
  int number_ = -1;
};

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// Ports that are free now; all are held until the last is found, so that they differ.
std::vector<int> free_ports(int count) {
  std::vector<Descriptor> held;
  std::vector<int> ports;
  for (int i = 0; i < count; ++i) {
    held.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(held.back().get(), generic, length) != 0 ||
        ::getsockname(held.back().get(), generic, &length) != 0) {
      throw std::runtime_error("no free port on loopback");
    }
    ports.push_back(ntohs(address.sin_port));
  }
  return ports;
}

/// A child that ends with this process.
class Process {
 public:
  Process() = default;
  Process(const std::vector<std::string>& words, int input, int output) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    id_ = ::fork();
    if (id_ < 0) throw std::runtime_error("cannot fork");
    if (id_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(input, 0);
    ::dup2(output, 1);
    ::dup2(output, 2);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  Process(Process&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Process& operator=(Process&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~Process() { kill(); }
  bool running() const { return id_ > 0; }
  void signal(int number) const {
    if (id_ > 0) ::kill(id_, number);
  }
  void kill() {
    if (id_ <= 0) return;
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
    id_ = -1;
  }

 private:
  pid_t id_ = -1;
};

struct Server {
  int client_port = 0, quorum_port = 0, election_port = 0;
  Process process;
  bool paused = false;
};

struct Client {
  Process process;
  Descriptor input, output;  // as the judge sees them: writes to input, reads from output
  std::string unread;
};

class RealSide final : public Side {
 public:
  RealSide(const Setup& setup, std::string client) : setup_(setup), client_(std::move(client)) {
    std::string pattern = (std::filesystem::temp_directory_path() / "isrlab-zookeeper-XXXXXX");
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
    directory_ = pattern;
    const std::vector<int> ports = free_ports(3 * setup.servers);
    for (std::size_t i = 0; i < ports.size(); i += 3) {
      Server& server = servers_.emplace_back();
      server.client_port = ports[i];
      server.quorum_port = ports[i + 1];
      server.election_port = ports[i + 2];
    }
    for (int i = 1; i <= setup.servers; ++i) write_configuration(i);
    null_ = Descriptor(::open("/dev/null", O_RDWR | O_CLOEXEC));
  }
  ~RealSide() override {
    clients_.clear();
    servers_.clear();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  std::string name() const override { return "ZooKeeper"; }
  void start_server(int server) override {
    // A small heap, one collector thread and the quick compiler: the machine may be small and busy.
    at(server).process =
        Process({"java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                 "-Dzookeeper.jmx.log4j.disable=true", "-cp", "/usr/share/java/zookeeper.jar",
                 "org.apache.zookeeper.server.quorum.QuorumPeerMain", folder(server) / "zoo.cfg"},
                null_.get(), null_.get());
  }
  void kill_server(int server) override { at(server).process.kill(); }
  void pause_server(int server) override {
    at(server).process.signal(SIGSTOP);
    at(server).paused = true;
  }
  void resume_server(int server) override {
    at(server).process.signal(SIGCONT);
    at(server).paused = false;
  }
  int leader() override {
    for (int i = 1; i <= setup_.servers; ++i) {
      const std::string mode = mode_of(i);
      if (mode == "leader" || mode == "standalone") return i;
    }
    return 0;
  }
  bool serving(int server) override { return !mode_of(server).empty(); }

  void open(const std::string& name, Milliseconds timeout,
            const std::vector<int>& servers) override {
    int to[2], from[2];
    if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) {
      throw std::runtime_error("no pipe");
    }
    Client& client = clients_[name];
    client.input = Descriptor(to[1]);
    client.output = Descriptor(from[0]);
    const Descriptor child_input(to[0]), child_output(from[1]);
    client.process = Process({client_}, child_input.get(), child_output.get());
    std::string line = std::to_string(timeout);
    for (const int server : servers) line += " " + std::to_string(at(server).client_port);
    write(client, line);
  }
  void send(const std::string& name, int token, const Ops& ops) override {
    std::string line = std::to_string(token);
    for (const Op& op : ops) {
      if (&op != &ops.front()) line += " ;";
      line += " " + op.name + (op.watch ? "! " : " ") + op.path;
      if (!op.data.empty()) line += " " + op.data;
      if (op.version != -1) line += " " + std::to_string(op.version);
    }
    write(clients_.at(name), line);
  }
  void give_up(const std::string&, int) override {}  // it never sends again by itself
  void close(const std::string& name) override { write(clients_.at(name), "close"); }
  void kill(const std::string& name) override { clients_.at(name).process.kill(); }
  int server_of(const std::string& name) override {
    Client& client = clients_.at(name);
    write(client, "where");
    // What comes before the answer is kept for next().
    std::string before;
    while (true) {
      const std::optional<std::string> line = read_line(client, 10'000);
      if (!line) throw std::runtime_error(name + " does not say where it is");
      std::istringstream words(*line);
      std::string time, verb;
      int port = 0;
      words >> time >> verb >> port;
      if (verb != "where") {
        before += *line + "\n";
        continue;
      }
      client.unread = before + client.unread;
      for (int i = 1; i <= setup_.servers; ++i) {
        if (at(i).client_port == port) return i;
      }
      return 0;
    }
  }
  std::optional<Happening> next(const std::string& name, Milliseconds limit) override {
    const std::optional<std::string> line = read_line(clients_.at(name), limit);
    if (!line) return std::nullopt;
    return parsed(*line);
  }
  void wait(Milliseconds duration) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(duration));
  }
  std::int64_t now() override { return microseconds(); }
  // Processes of a busy machine with two cores are late: a server that starts has a JVM to load, a
  // client that pings late has its session touched late, and one that pings may have been held up.
  Milliseconds late() const override { return 3'000; }
  Milliseconds early() const override { return 400; }

 private:
  Server& at(int server) { return servers_.at(static_cast<std::size_t>(server - 1)); }
  std::filesystem::path folder(int server) const { return directory_ / std::to_string(server); }

  void write_configuration(int server) {
    std::filesystem::create_directories(folder(server));
    std::ofstream file(folder(server) / "zoo.cfg");
    file << "tickTime=" << setup_.tick << "\ninitLimit=" << setup_.init_limit
         << "\nsyncLimit=" << setup_.sync_limit << "\ndataDir=" << folder(server).string()
         << "\nclientPort=" << at(server).client_port << "\nclientPortAddress=127.0.0.1"
         << "\nadmin.enableServer=false\n4lw.commands.whitelist=srvr\n";
    if (setup_.servers == 1) return;
    for (int i = 1; i <= setup_.servers; ++i) {
      file << "server." << i << "=127.0.0.1:" << at(i).quorum_port << ":" << at(i).election_port
           << "\n";
    }
    std::ofstream(folder(server) / "myid") << server << "\n";
  }

  /// What the server answers to "srvr": leader, follower, standalone; nothing if it does not serve.
  std::string mode_of(int server) {
    if (!at(server).process.running() || at(server).paused) return "";
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience{1, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    const sockaddr_in address = loopback(at(server).client_port);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
            0 ||
        ::send(socket.get(), "srvr", 4, MSG_NOSIGNAL) != 4) {
      return "";
    }
    std::string text;
    char buffer[2048];
    for (ssize_t size; (size = ::recv(socket.get(), buffer, sizeof(buffer), 0)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(size));
    }
    const std::size_t mode = text.find("Mode: ");
    if (mode == std::string::npos) return "";
    return text.substr(mode + 6, text.find('\n', mode) - mode - 6);
  }

  static void write(Client& client, const std::string& text) {
    const std::string line = text + "\n";
    if (::write(client.input.get(), line.data(), line.size()) !=
        static_cast<ssize_t>(line.size())) {
      throw std::runtime_error("a client is gone");
    }
  }

  static std::optional<std::string> read_line(Client& client, Milliseconds limit) {
    const std::int64_t end = microseconds() + limit * 1000;
    while (true) {
      const std::size_t newline = client.unread.find('\n');
      if (newline != std::string::npos) {
        std::string line = client.unread.substr(0, newline);
        client.unread.erase(0, newline + 1);
        return line;
      }
      const std::int64_t left = end - microseconds();
      pollfd waiting{client.output.get(), POLLIN, 0};
      if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left / 1000) + 1) <= 0) {
        return std::nullopt;
      }
      char buffer[4096];
      const ssize_t size = ::read(client.output.get(), buffer, sizeof(buffer));
      if (size <= 0) throw std::runtime_error("a client has ended");
      client.unread.append(buffer, static_cast<std::size_t>(size));
    }
  }

  static Happening parsed(const std::string& line) {
    Happening result;
    std::istringstream words(line.substr(0, line.find('\t')));
    std::string verb, what;
    words >> result.at >> verb >> what;
    if (verb == "state") {
      result.kind = what == "connected"      ? Happening::Kind::kConnected
                    : what == "disconnected" ? Happening::Kind::kDisconnected
                    : what == "expired"      ? Happening::Kind::kExpired
                                             : Happening::Kind::kClosed;
      words >> result.session >> result.timeout;
      return result;
    }
    if (verb == "event") {
      words >> result.event;
      result.event = what + " " + result.event;
      return result;
    }
    result.kind = Happening::Kind::kResult;
    result.token = std::stoi(what);
    words >> result.code;
    std::istringstream groups(line.substr(std::min(line.find('\t'), line.size())));
    std::string group;
    std::getline(groups, group, '\t');
    while (std::getline(groups, group, '\t')) result.results.push_back(parsed_result(group));
    return result;
  }

  static OpResult parsed_result(const std::string& group) {
    OpResult result;
    std::istringstream words(group);
    std::string path, data, czxid, names;
    words >> result.code >> path >> data >> czxid;
    if (path != "-") result.path = path;
    if (data != "-") result.data = data;
    if (czxid != "-") {
      Stat& stat = result.stat.emplace();
      stat.czxid = std::stoll(czxid);
      words >> stat.mzxid >> stat.pzxid >> stat.version >> stat.cversion >> stat.owner >>
          stat.children;
    } else {
      std::string ignored;
      for (int i = 0; i < 6; ++i) words >> ignored;
    }
    words >> names;
    std::istringstream list(names == "-" ? "" : names);
    for (std::string name; std::getline(list, name, ',');) result.children.push_back(name);
    return result;
  }

  Setup setup_;
  std::string client_;
  std::filesystem::path directory_;
  Descriptor null_;
  std::vector<Server> servers_;
  std::map<std::string, Client> clients_;
};

}  // namespace

std::unique_ptr<Side> real_side(const Setup& setup, const std::string& client) {
  ::signal(SIGPIPE, SIG_IGN);
  return std::make_unique<RealSide>(setup, client);
}

}  // namespace isrlab::judge
