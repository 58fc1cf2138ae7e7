// The whole window as pixels, with OpenGL on the CPU.
#include "tests/viz/viewer_support.hpp"

using namespace isrlab;
using namespace isrlab::viz;

namespace {

Image picture(const std::string& name, const std::string& script) {
  Watched watched(name, Backend::egl);
  REQUIRE(watched.run(script).ok());
  for (int i = 0; i < 3; ++i) watched.viewer.frame();
  return watched.renderer->read_pixels();
}

}  // namespace

TEST_CASE("two pictures of one moment are equal", "[viz][egl]") {
  const std::string script = "seek 30s\nclick map/broker:2\n";
  const Image first = picture("follower-crash", script);
  CHECK(first == picture("follower-crash", script));
  CHECK(first.width == 1600);
}

TEST_CASE("a dead broker is marked in the colour of what is down", "[viz][egl]") {
  Watched watched("follower-crash", Backend::egl);
  REQUIRE(watched.run("seek 25s\nexpect cluster.zk.serving == 3\n").ok());
  for (int i = 0; i < 3; ++i) watched.viewer.frame();
  const Image image = watched.renderer->read_pixels();
  const theme::Color down = watched.renderer->palette().down;
  for (const BrokerView& broker : watched.viewer.view().brokers) {
    const UiNode* node = watched.viewer.ui().find("map/broker:" + std::to_string(broker.id));
    REQUIRE(node != nullptr);
    const bool marked = image.share_of(down, node->rect.inset(-1)) > 0.01;
    CAPTURE(broker.id, broker.state_word);
    CHECK(marked == !broker.alive);
  }
}
