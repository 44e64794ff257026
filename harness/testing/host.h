/// \file
/// A host that sends a fake drive commands as bytes, without a transport in between.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mmc/hex.h"

#include "harness/sim/fake_drive.h"
#include "harness/sim/medium_store.h"
#include "harness/testing/test_personality.h"

namespace kiln::harness::testing {

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
