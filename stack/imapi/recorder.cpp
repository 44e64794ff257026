#include "stack/imapi/recorder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "mmc/bytes.h"
#include "mmc/cdb.h"

#include "transports/transport.h"

#include "stack/failure_codes.h"
#include "stack/hresult.h"
#include "stack/imapi/exclusive_access.h"

namespace kiln::stack::imapi {
namespace {

constexpr std::size_t kShortest = 6;
constexpr std::size_t kLongest = mmc::Cdb::kMaxSize;

// Codes of the groups 0 and 1 that the page exempts from their group's length.
constexpr std::array<std::uint8_t, 22> kExempt = {0x02, 0x05, 0x06, 0x09, 0x0C, 0x0D, 0x0E, 0x0F,
                                                  0x10, 0x13, 0x14, 0x19, 0x20, 0x21, 0x22, 0x23,
                                                  0x24, 0x26, 0x27, 0x29, 0x2C, 0x2D};

/// By bits 7 to 5 of the operation code; nothing: any.
std::optional<std::size_t> length_of_group(std::uint8_t opcode) {
    constexpr std::array<std::size_t, 8> kLengths = {6, 10, 10, 0, 16, 12, 0, 0};
    const std::size_t length = kLengths.at(opcode >> 5U);
    return length == 0 ? std::nullopt : std::optional(length);
}

HResult code_of_status(transports::Status status) {
    switch (status) {
        case transports::Status::Good:
            return HResult::Ok;
        case transports::Status::CheckCondition:
            return HResult::CommandHasSenseData;
        case transports::Status::Busy:
        case transports::Status::TaskSetFull:
            return HResult::MediaBusy;
        case transports::Status::ReservationConflict:
            return HResult::Locked;
        case transports::Status::TaskAborted:
            break;
    }
    return HResult::Fail;
}

}  // namespace

bool cdb_length_fits(mmc::ByteView cdb) {
    if (cdb.size() < kShortest || cdb.size() > kLongest) {
        return false;
    }
    const std::uint8_t opcode = cdb[0];
    const bool exempt = std::find(kExempt.begin(), kExempt.end(), opcode) != kExempt.end();
    return exempt || cdb.size() == length_of_group(opcode).value_or(cdb.size());
}

Recorder::~Recorder() {
    while (device_.access.release(this) == HResult::Ok) {
    }
}

HResult Recorder::acquire_exclusive_access(VariantBool /*force*/, std::string_view client_name) {
    return device_.access.acquire(this, client_name);
}

HResult Recorder::release_exclusive_access() {
    return device_.access.release(this);
}

std::size_t Recorder::byte_alignment_mask() const {
    return device_.transport.limits().alignment;
}

// Our transports take any address within the alignment: the two sizes are the same.
std::size_t Recorder::maximum_non_page_aligned_transfer_size() const {
    return maximum_page_aligned_transfer_size();
}

std::size_t Recorder::maximum_page_aligned_transfer_size() const {
    return device_.transport.limits().max_transfer;
}

HResult Recorder::check_buffer(mmc::ByteView buffer) const {
    const transports::Limits limits = device_.transport.limits();
    const auto address = std::bit_cast<std::uintptr_t>(buffer.data());
    const bool fits = !buffer.empty() && buffer.size() <= limits.max_transfer &&
                      (address & (limits.alignment - 1)) == 0;
    return fits ? HResult::Ok : HResult::InvalidArgument;
}

HResult Recorder::send(mmc::ByteView cdb, SenseBuffer& sense, std::uint32_t timeout,
                       transports::DataPhase data, std::size_t& moved) {
    sense.fill(0);
    moved = 0;
    if (!cdb_length_fits(cdb) || timeout == 0) {
        return HResult::InvalidArgument;
    }
    const DriveUse use(device_.access, this);
    if (use.code() != HResult::Ok) {
        return use.code();
    }
    // What the command does is not known here: a time-out must not reset what it began.
    const auto done = device_.transport.execute({.cdb = mmc::Cdb::copy_of(cdb),
                                                 .data = data,
                                                 .timeout = std::chrono::seconds(timeout),
                                                 .guard = transports::Guard::NeverReset});
    if (!done) {
        return code_of(done.error().kind);
    }
    moved = done->moved;
    if (done->status == transports::Status::CheckCondition) {
        const mmc::ByteView raw = done->sense.bytes();
        std::copy_n(raw.begin(), std::min(raw.size(), sense.size()), sense.begin());
    }
    return code_of_status(done->status);
}

HResult Recorder::send_command_no_data(mmc::ByteView cdb, SenseBuffer& sense,
                                       std::uint32_t timeout) {
    std::size_t moved = 0;
    return send(cdb, sense, timeout, transports::NoData{}, moved);
}

HResult Recorder::send_command_send_data_to_device(mmc::ByteView cdb, SenseBuffer& sense,
                                                   std::uint32_t timeout, mmc::ByteView buffer) {
    const HResult code = check_buffer(buffer);
    std::size_t moved = 0;
    return code != HResult::Ok ? code
                               : send(cdb, sense, timeout, transports::DataOut{buffer}, moved);
}

HResult Recorder::send_command_get_data_from_device(mmc::ByteView cdb, SenseBuffer& sense,
                                                    std::uint32_t timeout,
                                                    mmc::MutableByteView buffer,
                                                    std::size_t& fetched) {
    fetched = 0;
    const HResult code = check_buffer(buffer);
    return code != HResult::Ok ? code
                               : send(cdb, sense, timeout, transports::DataIn{buffer}, fetched);
}

}  // namespace kiln::stack::imapi
