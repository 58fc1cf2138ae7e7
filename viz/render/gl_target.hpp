// The own framebuffer that the egl and glfw backends draw into, with Dear ImGui's OpenGL 3 backend.
// All calls need a current OpenGL 3.3 core context.
#pragma once
#include "viz/core/theme_colors.hpp"
#include "viz/render/image.hpp"

struct ImDrawData;

namespace isrlab::viz {

struct Texture;

class GlTarget {
 public:
  GlTarget() = default;
  ~GlTarget();  // the context must still be current
  GlTarget(const GlTarget&) = delete;
  GlTarget& operator=(const GlTarget&) = delete;

  /// Throws RenderError when the context is too old or its library is missing.
  void create();

  void upload_fonts();
  /// Fits the framebuffer to the size, clears it and draws.
  void draw(ImDrawData& data, int width, int height, theme::Color background);
  /// Copies the framebuffer to the window's own one.
  void blit_to_window(int window_width, int window_height) const;
  Image read() const;

  static void upload(Texture& texture, const Image& image);
  static void release(Texture& texture);

 private:
  void fit(int width, int height);

  bool imgui_ready_ = false;
  unsigned framebuffer_ = 0;
  unsigned color_ = 0;
  int width_ = 0;
  int height_ = 0;
};

}  // namespace isrlab::viz
