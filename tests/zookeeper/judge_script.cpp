#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "tests/zookeeper/judge.hpp"

namespace isrlab::judge {
namespace {

constexpr Milliseconds kPatience = 30'000;  // for what has to come at some time

using Words = std::vector<std::string>;

Milliseconds duration(const std::string& word) {
  std::size_t end = 0;
  const double number = std::stod(word, &end);
  const std::string unit = word.substr(end);
  if (unit == "ms") return static_cast<Milliseconds>(number);
  if (unit == "s") return static_cast<Milliseconds>(number * 1000);
  throw std::runtime_error("a duration needs ms or s: " + word);
}

Op parse_op(const Words& words) {
  Op op;
  op.name = words.at(0);
  op.path = words.at(1);
  if (op.name.back() == '!') {
    op.watch = true;
    op.name.pop_back();
  }
  static const std::set<std::string> kWithData = {"create", "ephemeral", "sequential", "set"};
  static const std::set<std::string> kOthers = {"delete", "check",    "exists",
                                                "get",    "children", "sync"};
  if (!kWithData.contains(op.name) && !kOthers.contains(op.name)) {
    throw std::runtime_error("there is no operation " + op.name);
  }
  std::size_t next = 2;
  if (kWithData.contains(op.name) && next < words.size()) op.data = words[next++];
  if (next < words.size()) op.version = std::stoi(words[next]);
  return op;
}

std::vector<Ops> parse_ops(Words::const_iterator begin, Words::const_iterator end, bool multi) {
  std::vector<Ops> result;
  Words words;
  const auto take = [&] {
    if (multi && !result.empty()) {
      result.back().push_back(parse_op(words));
    } else {
      result.push_back({parse_op(words)});
    }
    words.clear();
  };
  for (auto word = begin; word != end; ++word) {
    if (*word == ";") {
      take();
    } else {
      words.push_back(*word);
    }
  }
  take();
  return result;
}

std::string text_of(const Ops& ops) {
  std::string text;
  for (const Op& op : ops) {
    text += (text.empty() ? "" : " ; ") + op.name + (op.watch ? "! " : " ") + op.path;
    if (!op.data.empty()) text += " " + op.data;
    if (op.version != -1) text += " " + std::to_string(op.version);
  }
  return text;
}

std::string code_name(int code) {
  static const std::map<int, std::string> kNames = {
      {0, "OK"},
      {-2, "RUNTIMEINCONSISTENCY"},
      {-4, "CONNECTIONLOSS"},
      {-101, "NONODE"},
      {-103, "BADVERSION"},
      {-108, "NOCHILDRENFOREPHEMERALS"},
      {-110, "NODEEXISTS"},
      {-111, "NOTEMPTY"},
      {-112, "SESSIONEXPIRED"},
      {-118, "SESSIONMOVED"},
  };
  const auto found = kNames.find(code);
  return found == kNames.end() ? std::to_string(code) : found->second;
}

/// Runs one script on one side.
class Run {
 public:
  Run(const Script& script, Side& side) : script_(script), side_(side) {}

  Transcript run() {
    for (const Script::Line& line : script_.lines) {
      try {
        step(line.words);
      } catch (const std::exception& error) {
        throw std::runtime_error(script_.name + ":" + std::to_string(line.number) + ": " +
                                 side_.name() + ": " + error.what());
      }
    }
    return std::move(transcript_);
  }

 private:
  struct Window {
    Milliseconds low = 0, high = 0;
    std::string mark;
  };

  void say(const std::string& line) { transcript_.lines.push_back(line); }

  void step(const Words& words) {
    const std::string& verb = words.at(0);
    if (verb == "server") return server(words);
    if (verb == "open") return open(words);
    if (verb == "kill") {
      clock_[words.at(1)] = side_.now();
      return side_.kill(words.at(1));
    }
    if (verb == "wait") return side_.wait(duration(words.at(1)));
    if (verb == "mark") {
      clock_[words.at(1)] = side_.now();
      return;
    }
    if (verb == "leader") return leader(words);
    if (verb == "serving") return await_all_serving();
    if (words.at(1) == "drain") return drain(verb);
    if (words.at(1) == "await") return await(words);
    if (words.at(1) == "quiet") return quiet(verb, duration(words.at(2)));
    if (words.at(1) == "unanswered") return unanswered(words);
    if (words.at(1) == "close") return close(verb);
    const bool multi = words.at(1) == "multi";
    const bool pipe = words.at(1) == "pipe";
    call(verb, parse_ops(words.begin() + (multi || pipe ? 2 : 1), words.end(), multi));
  }

  // --- servers

  int server_named(const std::string& word) {
    if (word == "leader") {
      if (side_.leader() == 0) throw std::runtime_error("there is no leader");
      return side_.leader();
    }
    if (word.rfind("of:", 0) == 0) return side_.server_of(word.substr(3));
    if (word == "last") return last_server_;
    return std::stoi(word);
  }

  void server(const Words& words) {
    const std::string& verb = words.at(2);
    if (words.at(1) == "all") {
      for (int i = 1; i <= script_.setup.servers; ++i) one_server(i, verb);
      return;
    }
    if (words.at(1) == "followers") {
      const int leader = side_.leader();
      for (int i = 1; i <= script_.setup.servers; ++i) {
        if (i != leader) one_server(i, verb);
      }
      return;
    }
    if (words.at(1) == "down") {
      const std::set<int> down = down_;
      for (const int server : down) one_server(server, verb);
      return;
    }
    one_server(server_named(words.at(1)), verb);
  }

  void one_server(int server, const std::string& verb) {
    last_server_ = server;
    clock_["server"] = side_.now();
    if (verb == "start") {
      down_.erase(server);
      return side_.start_server(server);
    }
    if (verb == "kill") {
      down_.insert(server);
      return side_.kill_server(server);
    }
    if (verb == "pause") return side_.pause_server(server);
    if (verb == "resume") return side_.resume_server(server);
    throw std::runtime_error("there is nothing like " + verb + " for a server");
  }

  void await_all_serving() {
    const std::int64_t limit = side_.now() + kPatience * 1000;
    for (int i = 1; i <= script_.setup.servers; ++i) {
      while (!side_.serving(i)) {
        if (side_.now() > limit) throw std::runtime_error("a server does not serve");
        side_.wait(20);
      }
    }
  }

  void leader(const Words& words) {
    const Window window = window_of(words, 1);
    const std::int64_t limit = side_.now() + kPatience * 1000;
    while (side_.leader() == 0) {
      if (side_.now() > limit) throw std::runtime_error("nobody leads");
      side_.wait(10);
    }
    measured("a leader", window, side_.now());
  }

  // --- clients

  void open(const Words& words) {
    const std::string& client = words.at(1);
    std::vector<int> servers;
    if (words.size() < 5) {
      for (int i = 1; i <= script_.setup.servers; ++i) servers.push_back(i);
    } else if (words.at(4) == "followers") {
      const int leader = side_.leader();
      for (int i = 1; i <= script_.setup.servers; ++i) {
        if (i != leader) servers.push_back(i);
      }
    } else {
      servers.push_back(server_named(words.at(4)));
    }
    side_.open(client, duration(words.at(2)), servers);
    const Happening connected = next(client, kPatience, "is not connected");
    if (connected.kind != Happening::Kind::kConnected) {
      throw std::runtime_error(client + ": something else comes before the session");
    }
    owners_[connected.session] = client;
    sessions_[client] = connected.session;
    say(client + " has a session of " + std::to_string(connected.timeout) + " ms");
  }

  Happening next(const std::string& client, Milliseconds limit, const std::string& complaint) {
    std::optional<Happening> happening = side_.next(client, limit);
    if (!happening) throw std::runtime_error(client + " " + complaint);
    return *happening;
  }

  void close(const std::string& client) {
    side_.close(client);
    while (next(client, kPatience, "does not close").kind != Happening::Kind::kClosed) continue;
    say(client + " closes its session");
  }

  void tell(const std::string& client, const Happening& happening) {
    switch (happening.kind) {
      case Happening::Kind::kConnected:
        say(client + " is connected" +
            (happening.session == sessions_[client] ? " again" : " with another session"));
        break;
      case Happening::Kind::kDisconnected: say(client + " is disconnected"); break;
      case Happening::Kind::kExpired: say(client + " is expired"); break;
      case Happening::Kind::kClosed: say(client + " is closed"); break;
      case Happening::Kind::kEvent: say(client + " is told: " + happening.event); break;
      case Happening::Kind::kResult: break;
    }
  }

  /// Sends all, then tells what comes until the last is answered, in the order in which it comes.
  void call(const std::string& client, const std::vector<Ops>& requests) {
    std::map<int, const Ops*> waiting;
    for (const Ops& ops : requests) {
      waiting[++token_] = &ops;
      side_.send(client, token_, ops);
    }
    while (!waiting.empty()) {
      const Happening happening = next(client, kPatience, "gets no answer");
      tell(client, happening);
      const auto asked = waiting.find(happening.token);
      if (happening.kind != Happening::Kind::kResult || asked == waiting.end()) continue;
      tell_result(client, *asked->second, happening);
      waiting.erase(asked);
    }
  }

  void tell_result(const std::string& client, const Ops& ops, const Happening& happening) {
    say(client + " " + text_of(ops) + ": " + code_name(happening.code));
    for (std::size_t i = 0; i < happening.results.size(); ++i) {
      const OpResult& result = happening.results[i];
      std::string line = "   ";
      if (ops.size() > 1) line += " " + code_name(result.code);
      if (result.code == 0 && happening.code == 0) line += details(ops.at(i), result, ops.size());
      if (line.size() > 3) say(line);
    }
  }

  std::string details(const Op& op, const OpResult& result, std::size_t count) {
    const bool creates = op.name == "create" || op.name == "ephemeral" || op.name == "sequential";
    std::string line;
    if (creates) line += " " + result.path;
    if (op.name == "get") line += " \"" + result.data + "\"";
    if (result.stat && op.name != "delete" && op.name != "check" && op.name != "sync" &&
        !(creates && count > 1)) {
      const Stat& stat = *result.stat;
      const auto owner = owners_.find(stat.owner);
      line += " czxid " + zxid(stat.czxid) + " mzxid " + zxid(stat.mzxid) + " pzxid " +
              zxid(stat.pzxid) + " version " + std::to_string(stat.version) + " cversion " +
              std::to_string(stat.cversion) + " children " + std::to_string(stat.children) +
              " owner " +
              (stat.owner == 0          ? "-"
               : owner == owners_.end() ? "?"
                                        : owner->second);
    }
    if (op.name == "children") {
      std::vector<std::string> names = result.children;
      std::sort(names.begin(), names.end());
      line += " {";
      for (const std::string& name : names) line += " " + name;
      line += " }";
    }
    return line;
  }

  /// Relative to the first one of the transcript; an epoch begins at 0 of its own.
  std::string zxid(std::int64_t zxid) {
    if (!first_zxid_) first_zxid_ = zxid;
    const std::int64_t epoch = (zxid >> 32) - (*first_zxid_ >> 32);
    const std::int64_t counter = zxid & 0xffff'ffff;
    if (epoch == 0) return "+" + std::to_string(counter - (*first_zxid_ & 0xffff'ffff));
    return "epoch+" + std::to_string(epoch) + ":" + std::to_string(counter);
  }

  /// Everything that the client's server has to tell it by now: what comes before the answer to a
  /// sync.
  void drain(const std::string& client) {
    side_.send(client, ++token_, {Op{"sync", "/", "", -1, false}});
    while (true) {
      const Happening happening = next(client, kPatience, "gets no answer to sync");
      tell(client, happening);
      if (happening.kind == Happening::Kind::kResult && happening.token == token_) return;
    }
  }

  /// C await WHAT... in LOW..HIGH since MARK, WHAT being a state or an event; what comes before it
  /// is told too.
  void await(const Words& words) {
    const std::string& client = words.at(0);
    std::size_t at = 2;
    std::string wanted;
    for (; at < words.size() && words[at] != "in"; ++at) {
      wanted += (wanted.empty() ? "" : " ") + words[at];
    }
    const Window window = window_of(words, at);
    while (true) {
      const Happening happening = next(client, kPatience, "is not told: " + wanted);
      tell(client, happening);
      using Kind = Happening::Kind;
      const bool found = (happening.kind == Kind::kEvent && happening.event == wanted) ||
                         (happening.kind == Kind::kConnected && wanted == "connected") ||
                         (happening.kind == Kind::kDisconnected && wanted == "disconnected") ||
                         (happening.kind == Kind::kExpired && wanted == "expired");
      if (!found) continue;
      return measured(client + " " + wanted, window, happening.at);
    }
  }

  /// Nothing happens to the client for a while.
  void quiet(const std::string& client, Milliseconds limit) {
    const std::optional<Happening> happening = side_.next(client, limit);
    if (happening) tell(client, *happening);
    say(client + " hears nothing more");
  }

  /// C unanswered DURATION OP: no success within that time; lost connections are as good.
  void unanswered(const Words& words) {
    const std::string& client = words.at(0);
    const Ops ops = {parse_op(Words(words.begin() + 3, words.end()))};
    const std::int64_t limit = side_.now() + duration(words.at(2)) * 1000;
    side_.send(client, ++token_, ops);
    bool done = false;
    while (side_.now() < limit) {
      const auto happening = side_.next(client, (limit - side_.now()) / 1000 + 1);
      if (!happening) break;
      done = done || (happening->kind == Happening::Kind::kResult && happening->token == token_ &&
                      happening->code == 0);
    }
    side_.give_up(client, token_);
    say(client + " " + text_of(ops) + (done ? ": succeeds" : ": does not succeed"));
  }

  // --- times

  Window window_of(const Words& words, std::size_t at) const {
    Window window;
    if (at >= words.size()) {
      window.high = kPatience;
      return window;
    }
    const std::string& range = words.at(at + 1);
    const std::size_t dots = range.find("..");
    if (words.at(at) != "in" || dots == std::string::npos || words.at(at + 2) != "since") {
      throw std::runtime_error("expected: in LOW..HIGH since MARK");
    }
    window.low = duration(range.substr(0, dots));
    window.high = duration(range.substr(dots + 2));
    window.mark = words.at(at + 3);
    return window;
  }

  void measured(const std::string& what, const Window& window, std::int64_t at) {
    if (window.mark.empty()) return;
    const Milliseconds taken = (at - clock_.at(window.mark)) / 1000;
    const std::string text = what + " within " + std::to_string(window.low) + ".." +
                             std::to_string(window.high) + " ms of " + window.mark;
    const bool early = taken < window.low - side_.early();
    const bool late = taken > window.high + side_.late();
    say(text + (early || late ? ": no, after " + std::to_string(taken) + " ms" : ""));
    transcript_.times.push_back(text + ": " + std::to_string(taken) + " ms");
  }

  const Script& script_;
  Side& side_;
  Transcript transcript_;
  int token_ = 0;
  int last_server_ = 0;
  std::set<int> down_;
  std::optional<std::int64_t> first_zxid_;
  std::map<std::int64_t, std::string> owners_;
  std::map<std::string, std::int64_t> sessions_;
  std::map<std::string, std::int64_t> clock_;
};

}  // namespace

Script read_script(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  Script script;
  script.name = path.substr(path.rfind('/') + 1);
  std::string text;
  for (int number = 1; std::getline(file, text); ++number) {
    text = text.substr(0, text.find('#'));
    std::istringstream in(text);
    Script::Line line{number, {}};
    for (std::string word; in >> word;) line.words.push_back(word);
    if (line.words.empty()) continue;
    const std::string& verb = line.words.front();
    if (verb == "servers") {
      script.setup.servers = std::stoi(line.words.at(1));
    } else if (verb == "tick") {
      script.setup.tick = duration(line.words.at(1));
    } else {
      script.lines.push_back(std::move(line));
    }
  }
  return script;
}

Transcript run_script(const Script& script, Side& side) {
  return Run(script, side).run();
}

}  // namespace isrlab::judge
