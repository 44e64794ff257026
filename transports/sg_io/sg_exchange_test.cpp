#include "transports/sg_io/sg_exchange.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mmc/hex.h"

namespace kiln::transports {
namespace {

using ::testing::HasSubstr;
using Kind = TransportError::Kind;
using std::chrono::milliseconds;

constexpr const char* kNode = "/dev/sg0";

Request read_request(mmc::MutableByteView data) {
    return {.cdb = mmc::Cdb::copy_of(mmc::from_hex("28 00 00000000 00 0001 00")),
            .data = DataIn{data},
            .timeout = std::chrono::seconds(5)};
}

/// An exchange that went through, with 2048 bytes asked for.
SgExchange answered() {
    SgExchange exchange;
    exchange.header.dxfer_len = 2048;
    return exchange;
}

void set_sense(SgExchange& exchange, std::string_view hex) {
    const auto bytes = mmc::from_hex(hex);
    std::copy(bytes.begin(), bytes.end(), exchange.sense.begin());
    exchange.header.sb_len_wr = static_cast<unsigned char>(bytes.size());
}

Kind kind_of(const SgExchange& exchange) {
    const auto outcome = outcome_of(exchange, kNode);
    EXPECT_FALSE(outcome);
    return outcome ? Kind::Unsupported : outcome.error().kind;
}

constexpr std::string_view kWriteError = "70 00 03 00 00 00 00 0a 00 00 00 00 0c 00 00 00 00 00";

TEST(PrepareSgHeader, HasCommandDataSenseAndTimeOut) {
    std::array<std::uint8_t, 2048> data{};
    SgExchange exchange;
    prepare(exchange, read_request(data), data.data(), data.size());
    const sg_io_hdr& header = exchange.header;
    EXPECT_EQ(header.interface_id, 'S');
    EXPECT_EQ(header.dxfer_direction, SG_DXFER_FROM_DEV);
    EXPECT_EQ(header.cmd_len, 10);
    EXPECT_EQ(mmc::to_hex(mmc::ByteView(header.cmdp, header.cmd_len)),
              "28 00 00 00 00 00 00 00 01 00");
    EXPECT_EQ(header.dxferp, data.data());
    EXPECT_EQ(header.dxfer_len, 2048U);
    EXPECT_EQ(header.sbp, exchange.sense.data());
    EXPECT_EQ(header.mx_sb_len, 64);
    EXPECT_EQ(header.timeout, 5000U);
    EXPECT_EQ(header.iovec_count, 0);
    EXPECT_EQ(header.flags, 0U);
}

TEST(PrepareSgHeader, DirectionIsThatOfTheDataPhase) {
    SgExchange exchange;
    std::array<std::uint8_t, 1> data{};
    prepare(exchange, {.cdb = mmc::Cdb(6), .data = NoData{}}, nullptr, 0);
    EXPECT_EQ(exchange.header.dxfer_direction, SG_DXFER_NONE);
    prepare(exchange, {.cdb = mmc::Cdb(6), .data = DataOut{data}}, data.data(), 1);
    EXPECT_EQ(exchange.header.dxfer_direction, SG_DXFER_TO_DEV);
}

TEST(KernelTimeout, IsTheRequestsRoundedUp) {
    Request request;
    request.timeout = std::chrono::microseconds(1500);
    EXPECT_EQ(kernel_timeout(request), milliseconds(2));
    request.timeout = Duration::zero();
    EXPECT_EQ(kernel_timeout(request), milliseconds(1)) << "0 is the kernel's default, 60 s";
    request.timeout = Duration::max();
    EXPECT_LE(kernel_timeout(request).count(), 0x7FFFFFFF);
}

TEST(KernelTimeout, OfACommandThatMustNotBeResetNeverPasses) {
    Request request;
    request.timeout = std::chrono::seconds(1);
    request.guard = Guard::NeverReset;
    EXPECT_GE(kernel_timeout(request), std::chrono::hours(24));
}

TEST(SgOutcome, GoodWithEverythingMoved) {
    const auto outcome = outcome_of(answered(), kNode);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->status, Status::Good);
    EXPECT_EQ(outcome->moved, 2048U);
}

TEST(SgOutcome, ResidualIsTakenOff) {
    SgExchange exchange = answered();
    exchange.header.resid = 2000;
    EXPECT_EQ(outcome_of(exchange, kNode)->moved, 48U);
}

TEST(SgOutcome, ResidualThatCannotBeIsBounded) {
    SgExchange exchange = answered();
    exchange.header.resid = 4096;
    EXPECT_EQ(outcome_of(exchange, kNode)->moved, 0U);
    exchange.header.resid = -1;
    EXPECT_EQ(outcome_of(exchange, kNode)->moved, 2048U);
}

TEST(SgOutcome, CheckConditionIsACompletionWithSense) {
    SgExchange exchange = answered();
    exchange.header.status = 0x02;
    exchange.header.driver_status = 0x08;
    exchange.header.resid = 2048;
    set_sense(exchange, kWriteError);
    const auto outcome = outcome_of(exchange, kNode);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->status, Status::CheckCondition);
    EXPECT_TRUE(outcome->sense.is(mmc::SenseKey::MediumError, 0x0C00));
    EXPECT_EQ(outcome->moved, 0U);
}

TEST(SgOutcome, OnlySenseThatWasWrittenIsRead) {
    SgExchange exchange = answered();
    exchange.header.status = 0x02;
    set_sense(exchange, kWriteError);
    exchange.header.sb_len_wr = 8;  // ends before ASC
    EXPECT_EQ(outcome_of(exchange, kNode)->sense.raw_size, 8);
    exchange.header.sb_len_wr = 255;  // more than there is room for
    EXPECT_EQ(outcome_of(exchange, kNode)->sense.raw_size, 64);
    exchange.header.sb_len_wr = 0;
    EXPECT_EQ(outcome_of(exchange, kNode)->status, Status::CheckCondition);
    EXPECT_EQ(outcome_of(exchange, kNode)->sense.raw_size, 0);
}

TEST(SgOutcome, SenseWithoutAStatusCountsIfItIsAnError) {
    SgExchange exchange = answered();
    exchange.header.driver_status = 0x08;
    set_sense(exchange, kWriteError);
    EXPECT_EQ(outcome_of(exchange, kNode)->status, Status::CheckCondition);
    exchange.sense[2] = 0x01;  // recovered
    EXPECT_EQ(outcome_of(exchange, kNode)->status, Status::Good);
}

TEST(SgOutcome, OtherStatusesStayWhatTheyAre) {
    for (const std::uint8_t status : std::array<std::uint8_t, 4>{0x08, 0x18, 0x28, 0x22}) {
        SgExchange exchange = answered();
        exchange.header.status = status;
        const auto outcome = outcome_of(exchange, kNode);
        ASSERT_TRUE(outcome);
        EXPECT_EQ(static_cast<std::uint8_t>(outcome->status), status);
    }
}

TEST(SgOutcome, HostStatusIsAnErrorOfItsKind) {
    const std::vector<std::pair<unsigned short, Kind>> rows{
        {0x01, Kind::Gone},        {0x02, Kind::HostFailure}, {0x03, Kind::TimedOut},
        {0x04, Kind::Gone},        {0x05, Kind::HostFailure}, {0x07, Kind::HostFailure},
        {0x08, Kind::HostFailure}, {0x0e, Kind::HostFailure}, {0x7f, Kind::HostFailure}};
    for (const auto& [host_status, kind] : rows) {
        SgExchange exchange = answered();
        exchange.header.host_status = host_status;
        const auto outcome = outcome_of(exchange, kNode);
        ASSERT_FALSE(outcome) << host_status;
        EXPECT_EQ(outcome.error().kind, kind) << host_status;
        EXPECT_EQ(outcome.error().host_status, host_status);
        EXPECT_THAT(outcome.error().detail, HasSubstr("SG_IO on /dev/sg0: "));
    }
}

TEST(SgOutcome, HostStatusThatRepeatsTheDrivesStatusGivesWayToIt) {
    SgExchange exchange = answered();
    exchange.header.status = 0x02;
    exchange.header.host_status = 0x13;
    set_sense(exchange, kWriteError);
    ASSERT_TRUE(outcome_of(exchange, kNode));
    EXPECT_EQ(outcome_of(exchange, kNode)->status, Status::CheckCondition);
    exchange.header.status = 0;
    EXPECT_EQ(kind_of(exchange), Kind::HostFailure);
}

TEST(SgOutcome, DriverStatusIsToldApartFromHostStatus) {
    SgExchange exchange = answered();
    exchange.header.driver_status = 0x06;
    const auto outcome = outcome_of(exchange, kNode);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Kind::TimedOut);
    EXPECT_EQ(outcome.error().driver_status, 6U);
    EXPECT_EQ(outcome.error().host_status, 0U);
    exchange.header.driver_status = 0x07;
    EXPECT_EQ(kind_of(exchange), Kind::HostFailure);
}

TEST(SgOutcome, ErrnoIsAnErrorOfItsKindInWords) {
    const std::vector<std::tuple<int, Kind, std::string>> rows{
        {ENODEV, Kind::Gone, "No such device (unplugged?)"},
        {ENXIO, Kind::Gone, "unplugged"},
        {EPERM, Kind::NotPermitted, "udev rule"},
        {EACCES, Kind::NotPermitted, "udev rule"},
        {EBUSY, Kind::InUse, "Device or resource busy"},
        {ENOMEM, Kind::TooLarge, "for 2048 bytes; fewer at a time may pass"},
        {EINTR, Kind::Interrupted, "Interrupted system call"},
        {ENOTTY, Kind::NotADrive, "Inappropriate ioctl"},
        {EIO, Kind::HostFailure, "Input/output error"},
        {EINVAL, Kind::HostFailure, "Invalid argument"}};
    for (const auto& [os_code, kind, words] : rows) {
        SgExchange exchange = answered();
        exchange.os_code = os_code;
        const auto outcome = outcome_of(exchange, "/dev/none");
        ASSERT_FALSE(outcome) << os_code;
        EXPECT_EQ(outcome.error().kind, kind) << os_code;
        EXPECT_EQ(outcome.error().os_code, os_code);
        EXPECT_THAT(outcome.error().detail, HasSubstr("SG_IO on /dev/none: "));
        EXPECT_THAT(outcome.error().detail, HasSubstr(words));
    }
}

}  // namespace
}  // namespace kiln::transports
