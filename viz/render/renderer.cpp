#include "viz/render/renderer.hpp"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>

#include "viz/compat.hpp"
#include "viz/render/backends.hpp"

namespace isrlab::viz {
namespace {

constexpr int kSizeMinimum = 64;
constexpr int kSizeMaximum = 16384;

void check_size(int width, int height) {
  if (std::min(width, height) >= kSizeMinimum && std::max(width, height) <= kSizeMaximum) return;
  throw RenderError(fmt::format("the size {}x{} cannot be drawn, use {} to {} pixels each way",
                                width, height, kSizeMinimum, kSizeMaximum));
}

ImGuiContext* create_context() {
  if (ImGui::GetCurrentContext() != nullptr) {
    throw RenderError("another Renderer is alive in this process, destroy it first");
  }
  return ImGui::CreateContext();
}

void feed(ImGuiIO& io, const InputEvent& event) {
  using Kind = InputEvent::Kind;
  switch (event.kind) {
    case Kind::key_down: compat::add_key(io, event.key, true); break;
    case Kind::key_up: compat::add_key(io, event.key, false); break;
    case Kind::text: io.AddInputCharacter(event.codepoint); break;
    case Kind::mouse_move: compat::add_mouse_position(io, event.x, event.y); break;
    case Kind::mouse_down:
    case Kind::mouse_up:
      compat::add_mouse_button(io, event.button, event.kind == Kind::mouse_down);
      break;
    case Kind::wheel: compat::add_mouse_wheel(io, event.x, event.y); break;
    case Kind::focus_lost: compat::release_all(io); break;
    case Kind::key_repeat:  // Dear ImGui makes its own repeats
    case Kind::frame_break: break;
  }
}

}  // namespace

std::optional<Backend> parse_backend(std::string_view text) {
  for (const Backend backend : {Backend::null, Backend::egl, Backend::glfw}) {
    if (text == to_string(backend)) return backend;
  }
  return std::nullopt;
}

const char* to_string(Backend backend) {
  switch (backend) {
    case Backend::null: return "null";
    case Backend::egl: return "egl";
    case Backend::glfw: return "glfw";
  }
  return "?";
}

std::unique_ptr<Renderer> Renderer::create(const RendererOptions& options) {
  check_size(options.width, options.height);
  switch (options.backend) {
    case Backend::null: return create_null_renderer(options);
    case Backend::egl: return create_egl_renderer(options);
    case Backend::glfw: return create_glfw_renderer(options);
  }
  throw RenderError("there is no such backend, use glfw, egl or null");
}

Renderer::Renderer(const RendererOptions& options)
    : options_(options),
      width_(options.width),
      height_(options.height),
      wanted_scale_(theme::clamp_scale(options.scale)),
      theme_(options.theme),
      wanted_theme_(options.theme),
      context_(create_context()) {
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;  // our own files hold the layout; no imgui.ini in the user's folder
  io.LogFilename = nullptr;
  io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
  // Also for null: lists with more than 65,535 vertices must not end in an assert there either.
  io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
  io.BackendPlatformName = "isrlab";
  io.MouseDrawCursor = false;
  compat::set_up_keys(io);
  compat::add_mouse_position(io, InputEvent::kNowhere, InputEvent::kNowhere);
}

Renderer::~Renderer() {
  ImGui::DestroyContext(context_);
}

void Renderer::set_scale(float scale) {
  wanted_scale_ = theme::clamp_scale(scale);
}

void Renderer::resize(int width, int height) {
  check_size(width, height);
  set_size(width, height);
}

void Renderer::set_title(const std::string& title) {
  options_.title = title;
}

void Renderer::wait(double) {}

bool Renderer::take_redraw() {
  const bool redraw = redraw_ || !input_.empty();
  redraw_ = false;
  return redraw;
}

void Renderer::set_size(int width, int height) {
  width_ = width;
  height_ = height;
  ask_redraw();
}

void Renderer::apply_look() {
  if (!look_changed_ && wanted_scale_ == scale_ && wanted_theme_ == theme_) return;
  const bool fonts_changed = look_changed_ || wanted_scale_ != scale_;
  look_changed_ = false;
  scale_ = wanted_scale_;
  theme_ = wanted_theme_;
  theme::apply_style(theme_, scale_);
  if (!fonts_changed) return;
  ImGuiIO& io = ImGui::GetIO();
  io.Fonts->Clear();
  fonts_ = theme::load_fonts(*io.Fonts, scale_, options_.font);
  upload_fonts();
}

void Renderer::feed_events() {
  input_.take_frame(frame_events_);
  for (const InputEvent& event : frame_events_) feed(ImGui::GetIO(), event);
}

void Renderer::begin_frame(double seconds) {
  ImGui::SetCurrentContext(context_);
  make_current();
  apply_look();
  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize = ImVec2(static_cast<float>(width_), static_cast<float>(height_));
  io.DisplayFramebufferScale = ImVec2(1, 1);
  io.DeltaTime = std::clamp(static_cast<float>(seconds), 1.0e-4F, 1.0F);
  feed_events();
  ImGui::NewFrame();
}

void Renderer::end_frame() {
  ImGui::Render();
  draw(*ImGui::GetDrawData());
  drawn_ = true;
  present();
}

Image Renderer::read_pixels() {
  if (!drawn_) throw RenderError("no frame has been drawn yet, draw one before taking a picture");
  make_current();
  return read();
}

void Renderer::save_png(const std::string& path, std::span<const PngText> texts) {
  write_png(path, read_pixels(), texts);
}

}  // namespace isrlab::viz
