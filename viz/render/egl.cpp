// OpenGL without a window system: Mesa's surfaceless platform, no DISPLAY, no /dev/dri, any user.
#include <EGL/egl.h>
#include <EGL/eglext.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "viz/render/backends.hpp"
#include "viz/render/gl_target.hpp"

namespace isrlab::viz {
namespace {

constexpr const char* kInstall =
    "install the packages libegl1 libegl-mesa0 libgl1-mesa-dri or use --backend null";

/// Extension lists are words with spaces between them; one name can be the start of another.
bool has_word(const char* list, std::string_view word) {
  std::string_view rest = list == nullptr ? std::string_view() : std::string_view(list);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (rest.substr(0, end) == word) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

class EglContext {
 public:
  EglContext() = default;
  EglContext(const EglContext&) = delete;
  EglContext& operator=(const EglContext&) = delete;
  ~EglContext() {
    if (display_ == EGL_NO_DISPLAY) return;
    eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    if (context_ != EGL_NO_CONTEXT) eglDestroyContext(display_, context_);
    // No eglTerminate: it unloads the driver, which then leaks what its modules had allocated. The
    // display is one per process, and the next eglInitialize finds it ready.
  }

  void create() {
    open_display();
    if (!has_word(eglQueryString(display_, EGL_EXTENSIONS), "EGL_KHR_surfaceless_context")) {
      throw RenderError(std::string("this EGL driver cannot draw without a window, ") + kInstall);
    }
    if (eglBindAPI(EGL_OPENGL_API) == EGL_FALSE) {
      throw RenderError(std::string("this EGL driver has no desktop OpenGL, ") + kInstall);
    }
    // 8 bits of alpha on purpose: without them another configuration with other rounding is taken.
    const EGLint wanted[] = {EGL_SURFACE_TYPE,
                             EGL_PBUFFER_BIT,
                             EGL_RENDERABLE_TYPE,
                             EGL_OPENGL_BIT,
                             EGL_RED_SIZE,
                             8,
                             EGL_GREEN_SIZE,
                             8,
                             EGL_BLUE_SIZE,
                             8,
                             EGL_ALPHA_SIZE,
                             8,
                             EGL_NONE};
    EGLConfig config = nullptr;
    EGLint count = 0;
    if (eglChooseConfig(display_, wanted, &config, 1, &count) == EGL_FALSE || count == 0) {
      throw RenderError(std::string("this EGL driver has no RGBA8 format, ") + kInstall);
    }
    const EGLint version[] = {EGL_CONTEXT_MAJOR_VERSION,
                              3,
                              EGL_CONTEXT_MINOR_VERSION,
                              3,
                              EGL_CONTEXT_OPENGL_PROFILE_MASK,
                              EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
                              EGL_NONE};
    context_ = eglCreateContext(display_, config, EGL_NO_CONTEXT, version);
    if (context_ == EGL_NO_CONTEXT) {
      throw RenderError(std::string("EGL gives no OpenGL 3.3 context, ") + kInstall);
    }
    make_current();
  }

  void make_current() {
    if (eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_) == EGL_FALSE) {
      throw RenderError(std::string("the EGL context cannot be used, ") + kInstall);
    }
  }

 private:
  void open_display() {
    const char* extensions = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
    const auto get_display = reinterpret_cast<PFNEGLGETPLATFORMDISPLAYEXTPROC>(
        eglGetProcAddress("eglGetPlatformDisplayEXT"));
    if (get_display == nullptr || extensions == nullptr) {
      throw RenderError(std::string("there is no EGL driver, ") + kInstall);
    }
    if (has_word(extensions, "EGL_MESA_platform_surfaceless")) {
      initialize(get_display(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr));
    }
    if (display_ == EGL_NO_DISPLAY && has_word(extensions, "EGL_EXT_platform_device")) {
      open_device(get_display);  // drivers other than Mesa's
    }
    if (display_ == EGL_NO_DISPLAY) {
      throw RenderError(std::string("EGL finds nothing to draw with, ") + kInstall);
    }
  }

  void open_device(PFNEGLGETPLATFORMDISPLAYEXTPROC get_display) {
    const auto query_devices =
        reinterpret_cast<PFNEGLQUERYDEVICESEXTPROC>(eglGetProcAddress("eglQueryDevicesEXT"));
    EGLDeviceEXT device = nullptr;
    EGLint count = 0;
    if (query_devices == nullptr || query_devices(1, &device, &count) == EGL_FALSE || count == 0) {
      return;
    }
    initialize(get_display(EGL_PLATFORM_DEVICE_EXT, device, nullptr));
  }

  void initialize(EGLDisplay display) {
    if (display != EGL_NO_DISPLAY && eglInitialize(display, nullptr, nullptr) == EGL_TRUE) {
      display_ = display;
    }
  }

  EGLDisplay display_ = EGL_NO_DISPLAY;
  EGLContext context_ = EGL_NO_CONTEXT;
};

class EglRenderer final : public Renderer {
 public:
  explicit EglRenderer(const RendererOptions& options) : Renderer(options) {
    egl_.create();
    target_.create();
  }

  void upload(Texture& texture, const Image& image) override {
    egl_.make_current();
    GlTarget::upload(texture, image);
  }
  void release(Texture& texture) override {
    egl_.make_current();
    GlTarget::release(texture);
  }

 protected:
  void make_current() override { egl_.make_current(); }
  void upload_fonts() override { target_.upload_fonts(); }
  void draw(ImDrawData& data) override {
    target_.draw(data, width(), height(), palette().background);
  }
  Image read() override { return target_.read(); }

 private:
  EglContext egl_;
  GlTarget target_;  // after egl_: it must go while the context is there
};

}  // namespace

void ask_for_software_rendering() {
  setenv("LIBGL_ALWAYS_SOFTWARE", "1", 0);
}

std::unique_ptr<Renderer> create_egl_renderer(const RendererOptions& options) {
  if (options.software.value_or(true)) ask_for_software_rendering();
  return std::make_unique<EglRenderer>(options);
}

}  // namespace isrlab::viz
