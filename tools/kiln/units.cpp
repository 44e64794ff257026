#include "tools/kiln/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include <fmt/format.h>

namespace kiln::tools {
namespace {

struct Unit {
    std::string_view suffix;
    double bytes;
};

constexpr double kKilo = 1000.0;
constexpr double kKibi = 1024.0;
constexpr std::array kUnits{
    Unit{"", 1},
    Unit{"B", 1},
    Unit{"s", 2048},
    Unit{"k", kKibi},
    Unit{"K", kKibi},
    Unit{"M", kKibi* kKibi},
    Unit{"G", kKibi* kKibi* kKibi},
    Unit{"T", kKibi* kKibi* kKibi* kKibi},
    Unit{"kB", kKilo},
    Unit{"KB", kKilo},
    Unit{"MB", kKilo* kKilo},
    Unit{"GB", kKilo* kKilo* kKilo},
    Unit{"TB", kKilo* kKilo* kKilo* kKilo},
    Unit{"KiB", kKibi},
    Unit{"MiB", kKibi* kKibi},
    Unit{"GiB", kKibi* kKibi* kKibi},
    Unit{"TiB", kKibi* kKibi* kKibi* kKibi},
};

/// The number at the start of `text` without its sign or exponent, which is taken off.
std::optional<double> take_number(std::string_view& text) {
    const std::size_t end = text.find_first_not_of("0123456789.");
    const std::string_view digits = text.substr(0, end);
    double number = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number,
                                               std::chars_format::fixed);
    if (digits.empty() || error != std::errc() || stop != digits.data() + digits.size()) {
        return std::nullopt;
    }
    text.remove_prefix(digits.size());
    return number;
}

}  // namespace

std::optional<std::uint64_t> parse_count(std::string_view text) {
    std::uint64_t count = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (text.empty() || error != std::errc() || stop != text.data() + text.size()) {
        return std::nullopt;
    }
    return count;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    // Whole numbers without a unit stay exact beyond 2^53.
    if (const auto whole = parse_count(text);
        whole && *whole <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return whole;
    }
    const auto number = take_number(text);
    if (!number) {
        return std::nullopt;
    }
    for (const Unit& unit : kUnits) {
        if (unit.suffix == text) {
            const double bytes = *number * unit.bytes;
            if (bytes >= static_cast<double>(std::numeric_limits<std::int64_t>::max())) {
                return std::nullopt;
            }
            return static_cast<std::uint64_t>(std::llround(bytes));
        }
    }
    return std::nullopt;
}

std::optional<CancelAfter> parse_cancel_after(std::string_view text) {
    std::string_view rest = text;
    const auto number = take_number(rest);
    if (!number) {
        return std::nullopt;
    }
    if (rest == "%") {
        return *number <= 100 ? std::optional<CancelAfter>(AfterPercent{*number}) : std::nullopt;
    }
    if (rest == "s") {
        constexpr double kLongest = 1e6;  // eleven days
        if (*number > kLongest) {
            return std::nullopt;
        }
        return AfterTime{std::chrono::duration_cast<transports::Duration>(
            std::chrono::duration<double>(*number))};
    }
    const auto bytes = parse_size(text);
    return bytes ? std::optional<CancelAfter>(AfterBytes{*bytes}) : std::nullopt;
}

std::optional<BlockRange> parse_blocks(std::string_view text) {
    const std::size_t plus = text.find('+');
    if (plus == std::string_view::npos) {
        return std::nullopt;
    }
    const auto first = parse_count(text.substr(0, plus));
    const auto count = parse_count(text.substr(plus + 1));
    constexpr std::uint64_t kEnd = 0x8000'0000;  // addresses are signed on the wire
    if (!first || !count || *count == 0 || *first >= kEnd || *count > kEnd - *first) {
        return std::nullopt;
    }
    return BlockRange{static_cast<std::uint32_t>(*first), static_cast<std::uint32_t>(*count)};
}

std::optional<double> parse_speed(std::string_view text) {
    const auto number = take_number(text);
    constexpr double kFastest = 1000;
    if (!number || *number <= 0 || *number > kFastest || (!text.empty() && text != "x")) {
        return std::nullopt;
    }
    return number;
}

std::string words_for_bytes(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 5> kNames{"B", "KiB", "MiB", "GiB", "TiB"};
    auto number = static_cast<double>(bytes);
    std::size_t step = 0;
    while (number >= kKibi && step + 1 < kNames.size()) {
        number /= kKibi;
        ++step;
    }
    constexpr double kShort = 10;
    return step > 0 && number < kShort ? fmt::format("{:.1f} {}", number, kNames.at(step))
                                       : fmt::format("{:.0f} {}", number, kNames.at(step));
}

std::string words_for_time(transports::Duration time) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
    constexpr auto kMinute = 60;
    constexpr auto kHour = 3600;
    if (seconds >= kHour) {
        return fmt::format("{}:{:02}:{:02}", seconds / kHour, seconds / kMinute % kMinute,
                           seconds % kMinute);
    }
    return fmt::format("{}:{:02}", seconds / kMinute, seconds % kMinute);
}

}  // namespace kiln::tools
