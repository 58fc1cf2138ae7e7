// Colours, fonts and splitters: what the eye depends on, as numbers.
#include <imgui.h>

#include <stb_image.h>

#include "tests/support/catch.hpp"
#include "viz/core/theme.hpp"
#include "viz/render/image.hpp"
#include "viz/render/renderer.hpp"
#include "viz/widgets/splitter.hpp"

using namespace isrlab::viz;

TEST_CASE("contrasts are those that were measured", "[viz]") {
  const theme::Palette& dark = theme::palette(theme::Kind::dark);
  CHECK(theme::contrast(dark.text, dark.background) == Approx(14.8).margin(0.1));
  CHECK(theme::contrast(dark.text_dim, dark.background) == Approx(7.1).margin(0.1));
  CHECK(theme::contrast(dark.leader, dark.background) == Approx(3.5).margin(0.1));
  CHECK(theme::contrast(dark.down, dark.background) == Approx(4.6).margin(0.1));
  CHECK(theme::contrast(dark.attention, dark.background) == Approx(13.6).margin(0.1));
}

TEST_CASE("text can be read in every theme and on every fill", "[viz]") {
  for (const auto kind : {theme::Kind::dark, theme::Kind::light, theme::Kind::high_contrast}) {
    const theme::Palette& palette = theme::palette(kind);
    CHECK(theme::contrast(palette.text, palette.background) > 7);
    CHECK(theme::contrast(palette.text, palette.panel) > 7);
    CHECK(theme::contrast(palette.text_dim, palette.panel) > 4.5);
    for (const theme::Color fill :
         {palette.leader, palette.in_sync, palette.out_of_sync, palette.down, palette.attention,
          palette.zookeeper, palette.group, palette.client}) {
      CHECK(theme::contrast(theme::label_on(fill), fill) > 4.5);
    }
  }
  CHECK(theme::label_on(theme::kLeader) == theme::kWhite);
  CHECK(theme::label_on(theme::kDown) == theme::kBlack);
}

TEST_CASE("the ramp is monotone in brightness and takes any number", "[viz]") {
  double last = 0;
  for (int i = 0; i <= 20; ++i) {
    const double now = theme::contrast(theme::ramp(i / 20.0), theme::kBlack);
    CHECK(now >= last);
    last = now;
  }
  CHECK(theme::ramp(-1) == theme::from_hex(0x00224E));
  CHECK(theme::ramp(7) == theme::from_hex(0xFEE838));
  CHECK(theme::ramp(std::numeric_limits<double>::quiet_NaN()) == theme::from_hex(0x00224E));
  CHECK(theme::log_share(0, 100) == 0);
  CHECK(theme::log_share(100, 100) == 1);
  CHECK(theme::log_share(9, 99) == Approx(0.5));
  CHECK(theme::log_share(5, 0) == 0);
}

TEST_CASE("colours pack as Dear ImGui wants them", "[viz]") {
  CHECK(theme::from_hex(0x123456).packed() == IM_COL32(0x12, 0x34, 0x56, 0xFF));
  CHECK(theme::kWhite.faded(0.5F).packed() == IM_COL32(255, 255, 255, 128));
  CHECK(theme::blend(theme::kBlack, theme::kWhite.faded(0.5F)).red == 128);
  theme::Kind kind = theme::Kind::dark;
  CHECK(theme::parse_kind("high-contrast", kind));
  CHECK(kind == theme::Kind::high_contrast);
  CHECK_FALSE(theme::parse_kind("blue", kind));
}

TEST_CASE("signs the font lacks are replaced by ASCII", "[viz]") {
  const auto renderer =
      Renderer::create({.backend = Backend::null, .font = {.path = "", .built_in_only = true}});
  renderer->begin_frame(0.01);
  const theme::Fonts& fonts = renderer->fonts();
  CHECK(fonts.path == "built-in");
  CHECK_FALSE(fonts.has(U'▶'));
  CHECK(fonts.plain("▶ play → 3 ≤ 4 …") == "> play -> 3 <= 4 ..");
  for (const char character : fonts.plain("⚑⚡✓✗✕↻∞⚠←●○◆▲★☆"))
    CHECK(static_cast<unsigned char>(character) < 128);
  renderer->end_frame();
}

TEST_CASE("DejaVu Sans has every sign the viewer uses", "[viz]") {
  const auto renderer = Renderer::create({.backend = Backend::null});
  renderer->begin_frame(0.01);
  if (renderer->fonts().path == "built-in") {
    WARN("skipped: fonts-dejavu-core is not installed");
  } else {
    CHECK(renderer->fonts().missing.empty());
    CHECK(renderer->fonts().plain("▶ ★ ⚠") == "▶ ★ ⚠");
  }
  renderer->end_frame();
}

TEST_CASE("a splitter keeps the least size of both tiles", "[viz]") {
  const SplitLimits limits{.least_first = 100, .least_second = 200, .start = 0.5F, .bar = 4};
  CHECK(clamp_share(0.5F, 1004, limits) == 0.5F);
  CHECK(clamp_share(0.01F, 1004, limits) == Approx(0.1F));
  CHECK(clamp_share(0.99F, 1004, limits) == Approx(0.8F));
  CHECK(clamp_share(0.5F, 154, limits) == Approx(1.0F / 3));  // no room: in proportion
  CHECK(clamp_share(0.5F, 2, limits) == 0.5F);
  const SplitTiles tiles = split({10, 20, 1014, 120}, SplitAxis::horizontal, 0.25F, limits);
  CHECK(tiles.first == Rect{10, 20, 260, 120});
  CHECK(tiles.bar == Rect{260, 20, 264, 120});
  CHECK(tiles.second == Rect{264, 20, 1014, 120});
  const SplitTiles stacked = split({0, 0, 50, 1004}, SplitAxis::vertical, 0.5F, limits);
  CHECK(stacked.second == Rect{0, 504, 50, 1004});
}

TEST_CASE("a PNG keeps its pixels and carries its texts", "[viz]") {
  Image image{3, 2, {}};
  for (int i = 0; i < 24; ++i) image.rgba.push_back(static_cast<std::uint8_t>(i * 10));
  const std::vector<PngText> texts{{"address", "acks-all@9f3c seed 42 t 14.8 s · ★"}};
  const std::vector<std::uint8_t> bytes = encode_png(image, texts);
  CHECK(bytes == encode_png(image, texts));
  const std::string file(bytes.begin(), bytes.end());
  CHECK(file.find("iTXtaddress") != std::string::npos);
  CHECK(file.find("seed 42 t 14.8 s · ★") != std::string::npos);
  int width = 0;
  int height = 0;
  int channels = 0;
  unsigned char* pixels = stbi_load_from_memory(bytes.data(), static_cast<int>(bytes.size()),
                                                &width, &height, &channels, 4);
  REQUIRE(pixels != nullptr);
  CHECK(width == 3);
  CHECK(height == 2);
  CHECK(std::vector<std::uint8_t>(pixels, pixels + 24) == image.rgba);
  stbi_image_free(pixels);
  CHECK_THROWS_WITH(write_png("/does/not/exist.png", image, {}),
                    Catch::Contains("cannot write the picture"));
}

TEST_CASE("pictures can be probed", "[viz]") {
  Image image{2, 2, {1, 2, 3, 255, 1, 2, 3, 255, 9, 9, 9, 255, 9, 9, 9, 255}};
  CHECK(image.at(0, 1) == theme::Color{9, 9, 9, 255});
  CHECK(image.share_of({9, 9, 9, 255}, {0, 0, 2, 2}) == 0.5);
  CHECK(image.share_of({9, 9, 9, 255}, {0, 1, 50, 50}) == 1);
  CHECK(image.share_of({9, 9, 9, 255}, {5, 5, 9, 9}) == 0);
  Image other = image;
  other.rgba[0] = 4;
  CHECK(image.difference(other, 2) == 0.25);
  CHECK(image.difference(other, 3) == 0);
  CHECK(image.difference({}, 3) == 1);
}
