#include "tools/kiln/bytes_input.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <span>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mmc/hex.h"

#include "transports/os/unique_fd.h"

namespace kiln::tools {
namespace {

constexpr std::string_view kBetween = " \t\r\n,:;";

std::string system_words(int code) {
    return std::generic_category().message(code);
}

/// Adds the bytes of one word; false where it is not hex.
bool add_word(std::string_view word, Bytes& bytes) {
    constexpr int kHex = 16;
    if (word.starts_with("0x") || word.starts_with("0X")) {
        word.remove_prefix(2);
    }
    if (word.empty() || (word.size() > 1 && word.size() % 2 != 0)) {
        return false;
    }
    while (!word.empty()) {
        const std::string_view digits = word.substr(0, 2);
        std::uint8_t byte = 0;
        const auto [stop, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), byte, kHex);
        if (error != std::errc() || stop != digits.data() + digits.size()) {
            return false;
        }
        bytes.push_back(byte);
        word.remove_prefix(digits.size());
    }
    return true;
}

}  // namespace

Result<Bytes, Problem> parse_hex(std::string_view text) {
    Bytes bytes;
    std::string_view rest = text;
    while (true) {
        const std::size_t start = rest.find_first_not_of(kBetween);
        if (start == std::string_view::npos) {
            break;
        }
        rest.remove_prefix(start);
        const std::string_view word = rest.substr(0, rest.find_first_of(kBetween));
        if (!add_word(word, bytes)) {
            return tl::make_unexpected(
                wrong_usage(fmt::format("'{}' is not bytes in hexadecimal", word)));
        }
        rest.remove_prefix(word.size());
    }
    if (bytes.empty()) {
        return tl::make_unexpected(wrong_usage("no bytes were given"));
    }
    return bytes;
}

Result<Bytes, Problem> read_file(const std::string& path, std::size_t most) {
    const bool is_input = path == "-";
    const std::string doing = "reading " + (is_input ? std::string("standard input") : path);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): that is open's face
    const transports::UniqueFd file(is_input ? -1 : open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!is_input && !file.open()) {
        return tl::make_unexpected(host_problem(doing, system_words(errno)));
    }
    constexpr std::size_t kChunk = 4096;
    std::array<std::uint8_t, kChunk> chunk{};
    Bytes bytes;
    while (true) {
        const ssize_t got = read(is_input ? STDIN_FILENO : file.get(), chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return tl::make_unexpected(host_problem(doing, system_words(errno)));
        }
        if (got == 0) {
            return bytes;
        }
        const auto came = std::span(chunk).first(static_cast<std::size_t>(got));
        bytes.insert(bytes.end(), came.begin(), came.end());
        if (bytes.size() > most) {
            return tl::make_unexpected(
                host_problem(doing, fmt::format("it has more than {} bytes", most)));
        }
    }
}

Result<Bytes, Problem> bytes_from(const std::string& text, std::size_t most) {
    if (text.starts_with('@')) {
        return read_file(text.substr(1), most);
    }
    auto bytes = parse_hex(text);
    if (bytes && bytes->size() > most) {
        return tl::make_unexpected(
            wrong_usage(fmt::format("{} bytes are too many: at most {}", bytes->size(), most)));
    }
    return bytes;
}

std::string dump(const Bytes& bytes) {
    constexpr std::size_t kPerLine = 16;
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += kPerLine) {
        const auto line =
            mmc::ByteView(bytes).subspan(at).first(std::min(kPerLine, bytes.size() - at));
        std::string letters;
        for (const std::uint8_t byte : line) {
            constexpr std::uint8_t kFirst = 0x20;
            constexpr std::uint8_t kLast = 0x7E;
            letters += byte >= kFirst && byte <= kLast ? static_cast<char>(byte) : '.';
        }
        text += fmt::format("{:04x}  {:<47}  {}\n", at, mmc::to_hex(line), letters);
    }
    return text;
}

}  // namespace kiln::tools
