// Our device, as the USB-IF's mass storage compliance tests ask it, by their numbers. 1.3 (class
// requests), 1.4 (error recovery) and 1.19 (command block length) are in host_and_device_test.cpp.

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/bytes.h"
#include "mmc/hex.h"

#include "transports/bot/wrappers.h"

#include "harness/sim/sim_address.h"
#include "harness/usb/bot_device.h"
#include "harness/usb/bot_pump.h"
#include "harness/usb/usb_descriptors.h"

namespace kiln::transports::bot {
namespace {

using harness::BotDevice;
using harness::PipeReply;
using harness::UsbIdentityCard;
using Reply = PipeReply::Kind;

constexpr std::uint32_t kBlock = 2048;
constexpr std::string_view kReady = "00 00 00 00 00 00";
constexpr std::string_view kInquiry = "12 00 00 00 24 00";
constexpr std::string_view kWriteTwo = "2a 00 00000000 00 0002 00";
constexpr std::string_view kReadTwo = "28 00 00000000 00 0002 00";

TEST(UsbIf, Td101TheInterfaceDescriptor) {
    for (const auto speed : {UsbIdentityCard::Speed::Full, UsbIdentityCard::Speed::High,
                             UsbIdentityCard::Speed::Super}) {
        const auto bytes = harness::configuration_descriptor({.speed = speed});
        ASSERT_GE(bytes.size(), 9U);
        EXPECT_EQ(mmc::load_little_endian<std::uint16_t>(bytes, 2, 2), bytes.size());
        const mmc::ByteView interface = mmc::ByteView(bytes).subspan(9);
        EXPECT_EQ(interface[1], 0x04) << "an interface descriptor";
        EXPECT_GE(interface[4], 2) << "endpoints";
        EXPECT_EQ(interface[5], 0x08) << "mass storage";
        EXPECT_GE(interface[6], 0x01);
        EXPECT_LE(interface[6], 0x06);
        EXPECT_EQ(interface[7], 0x50) << "Bulk-Only";
        bool bulk_in = false;
        bool bulk_out = false;
        for (std::size_t at = 9; at + 2 <= bytes.size(); at += bytes[at]) {
            ASSERT_GE(bytes[at], 2) << "a descriptor without end";
            if (bytes[at + 1] == 0x05 && (bytes[at + 3] & 0x03U) == 0x02) {
                ((bytes[at + 2] & 0x80U) != 0 ? bulk_in : bulk_out) = true;
            }
        }
        EXPECT_TRUE(bulk_in);
        EXPECT_TRUE(bulk_out);
    }
}

// Spec: Bulk-Only Transport 1.0, Serial Number: 12 digits at the least, 0-9 and A-F.
TEST(UsbIf, Td102TheSerialNumber) {
    const UsbIdentityCard card;
    const auto device = harness::device_descriptor(card);
    const std::uint8_t index = device.at(16);
    ASSERT_NE(index, 0);
    const auto bytes = harness::string_descriptor(card, index);
    ASSERT_GE(bytes.size(), 26U);
    EXPECT_EQ(bytes.size() % 2, 0U);
    EXPECT_EQ(bytes[0], bytes.size());
    bool all_zero = true;
    for (std::size_t at = 2; at < bytes.size(); at += 2) {
        EXPECT_EQ(bytes[at + 1], 0);
        EXPECT_TRUE(std::isdigit(bytes[at]) != 0 || (bytes[at] >= 'A' && bytes[at] <= 'F'))
            << bytes[at];
        all_zero = all_zero && (bytes[at] == '0' || bytes.size() - at > 24);
    }
    EXPECT_FALSE(all_zero) << "the last twelve";
}

/// The compliance tests' host: it sends, takes what comes, clears what halts, and reads a status.
class UsbIfHost : public ::testing::Test {
protected:
    UsbIfHost()
        : sim_(harness::open_sim(harness::parse_sim_address("sim:dvd-ram").value(), {}).value()),
          device_(sim_->drive(), sim_->personality().link, {}) {
        // The power-on unit attentions are 1.18's.
        for (int i = 0; i < 3; ++i) {
            (void)command(kReady, Flow::None, 0);
        }
    }

    struct Status {
        bool whole = false;  // 13 bytes with the signature and the tag
        std::uint32_t residue = 0;
        std::uint8_t status = 0xFF;
    };
    Status command(std::string_view cdb, Flow flow, std::uint32_t bytes) {
        const CommandWrapper wrapper{.tag = ++tag_,
                                     .data_transfer_length = bytes,
                                     .flow = flow,
                                     .command = mmc::Cdb::copy_of(mmc::from_hex(cdb))};
        EXPECT_EQ(device_.out(encode(wrapper), now_).kind, Reply::Done);
        space_.assign(bytes, 0);
        for (std::uint32_t done = 0; done < bytes;) {
            const mmc::MutableByteView rest = mmc::MutableByteView(space_).subspan(done);
            const PipeReply reply = moved([&] {
                return flow == Flow::In ? device_.in(rest, now_) : device_.out(rest, now_);
            });
            done += static_cast<std::uint32_t>(reply.bytes);
            if (reply.kind == Reply::Stalled) {
                clear_halt(flow == Flow::In ? 0x81 : 0x02);
                break;
            }
            if (reply.bytes < rest.size()) {
                break;  // a short packet
            }
        }
        return status();
    }
    void reset_recovery() {
        EXPECT_EQ(device_.control(mmc::from_hex("21 ff 0000 0000 0000"), {}, now_).kind,
                  Reply::Done);
        clear_halt(0x81);
        clear_halt(0x02);
    }

    std::unique_ptr<harness::SimDrive> sim_;
    BotDevice device_;
    Instant now_{};
    std::uint32_t tag_ = 0;
    std::vector<std::uint8_t> space_;

private:
    template <typename Ask>
    PipeReply moved(Ask ask) {
        for (;;) {
            const PipeReply reply = ask();
            if (reply.kind != Reply::Waits || reply.until == Instant::max()) {
                return reply;
            }
            now_ = std::max(now_, reply.until);
        }
    }
    void clear_halt(std::uint8_t endpoint) {
        const std::array<std::uint8_t, 8> request{0x02, 0x01, 0, 0, endpoint, 0, 0, 0};
        EXPECT_EQ(device_.control(request, {}, now_).kind, Reply::Done);
    }
    Status status() {
        std::array<std::uint8_t, 64> bytes{};
        PipeReply reply = moved([&] { return device_.in(bytes, now_); });
        if (reply.kind == Reply::Stalled) {
            clear_halt(0x81);
            reply = moved([&] { return device_.in(bytes, now_); });
        }
        const bool signature = std::string_view(reinterpret_cast<const char*>(bytes.data()), 4) ==
                               "USBS";  // NOLINT: the bytes are letters here
        return {.whole = reply.kind == Reply::Done && reply.bytes == 13 && signature &&
                         mmc::load_little_endian<std::uint32_t>(bytes, 4, 4) == tag_,
                .residue = mmc::load_little_endian<std::uint32_t>(bytes, 8, 4),
                .status = bytes[12]};
    }
};

TEST_F(UsbIfHost, Td105To117TheThirteenCases) {
    struct Row {
        int number;
        std::string_view cdb;
        Flow flow;
        std::uint32_t bytes;
        std::uint32_t residue;
        std::string_view statuses;  // one of these
    };
    for (const Row& row :
         {Row{1, kReady, Flow::None, 0, 0, "01"}, Row{2, kInquiry, Flow::None, 0, 0, "12"},
          Row{3, kWriteTwo, Flow::None, 0, 0, "12"}, Row{4, kReady, Flow::In, 8, 8, "01"},
          Row{5, kReadTwo, Flow::In, 3 * kBlock, kBlock, "01"},
          Row{6, kReadTwo, Flow::In, 2 * kBlock, 0, "01"},
          Row{7, kReadTwo, Flow::In, kBlock, 0, "12"},
          Row{8, kWriteTwo, Flow::In, 2 * kBlock, 0, "2"}, Row{9, kReady, Flow::Out, 8, 8, "01"},
          Row{10, kReadTwo, Flow::Out, 2 * kBlock, 0, "2"},
          Row{11, kWriteTwo, Flow::Out, 3 * kBlock, kBlock, "01"},
          Row{12, kWriteTwo, Flow::Out, 2 * kBlock, 0, "01"},
          Row{13, kWriteTwo, Flow::Out, kBlock, 0, "12"}}) {
        const std::string name =
            "TD 1." + std::to_string(4 + row.number) + ", case " + std::to_string(row.number);
        const Status status = command(row.cdb, row.flow, row.bytes);
        EXPECT_EQ(device_.last_case(), row.number) << name;
        EXPECT_TRUE(status.whole) << name;
        EXPECT_EQ(status.residue, row.residue) << name;
        EXPECT_NE(row.statuses.find(static_cast<char>('0' + status.status)), std::string_view::npos)
            << name << ": " << int{status.status};
        if (status.status == 2) {
            reset_recovery();
        }
        EXPECT_EQ(command(kInquiry, Flow::In, 36).status, 0) << "after " << name;
        (void)command(kReady, Flow::None, 0);  // the reset's unit attention
    }
}

TEST_F(UsbIfHost, Td118PowerUp) {
    device_.bus_reset(now_);
    const Status inquiry = command(kInquiry, Flow::In, 36);
    EXPECT_TRUE(inquiry.whole);
    EXPECT_EQ(inquiry.status, 0);
    EXPECT_EQ(space_[0], 0x05);
    EXPECT_EQ(command(kReady, Flow::None, 0).status, 1) << "a unit attention";
    EXPECT_EQ(command("03 00 00 00 12 00", Flow::In, 18).status, 0);
    EXPECT_EQ(space_[2] & 0x0FU, 0x06U);
    EXPECT_EQ(command(kReady, Flow::None, 0).status, 0);
}

// Optional ones of peripheral device type 05h: done, or refused cleanly with sense.
TEST_F(UsbIfHost, Td202OptionalCommands) {
    struct Row {
        std::string_view name;
        std::string_view cdb;
        Flow flow;
        std::uint32_t bytes;
    };
    for (const Row& row :
         {Row{"MODE SENSE (10)", "5a 00 3f 00 00 00 00 00 ff 00", Flow::In, 255},
          Row{"READ (10)", kReadTwo, Flow::In, 2 * kBlock},
          Row{"WRITE (10)", kWriteTwo, Flow::Out, 2 * kBlock},
          Row{"MODE SELECT (6)", "15 10 00 00 18 00", Flow::Out, 24},
          Row{"MODE SELECT (10)", "55 10 00 00 00 00 00 00 18 00", Flow::Out, 24},
          Row{"MODE SENSE (6)", "1a 00 3f 00 c0 00", Flow::In, 192},
          Row{"PREVENT ALLOW MEDIUM REMOVAL", "1e 00 00 00 01 00", Flow::None, 0},
          Row{"READ FORMAT CAPACITIES", "23 00 00 00 00 00 00 00 fc 00", Flow::In, 252},
          Row{"SYNCHRONIZE CACHE", "35 00 00000000 00 0000 00", Flow::None, 0}}) {
        const Status status = command(row.cdb, row.flow, row.bytes);
        EXPECT_TRUE(status.whole) << row.name;
        EXPECT_LE(status.status, 1) << row.name;
        EXPECT_LE(status.residue, row.bytes) << row.name;
        if (status.status == 1) {
            EXPECT_EQ(command("03 00 00 00 12 00", Flow::In, 18).status, 0) << row.name;
            EXPECT_NE(space_[2] & 0x0FU, 0U) << row.name << " says no reason";
        }
        EXPECT_EQ(command(kInquiry, Flow::In, 36).status, 0) << "after " << row.name;
    }
}

}  // namespace
}  // namespace kiln::transports::bot
