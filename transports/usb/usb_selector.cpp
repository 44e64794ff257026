#include "transports/usb/usb_selector.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace kiln::transports {
namespace {

constexpr std::string_view kForms = "BUS-PORT[.PORT...] or VID:PID[:SERIAL]";

bool is_number(std::string_view text) {
    constexpr std::size_t kMostDigits = 3;
    return !text.empty() && text.size() <= kMostDigits &&
           text.find_first_not_of("0123456789") == std::string_view::npos && text.front() != '0';
}

/// "1-2.3", with numbers that a bus and a port can have.
bool is_port(std::string_view text) {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos || !is_number(text.substr(0, dash))) {
        return false;
    }
    std::string_view rest = text.substr(dash + 1);
    while (true) {
        const std::size_t dot = rest.find('.');
        if (!is_number(rest.substr(0, dot))) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        rest.remove_prefix(dot + 1);
    }
}

std::optional<std::uint16_t> hex_of(std::string_view text) {
    constexpr std::size_t kDigits = 4;
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    const bool whole = text.size() == kDigits && end == text.data() + text.size();
    return whole && error == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<UsbIdentity> identity_of(std::string_view text) {
    const std::size_t first = text.find(':');
    if (first == std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t second = text.find(':', first + 1);
    const auto vendor = hex_of(text.substr(0, first));
    const bool has_serial = second != std::string_view::npos;
    const auto product =
        hex_of(text.substr(first + 1, has_serial ? second - first - 1 : std::string_view::npos));
    if (!vendor || !product) {
        return std::nullopt;
    }
    const std::string serial(has_serial ? text.substr(second + 1) : std::string_view());
    return UsbIdentity{.vendor = *vendor, .product = *product, .serial = serial};
}

/// "quirk=NAME" or "quirk=!NAME".
Result<void, std::string> add_option(UsbSelector& selector, std::string_view option) {
    constexpr std::string_view kKey = "quirk=";
    if (!option.starts_with(kKey)) {
        return tl::make_unexpected(fmt::format("'{}' is not quirk=NAME or quirk=!NAME", option));
    }
    option.remove_prefix(kKey.size());
    const bool off = option.starts_with('!');
    const auto quirk = quirk_named(off ? option.substr(1) : option);
    if (!quirk) {
        std::string names;
        for (const Quirk one : kAllQuirks) {
            names += names.empty() ? "" : ", ";
            names += name_of(one);
        }
        return tl::make_unexpected(fmt::format("there is no quirk '{}' ({})", option, names));
    }
    (off ? selector.removed : selector.added).add(*quirk);
    return {};
}

}  // namespace

Result<UsbSelector, std::string> parse_usb_selector(std::string_view text) {
    const std::size_t comma = text.find(',');
    const std::string_view where = text.substr(0, comma);
    UsbSelector selector;
    if (is_port(where)) {
        selector.which = UsbPort{std::string(where)};
    } else if (auto identity = identity_of(where)) {
        selector.which = *std::move(identity);
    } else {
        return tl::make_unexpected(fmt::format("'{}' is not {}", where, kForms));
    }
    std::string_view rest = comma == std::string_view::npos ? "" : text.substr(comma + 1);
    bool more = comma != std::string_view::npos;
    while (more) {
        const std::size_t end = rest.find(',');
        KILN_RETURN_IF_ERROR(add_option(selector, rest.substr(0, end)));
        more = end != std::string_view::npos;
        rest = more ? rest.substr(end + 1) : std::string_view();
    }
    return selector;
}

}  // namespace kiln::transports
