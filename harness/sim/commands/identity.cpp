// INQUIRY, REPORT LUNS, REPORT KEY (region state), READ MEDIA SERIAL NUMBER.

#include <algorithm>
#include <array>
#include <string>

#include "mmc/bytes.h"
#include "mmc/commands/media.h"
#include "mmc/commands/primary.h"
#include "mmc/commands/read.h"
#include "mmc/responses/inquiry.h"
#include "mmc/responses/report_key.h"

#include "harness/sim/commands/table.h"

namespace kiln::harness {

namespace {

constexpr std::size_t kShortInquiry = 36;
constexpr std::size_t kLongInquiry = 96;

void put_text(std::vector<std::uint8_t>& bytes, std::size_t at, std::size_t width,
              const std::string& text) {
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), width, std::uint8_t{' '});
    std::copy_n(text.begin(), std::min(width, text.size()),
                bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

/// Written here and not by the reader's encoder: what drives put into bytes 2 to 4 fits no table.
std::vector<std::uint8_t> standard_inquiry(const Identity& identity) {
    std::vector<std::uint8_t> bytes(identity.vendor_specific.empty() ? kShortInquiry
                                                                     : kLongInquiry);
    bytes[0] = mmc::kMultimediaDevice;
    bytes[1] = 0x80;  // RMB
    bytes[2] = identity.version;
    bytes[3] = static_cast<std::uint8_t>((identity.byte3_upper << 4U) |
                                         (identity.response_data_format & 0x0FU));
    bytes[4] = identity.additional_length;
    put_text(bytes, 8, 8, identity.vendor);
    put_text(bytes, 16, 16, identity.product);
    put_text(bytes, 32, 4, identity.revision);
    std::ranges::copy(identity.vendor_specific, bytes.begin() + kShortInquiry);
    bytes.resize(std::max(bytes.size(), std::size_t{5} + identity.additional_length));
    return bytes;
}

void vital_product_data(DriveState& drive, std::uint8_t page, std::uint32_t allocation_length) {
    const Identity& identity = drive.personality->identity;
    const bool has_serial = !identity.serial.empty();
    switch (page) {
        case 0x00: {
            mmc::SupportedVpdPages pages{.pages = {0x00}};
            if (has_serial) {
                pages.pages.push_back(0x80);
            }
            pages.pages.push_back(0x83);
            answer(drive, *mmc::encode(pages), allocation_length);
            return;
        }
        case 0x80:
            if (has_serial) {
                answer(drive, *mmc::encode(mmc::UnitSerialNumber{.serial_number = identity.serial}),
                       allocation_length);
                return;
            }
            break;
        case 0x83: {
            std::vector<std::uint8_t> id(8 + 16);
            put_text(id, 0, 8, identity.vendor);
            put_text(id, 8, 16, identity.product);
            id.insert(id.end(), identity.serial.begin(), identity.serial.end());
            const mmc::DeviceIdentification pages{
                .designators = {{.type = mmc::DesignatorType::T10VendorId, .identifier = id}}};
            answer(drive, *mmc::encode(pages), allocation_length);
            return;
        }
        default:
            break;
    }
    fail(drive, verdicts::kInvalidField);
}

void begin_inquiry(DriveState& drive, mmc::ByteView cdb, Instant) {
    const auto command = decode_or_fail<mmc::Inquiry>(drive, cdb);
    if (!command) {
        return;
    }
    if (command->enable_vital_product_data) {
        vital_product_data(drive, command->page_code, command->allocation_length);
    } else if (command->page_code != 0) {
        fail(drive, verdicts::kInvalidField);
    } else {
        answer(drive, standard_inquiry(drive.personality->identity), command->allocation_length);
    }
}

void begin_report_luns(DriveState& drive, mmc::ByteView cdb, Instant) {
    if (const auto command = decode_or_fail<mmc::ReportLuns>(drive, cdb)) {
        std::vector<std::uint8_t> list(16);
        list[3] = 8;  // one entry: LUN 0
        answer(drive, std::move(list), command->allocation_length);
    }
}

void begin_report_key(DriveState& drive, mmc::ByteView cdb, Instant) {
    const auto command = decode_or_fail<mmc::ReportKey>(drive, cdb);
    if (!command) {
        return;
    }
    constexpr unsigned kRpcState = 0x08;
    const bool dvd = drive.personality->feature(0x001F) != nullptr;
    if (command->key_class != mmc::KeyClass::CssCppmCprm ||
        static_cast<unsigned>(command->key_format) != kRpcState || !dvd) {
        fail(drive, verdicts::kInvalidField);  // authentication is not done, nor listed
        return;
    }
    const mmc::RpcState state{.region_state = mmc::RegionState::None,
                              .vendor_resets = 4,
                              .user_changes = 5,
                              .region_mask = 0xFF,
                              .rpc_scheme = 1};
    answer(drive, *mmc::encode(state), command->allocation_length);
}

void begin_media_serial(DriveState& drive, mmc::ByteView cdb, Instant) {
    const auto command = decode_or_fail<mmc::ReadMediaSerialNumber>(drive, cdb);
    if (!command) {
        return;
    }
    if (command->service_action != 1 || drive.personality->feature(0x0109) == nullptr) {
        fail(drive,
             command->service_action != 1 ? verdicts::kInvalidField : verdicts::kInvalidOpcode);
        return;
    }
    std::vector<std::uint8_t> bytes(4 + 8);
    mmc::store_big_endian<std::uint32_t>(bytes, 0, 4, 8);
    mmc::store_big_endian<std::uint32_t>(bytes, 8, 4, drive.medium->serial);
    answer(drive, std::move(bytes), command->allocation_length);
}

constexpr Needs kAnyTime{.no_attention = false, .no_operation = false};

constexpr std::array kCommands{
    CommandEntry{0x12, 6, kAnyTime, begin_inquiry, nullptr},
    CommandEntry{0xA0, 12, kAnyTime, begin_report_luns, nullptr},
    CommandEntry{0xA4, 12, {}, begin_report_key, nullptr},
    CommandEntry{0xAB, 12, {.medium = true}, begin_media_serial, nullptr},
};

}  // namespace

std::span<const CommandEntry> identity_commands() {
    return kCommands;
}

}  // namespace kiln::harness
