/// \file
/// A drive to test with, and a host that sends it commands as bytes.

#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "harness/sim/fake_drive.h"
#include "harness/sim/medium_store.h"
#include "harness/sim/personality.h"

namespace kiln::harness::testing {

using namespace std::chrono_literals;

/// A drive that writes everything, with round numbers.
inline Personality test_personality() {
    Personality drive;
    drive.name = "test";
    drive.identity = {.vendor = "KILN",
                      .product = "TEST DRIVE",
                      .revision = "1.00",
                      .serial = "KILN0001",
                      .vendor_specific = {}};
    drive.link.bytes_per_second = 40'000'000;
    drive.link.max_transfer = 65536;
    drive.profiles = {0x0043, 0x0042, 0x0041, 0x0040, 0x002B, 0x001B, 0x001A, 0x0016, 0x0015,
                      0x0014, 0x0013, 0x0012, 0x0011, 0x0010, 0x000A, 0x0009, 0x0008, 0x0002};
    drive.features = {
        {.code = 0x0001, .version = 2, .persistent = true, .data = {0, 0, 0, 8, 3, 0, 0, 0}},
        {.code = 0x0003, .version = 1, .persistent = true, .data = {0x39, 0, 0, 0}},
        {.code = 0x0010, .version = 0, .data = {0, 0, 8, 0, 0, 16, 1, 0}},
        {.code = 0x001E, .version = 2, .data = {0x83, 0, 0, 0}},
        {.code = 0x001F, .version = 2, .data = {1, 0, 1, 0}},
        {.code = 0x0020, .version = 1, .data = {0, 0, 0, 0, 0, 0, 8, 0, 0, 16, 1, 0}},
        {.code = 0x0021, .version = 3, .data = {0xFF, 0xFF, 0x03, 1, 16, 0, 0, 0}},
        {.code = 0x0023, .version = 1, .data = {0x0F, 0, 0, 0, 1, 0, 0, 0}},
        {.code = 0x0025, .version = 0, .data = {0, 0, 8, 0, 0, 32, 1, 0}},
        {.code = 0x002A, .version = 0, .data = {1, 0, 0, 0}},
        {.code = 0x002B, .version = 0, .data = {1, 0, 0, 0}},
        {.code = 0x002C, .version = 0, .data = {3, 0, 0, 0}},
        {.code = 0x002D, .version = 2, .data = {0x5F, 0, 0x7F, 0xFF}},
        {.code = 0x002E, .version = 1, .data = {0x6F, 0, 0x0B, 0xB8}},
        {.code = 0x002F, .version = 2, .data = {0x4E, 0, 0, 0}},
        {.code = 0x0035, .version = 0, .data = {}},
        {.code = 0x0038, .version = 0, .data = {0, 0, 0, 0}},
        {.code = 0x003B, .version = 0, .data = {1, 0, 0, 0}},
        {.code = 0x0040, .version = 1, .data = std::vector<std::uint8_t>(28)},
        {.code = 0x0041, .version = 1, .data = std::vector<std::uint8_t>(20)},
        {.code = 0x0105, .version = 1, .persistent = true, .data = {0, 0, 0, 0}},
    };
    std::vector<std::uint8_t> page5(52);
    page5[0] = 0x85;
    page5[1] = 0x32;
    page5[2] = 0x41;  // BUFE, track at once
    page5[3] = 0xC4;  // more sessions, data
    page5[4] = 8;
    page5[15] = 0x96;
    std::vector<std::uint8_t> page2a(32);
    page2a[0] = 0xAA;
    page2a[1] = 30;
    page2a[2] = 0x3F;
    page2a[3] = 0x37;
    page2a[4] = 0xF1;
    page2a[5] = 0x77;
    page2a[6] = 0x29;
    page2a[7] = 0x23;
    drive.mode_pages = {
        {.code = 0x01,
         .defaults = {0x81, 0x0A, 0x80, 0x10, 0, 0, 0, 0, 0x10, 0, 0, 0},
         .changeable = {0x01, 0x0A, 0xFF, 0xFF, 0, 0, 0, 0, 0xFF, 0, 0, 0}},
        {.code = 0x05, .defaults = page5, .changeable = std::vector<std::uint8_t>(52, 0xFF)},
        {.code = 0x2A, .defaults = page2a, .changeable = std::vector<std::uint8_t>(32)},
    };
    drive.buffer_bytes = 2 * 1024 * 1024;
    drive.load = 2s;
    drive.eject = 1s;
    drive.behaviour.test_unit_ready_while_closing = ReadyWhileClosing::NotReady020407;
    for (const MediumFacts& facts : all_media()) {
        if (facts.kind == MediumKind::None) {
            continue;
        }
        const std::uint32_t unit = facts.family == MediumFamily::Cd    ? 176
                                   : facts.family == MediumFamily::Dvd ? 1385
                                                                       : 4496;
        MediumSupport support;
        support.kind = facts.kind;
        support.writes = facts.writable;
        support.simulates = facts.family != MediumFamily::Bd;
        support.buffer_bytes = 1024 * 1024;
        support.write_speeds = {{.kilobytes_per_second = unit * 8, .zones = {}},
                                {.kilobytes_per_second = unit * 4, .zones = {}}};
        support.read_speeds = {{.kilobytes_per_second = unit * 8, .zones = {}}};
        support.timings = {.spin_up = 3s,
                           .opc = 2s,
                           .lead_in = 1s,
                           .flush = 500ms,
                           .close_track = 4s,
                           .close_session = 20s,
                           .finalize = 25s,
                           .blank_fast = 30s,
                           .blank_full = 600s,
                           .format_quick = 40s,
                           .format_full = 3600s,
                           .relink = 200ms,
                           .seek = 100ms,
                           .media_error = 7s};
        drive.media.push_back(support);
    }
    return drive;
}

/// Sends commands to a drive and lets the time pass that they take.
class Host {
public:
    explicit Host(MediumKind kind, Personality personality = test_personality(),
                  std::uint32_t blocks = 0)
        : drive_(std::make_shared<const Personality>(std::move(personality))) {
        if (kind != MediumKind::None) {
            drive_.insert_ready(fresh_medium(kind, blocks), make_memory_store(), now_);
        } else {
            send("03 00 00 00 12 00");  // takes the power-on attention
        }
    }

    /// "good", or "5/24/00".
    std::string send(std::string_view cdb, mmc::ByteView out = {}) {
        const std::vector<std::uint8_t> bytes = mmc::from_hex(cdb);
        const Intent intent = drive_.begin(bytes, now_);
        intent_ = intent;
        now_ = intent.ready;
        in_.assign(intent.direction == Direction::In ? intent.bytes : 0, 0xEE);
        if (intent.direction == Direction::Out) {
            drive_.take(out);
        } else if (intent.direction == Direction::In) {
            in_.resize(drive_.give(in_));
        }
        ending_ = drive_.end(now_);
        now_ = ending_.at;
        return words();
    }

    std::string send_hex(std::string_view cdb, std::string_view out) {
        return send(cdb, mmc::from_hex(out));
    }

    std::string write(std::int32_t lba, std::uint32_t count, std::uint8_t fill = 0x5A) {
        std::vector<std::uint8_t> cdb = mmc::from_hex("2a 00 00 00 00 00 00 00 00 00");
        mmc::store_big_endian<std::uint32_t>(cdb, 2, 4, static_cast<std::uint32_t>(lba));
        mmc::store_big_endian<std::uint16_t>(cdb, 7, 2, static_cast<std::uint16_t>(count));
        const std::vector<std::uint8_t> data(std::size_t{count} * 2048, fill);
        return send(mmc::to_hex(cdb), data);
    }

    std::string read(std::int32_t lba, std::uint32_t count) {
        std::vector<std::uint8_t> cdb = mmc::from_hex("28 00 00 00 00 00 00 00 00 00");
        mmc::store_big_endian<std::uint32_t>(cdb, 2, 4, static_cast<std::uint32_t>(lba));
        mmc::store_big_endian<std::uint16_t>(cdb, 7, 2, static_cast<std::uint16_t>(count));
        return send(mmc::to_hex(cdb));
    }

    /// Mode page 05h with these bytes 2 to 5 and a packet size of 16 where FP is set.
    std::string select(std::uint8_t type, std::uint8_t mode, std::uint8_t block_type = 8,
                       std::uint8_t link = 0) {
        std::vector<std::uint8_t> list(60);
        list[8] = 0x05;
        list[9] = 0x32;
        list[10] = type;
        list[11] = mode;
        list[12] = block_type;
        list[13] = link;
        list[21] = (mode & 0x20U) != 0 ? 16 : 0;
        list[23] = 0x96;
        return send("55 10 00 00 00 00 00 00 3c 00", list);
    }

    /// The answer of the last command from byte `at` on, as hex.
    [[nodiscard]] std::string bytes(std::size_t at, std::size_t count) const {
        return at + count > in_.size() ? "too short"
                                       : mmc::to_hex(mmc::ByteView(in_).subspan(at, count));
    }
    [[nodiscard]] std::uint32_t number(std::size_t at, std::size_t width) const {
        return at + width > in_.size() ? 0xDEADBEEF
                                       : mmc::load_big_endian<std::uint32_t>(in_, at, width);
    }
    /// Disc status and state of the last session, "1/1".
    std::string disc() {
        if (const std::string status = send("51 00 00 00 00 00 00 00 22 00"); status != "good") {
            return status;
        }
        return std::to_string(in_[2] & 3) + "/" + std::to_string((in_[2] >> 2) & 3);
    }
    /// NWA of the track with this number (FFh: the open one); -1 where NWA_V is 0.
    std::int64_t next_writable(unsigned track) {
        std::vector<std::uint8_t> cdb = mmc::from_hex("52 01 00 00 00 00 00 00 24 00");
        cdb[5] = static_cast<std::uint8_t>(track);
        if (send(mmc::to_hex(cdb)) != "good" || (in_[7] & 1U) == 0) {
            return -1;
        }
        return number(12, 4);
    }
    void wait(Duration duration) { now_ += duration; }
    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] const std::vector<std::uint8_t>& in() const { return in_; }
    [[nodiscard]] const Ending& ending() const { return ending_; }
    [[nodiscard]] const Intent& intent() const { return intent_; }
    FakeDrive& drive() { return drive_; }
    const Medium& medium() {
        drive_.run_until(now_);
        return *drive_.view().medium;
    }

private:
    [[nodiscard]] std::string words() const {
        if (ending_.status == transports::Status::Good) {
            return "good";
        }
        const std::uint8_t key[] = {static_cast<std::uint8_t>(ending_.sense.key)};
        const std::uint8_t code[] = {ending_.sense.additional_sense_code,
                                     ending_.sense.additional_sense_code_qualifier};
        return mmc::to_hex(key).substr(1) + "/" + mmc::to_hex({code, 1}) + "/" +
               mmc::to_hex({code + 1, 1});
    }

    Instant now_{};
    FakeDrive drive_;
    std::vector<std::uint8_t> in_;
    Ending ending_;
    Intent intent_;
};

}  // namespace kiln::harness::testing
