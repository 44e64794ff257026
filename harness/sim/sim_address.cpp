#include "harness/sim/sim_address.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace kiln::harness {

namespace {

template <typename T>
using SimResult = mmc::Result<T, SimError>;

constexpr std::string_view kScheme = "sim:";

auto usage(std::string what) {
    return tl::make_unexpected(SimError{.kind = SimError::Kind::Usage, .detail = std::move(what)});
}

/// "%2c" stands for a comma, which would begin the options; nothing else is escaped.
std::string unescaped(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        const std::string_view three = text.substr(0, 3);
        const bool comma = three == "%2c" || three == "%2C";
        plain += comma ? ',' : text.front();
        text.remove_prefix(comma ? 3 : 1);
    }
    return plain;
}

/// "virtual" is 0, "real" is 1, else a factor: "60" or "0.5".
std::optional<double> time_factor(std::string_view value) {
    if (value == "virtual") {
        return 0;
    }
    if (value == "real") {
        return 1;
    }
    double factor = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), factor,
                                              std::chars_format::fixed);
    constexpr double kLeast = 1e-3;
    constexpr double kMost = 1e6;
    if (error != std::errc{} || end != value.data() + value.size() ||
        !(factor >= kLeast && factor <= kMost)) {
        return std::nullopt;
    }
    return factor;
}

SimResult<void> read_option(std::string_view option, SimAddress& address,
                            std::vector<std::string_view>& keys) {
    const std::size_t equals = option.find('=');
    const std::string_view key = option.substr(0, equals);
    if (equals == std::string_view::npos || equals + 1 == option.size()) {
        return usage(fmt::format("'{}' is not KEY=VALUE", option));
    }
    const std::string_view value = option.substr(equals + 1);
    if (key != "fault" && std::find(keys.begin(), keys.end(), key) != keys.end()) {
        return usage(fmt::format("{}= stands there twice", key));
    }
    keys.push_back(key);
    if (key == "drive") {
        address.drive = value;
    } else if (key == "fault") {
        address.faults.emplace_back(value);
    } else if (key == "time") {
        const auto factor = time_factor(value);
        if (!factor) {
            return usage(
                fmt::format("time={} is neither virtual, real nor a factor from "
                            "0.001 to 1000000",
                            value));
        }
        address.time_factor = *factor;
    } else if (key == "content") {
        if (value != "keep" && value != "digest") {
            return usage(fmt::format("content={} is neither keep nor digest", value));
        }
        address.content = value == "keep" ? SimAddress::Content::Keep : SimAddress::Content::Digest;
    } else {
        return usage(fmt::format("no such key '{}'; there are drive, time, content, fault", key));
    }
    return {};
}

SimResult<void> read_place(std::string_view place, SimAddress& address) {
    if (place.find('/') != std::string_view::npos) {
        if (place.back() != '/') {
            return usage(
                fmt::format("a folder ends in a slash, and a comma in its path is "
                            "written %2c: sim:{}/",
                            place));
        }
        while (place.size() > 1 && place.back() == '/') {
            place.remove_suffix(1);
        }
        address.folder = unescaped(place);
        return {};
    }
    address.medium = medium_named(place);
    if (!address.medium) {
        return tl::make_unexpected(
            SimError{.kind = SimError::Kind::NoSuch,
                     .detail = fmt::format("no such medium '{}'; `kiln sim list` names them, and a "
                                           "folder is sim:{}/",
                                           place, place)});
    }
    return {};
}

}  // namespace

SimResult<SimAddress> parse_sim_address(std::string_view text) {
    if (!text.starts_with(kScheme)) {
        return usage("does not begin with sim:");
    }
    std::string_view rest = text.substr(kScheme.size());
    const std::string_view place = rest.substr(0, rest.find(','));
    if (place.empty()) {
        return usage("neither a medium nor a folder behind sim:");
    }
    SimAddress address;
    KILN_RETURN_IF_ERROR(read_place(place, address));
    rest.remove_prefix(place.size());
    std::vector<std::string_view> keys;
    while (!rest.empty()) {
        rest.remove_prefix(1);  // the comma
        const std::string_view option = rest.substr(0, rest.find(','));
        KILN_RETURN_IF_ERROR(read_option(option, address, keys));
        rest.remove_prefix(option.size());
    }
    return address;
}

}  // namespace kiln::harness
