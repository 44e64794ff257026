#include "tools/libkiln/address.h"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace kiln::tools {
namespace {

constexpr std::string_view kForms = "sg:/dev/sr0, usb:BUS-PORT, sim:MEDIUM or sim:PATH/";

/// Transports of the contract that are not built in, by the form of their addresses.
constexpr std::array<std::string_view, 2> kMissing{"spti", "replay"};

Result<Address, OpenError> parse_sg(std::string_view path) {
    if (!path.starts_with('/')) {
        return tl::make_unexpected(OpenError{OpenError::Kind::WrongUsage,
                                             "a device file is named in full, like sg:/dev/sr0"});
    }
    return SgAddress{std::string(path)};
}

Result<Address, OpenError> parse_usb(std::string_view rest) {
    return transports::parse_usb_selector(rest)
        .map([&](transports::UsbSelector selector) {
            return Address(UsbAddress{std::string(rest), std::move(selector)});
        })
        .map_error([](std::string what) {
            return OpenError{OpenError::Kind::WrongUsage, std::move(what)};
        });
}

}  // namespace

OpenError open_error_from(const harness::SimError& error) {
    using From = harness::SimError::Kind;
    switch (error.kind) {
        case From::Usage:
            return {OpenError::Kind::WrongUsage, error.detail};
        case From::NoSuch:
        case From::Damaged:
        case From::Exists:
            return {OpenError::Kind::NoSuch, error.detail};
        case From::InUse:
            return {OpenError::Kind::InUse, error.detail};
        case From::NotPermitted:
            return {OpenError::Kind::NotPermitted, error.detail};
        case From::Failed:
            break;
    }
    return {OpenError::Kind::Failed, error.detail};
}

Result<Address, OpenError> parse_address(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view form = text.substr(0, colon);
    if (colon == std::string_view::npos) {
        return tl::make_unexpected(
            OpenError{OpenError::Kind::NoSuch, fmt::format("not a drive's address ({})", kForms)});
    }
    if (form == "sim") {
        return harness::parse_sim_address(text)
            .map([](harness::SimAddress address) { return Address(std::move(address)); })
            .map_error(open_error_from);
    }
    if (form == "sg") {
        return parse_sg(text.substr(colon + 1));
    }
    if (form == "usb") {
        return parse_usb(text.substr(colon + 1));
    }
    for (const std::string_view missing : kMissing) {
        if (form == missing) {
            return tl::make_unexpected(OpenError{
                OpenError::Kind::NoSuch, fmt::format("this build has no {} transport", missing)});
        }
    }
    return tl::make_unexpected(OpenError{
        OpenError::Kind::NoSuch, fmt::format("there is no transport '{}' ({})", form, kForms)});
}

}  // namespace kiln::tools
