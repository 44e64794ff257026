// How much is sent at once: where usbfs has no room, where a bridge fails at it; and what a command
// allocates.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/hex.h"

#include "transports/usb/usb_transport.h"

#include "harness/shim/usb_world.h"
#include "harness/testing/generated_source.h"

// The sanitizers' libraries have these functions themselves: there nothing is counted.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KILN_COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define KILN_COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef KILN_COUNTS_ALLOCATIONS
#define KILN_COUNTS_ALLOCATIONS 1
#endif

#if KILN_COUNTS_ALLOCATIONS
namespace {

/// Of this thread, the kernel's not among them, while it counts.
thread_local bool counts = false;
thread_local int allocations = 0;

void* allocate(std::size_t size) {
    if (counts && !kiln::harness::Usbfs::is_inside()) {
        ++allocations;
    }
    void* const memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) {
        std::abort();  // a test that has no memory is over
    }
    return memory;
}

}  // namespace

// The whole program's: what is declared in <new> as replaceable.
void* operator new(std::size_t size) {
    return allocate(size);
}
void* operator new[](std::size_t size) {
    return allocate(size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
#endif

namespace kiln::transports {
namespace {

using harness::UsbWorld;
using harness::UsbWorldSetup;
using Kind = TransportError::Kind;

constexpr std::size_t kChunk = std::size_t{32} * 2048;
constexpr std::string_view kWrite = "2a 00 00000000 00 0020 00";
constexpr std::string_view kRead = "28 00 00000000 00 0020 00";
constexpr std::string_view kReadHalf = "28 00 00000000 00 0010 00";
constexpr std::string_view kReady = "00 00 00 00 00 00";

class UsbSizes : public ::testing::Test {
protected:
    void connect(UsbWorldSetup setup = {}) {
        world_ = std::make_unique<UsbWorld>(std::move(setup));
        auto opened = world_->open();
        ASSERT_TRUE(opened) << opened.error().detail;
        transport_ = *std::move(opened);
        buffers_ = transport_->make_buffers(2, kChunk);
        harness::fill_pattern(1, 0, buffers_[0]);
    }
    Result<Completion, TransportError> run(std::string_view cdb, DataPhase data = NoData{}) {
        return transport_->execute({.cdb = mmc::Cdb::copy_of(mmc::from_hex(cdb)), .data = data});
    }
    std::uint32_t moved(std::string_view cdb, DataPhase data) {
        const auto outcome = run(cdb, data);
        EXPECT_TRUE(outcome) << outcome.error().detail;
        return outcome ? outcome->moved : 0;
    }
    /// URBs of one command.
    std::uint64_t urbs_of(std::string_view cdb, DataPhase data) {
        const auto before = world_->usbfs.urbs();
        EXPECT_EQ(moved(cdb, data), kChunk);
        return world_->usbfs.urbs() - before;
    }

    std::unique_ptr<UsbWorld> world_;
    std::unique_ptr<UsbTransport> transport_;
    Buffers buffers_;
};

TEST_F(UsbSizes, WhereUsbfsHasNoRoomDataGoInPieces) {
    connect();
    world_->usbfs.limit_memory(20'000);
    EXPECT_EQ(urbs_of(kWrite, DataOut{buffers_[0]}), 2U + 2U + 4U) << "32 and 64 KiB refused";
    EXPECT_EQ(urbs_of(kRead, DataIn{buffers_[1]}), 2U + 4U) << "16 KiB are remembered";
    EXPECT_TRUE(std::ranges::equal(buffers_[0], buffers_[1]));
    EXPECT_EQ(world_->device.resets(), 0U);
}

TEST_F(UsbSizes, WhatAPieceLeavesOutIsLeftOut) {
    connect({.device = {.faults = {{.kind = harness::BotFault::Kind::StallData,
                                    .command = 3,
                                    .value = 40'960}}}});
    world_->usbfs.limit_memory(20'000);
    EXPECT_EQ(moved(kWrite, DataOut{buffers_[0]}), kChunk);
    const auto outcome = run(kRead, DataIn{buffers_[1]});
    ASSERT_TRUE(outcome) << outcome.error().detail;
    EXPECT_EQ(outcome->moved, 40'960U);
    EXPECT_TRUE(run(kReady));
}

TEST_F(UsbSizes, WithoutRoomForThatEitherItFails) {
    connect();
    world_->usbfs.limit_memory(2'000);
    const auto outcome = run(kWrite, DataOut{buffers_[0]});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Kind::HostFailure);
    world_->usbfs.limit_memory(std::size_t{16} << 20U);
    (void)run(kReady);
    EXPECT_TRUE(run(kReady));
}

TEST_F(UsbSizes, WhatABridgeCanDoIsLearnt) {
    connect({.drive = "sim:bd-rom", .device = {.most_data = 32'768}});
    const std::size_t before = transport_->limits().max_transfer;
    EXPECT_GT(before, kChunk);
    EXPECT_FALSE(run(kRead, DataIn{buffers_[1]}));
    EXPECT_EQ(transport_->limits().max_transfer, before) << "it may have been an accident";
    (void)run(kReady);  // the reset's unit attention
    EXPECT_EQ(moved(kReadHalf, DataIn{buffers_[1].first(kChunk / 2)}), kChunk / 2);
    EXPECT_EQ(transport_->limits().max_transfer, kChunk / 2);
}

TEST_F(UsbSizes, WhatWasLearntIsKnownWhenTheDeviceIsOpenedAgain) {
    connect({.drive = "sim:bd-rom", .device = {.most_data = 32'768}});
    EXPECT_FALSE(run(kRead, DataIn{buffers_[1]}));
    (void)run(kReady);
    EXPECT_EQ(moved(kReadHalf, DataIn{buffers_[1].first(kChunk / 2)}), kChunk / 2);
    transport_.reset();
    transport_ = world_->open().value();
    EXPECT_EQ(transport_->limits().max_transfer, kChunk / 2);

    UsbFound other;
    other.port = transport_->found().port;
    other.vendor = transport_->found().vendor;
    other.product = transport_->found().product;
    other.serial = "another";
    EXPECT_GT(UsbLearnt::most_bytes(other), kChunk) << "of its kind, but not it";
    other.serial.clear();
    UsbLearnt::set_most_bytes(other, kChunk);
    EXPECT_EQ(UsbLearnt::most_bytes(other), kChunk);
    other.port = "9-9";
    EXPECT_GT(UsbLearnt::most_bytes(other), kChunk) << "without a number the port tells them apart";
}

TEST_F(UsbSizes, OneFailureTeachesNothing) {
    connect({.drive = "sim:bd-rom",
             .device = {
                 .faults = {
                     {.kind = harness::BotFault::Kind::WrongStatus, .command = 2, .value = 2}}}});
    const std::size_t before = transport_->limits().max_transfer;
    EXPECT_FALSE(run(kRead, DataIn{buffers_[1]}));
    (void)run(kReady);
    EXPECT_EQ(moved(kRead, DataIn{buffers_[1]}), kChunk) << "as much as before";
    EXPECT_EQ(moved(kReadHalf, DataIn{buffers_[1].first(kChunk / 2)}), kChunk / 2);
    EXPECT_EQ(transport_->limits().max_transfer, before);
}

#if KILN_COUNTS_ALLOCATIONS
// Of ours: libusb's own are malloc's.
TEST_F(UsbSizes, ACommandAllocatesNothing) {
    connect();
    Request write{.cdb = mmc::Cdb::copy_of(mmc::from_hex(kWrite)), .data = DataOut{buffers_[0]}};
    for (int i = 0; i < 8; ++i) {
        write.cdb.mutable_bytes()[5] = static_cast<std::uint8_t>(i * 32);
        allocations = 0;
        counts = true;
        const auto outcome = transport_->execute(write);
        counts = false;
        ASSERT_TRUE(outcome) << outcome.error().detail;
        ASSERT_EQ(outcome->status, Status::Good);
        EXPECT_EQ(allocations, 0) << "WRITE number " << i;
    }
    counts = true;
    ::operator delete(::operator new(1));
    counts = false;
    EXPECT_EQ(allocations, 1) << "it does not count";
}
#endif

}  // namespace
}  // namespace kiln::transports
