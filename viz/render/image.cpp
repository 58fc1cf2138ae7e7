#include "viz/render/image.hpp"

// Without the IMPLEMENTATION macro: the code is in Debian's libstb, which Dear ImGui needs anyway.
#include <stb_image_write.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "viz/render/renderer.hpp"

namespace isrlab::viz {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kSignatureSize = 8;
constexpr std::size_t kHeaderChunkSize = 4 + 4 + 13 + 4;  // length, IHDR, data, checksum

std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

void put_number(Bytes& bytes, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::uint8_t>(number >> static_cast<unsigned>(shift)));
  }
}

/// stb writes no text chunks, so they are put between its header and its pixels.
Bytes text_chunk(const PngText& text) {
  Bytes data{'i', 'T', 'X', 't'};
  data.insert(data.end(), text.key.begin(), text.key.end());
  data.push_back(0);
  data.push_back(0);  // not compressed
  data.push_back(0);
  data.push_back(0);  // no language
  data.push_back(0);  // no translated key
  data.insert(data.end(), text.text.begin(), text.text.end());
  Bytes chunk;
  put_number(chunk, static_cast<std::uint32_t>(data.size() - 4));
  chunk.insert(chunk.end(), data.begin(), data.end());
  put_number(chunk, crc32(data));
  return chunk;
}

void append(void* context, void* data, int size) {
  auto* bytes = static_cast<Bytes*>(context);
  const auto* begin = static_cast<const std::uint8_t*>(data);
  bytes->insert(bytes->end(), begin, begin + size);
}

}  // namespace

theme::Color Image::at(int x, int y) const {
  const std::size_t at = (static_cast<std::size_t>(y) * width + x) * 4;
  return {rgba[at], rgba[at + 1], rgba[at + 2], rgba[at + 3]};
}

double Image::share_of(theme::Color color, const Rect& area) const {
  const int x0 = std::max(0, static_cast<int>(area.x0));
  const int y0 = std::max(0, static_cast<int>(area.y0));
  const int x1 = std::min(width, static_cast<int>(area.x1));
  const int y1 = std::min(height, static_cast<int>(area.y1));
  if (x1 <= x0 || y1 <= y0) return 0;
  std::size_t count = 0;
  for (int y = y0; y < y1; ++y) {
    for (int x = x0; x < x1; ++x) count += at(x, y) == color ? 1 : 0;
  }
  return static_cast<double>(count) / (static_cast<double>(x1 - x0) * (y1 - y0));
}

double Image::difference(const Image& other, int tolerance) const {
  if (width != other.width || height != other.height || rgba.empty()) return 1;
  std::size_t count = 0;
  for (std::size_t pixel = 0; pixel < rgba.size(); pixel += 4) {
    bool differs = false;
    for (std::size_t k = pixel; k < pixel + 4; ++k) {
      differs |= std::abs(int{rgba[k]} - int{other.rgba[k]}) > tolerance;
    }
    count += differs ? 1 : 0;
  }
  return static_cast<double>(count) / (static_cast<double>(rgba.size()) / 4);
}

std::vector<std::uint8_t> encode_png(const Image& image, std::span<const PngText> texts) {
  Bytes plain;
  if (stbi_write_png_to_func(append, &plain, image.width, image.height, 4, image.rgba.data(),
                             image.width * 4) == 0 ||
      plain.size() < kSignatureSize + kHeaderChunkSize) {
    throw RenderError("the picture could not be encoded as PNG, try a smaller --size");
  }
  const auto pixels = plain.begin() + kSignatureSize + kHeaderChunkSize;
  Bytes result(plain.begin(), pixels);
  for (const PngText& text : texts) {
    const Bytes chunk = text_chunk(text);
    result.insert(result.end(), chunk.begin(), chunk.end());
  }
  result.insert(result.end(), pixels, plain.end());
  return result;
}

void write_png(const std::string& path, const Image& image, std::span<const PngText> texts) {
  const Bytes bytes = encode_png(image, texts);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  file.flush();
  if (!file) {
    throw RenderError("cannot write the picture " + path + ", check the folder and its rights");
  }
}

}  // namespace isrlab::viz
