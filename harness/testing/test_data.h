/// \file
/// For tests only: where fixtures and real drives' data are, and rows of semicolon tables.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ios>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "mmc/bytes.h"

namespace kiln::harness {

/// fixtures/ of the sources: $KILN_FIXTURES, or the nearest one at or above the working directory.
inline std::filesystem::path fixtures() {
    if (const char* given = std::getenv("KILN_FIXTURES"); given != nullptr) {
        return given;
    }
    std::error_code ignored;
    for (auto folder = std::filesystem::current_path(ignored); folder != folder.root_path();
         folder = folder.parent_path()) {
        if (std::filesystem::is_directory(folder / "fixtures" / "golden", ignored)) {
            return folder / "fixtures";
        }
    }
    return "fixtures";
}

/// Data of real drives, which are not part of the sources.
inline std::optional<std::filesystem::path> real_data() {
    const char* given = std::getenv("KILN_REAL_DATA");
    if (given == nullptr || *given == '\0') {
        return std::nullopt;
    }
    return given;
}

/// What a test that needs them says when it is skipped.
inline constexpr const char* kNoRealData =
    "KILN_REAL_DATA is not set: it names the folder with real drives' data";

inline std::vector<std::uint8_t> read_bytes(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const auto size = static_cast<std::streamoff>(file.tellg());
    std::string text(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
    file.seekg(0);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    return {text.begin(), text.end()};
}

inline std::vector<std::string> read_lines(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line.back() == '\r') {
            line.pop_back();
        }
        lines.push_back(line);
    }
    return lines;
}

inline std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (;;) {
        const auto end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

/// Hex digits of either case, blanks free; nothing if there is anything else.
inline std::optional<std::vector<std::uint8_t>> bytes_of(std::string_view text) {
    std::vector<std::uint8_t> bytes;
    std::optional<unsigned> high;
    for (const char character : text) {
        if (character == ' ') {
            continue;
        }
        const std::string_view digits = "0123456789abcdef0123456789ABCDEF";
        const auto digit = digits.find(character);
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        if (high) {
            bytes.push_back(static_cast<std::uint8_t>(*high << 4U | digit % 16U));
            high.reset();
        } else {
            high = static_cast<unsigned>(digit % 16U);
        }
    }
    if (high) {
        return std::nullopt;
    }
    return bytes;
}

/// A copy on the heap of exactly this size, so that the address sanitizer sees any read past it.
class ExactCopy {
public:
    explicit ExactCopy(mmc::ByteView bytes)
        : size_(bytes.size()), bytes_(std::make_unique<std::uint8_t[]>(bytes.size())) {
        std::copy(bytes.begin(), bytes.end(), bytes_.get());
    }
    [[nodiscard]] mmc::ByteView view() const { return {bytes_.get(), size_}; }

private:
    std::size_t size_;
    std::unique_ptr<std::uint8_t[]> bytes_;
};

}  // namespace kiln::harness
