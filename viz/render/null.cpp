// The backend without pictures: everything up to the vertices is real, nothing is rasterised.
#include <imgui.h>

#include "viz/render/backends.hpp"

namespace isrlab::viz {
namespace {

class NullRenderer final : public Renderer {
 public:
  explicit NullRenderer(const RendererOptions& options) : Renderer(options) {}

  void upload(Texture& texture, const Image& image) override {
    texture = {1, image.width, image.height};
  }
  void release(Texture& texture) override { texture = {}; }

 protected:
  void upload_fonts() override {
    // Building the pixels marks the atlas as ready, which NewFrame insists on.
    unsigned char* pixels = nullptr;
    int width = 0;
    int height = 0;
    ImGui::GetIO().Fonts->GetTexDataAsAlpha8(&pixels, &width, &height);
  }
  void draw(ImDrawData&) override {}
  Image read() override {
    throw RenderError("the null backend draws no pixels, use --backend egl for pictures");
  }
};

}  // namespace

std::unique_ptr<Renderer> create_null_renderer(const RendererOptions& options) {
  return std::make_unique<NullRenderer>(options);
}

}  // namespace isrlab::viz
