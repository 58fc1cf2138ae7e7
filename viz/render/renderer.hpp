// Where frames are drawn. Three backends behind one interface:
//   null  no OpenGL at all: layout and input only, for tests and --describe; 0.1 ms per frame
//   egl   OpenGL without a window system: screenshots on servers; needs no DISPLAY and no rights
//   glfw  a window for people
// egl and glfw draw into the same kind of own RGBA8 framebuffer, so a picture does not depend on
// the window or the monitor. Keyboard and mouse always come from InputQueue, never from a backend
// of Dear ImGui. There is one Renderer at a time in a process, because Dear ImGui is one context.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "viz/core/keys.hpp"
#include "viz/core/theme.hpp"
#include "viz/render/image.hpp"

struct ImDrawData;
struct ImGuiContext;

namespace isrlab::viz {

/// One sentence for the user: what is missing and which package or option helps.
class RenderError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Backend : std::uint8_t { null, egl, glfw };
std::optional<Backend> parse_backend(std::string_view text);
const char* to_string(Backend backend);

struct RendererOptions {
  Backend backend = Backend::glfw;
  int width = 1600;  // pixels of the picture; glfw: of the window at first
  int height = 1000;
  float scale = 1;  // UI scale; 0 = what the monitor asks for (1 without a monitor)
  theme::Kind theme = theme::Kind::dark;
  theme::FontOptions font;
  std::string title = "isrlab";
  /// Drawn by Mesa on the CPU even where there is a GPU, so that pictures are equal everywhere.
  /// Without a value: yes for egl, no for glfw.
  std::optional<bool> software;
  /// The real keyboard and mouse are ignored; only scripts fill the queue. Under Xvfb the pointer
  /// stands in the middle of the window and would highlight what is there.
  bool scripted = false;
};

/// A picture on the GPU for things with more than a few thousand cells: one texel per cell, drawn
/// as one rectangle with ImDrawList::AddImage(compat::texture_id(name), ...).
struct Texture {
  unsigned name = 0;
  int width = 0;
  int height = 0;
};

class Renderer {
 public:
  /// Throws RenderError.
  static std::unique_ptr<Renderer> create(const RendererOptions& options);
  virtual ~Renderer();
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  Backend backend() const { return options_.backend; }
  int width() const { return width_; }
  int height() const { return height_; }
  float scale() const { return scale_; }
  theme::Kind theme() const { return theme_; }
  const theme::Palette& palette() const { return theme::palette(theme_); }
  const theme::Fonts& fonts() const { return fonts_; }

  /// Both take effect at the next begin_frame(); a new scale rebuilds the fonts.
  void set_scale(float scale);
  void set_theme(theme::Kind kind) { wanted_theme_ = kind; }
  /// Off screen only: the size of the next frames.
  virtual void resize(int width, int height);
  virtual void set_title(const std::string& title);

  InputQueue& input() { return input_; }
  /// Fetches what happened at the window without waiting.
  virtual void poll() {}
  /// Sleeps until something happens at the window, at most `seconds`. Returns at once off screen:
  /// nothing can happen there.
  virtual void wait(double seconds);
  virtual bool should_close() const { return close_requested_; }
  void request_close() { close_requested_ = true; }
  /// The window was uncovered or resized since the last call, or there is input left: draw again
  /// even if nothing moves.
  bool take_redraw();

  /// Takes the events of this frame from the queue and starts a Dear ImGui frame that is `seconds`
  /// later than the last one (scripts pass a constant, so that pictures repeat).
  void begin_frame(double seconds);
  /// The events of the running frame: the shortcuts read them here.
  std::span<const InputEvent> frame_events() const { return frame_events_; }
  /// Draws the frame; glfw also shows it.
  void end_frame();

  /// The last frame. Throws RenderError with the null backend, which has no pixels.
  Image read_pixels();
  void save_png(const std::string& path, std::span<const PngText> texts = {});

  /// Creates the texture at first, then replaces its pixels (nearest neighbour when drawn).
  virtual void upload(Texture& texture, const Image& image) = 0;
  virtual void release(Texture& texture) = 0;

 protected:
  explicit Renderer(const RendererOptions& options);
  void ask_redraw() { redraw_ = true; }
  void set_size(int width, int height);
  const RendererOptions& options() const { return options_; }

  virtual void make_current() {}
  /// The font atlas changed; the texture must be made anew.
  virtual void upload_fonts() = 0;
  virtual void draw(ImDrawData& data) = 0;
  virtual void present() {}
  virtual Image read() = 0;

 private:
  void apply_look();
  void feed_events();

  RendererOptions options_;
  int width_;
  int height_;
  float scale_ = 1;
  float wanted_scale_;
  theme::Kind theme_;
  theme::Kind wanted_theme_;
  bool look_changed_ = true;
  bool close_requested_ = false;
  bool redraw_ = true;
  bool drawn_ = false;
  ImGuiContext* context_;
  theme::Fonts fonts_;
  InputQueue input_;
  std::vector<InputEvent> frame_events_;
};

}  // namespace isrlab::viz
