// The judge: one script of ZooKeeper operations, run against the model and against Debian's
// ZooKeeper, each of which is a Side. What a side answers becomes a transcript; the two transcripts
// have to be the same text. Times are compared with the windows that the script gives.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace isrlab::judge {

using Milliseconds = std::int64_t;

struct Op {
  std::string name;  // create ephemeral sequential delete set check exists get children sync
  std::string path;
  std::string data;
  int version = -1;
  bool watch = false;
};
using Ops = std::vector<Op>;  // several are one multi

struct Stat {
  std::int64_t czxid = 0, mzxid = 0, pzxid = 0;
  std::int64_t version = 0, cversion = 0, owner = 0, children = 0;
};
struct OpResult {
  int code = 0;
  std::string path;  // of a created node
  std::string data;
  std::optional<Stat> stat;
  std::vector<std::string> children;
};
/// What the event thread of a client sees, in its order.
struct Happening {
  enum class Kind { kConnected, kDisconnected, kExpired, kClosed, kEvent, kResult };
  Kind kind = Kind::kEvent;
  std::int64_t session = 0;  // kConnected
  Milliseconds timeout = 0;  // ... negotiated
  std::string event;         // "created /path"
  int token = 0;             // kResult
  int code = 0;
  std::vector<OpResult> results;
  std::int64_t at = 0;  // microseconds
};

struct Setup {
  int servers = 1;
  Milliseconds tick = 500;
  int init_limit = 20;
  int sync_limit = 5;
};

class Side {
 public:
  virtual ~Side() = default;
  virtual std::string name() const = 0;
  virtual void start_server(int server) = 0;  // 1 ..., returns before it serves
  virtual void kill_server(int server) = 0;   // as by kill -9
  virtual void pause_server(int server) = 0;
  virtual void resume_server(int server) = 0;
  /// The server that leads and serves, 0 if there is none.
  virtual int leader() = 0;
  virtual bool serving(int server) = 0;
  virtual void open(const std::string& client, Milliseconds timeout,
                    const std::vector<int>& servers) = 0;
  virtual void send(const std::string& client, int token, const Ops& ops) = 0;
  /// The request is not sent again, should its connection be lost.
  virtual void give_up(const std::string& client, int token) = 0;
  virtual void close(const std::string& client) = 0;
  virtual void kill(const std::string& client) = 0;
  /// The server that the client is connected to, 0 if it is not.
  virtual int server_of(const std::string& client) = 0;
  virtual std::optional<Happening> next(const std::string& client, Milliseconds limit) = 0;
  virtual void wait(Milliseconds duration) = 0;
  virtual std::int64_t now() = 0;  // microseconds
  /// How much later and earlier than the window something may come on this side.
  virtual Milliseconds late() const = 0;
  virtual Milliseconds early() const = 0;
};

std::unique_ptr<Side> model_side(const Setup& setup, int seed);
/// Servers in processes of their own on loopback; `client` is the program of client_main.cpp.
std::unique_ptr<Side> real_side(const Setup& setup, const std::string& client);

struct Script {
  struct Line {
    int number = 0;
    std::vector<std::string> words;
  };
  std::string name;
  Setup setup;
  std::vector<Line> lines;
};
Script read_script(const std::string& path);

struct Transcript {
  std::vector<std::string> lines;
  std::vector<std::string> times;  // what was measured, for reports
};
/// Runs the whole script. Throws std::runtime_error when a step cannot be done.
Transcript run_script(const Script& script, Side& side);

}  // namespace isrlab::judge
