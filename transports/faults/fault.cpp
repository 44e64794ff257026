#include "transports/faults/fault.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "mmc/commands/catalog.h"

namespace kiln::transports {
namespace {

using mmc::SenseKey;
template <typename T>
using Parsed = mmc::Result<T, std::string>;

template <typename... Arguments>
tl::unexpected<std::string> wrong(fmt::format_string<Arguments...> words, Arguments&&... values) {
    return tl::make_unexpected(fmt::format(words, std::forward<Arguments>(values)...));
}

/// The whole of `text` as a number of at most `most`.
std::optional<std::uint64_t> number(std::string_view text, int base, std::uint64_t most) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, base);
    if (error != std::errc{} || stop != end || value > most) {
        return std::nullopt;
    }
    return value;
}

/// Cuts `text` at the first `separator`; the second part is empty where there is none.
std::pair<std::string_view, std::string_view> cut(std::string_view text, char separator) {
    const auto at = text.find(separator);
    return at == std::string_view::npos ? std::pair(text, std::string_view())
                                        : std::pair(text.substr(0, at), text.substr(at + 1));
}

Parsed<std::optional<std::uint8_t>> parse_operation(std::string_view text) {
    if (text == "any") {
        return std::optional<std::uint8_t>();
    }
    if (text.starts_with("0x")) {
        if (const auto code = number(text.substr(2), 16, 0xFF)) {
            return std::optional(static_cast<std::uint8_t>(*code));
        }
    } else if (const auto* command = mmc::find_command(text)) {
        return std::optional(command->layout->opcode);
    }
    return wrong(
        "no command '{}': a name like write10 or read-track-information, an operation "
        "code like 0x2a, or any",
        text);
}

Parsed<std::pair<std::uint64_t, std::uint64_t>> parse_which(std::string_view text) {
    constexpr auto kEnd = std::numeric_limits<std::uint64_t>::max();
    if (text == "*") {
        return std::pair(std::uint64_t{1}, kEnd);
    }
    const bool onwards = text.ends_with('+');
    const auto first = number(text.substr(0, text.size() - (onwards ? 1 : 0)), 10, kEnd);
    if (!first || *first == 0) {
        return wrong(
            "no count '{}': 3 is the third such command, 3+ the third and all after it, "
            "* all",
            text);
    }
    return std::pair(*first, onwards ? kEnd : *first);
}

/// "3/0c/00".
Parsed<mmc::Sense> parse_sense(std::string_view text, bool deferred) {
    const auto [key_text, rest] = cut(text, '/');
    const auto [code_text, qualifier_text] = cut(rest, '/');
    const auto key = number(key_text, 16, 0xF);
    const auto code = number(code_text, 16, 0xFF);
    const auto qualifier = number(qualifier_text, 16, 0xFF);
    if (!key || !code || !qualifier) {
        return wrong("no sense '{}': key, ASC and ASCQ in hexadecimal, like 3/0c/00", text);
    }
    return mmc::make_sense(static_cast<SenseKey>(*key),
                           static_cast<mmc::AdditionalSense>((*code << 8U) | *qualifier),
                           std::nullopt, std::nullopt, deferred);
}

Parsed<Duration> parse_duration(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, double>, 3> kUnits{
        {{"ms", 1e6}, {"min", 60e9}, {"s", 1e9}}};
    constexpr double kLongest = 365.0 * 86400e9;
    for (const auto& [unit, nanoseconds] : kUnits) {
        if (!text.ends_with(unit)) {
            continue;
        }
        const std::string_view digits = text.substr(0, text.size() - unit.size());
        double value = 0;
        const char* end = digits.data() + digits.size();
        const auto [stop, error] = std::from_chars(digits.data(), end, value);
        if (error == std::errc{} && stop == end && value >= 0 && value * nanoseconds < kLongest) {
            return Duration(std::llround(value * nanoseconds));
        }
    }
    return wrong("no time '{}': a number and ms, s or min, like 250ms", text);
}

/// What a drive is likely to say when this command fails, so that `fail` needs no sense codes.
mmc::Sense likely_sense(std::optional<std::uint8_t> operation_code) {
    const std::array<std::uint8_t, 1> cdb{operation_code.value_or(0)};
    switch (operation_code ? mmc::effect_of(cdb) : mmc::Effect::Harmless) {
        case mmc::Effect::Writes:
            return mmc::make_sense(SenseKey::MediumError, 0x0C00);
        case mmc::Effect::Erases:
            return mmc::make_sense(SenseKey::MediumError, 0x5100);
        case mmc::Effect::Formats:
            return mmc::make_sense(SenseKey::MediumError, 0x3101);
        default:
            break;
    }
    const bool reads = operation_code == 0x28 || operation_code == 0xA8 || operation_code == 0xBE;
    return reads ? mmc::make_sense(SenseKey::MediumError, 0x1100)
                 : mmc::make_sense(SenseKey::HardwareError, 0x4400);
}

Parsed<FaultKind> parse_kind_with_value(std::string_view name, std::string_view value) {
    if (name == "sense" || name == "deferred") {
        KILN_ASSIGN_OR_RETURN(const mmc::Sense sense, parse_sense(value, name == "deferred"));
        return FailWith{sense};
    }
    if (name == "delay") {
        KILN_ASSIGN_OR_RETURN(const Duration by, parse_duration(value));
        return Delay{by};
    }
    if (name == "short") {
        const auto bytes = number(value, 10, std::numeric_limits<std::uint32_t>::max());
        if (!bytes) {
            return wrong("no number of bytes '{}'", value);
        }
        return Shorten{static_cast<std::uint32_t>(*bytes)};
    }
    return wrong(
        "no kind '{}': fail, sense=3/0c/00, deferred=3/0c/00, busy, stall, lose, "
        "delay=250ms, short=BYTES, lie, host or vanish",
        name);
}

Parsed<FaultKind> parse_kind(std::string_view text, std::optional<std::uint8_t> operation_code) {
    if (text == "fail") {
        return FailWith{likely_sense(operation_code)};
    }
    const std::array<std::pair<std::string_view, FaultKind>, 6> plain{{{"busy", AnswerBusy{}},
                                                                       {"stall", Stall{}},
                                                                       {"lose", LoseAnswer{}},
                                                                       {"lie", Lie{}},
                                                                       {"host", HostFails{}},
                                                                       {"vanish", Vanish{}}}};
    for (const auto& [name, kind] : plain) {
        if (text == name) {
            return kind;
        }
    }
    const auto [name, value] = cut(text, '=');
    return parse_kind_with_value(name, value);
}

Parsed<Fault> parse_parts(std::string_view text) {
    const auto [operation, rest] = cut(text, ':');
    const auto [which, kind] = cut(rest, ':');
    if (kind.empty()) {
        return wrong("it is not OP:N:KIND, like write10:5:fail");
    }
    Fault fault;
    KILN_ASSIGN_OR_RETURN(fault.operation_code, parse_operation(operation));
    KILN_ASSIGN_OR_RETURN(const auto range, parse_which(which));
    std::tie(fault.first, fault.last) = range;
    KILN_ASSIGN_OR_RETURN(fault.kind, parse_kind(kind, fault.operation_code));
    return fault;
}

}  // namespace

mmc::Result<Fault, std::string> parse_fault(std::string_view text) {
    return parse_parts(text).map_error(
        [text](const std::string& why) { return fmt::format("fault '{}': {}", text, why); });
}

}  // namespace kiln::transports
