// A ZooKeeper client of the C library as a process of its own, so that it can be killed. Reads one
// operation a line and writes what the library's event thread tells, in that order, each line
// after the microseconds of the monotonic clock:
//
//   TIMEOUT_MS PORT PORT ...          first line: the servers, on loopback
//   TOKEN OP ; OP ...                several operations are one multi
//   where                            the port of the server it is connected to
//   close
//
//   state connected SESSION TIMEOUT | state disconnected | state expired
//   event created|deleted|changed|children PATH
//   result TOKEN CODE, then for each operation a tab and
//     CODE PATH DATA CZXID MZXID PZXID VERSION CVERSION OWNER CHILDREN NAME,NAME  ("-": nothing)
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#define THREADED
#include <zookeeper/zookeeper.h>

#include "tests/zookeeper/relay.hpp"

namespace {

std::mutex output_mutex;
zhandle_t* handle = nullptr;

void say(const std::string& line) {
  const std::lock_guard<std::mutex> lock(output_mutex);
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
  std::fputs((std::to_string(now.count()) + " " + line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

/// One operation of a line; a multi keeps them until it is answered.
struct Operation {
  std::string name, path, data;
  int version = -1;
  bool watch = false;
  std::string created;  // buffer for the name of a created node
  Stat stat{};
};
struct Request {
  std::string token;
  std::vector<Operation> operations;
  std::vector<zoo_op_t> ops;
  std::vector<zoo_op_result_t> results;
};

std::string fields(int code, const std::string& path, const std::string& data, const Stat* stat,
                   const String_vector* children) {
  std::ostringstream out;
  out << "\t" << code << " " << (path.empty() ? "-" : path) << " " << (data.empty() ? "-" : data);
  if (stat == nullptr) {
    out << " - - - - - - -";
  } else {
    out << " " << stat->czxid << " " << stat->mzxid << " " << stat->pzxid << " " << stat->version
        << " " << stat->cversion << " " << stat->ephemeralOwner << " " << stat->numChildren;
  }
  out << " ";
  if (children == nullptr || children->count == 0) out << "-";
  for (int i = 0; children != nullptr && i < children->count; ++i) {
    out << (i > 0 ? "," : "") << children->data[i];
  }
  return out.str();
}

void answer(int code, const void* context, const std::string& rest) {
  const std::unique_ptr<const Request> request(static_cast<const Request*>(context));
  say("result " + request->token + " " + std::to_string(code) + rest);
}

void on_void(int code, const void* context) {
  answer(code, context, fields(code, "", "", nullptr, nullptr));
}
void on_stat(int code, const Stat* stat, const void* context) {
  answer(code, context, fields(code, "", "", code == ZOK ? stat : nullptr, nullptr));
}
void on_created(int code, const char* name, const Stat* stat, const void* context) {
  answer(code, context,
         fields(code, code == ZOK ? name : "", "", code == ZOK ? stat : nullptr, nullptr));
}
void on_name(int code, const char*, const void* context) {
  on_void(code, context);
}
void on_data(int code, const char* data, int length, const Stat* stat, const void* context) {
  const std::string text =
      code == ZOK && length > 0 ? std::string(data, static_cast<std::size_t>(length)) : "";
  answer(code, context, fields(code, "", text, code == ZOK ? stat : nullptr, nullptr));
}
void on_children(int code, const String_vector* names, const Stat* stat, const void* context) {
  answer(code, context, fields(code, "", "", code == ZOK ? stat : nullptr, names));
}
void on_multi(int code, const void* context) {
  const auto* request = static_cast<const Request*>(context);
  std::string rest;
  for (std::size_t i = 0; i < request->ops.size(); ++i) {
    const Operation& operation = request->operations[i];
    const int error = request->results[i].err;
    const bool set = operation.name == "set" && code == ZOK;
    rest += fields(error, code == ZOK ? operation.created.c_str() : "", "",
                   set ? &operation.stat : nullptr, nullptr);
  }
  answer(code, context, rest);
}

void on_event(zhandle_t* zh, int type, int state, const char* path, void*) {
  if (type == ZOO_CREATED_EVENT) return say(std::string("event created ") + path);
  if (type == ZOO_DELETED_EVENT) return say(std::string("event deleted ") + path);
  if (type == ZOO_CHANGED_EVENT) return say(std::string("event changed ") + path);
  if (type == ZOO_CHILD_EVENT) return say(std::string("event children ") + path);
  if (type != ZOO_SESSION_EVENT) return;
  if (state == ZOO_EXPIRED_SESSION_STATE) return say("state expired");
  if (state != ZOO_CONNECTED_STATE) return say("state disconnected");
  say("state connected " + std::to_string(zoo_client_id(zh)->client_id) + " " +
      std::to_string(zoo_recv_timeout(zh)));
}

Operation parse(std::istringstream& words) {
  Operation operation;
  words >> operation.name >> operation.path;
  if (!operation.name.empty() && operation.name.back() == '!') {
    operation.watch = true;
    operation.name.pop_back();
  }
  const bool data = operation.name == "create" || operation.name == "ephemeral" ||
                    operation.name == "sequential" || operation.name == "set";
  std::string word;
  while (words >> word && word != ";") {
    if (data && operation.data.empty()) {
      operation.data = word;
    } else {
      operation.version = std::atoi(word.c_str());
    }
  }
  return operation;
}

int flags(const Operation& operation) {
  return operation.name == "ephemeral"    ? ZOO_EPHEMERAL
         : operation.name == "sequential" ? ZOO_SEQUENCE
                                          : 0;
}

int send_multi(Request& request) {
  request.ops.resize(request.operations.size());
  request.results.resize(request.operations.size());
  for (std::size_t i = 0; i < request.operations.size(); ++i) {
    Operation& operation = request.operations[i];
    zoo_op_t* op = &request.ops[i];
    const char* path = operation.path.c_str();
    const int length = static_cast<int>(operation.data.size());
    if (operation.name == "delete") {
      zoo_delete_op_init(op, path, operation.version);
    } else if (operation.name == "check") {
      zoo_check_op_init(op, path, operation.version);
    } else if (operation.name == "set") {
      zoo_set_op_init(op, path, operation.data.c_str(), length, operation.version, &operation.stat);
    } else {
      operation.created.resize(operation.path.size() + 16);
      zoo_create_op_init(op, path, operation.data.c_str(), length, &ZOO_OPEN_ACL_UNSAFE,
                         flags(operation), operation.created.data(),
                         static_cast<int>(operation.created.size()));
    }
  }
  return zoo_amulti(handle, static_cast<int>(request.ops.size()), request.ops.data(),
                    request.results.data(), on_multi, &request);
}

int send(Request& request) {
  if (request.operations.size() > 1) return send_multi(request);
  const Operation& op = request.operations.front();
  const char* path = op.path.c_str();
  const int watch = op.watch ? 1 : 0;
  const int length = static_cast<int>(op.data.size());
  if (op.name == "delete") return zoo_adelete(handle, path, op.version, on_void, &request);
  if (op.name == "set") {
    return zoo_aset(handle, path, op.data.c_str(), length, op.version, on_stat, &request);
  }
  if (op.name == "exists") return zoo_aexists(handle, path, watch, on_stat, &request);
  if (op.name == "get") return zoo_aget(handle, path, watch, on_data, &request);
  if (op.name == "children") {
    return zoo_aget_children2(handle, path, watch, on_children, &request);
  }
  if (op.name == "sync") return zoo_async(handle, path, on_name, &request);
  return zoo_acreate2(handle, path, op.data.c_str(), length, &ZOO_OPEN_ACL_UNSAFE, flags(op),
                      on_created, &request);
}

}  // namespace

int main() {
  std::string line;
  int timeout = 0;
  std::vector<int> ports;
  std::getline(std::cin, line);
  std::istringstream words(line);
  words >> timeout;
  for (int port = 0; words >> port;) ports.push_back(port);
  if (ports.empty()) return 1;
  isrlab::judge::Relay relay(ports);
  if (!relay.ok()) return 1;
  zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
  if (std::freopen("/dev/null", "w", stderr) == nullptr) return 1;  // it logs every refusal
  const std::string host = "127.0.0.1:" + std::to_string(relay.port());
  handle = zookeeper_init(host.c_str(), on_event, timeout, nullptr, nullptr, 0);
  if (handle == nullptr) return 1;
  while (std::getline(std::cin, line)) {
    if (line == "where") {
      say("where " + std::to_string(relay.connected_to()));
      continue;
    }
    if (line == "close") break;
    auto request = std::make_unique<Request>();
    std::istringstream request_words(line);
    request_words >> request->token;
    while (request_words >> std::ws && !request_words.eof()) {
      request->operations.push_back(parse(request_words));
    }
    Request* sent = request.release();  // owned by its completion from here on
    const int code = send(*sent);
    if (code != ZOK) on_void(code, sent);
  }
  zookeeper_close(handle);
  say("state closed");
  return 0;
}
