#include "viz/render/gl_target.hpp"

#define GL_GLEXT_PROTOTYPES 1
#include <GL/glcorearb.h>
#include <backends/imgui_impl_opengl3.h>
#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>

#include "viz/render/renderer.hpp"

namespace isrlab::viz {

void GlTarget::create() {
  GLint major = 0;
  GLint minor = 0;
  glGetIntegerv(GL_MAJOR_VERSION, &major);
  glGetIntegerv(GL_MINOR_VERSION, &minor);
  if (major * 10 + minor < 33) {
    throw RenderError(
        fmt::format("OpenGL 3.3 is needed but this driver has {}.{}, install the "
                    "package libgl1-mesa-dri",
                    major, minor));
  }
  // Dear ImGui opens libGL.so.1 by itself; the functions it finds there follow the current context,
  // also an EGL one.
  if (!ImGui_ImplOpenGL3_Init("#version 330 core")) {
    throw RenderError("Dear ImGui cannot load OpenGL, install the package libgl1");
  }
  imgui_ready_ = true;
  glGenFramebuffers(1, &framebuffer_);
  glGenRenderbuffers(1, &color_);
}

GlTarget::~GlTarget() {
  if (imgui_ready_) ImGui_ImplOpenGL3_Shutdown();
  if (framebuffer_ != 0) glDeleteFramebuffers(1, &framebuffer_);
  if (color_ != 0) glDeleteRenderbuffers(1, &color_);
}

void GlTarget::upload_fonts() {
  // Shaders and font texture are made together; the backend offers no safe way to make only one.
  ImGui_ImplOpenGL3_DestroyDeviceObjects();
  if (!ImGui_ImplOpenGL3_CreateDeviceObjects()) {
    throw RenderError(
        "OpenGL cannot compile the viewer's shaders, update the graphics driver or "
        "set LIBGL_ALWAYS_SOFTWARE=1");
  }
}

void GlTarget::fit(int width, int height) {
  if (width == width_ && height == height_) return;
  GLint most = 0;
  glGetIntegerv(GL_MAX_RENDERBUFFER_SIZE, &most);
  if (std::max(width, height) > most) {
    throw RenderError(
        fmt::format("a picture of {}x{} is too large for this driver, use at most {} "
                    "pixels each way",
                    width, height, most));
  }
  glBindRenderbuffer(GL_RENDERBUFFER, color_);
  glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, width, height);
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_);
  glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, color_);
  if (glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE) {
    throw RenderError(
        fmt::format("the driver cannot draw into a framebuffer of {}x{}, try a "
                    "smaller --size",
                    width, height));
  }
  width_ = width;
  height_ = height;
}

void GlTarget::draw(ImDrawData& data, int width, int height, theme::Color background) {
  fit(width, height);
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_);
  glViewport(0, 0, width, height);
  glDisable(GL_SCISSOR_TEST);
  glClearColor(static_cast<float>(background.red) / 255.0F,
               static_cast<float>(background.green) / 255.0F,
               static_cast<float>(background.blue) / 255.0F, 1.0F);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(&data);
}

void GlTarget::blit_to_window(int window_width, int window_height) const {
  glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffer_);
  glBindFramebuffer(GL_DRAW_FRAMEBUFFER, 0);
  glDisable(GL_SCISSOR_TEST);
  // One to one, aligned at the top: during a resize the window may already have another size.
  const int width = std::min(width_, window_width);
  const int height = std::min(height_, window_height);
  glBlitFramebuffer(0, height_ - height, width, height_, 0, window_height - height, width,
                    window_height, GL_COLOR_BUFFER_BIT, GL_NEAREST);
}

Image GlTarget::read() const {
  Image image{width_, height_, {}};
  const std::size_t row = static_cast<std::size_t>(width_) * 4;
  image.rgba.resize(row * static_cast<std::size_t>(height_));
  glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffer_);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width_, height_, GL_RGBA, GL_UNSIGNED_BYTE, image.rgba.data());
  for (int top = 0, bottom = height_ - 1; top < bottom; ++top, --bottom) {  // OpenGL counts up
    std::swap_ranges(image.rgba.begin() + static_cast<std::ptrdiff_t>(row * top),
                     image.rgba.begin() + static_cast<std::ptrdiff_t>(row * (top + 1)),
                     image.rgba.begin() + static_cast<std::ptrdiff_t>(row * bottom));
  }
  // Blending leaves rounding in the alpha channel, which no picture of a window should have.
  for (std::size_t at = 3; at < image.rgba.size(); at += 4) image.rgba[at] = 255;
  return image;
}

void GlTarget::upload(Texture& texture, const Image& image) {
  const bool fresh = texture.name == 0;
  if (fresh) glGenTextures(1, &texture.name);
  glBindTexture(GL_TEXTURE_2D, texture.name);
  if (fresh) {
    // Nearest: a cell must keep its colour; worst-of-many reduction is done by the caller.
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  }
  glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
  glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
  if (texture.width == image.width && texture.height == image.height) {
    glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, image.width, image.height, GL_RGBA, GL_UNSIGNED_BYTE,
                    image.rgba.data());
  } else {
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, image.width, image.height, 0, GL_RGBA,
                 GL_UNSIGNED_BYTE, image.rgba.data());
  }
  texture.width = image.width;
  texture.height = image.height;
}

void GlTarget::release(Texture& texture) {
  if (texture.name != 0) glDeleteTextures(1, &texture.name);
  texture = {};
}

}  // namespace isrlab::viz
