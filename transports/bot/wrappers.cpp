#include "transports/bot/wrappers.h"

#include <algorithm>

namespace kiln::transports::bot {
namespace {

constexpr std::uint32_t kCommandSignature = 0x43425355;  // "USBC"
constexpr std::uint32_t kStatusSignature = 0x53425355;   // "USBS"
constexpr std::uint8_t kDataIn = 0x80;

void put(mmc::MutableByteView bytes, std::size_t offset, std::uint32_t value) {
    for (std::uint8_t& byte : bytes.subspan(offset, 4)) {
        byte = static_cast<std::uint8_t>(value & 0xFFU);
        value >>= 8U;
    }
}

std::uint32_t get(mmc::ByteView bytes, std::size_t offset) {
    return mmc::load_little_endian<std::uint32_t>(bytes, offset, 4);
}

int case_without_data(const Expectation& device) {
    return device.flow == Flow::None ? 1 : device.flow == Flow::In ? 2 : 3;
}

int case_of_data_in(std::uint32_t host, const Expectation& device) {
    if (device.flow != Flow::In) {
        return device.flow == Flow::None ? 4 : 8;
    }
    return host > device.bytes ? 5 : host == device.bytes ? 6 : 7;
}

int case_of_data_out(std::uint32_t host, const Expectation& device) {
    if (device.flow != Flow::Out) {
        return device.flow == Flow::None ? 9 : 10;
    }
    return host > device.bytes ? 11 : host == device.bytes ? 12 : 13;
}

/// Nothing to move is no direction.
Expectation without_empty(const Expectation& one) {
    return one.bytes == 0 ? Expectation{} : one;
}

}  // namespace

CommandBytes encode(const CommandWrapper& wrapper) {
    CommandBytes bytes{};
    const auto command = wrapper.command.bytes();
    put(bytes, 0, kCommandSignature);
    put(bytes, 4, wrapper.tag);
    put(bytes, 8, wrapper.data_transfer_length);
    bytes[12] = wrapper.flow == Flow::In ? kDataIn : 0;
    bytes[13] = wrapper.logical_unit;
    bytes[14] = static_cast<std::uint8_t>(command.size());
    std::ranges::copy(command, bytes.begin() + 15);
    return bytes;
}

Result<CommandWrapper, CommandDefect> decode_command(mmc::ByteView bytes) {
    const auto defect = [](CommandDefect which) { return tl::make_unexpected(which); };
    if (bytes.size() != kCommandWrapperSize) {
        return defect(CommandDefect::Size);
    }
    if (get(bytes, 0) != kCommandSignature) {
        return defect(CommandDefect::Signature);
    }
    const std::uint8_t flags = bytes[12];
    const std::uint8_t length = bytes[14];
    if ((flags & 0x7FU) != 0 || (bytes[13] & 0xF0U) != 0 || (length & 0xE0U) != 0) {
        return defect(CommandDefect::Reserved);
    }
    if (length == 0 || length > mmc::Cdb::kMaxSize) {
        return defect(CommandDefect::Length);
    }
    const std::uint32_t data = get(bytes, 8);
    return CommandWrapper{.tag = get(bytes, 4),
                          .data_transfer_length = data,
                          .flow = data == 0          ? Flow::None
                                  : flags == kDataIn ? Flow::In
                                                     : Flow::Out,
                          .logical_unit = bytes[13],
                          .command = mmc::Cdb::copy_of(bytes.subspan(15, length))};
}

StatusBytes encode(const StatusWrapper& wrapper) {
    StatusBytes bytes{};
    put(bytes, 0, kStatusSignature);
    put(bytes, 4, wrapper.tag);
    put(bytes, 8, wrapper.data_residue);
    bytes[12] = wrapper.status;
    return bytes;
}

Result<StatusWrapper, StatusDefect> decode_status(mmc::ByteView bytes, const CommandWrapper& sent,
                                                  StatusTolerance tolerance) {
    const auto defect = [](StatusDefect which) { return tl::make_unexpected(which); };
    if (bytes.size() != kStatusWrapperSize) {
        return defect(StatusDefect::Size);
    }
    const StatusWrapper status{
        .tag = get(bytes, 4), .data_residue = get(bytes, 8), .status = bytes[12]};
    if (get(bytes, 0) != kStatusSignature && !tolerance.any_signature) {
        return defect(StatusDefect::Signature);
    }
    if (status.tag != sent.tag && !tolerance.any_tag) {
        return defect(StatusDefect::Tag);
    }
    if (status.status > kPhaseError) {
        return defect(StatusDefect::Status);
    }
    // With a phase error the residue means nothing.
    const bool too_large = status.data_residue > sent.data_transfer_length;
    if (too_large && status.status != kPhaseError && !tolerance.any_residue) {
        return defect(StatusDefect::Residue);
    }
    return status;
}

std::uint32_t residue_in(mmc::ByteView status) {
    return status.size() == kStatusWrapperSize ? get(status, 8) : 0;
}

std::string_view words_for(StatusDefect defect) {
    switch (defect) {
        case StatusDefect::Size:
            return "has a wrong length";
        case StatusDefect::Signature:
            return "has a wrong signature";
        case StatusDefect::Tag:
            return "has another command's tag";
        case StatusDefect::Status:
            return "has a status that there is not";
        case StatusDefect::Residue:
            return "has a residue larger than the transfer";
    }
    return "is wrong";
}

int case_number(const Expectation& host, const Expectation& device) {
    const Expectation wants = without_empty(device);
    switch (without_empty(host).flow) {
        case Flow::None:
            return case_without_data(wants);
        case Flow::In:
            return case_of_data_in(host.bytes, wants);
        case Flow::Out:
            break;
    }
    return case_of_data_out(host.bytes, wants);
}

bool is_phase_error(int case_number) {
    constexpr std::array<int, 6> kCases{2, 3, 7, 8, 10, 13};
    return std::ranges::find(kCases, case_number) != kCases.end();
}

}  // namespace kiln::transports::bot
