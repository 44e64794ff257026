#include "mmc/responses/explain.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/hex.h"
#include "mmc/layout.h"
#include "mmc/responses/catalog.h"
#include "mmc/responses/toc.h"

namespace kiln::mmc::explain {
namespace {

constexpr std::string_view kHighByte = "_msb";

std::string two_digits(unsigned number) {
    const std::string text = std::to_string(number);
    return text.size() < 2 ? "0" + text : text;
}

}  // namespace

std::string hex_of(ByteView bytes) {
    std::string text = to_hex(bytes);
    std::erase(text, ' ');
    return text;
}

std::string hex_number(std::uint64_t value, unsigned digits) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string text;
    for (; value != 0 || text.size() < digits; value >>= 4U) {
        text += kDigits[value & 0xFU];
    }
    std::ranges::reverse(text);
    return text.empty() ? "0" : text;
}

std::string msf_text(Msf msf) {
    return std::to_string(msf.minute) + ':' + two_digits(msf.second) + ':' + two_digits(msf.frame);
}

void Fields::add(std::string_view name, std::int64_t value, std::string_view words) {
    list_.push_back({.name = prefix_ + std::string(name), .value = value, .words = words});
}

void Fields::add_text(std::string_view name, std::string value, std::string_view words) {
    list_.push_back(
        {.name = prefix_ + std::string(name), .value = std::move(value), .words = words});
}

void Fields::add_list(std::string_view name, std::vector<std::string> values) {
    list_.push_back({.name = prefix_ + std::string(name), .value = std::move(values), .words = {}});
}

void Fields::add_all(FieldList fields) {
    std::ranges::move(fields, std::back_inserter(list_));
}

void Fields::rows(std::span<const Row> rows, const void* value, std::size_t received) {
    const std::size_t begin = list_.size();
    for (const Row& row : rows) {
        if (row.end() > received) {
            continue;
        }
        const std::int64_t number = row.get(value);
        if (!row.name.ends_with(kHighByte)) {
            add(row.name, number, word_for(row, number));
            continue;
        }
        const auto low =
            prefix_ + std::string(row.name.substr(0, row.name.size() - kHighByte.size()));
        const auto found =
            std::find_if(list_.begin() + static_cast<std::ptrdiff_t>(begin), list_.end(),
                         [&](const Field& field) { return field.name == low; });
        if (found != list_.end()) {
            std::get<std::int64_t>(found->value) |= number * 0x100;
        }
    }
}

void Fields::as_hex(std::string_view name, unsigned digits) {
    const auto full = prefix_ + std::string(name);
    for (Field& field : list_) {
        const auto* number = std::get_if<std::int64_t>(&field.value);
        if (field.name == full && number != nullptr) {
            auto text = hex_number(static_cast<std::uint64_t>(*number), digits);
            std::ranges::transform(text, text.begin(), [](char digit) {
                return digit >= 'A' ? static_cast<char>(digit - 'A' + 'a') : digit;
            });
            field.value = std::move(text);
        }
    }
}

ExplainError error_of(DecodeError error) {
    return error == DecodeError::TooShort ? ExplainError::TooShort : ExplainError::WrongType;
}

}  // namespace kiln::mmc::explain
