#include "harness/sim/personality_reader.h"

#include <cmath>

namespace kiln::harness {

std::optional<std::vector<std::uint8_t>> bytes_of_text(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::vector<std::uint8_t> bytes;
    std::optional<unsigned> high;
    for (const char character : text) {
        if (character == ' ' && !high) {
            continue;
        }
        const std::size_t digit = kDigits.find(character);
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        if (high) {
            bytes.push_back(static_cast<std::uint8_t>(*high << 4U | digit));
            high.reset();
        } else {
            high = static_cast<unsigned>(digit);
        }
    }
    if (high) {
        return std::nullopt;
    }
    return bytes;
}

void TableReader::read(std::string_view key, std::string& out, std::size_t most) {
    const toml::node* const node = take(key);
    if (node == nullptr) {
        return;
    }
    const auto* const text = node->as_string();
    if (text == nullptr) {
        fail(key, "not a string");
    } else if (text->get().size() > most) {
        fail(key, fmt::format("'{}' is longer than {} characters", text->get(), most));
    } else {
        out = text->get();
    }
}

void TableReader::read(std::string_view key, bool& out) {
    if (const toml::node* const node = take(key)) {
        if (const auto* const value = node->as_boolean()) {
            out = value->get();
        } else {
            fail(key, "neither true nor false");
        }
    }
}

void TableReader::read_bytes(std::string_view key, std::vector<std::uint8_t>& out,
                             std::size_t most) {
    std::string text;
    read(key, text, most * 4);
    if (!has(key)) {
        return;
    }
    auto bytes = bytes_of_text(text);
    if (!bytes) {
        fail(key, fmt::format("'{}' are not bytes like \"00 1f\"", text));
    } else if (bytes->size() > most) {
        fail(key, fmt::format("more than {} bytes", most));
    } else {
        out = *std::move(bytes);
    }
}

std::optional<std::uint64_t> TableReader::integer(std::string_view key, std::uint64_t most) {
    const toml::node* const node = take(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    const auto* const value = node->as_integer();
    if (value == nullptr) {
        fail(key, "not a whole number");
        return std::nullopt;
    }
    if (value->get() < 0 || static_cast<std::uint64_t>(value->get()) > most) {
        fail(key, fmt::format("{} is not in 0..{}", value->get(), most));
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(value->get());
}

void TableReader::read_time(std::string_view key, Duration& out, double nanos) {
    const toml::node* const node = take(key);
    if (node == nullptr) {
        return;
    }
    const std::optional<double> value = node->value<double>();
    // A day: nothing that a drive does takes longer.
    constexpr double kMost = 86400e9;
    if (!value || !(*value >= 0) || *value * nanos > kMost) {
        fail(key, "not a time between nothing and a day");
    } else {
        out = Duration(std::llround(*value * nanos));
    }
}

void TableReader::finish() const {
    for (const auto& [key, node] : *table_) {
        if (!taken_.contains(key.str())) {
            fail(key.str(), "no such key");
        }
    }
}

}  // namespace kiln::harness
