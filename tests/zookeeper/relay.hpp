// What a client of the C library connects to in place of the servers: each new connection is handed
// on to the next server of a list. Version 3.8.0 of the library stays for ever with the last of
// several servers once it has tried them all, so it gets one address.
#pragma once
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace isrlab::judge {

class Relay {
 public:
  explicit Relay(std::vector<int> ports) : ports_(std::move(ports)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    ok_ = ::bind(listener_, generic, length) == 0 && ::listen(listener_, 8) == 0 &&
          ::getsockname(listener_, generic, &length) == 0;
    port_ = ntohs(address.sin_port);
    if (ok_) std::thread([this] { run(); }).detach();  // until the process ends
  }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  bool ok() const { return ok_; }
  int port() const { return port_; }
  /// The server that is connected now, 0 if none is.
  int connected_to() const { return connected_to_; }

 private:
  static sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  void run() {
    for (std::size_t next = 0;; next = (next + 1) % ports_.size()) {
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      const int server = ::socket(AF_INET, SOCK_STREAM, 0);
      const sockaddr_in address = loopback(ports_[next]);
      const auto* generic = reinterpret_cast<const sockaddr*>(&address);
      if (::connect(server, generic, sizeof(address)) == 0) {
        connected_to_ = ports_[next];
        while (pass_on(client, server)) continue;
        connected_to_ = 0;
      }
      ::close(server);
      ::close(client);
    }
  }

  /// Waits for bytes from either side and hands them on; false once one of them has closed.
  static bool pass_on(int client, int server) {
    pollfd sides[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (::poll(sides, 2, -1) < 0) return false;
    for (int i = 0; i < 2; ++i) {
      if (sides[i].revents == 0) continue;
      char buffer[16384];
      const ssize_t size = ::recv(sides[i].fd, buffer, sizeof(buffer), 0);
      if (size <= 0) return false;
      for (ssize_t sent = 0; sent < size;) {
        const ssize_t part = ::send(sides[1 - i].fd, buffer + sent,
                                    static_cast<std::size_t>(size - sent), MSG_NOSIGNAL);
        if (part <= 0) return false;
        sent += part;
      }
    }
    return true;
  }

  std::vector<int> ports_;
  int listener_ = -1;
  int port_ = 0;
  bool ok_ = false;
  std::atomic<int> connected_to_ = 0;
};

}  // namespace isrlab::judge
