// MODE SENSE (10), MODE SELECT (10), MODE SENSE (6) where the bridge lets it through.

#include <algorithm>
#include <array>

#include "mmc/bytes.h"
#include "mmc/commands/primary.h"

#include "harness/sim/commands/masked.h"
#include "harness/sim/commands/table.h"

namespace kiln::harness {

namespace {

constexpr std::uint8_t kWriteParameters = 0x05;
constexpr std::uint8_t kCapabilities = 0x2A;
constexpr std::uint8_t kAllPages = 0x3F;
constexpr std::size_t kHeader10 = 8;

/// Page 2Ah: lock, buffer, speeds as they are now.
void refresh_capabilities(std::vector<std::uint8_t>& page, const DriveState& drive) {
    const auto put = [&](std::size_t at, std::uint32_t value) {
        if (at + 2 <= page.size()) {
            mmc::store_big_endian<std::uint16_t>(
                page, at, 2, static_cast<std::uint16_t>(std::min<std::uint32_t>(value, 0xFFFF)));
        }
    };
    if (page.size() > 6) {
        page[6] = static_cast<std::uint8_t>((page[6] & ~2U) | (drive.locked ? 2U : 0U));
    }
    put(12, drive.personality->buffer_bytes / 1024);
    const MediumSupport* const support = support_in(drive);
    const SpeedEntry* const speed = write_speed(drive);
    constexpr std::size_t kWithList = 32;
    if (page.size() < kWithList || support == nullptr) {
        return;  // an MMC-1 page; or what the drive can do with its best medium
    }
    page.resize(kWithList);
    std::uint16_t count = 0;
    if (support != nullptr && support->writes && drive.personality->behaviour.lists_write_speeds) {
        for (const SpeedEntry& entry : support->write_speeds) {
            if (entry.listed) {
                const std::size_t at = page.size();
                page.resize(at + 4);
                put(at + 2, entry.kilobytes_per_second);
                ++count;
            }
        }
    }
    put(18, support == nullptr || support->write_speeds.empty()
                ? 0
                : support->write_speeds.front().kilobytes_per_second);
    put(20, speed == nullptr ? 0 : speed->kilobytes_per_second);
    put(28, speed == nullptr ? 0 : speed->kilobytes_per_second);
    put(30, count);
    page[1] = static_cast<std::uint8_t>(page.size() - 2);
}

std::vector<std::uint8_t> page_value(const DriveState& drive, std::size_t index,
                                     mmc::PageControl control) {
    const ModePage& page = drive.personality->mode_pages[index];
    std::vector<std::uint8_t> bytes = control == mmc::PageControl::Changeable ? page.changeable
                                      : control == mmc::PageControl::Default  ? page.defaults
                                                                              : drive.pages[index];
    if (page.code == kCapabilities && control != mmc::PageControl::Changeable) {
        refresh_capabilities(bytes, drive);
    }
    mask_page(page.code, bytes);
    return bytes;
}

/// The pages asked for; false if there is none such.
bool gather_pages(const DriveState& drive, std::uint8_t code, mmc::PageControl control,
                  std::vector<std::uint8_t>& out) {
    bool found = false;
    for (std::size_t i = 0; i < drive.personality->mode_pages.size(); ++i) {
        const std::uint8_t each = drive.personality->mode_pages[i].code;
        if (is_masked_page(each) || (code != kAllPages && code != each)) {
            continue;
        }
        const std::vector<std::uint8_t> page = page_value(drive, i, control);
        out.insert(out.end(), page.begin(), page.end());
        found = true;
    }
    return found || code == kAllPages;
}

/// Medium type of the header, as drives give it; 70h: nothing in, 71h: tray open.
std::uint8_t medium_type(const DriveState& drive) {
    if (drive.tray == TrayState::Open) {
        return 0x71;
    }
    return drive.medium ? 0x00 : 0x70;
}

void begin_mode_sense_10(DriveState& drive, mmc::ByteView cdb, Instant) {
    const auto command = decode_or_fail<mmc::ModeSense10>(drive, cdb);
    if (!command) {
        return;
    }
    if (command->page_control == mmc::PageControl::Saved) {
        fail(drive, verdicts::kSavingNotSupported);
        return;
    }
    std::vector<std::uint8_t> bytes(kHeader10);
    const bool subpage = command->subpage_code != 0 && command->subpage_code != 0xFF;
    if (subpage || !gather_pages(drive, command->page_code, command->page_control, bytes)) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    bytes[2] = medium_type(drive);
    mmc::store_big_endian<std::uint16_t>(bytes, 0, 2, static_cast<std::uint16_t>(bytes.size() - 2));
    answer(drive, std::move(bytes), command->allocation_length);
}

void begin_mode_sense_6(DriveState& drive, mmc::ByteView cdb, Instant) {
    if (!drive.personality->link.answers_mode_sense_6) {
        fail(drive, verdicts::kInvalidOpcode);
        return;
    }
    constexpr std::size_t kHeader6 = 4;
    std::vector<std::uint8_t> bytes(kHeader6);
    const auto control = static_cast<mmc::PageControl>(cdb[2] >> 6U);
    if (control == mmc::PageControl::Saved) {
        fail(drive, verdicts::kSavingNotSupported);
        return;
    }
    if (!gather_pages(drive, cdb[2] & 0x3FU, control, bytes) || bytes.size() > 256) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    bytes[0] = static_cast<std::uint8_t>(bytes.size() - 1);
    bytes[1] = medium_type(drive);
    answer(drive, std::move(bytes), cdb[4]);
}

void begin_mode_select(DriveState& drive, mmc::ByteView cdb, Instant) {
    const auto command = decode_or_fail<mmc::ModeSelect10>(drive, cdb);
    if (!command) {
        return;
    }
    if (!command->page_format || command->save_pages) {
        fail(drive, verdicts::kInvalidField);
        return;
    }
    expect(drive, command->parameter_list_length);
}

/// Without a medium any type that some medium takes will do.
Verdict check_write_mode(const DriveState& drive, const WriteMode& mode) {
    if (drive.medium && support_in(drive) != nullptr) {
        const bool unused_test =
            mode.test_write && family_in(drive).uses_write_mode() && !support_in(drive)->simulates;
        return unused_test ? verdicts::kInvalidParameter
                           : family_in(drive).accepts(*drive.medium, mode);
    }
    return mode.write_type <= 2 ? verdicts::kGood : verdicts::kInvalidParameter;
}

/// One page of a MODE SELECT. Bits that cannot be changed have to be as they are; those of page 05h
/// are judged by the medium instead, because programs build that page from nothing.
Verdict select_page(DriveState& drive, mmc::ByteView page) {
    const std::uint8_t code = page[0] & 0x3FU;
    const auto& pages = drive.personality->mode_pages;
    const auto found = std::ranges::find(pages, code, &ModePage::code);
    if (found == pages.end() || is_masked_page(code)) {
        return verdicts::kInvalidParameter;
    }
    const auto index = static_cast<std::size_t>(found - pages.begin());
    if (page.size() != found->defaults.size()) {
        return verdicts::kParameterListLength;
    }
    if (code == kWriteParameters) {
        const WriteMode mode = read_write_mode(page);
        if (const Verdict verdict = check_write_mode(drive, mode); !verdict.good()) {
            return verdict;
        }
        drive.mode = mode;
    } else {
        const std::vector<std::uint8_t> current =
            page_value(drive, index, mmc::PageControl::Current);
        for (std::size_t i = 2; i < page.size(); ++i) {
            const unsigned fixed = ~unsigned{found->changeable[i]} & 0xFFU;
            if (((page[i] ^ current[i]) & fixed) != 0) {
                return verdicts::kInvalidParameter;
            }
        }
    }
    drive.pages[index].assign(page.begin(), page.end());
    drive.pages[index][0] = found->defaults[0];
    return verdicts::kGood;
}

void finish_mode_select(DriveState& drive, Instant) {
    const mmc::ByteView list = drive.command.data;
    if (list.empty()) {
        return;
    }
    if (list.size() < kHeader10) {
        fail(drive, verdicts::kParameterListLength);
        return;
    }
    if (mmc::load_big_endian<std::uint16_t>(list, 6, 2) != 0) {
        fail(drive, verdicts::kInvalidParameter);  // block descriptors: MMC drives have none
        return;
    }
    std::size_t at = kHeader10;
    while (at < list.size()) {
        if (at + 2 > list.size() || at + 2 + list[at + 1] > list.size()) {
            fail(drive, verdicts::kParameterListLength);
            return;
        }
        const std::size_t size = std::size_t{2} + list[at + 1];
        if (const Verdict verdict = select_page(drive, list.subspan(at, size)); !verdict.good()) {
            fail(drive, verdict);
            return;
        }
        at += size;
    }
}

constexpr std::array kCommands{
    CommandEntry{0x1A, 6, {.no_operation = false}, begin_mode_sense_6, nullptr},
    CommandEntry{0x55, 10, {}, begin_mode_select, finish_mode_select},
    CommandEntry{0x5A, 10, {.no_operation = false}, begin_mode_sense_10, nullptr},
};

}  // namespace

WriteMode read_write_mode(mmc::ByteView page) {
    WriteMode mode;
    mode.write_type = page[2] & 0x0FU;
    mode.buffer_underrun_free = (page[2] & 0x40U) != 0;
    mode.link_size_valid = (page[2] & 0x20U) != 0;
    mode.test_write = (page[2] & 0x10U) != 0;
    mode.multi_session = static_cast<std::uint8_t>(page[3] >> 6U);
    mode.fixed_packet = (page[3] & 0x20U) != 0;
    mode.track_mode = page[3] & 0x0FU;
    mode.data_block_type = page[4] & 0x0FU;
    mode.link_size = page[5];
    mode.packet_size = mmc::load_big_endian<std::uint32_t>(page, 10, 4);
    return mode;
}

std::span<const CommandEntry> mode_commands() {
    return kCommands;
}

}  // namespace kiln::harness
