// Internal to viz/render: how Renderer::create reaches the backends.
#pragma once
#include <memory>

#include "viz/render/renderer.hpp"

namespace isrlab::viz {

std::unique_ptr<Renderer> create_null_renderer(const RendererOptions& options);
std::unique_ptr<Renderer> create_egl_renderer(const RendererOptions& options);
std::unique_ptr<Renderer> create_glfw_renderer(const RendererOptions& options);

/// Makes Mesa draw on the CPU. Must come before the first call into EGL or GLFW; what the user has
/// set in the environment stays.
void ask_for_software_rendering();

}  // namespace isrlab::viz
