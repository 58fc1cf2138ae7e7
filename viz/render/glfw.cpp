// A window. GLFW only delivers events and shows the framebuffer; Dear ImGui never sees GLFW.
#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <imgui.h>

#include <array>
#include <string>

#include "viz/render/backends.hpp"
#include "viz/render/gl_target.hpp"

namespace isrlab::viz {
namespace {

static_assert(static_cast<int>(Key::grave) == GLFW_KEY_GRAVE_ACCENT);
static_assert(static_cast<int>(Key::z) == GLFW_KEY_Z);
static_assert(static_cast<int>(Key::end) == GLFW_KEY_END);
static_assert(static_cast<int>(Key::f12) == GLFW_KEY_F12);
static_assert(static_cast<int>(Key::keypad_enter) == GLFW_KEY_KP_ENTER);
static_assert(static_cast<int>(Key::right_super) == GLFW_KEY_RIGHT_SUPER);
static_assert(kKeyCount == GLFW_KEY_LAST + 1);
static_assert(mod_shift == GLFW_MOD_SHIFT && mod_control == GLFW_MOD_CONTROL &&
              mod_alt == GLFW_MOD_ALT && mod_super == GLFW_MOD_SUPER);

/// GLFW's own sentence about the last failure, or nothing.
std::string last_error() {
  const char* text = nullptr;
  glfwGetError(&text);
  return text == nullptr ? std::string() : " (" + std::string(text) + ")";
}

/// Ends GLFW whatever part of the constructor fails after it.
class GlfwLibrary {
 public:
  GlfwLibrary() {
    if (glfwInit() == GLFW_TRUE) return;
    throw RenderError(
        "no window can be opened" + last_error() +
        ", start it in a desktop session or under xvfb-run (package xvfb), or use --backend egl");
  }
  ~GlfwLibrary() { glfwTerminate(); }
  GlfwLibrary(const GlfwLibrary&) = delete;
  GlfwLibrary& operator=(const GlfwLibrary&) = delete;
};

class GlfwRenderer final : public Renderer {
 public:
  explicit GlfwRenderer(const RendererOptions& options) : Renderer(options) {
    open_window(options);
    target_.create();
    set_scale(options.scale > 0 ? options.scale : monitor_scale());
    read_size();
    install_callbacks(!options.scripted);
    connect_clipboard();
  }
  ~GlfwRenderer() override {
    glfwMakeContextCurrent(window_);
    for (GLFWcursor* cursor : cursors_) {
      if (cursor != nullptr) glfwDestroyCursor(cursor);
    }
  }

  void resize(int width, int height) override {
    glfwSetWindowSize(window_, width, height);
    glfwPollEvents();
  }
  void set_title(const std::string& title) override { glfwSetWindowTitle(window_, title.c_str()); }
  void poll() override { glfwPollEvents(); }
  void wait(double seconds) override {
    if (!input().empty() || seconds <= 0) {
      glfwPollEvents();
    } else {
      glfwWaitEventsTimeout(seconds);
    }
  }
  bool should_close() const override {
    return Renderer::should_close() || glfwWindowShouldClose(window_) == GLFW_TRUE;
  }
  void upload(Texture& texture, const Image& image) override {
    make_current();
    GlTarget::upload(texture, image);
  }
  void release(Texture& texture) override {
    make_current();
    GlTarget::release(texture);
  }

 protected:
  void make_current() override { glfwMakeContextCurrent(window_); }
  void upload_fonts() override { target_.upload_fonts(); }
  void draw(ImDrawData& data) override {
    target_.draw(data, width(), height(), palette().background);
  }
  void present() override {
    int window_width = 0;
    int window_height = 0;
    glfwGetFramebufferSize(window_, &window_width, &window_height);
    target_.blit_to_window(window_width, window_height);
    glfwSwapBuffers(window_);
    update_cursor();
  }
  Image read() override { return target_.read(); }

 private:
  void open_window(const RendererOptions& options);
  void install_callbacks(bool with_input);
  void install_input_callbacks();
  void connect_clipboard();
  void update_cursor();
  void read_size();
  float monitor_scale() const;

  static GlfwRenderer& self(GLFWwindow* window) {
    return *static_cast<GlfwRenderer*>(glfwGetWindowUserPointer(window));
  }
  InputEvent at_pointer(InputEvent::Kind kind, double x, double y) const;

  GlfwLibrary library_;
  GLFWwindow* window_ = nullptr;
  GlTarget target_;
  std::array<GLFWcursor*, ImGuiMouseCursor_COUNT> cursors_{};
};

void GlfwRenderer::open_window(const RendererOptions& options) {
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  window_ =
      glfwCreateWindow(options.width, options.height, options.title.c_str(), nullptr, nullptr);
  if (window_ == nullptr) {
    throw RenderError("no window with OpenGL 3.3 can be opened" + last_error() +
                      ", install the package libgl1-mesa-dri or use --backend egl");
  }
  glfwMakeContextCurrent(window_);
  glfwSwapInterval(options.scripted ? 0 : 1);
}

float GlfwRenderer::monitor_scale() const {
  float x = 1;
  float y = 1;
  glfwGetWindowContentScale(window_, &x, &y);
  return x;
}

void GlfwRenderer::read_size() {
  int width = 0;
  int height = 0;
  glfwGetFramebufferSize(window_, &width, &height);
  if (width > 0 && height > 0) set_size(width, height);  // a minimised window has no size
}

InputEvent GlfwRenderer::at_pointer(InputEvent::Kind kind, double x, double y) const {
  // GLFW speaks of screen coordinates, we of pixels; they differ on some high-resolution monitors.
  int window_width = 0;
  int window_height = 0;
  glfwGetWindowSize(window_, &window_width, &window_height);
  InputEvent event;
  event.kind = kind;
  event.x = static_cast<float>(x * this->width() / (window_width > 0 ? window_width : 1));
  event.y = static_cast<float>(y * this->height() / (window_height > 0 ? window_height : 1));
  return event;
}

void GlfwRenderer::install_callbacks(bool with_input) {
  glfwSetWindowUserPointer(window_, this);
  glfwSetFramebufferSizeCallback(window_,
                                 [](GLFWwindow* window, int, int) { self(window).read_size(); });
  glfwSetWindowRefreshCallback(window_, [](GLFWwindow* window) { self(window).ask_redraw(); });
  if (with_input) install_input_callbacks();
}

void GlfwRenderer::install_input_callbacks() {
  using Kind = InputEvent::Kind;
  glfwSetKeyCallback(window_, [](GLFWwindow* window, int key, int, int action, int modifiers) {
    if (key < 0 || key >= kKeyCount) return;  // keys GLFW does not know
    InputEvent event;
    event.kind = action == GLFW_PRESS    ? Kind::key_down
                 : action == GLFW_REPEAT ? Kind::key_repeat
                                         : Kind::key_up;
    event.key = static_cast<Key>(key);
    // Caps and Num Lock are no modifiers of a shortcut.
    event.modifiers = static_cast<std::uint8_t>(modifiers & 15);
    self(window).input().push(event);
  });
  glfwSetCharCallback(window_, [](GLFWwindow* window, unsigned codepoint) {
    InputEvent event;
    event.kind = Kind::text;
    event.codepoint = codepoint;
    self(window).input().push(event);
  });
  glfwSetCursorPosCallback(window_, [](GLFWwindow* window, double x, double y) {
    self(window).input().push(self(window).at_pointer(Kind::mouse_move, x, y));
  });
  glfwSetCursorEnterCallback(window_, [](GLFWwindow* window, int entered) {
    if (entered == GLFW_FALSE) {
      self(window).input().move(InputEvent::kNowhere, InputEvent::kNowhere);
    }
  });
  glfwSetMouseButtonCallback(
      window_, [](GLFWwindow* window, int button, int action, int modifiers) {
        if (button > GLFW_MOUSE_BUTTON_MIDDLE) return;
        InputEvent event;
        event.kind = action == GLFW_PRESS ? Kind::mouse_down : Kind::mouse_up;
        event.button = static_cast<MouseButton>(button);
        event.modifiers = static_cast<std::uint8_t>(modifiers & 15);
        self(window).input().push(event);
      });
  glfwSetScrollCallback(window_, [](GLFWwindow* window, double x, double y) {
    InputEvent event;
    event.kind = Kind::wheel;
    event.x = static_cast<float>(x);
    event.y = static_cast<float>(y);
    self(window).input().push(event);
  });
  glfwSetWindowFocusCallback(window_, [](GLFWwindow* window, int focused) {
    if (focused == GLFW_TRUE) return;
    InputEvent event;
    event.kind = Kind::focus_lost;
    self(window).input().push(event);
  });
}

void GlfwRenderer::connect_clipboard() {
  const auto get = [](void* window) {
    return glfwGetClipboardString(static_cast<GLFWwindow*>(window));
  };
  const auto set = [](void* window, const char* text) {
    glfwSetClipboardString(static_cast<GLFWwindow*>(window), text);
  };
  ImGuiIO& io = ImGui::GetIO();
  io.GetClipboardTextFn = get;
  io.SetClipboardTextFn = set;
  io.ClipboardUserData = window_;
}

void GlfwRenderer::update_cursor() {
  const int wanted = ImGui::GetMouseCursor();
  if (wanted < 0 || wanted >= ImGuiMouseCursor_COUNT) return;
  const int shape = wanted == ImGuiMouseCursor_TextInput  ? GLFW_IBEAM_CURSOR
                    : wanted == ImGuiMouseCursor_ResizeEW ? GLFW_HRESIZE_CURSOR
                    : wanted == ImGuiMouseCursor_ResizeNS ? GLFW_VRESIZE_CURSOR
                    : wanted == ImGuiMouseCursor_Hand     ? GLFW_HAND_CURSOR
                                                          : GLFW_ARROW_CURSOR;
  GLFWcursor*& cursor = cursors_[static_cast<std::size_t>(wanted)];
  if (cursor == nullptr) cursor = glfwCreateStandardCursor(shape);
  glfwSetCursor(window_, cursor);
}

}  // namespace

std::unique_ptr<Renderer> create_glfw_renderer(const RendererOptions& options) {
  if (options.software.value_or(false)) ask_for_software_rendering();
  return std::make_unique<GlfwRenderer>(options);
}

}  // namespace isrlab::viz
