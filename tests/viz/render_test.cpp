#include "viz/render/renderer.hpp"

#include <imgui.h>

#include <optional>

#include "tests/support/catch.hpp"
#include "tests/viz/demo.hpp"
#include "viz/compat.hpp"

using namespace isrlab;
using namespace isrlab::viz;

namespace {

/// The pixels of the demonstration after a few frames and clicks.
Image demo_picture(Renderer& renderer) {
  DemoHost host(renderer);
  const Script script = parse_script(
      "wait 2 frames\nclick pill/leader\nclick button/kill\nseek 9s\nwait 2 frames", "demo");
  const ScriptReport report = run_script(script, host);
  for (const std::string& failure : report.failures) UNSCOPED_INFO(failure);
  CHECK(report.ok());
  return renderer.read_pixels();
}

/// No value, with a message, where the machine has no EGL.
std::unique_ptr<Renderer> egl_or_skip(RendererOptions options = {}) {
  options.backend = Backend::egl;
  try {
    return Renderer::create(options);
  } catch (const RenderError& error) {
    WARN("skipped: " << error.what());
    return nullptr;
  }
}

}  // namespace

TEST_CASE("the null backend draws every widget for 30 frames", "[viz]") {
  for (const float scale : {0.75F, 1.0F, 2.0F}) {
    for (const auto kind : {theme::Kind::dark, theme::Kind::light, theme::Kind::high_contrast}) {
      const auto renderer =
          Renderer::create({.backend = Backend::null, .scale = scale, .theme = kind});
      DemoHost host(*renderer);
      for (int i = 0; i < 30; ++i) {
        // The pointer wanders over everything, so that hovering and tooltips are drawn too.
        host.input().move(static_cast<float>(i) * 53, static_cast<float>(i) * 33);
        REQUIRE(host.frame());
      }
      CHECK(host.tree.duplicates().empty());
      CHECK(host.tree.nodes().size() > 40);
      CHECK(ImGui::GetDrawData()->TotalVtxCount > 5000);
      CHECK_THROWS_AS(renderer->read_pixels(), RenderError);
    }
  }
}

TEST_CASE("a small window and every size between do no harm", "[viz]") {
  const auto renderer = Renderer::create({.backend = Backend::null});
  DemoHost host(*renderer);
  for (int size = 64; size < 1400; size += 167) {
    renderer->resize(size, 1500 - size);
    REQUIRE(host.frame());
  }
  CHECK_THROWS_WITH(renderer->resize(10, 10), Catch::Contains("use 64 to 16384 pixels"));
}

TEST_CASE("scale and theme change while running", "[viz]") {
  const auto renderer = Renderer::create({.backend = Backend::null});
  DemoHost host(*renderer);
  host.frame();
  const float height = host.tree.find("button/kill")->rect.height();
  renderer->set_scale(2);
  renderer->set_theme(theme::Kind::light);
  host.frame();
  CHECK(host.tree.find("button/kill")->rect.height() == Approx(2 * height).margin(2));
  CHECK(renderer->palette().outlined);
  renderer->set_scale(1);
  host.frame();
  CHECK(host.tree.find("button/kill")->rect.height() == height);
  renderer->set_scale(99);
  host.frame();
  CHECK(renderer->scale() == theme::kScaleMaximum);
}

TEST_CASE("random input does no harm", "[viz]") {
  const auto renderer = Renderer::create({.backend = Backend::null, .width = 900, .height = 700});
  DemoHost host(*renderer);
  std::uint32_t state = 7;
  const auto draw = [&state](std::uint32_t bound) {
    state = state * 1664525U + 1013904223U;
    return (state >> 8U) % bound;
  };
  for (int i = 0; i < 600; ++i) {
    const auto x = static_cast<float>(draw(900));
    const auto y = static_cast<float>(draw(700));
    const auto target_x = static_cast<float>(draw(900));
    switch (draw(6)) {
      case 0: host.input().click(x, y, static_cast<MouseButton>(draw(3))); break;
      case 1: host.input().drag(x, y, target_x, y, static_cast<MouseButton>(draw(3))); break;
      case 2: host.input().wheel(x, y, static_cast<float>(draw(21)) - 10); break;
      case 3: host.input().double_click(x, y); break;
      case 4:
        host.input().tap({static_cast<Key>(32 + draw(300)), static_cast<std::uint8_t>(draw(16))});
        break;
      default: host.input().type("ä→x");
    }
    while (!host.input().empty()) REQUIRE(host.frame());
    REQUIRE(host.state.axis.to > host.state.axis.from);
  }
}

TEST_CASE("text and keys reach Dear ImGui's own widgets", "[viz]") {
  const auto renderer = Renderer::create({.backend = Backend::null});
  char text[64] = "";
  const auto frame = [&] {
    renderer->begin_frame(1.0 / 60);
    ImGui::Begin("field");
    ImGui::InputText("name", text, sizeof text);
    const Rect rect{ImGui::GetItemRectMin().x, ImGui::GetItemRectMin().y, ImGui::GetItemRectMax().x,
                    ImGui::GetItemRectMax().y};
    ImGui::End();
    renderer->end_frame();
    return rect;
  };
  frame();
  const Rect field = frame();
  InputQueue& input = renderer->input();
  input.click(field.x0 + 10, field.center_y());
  input.type("orders");
  input.tap({Key::minus, 0});
  input.tap({Key::digit_0, 0});
  input.tap({Key::backspace, 0});
  input.tap({key_of('X'), mod_shift});
  while (!input.empty()) frame();
  frame();
  CHECK(std::string(text) == "orders-X");
  CHECK(ImGui::GetIO().WantTextInput);
  input.tap({key_of('a'), mod_control});
  input.type("new");
  while (!input.empty()) frame();
  CHECK(std::string(text) == "new");
}

TEST_CASE("events reach the shortcuts exactly once", "[viz]") {
  const auto renderer = Renderer::create({.backend = Backend::null});
  DemoHost host(*renderer);
  for (int i = 0; i < 5; ++i) host.input().tap({key_of('k'), 0});
  CHECK(renderer->take_redraw());
  for (int i = 0; i < 40; ++i) host.frame();
  CHECK(host.state.kills == 5);
  CHECK_FALSE(renderer->take_redraw());
}

TEST_CASE("mistakes of the caller are sentences", "[viz]") {
  CHECK(parse_backend("egl") == Backend::egl);
  CHECK_FALSE(parse_backend("vulkan").has_value());
  CHECK_THROWS_WITH(Renderer::create({.backend = Backend::null, .width = 1, .height = 1}),
                    Catch::Contains("the size 1x1 cannot be drawn"));
  const auto renderer = Renderer::create({.backend = Backend::null});
  CHECK_THROWS_WITH(renderer->read_pixels(), Catch::Contains("no frame has been drawn yet"));
  CHECK_THROWS_WITH(Renderer::create({.backend = Backend::null}),
                    Catch::Contains("another Renderer is alive"));
}

TEST_CASE("EGL draws the same pixels twice", "[viz][egl]") {
  std::optional<Image> first;
  {
    const auto renderer = egl_or_skip();
    if (!renderer) return;
    first = demo_picture(*renderer);
  }
  const auto renderer = egl_or_skip();
  REQUIRE(renderer != nullptr);
  CHECK(first->width == 1600);
  CHECK((demo_picture(*renderer) == *first));
}

TEST_CASE("EGL shows the encodings where the UI tree says they are", "[viz][egl]") {
  const auto renderer = egl_or_skip();
  if (!renderer) return;
  DemoHost host(*renderer);
  for (int i = 0; i < 3; ++i) host.frame();
  const Image image = renderer->read_pixels();
  const auto share = [&](const char* id, theme::Color color) {
    const UiNode* node = host.tree.find(id);
    REQUIRE(node != nullptr);
    return image.share_of(color, node->visible);
  };
  CHECK(share("pill/leader", theme::kLeader) > 0.5);
  CHECK(share("pill/down", theme::kDown) > 0.5);
  CHECK(share("badge/offline", theme::kDown) > 0.5);
  CHECK(share("pill/out", theme::kOutOfSync) < 0.4);  // hollow
  CHECK(share("timeline/faults/bar:0", theme::kDown) > 0.3);
  CHECK(image.at(1599, 60) == theme::palette(theme::Kind::dark).background);
}

TEST_CASE("EGL changes size, scale and theme while running", "[viz][egl]") {
  const auto renderer = egl_or_skip();
  if (!renderer) return;
  DemoHost host(*renderer);
  host.frame();
  renderer->resize(1111, 777);
  renderer->set_scale(1.5F);
  renderer->set_theme(theme::Kind::light);
  host.frame();
  const Image image = renderer->read_pixels();
  CHECK(image.width == 1111);
  CHECK(image.height == 777);
  CHECK(image.at(1110, 100) == theme::palette(theme::Kind::light).background);
}

TEST_CASE("EGL draws textures without blurring their cells", "[viz][egl]") {
  const auto renderer = egl_or_skip({.width = 100, .height = 100});
  if (!renderer) return;
  Image cells{2, 1, {255, 0, 0, 255, 0, 0, 255, 255}};
  Texture texture;
  renderer->upload(texture, cells);
  const auto draw = [&] {
    renderer->begin_frame(0.01);
    ImGui::GetForegroundDrawList()->AddImage(compat::texture_id(texture.name), ImVec2(0, 0),
                                             ImVec2(100, 100));
    renderer->end_frame();
    return renderer->read_pixels();
  };
  const Image first = draw();
  CHECK(first.at(49, 50) == theme::Color{255, 0, 0, 255});
  CHECK(first.at(50, 50) == theme::Color{0, 0, 255, 255});
  cells.rgba[0] = 0;
  cells.rgba[1] = 255;
  renderer->upload(texture, cells);
  CHECK(draw().at(10, 10) == theme::Color{0, 255, 0, 255});
  renderer->release(texture);
  CHECK(texture.name == 0);
}

TEST_CASE("null and EGL lay out alike", "[viz][egl]") {
  std::string layout;
  {
    const auto renderer = egl_or_skip();
    if (!renderer) return;
    DemoHost host(*renderer);
    for (int i = 0; i < 3; ++i) host.frame();
    layout = host.tree.dump();
  }
  const auto renderer = Renderer::create({.backend = Backend::null});
  DemoHost host(*renderer);
  for (int i = 0; i < 3; ++i) host.frame();
  CHECK(host.tree.dump() == layout);
}

TEST_CASE("a window shows what EGL draws", "[viz][window]") {
  std::optional<Image> picture;
  try {
    const auto renderer = Renderer::create({.backend = Backend::glfw,
                                            .width = 800,
                                            .height = 600,
                                            .software = true,
                                            .scripted = true});
    picture = demo_picture(*renderer);
  } catch (const RenderError& error) {
    WARN("skipped: " << error.what());
    return;
  }
  const auto renderer = egl_or_skip({.width = 800, .height = 600});
  if (!renderer) return;
  CHECK((demo_picture(*renderer) == *picture));
}
