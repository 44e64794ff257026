// How slots are filled: over several at once, and with as much as the source has at hand.

#include "stack/port_buffers.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "transports/source.h"

#include "harness/testing/scripted_transport.h"

namespace kiln::stack {
namespace {

constexpr std::size_t kSlot = 4096;
constexpr std::uint8_t kOld = 0xEE;

/// Gives these many bytes a read, all of them different from the one before; then it ends or fails.
class PiecemealSource final : public transports::Source {
public:
    explicit PiecemealSource(std::vector<std::size_t> pieces, bool fails = false)
        : pieces_(std::move(pieces)), fails_(fails) {}

    transports::Result<std::size_t, transports::SourceError> read(
        mmc::MutableByteView buffer) override {
        asked_.push_back(buffer.size());
        if (next_ == pieces_.size()) {
            if (fails_) {
                return tl::make_unexpected(transports::SourceError{.detail = "a bad sector"});
            }
            return 0;
        }
        const std::size_t count = std::min(pieces_[next_++], buffer.size());
        for (auto& byte : buffer.first(count)) {
            byte = static_cast<std::uint8_t>(given_++ % 199 + 1);
        }
        return count;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }
    void interrupt() noexcept override {}

    [[nodiscard]] const std::vector<std::size_t>& asked() const { return asked_; }

private:
    std::vector<std::size_t> pieces_;
    std::vector<std::size_t> asked_;
    std::size_t next_ = 0;
    std::size_t given_ = 0;
    bool fails_;
};

class PortBuffersTest : public ::testing::Test {
protected:
    /// What the ring holds, slot for slot, as far as `slots` go.
    std::vector<std::uint8_t> ring(std::size_t slots) {
        std::vector<std::uint8_t> all;
        for (std::size_t slot = 0; slot < slots; ++slot) {
            const auto bytes = slot_at(slot);
            all.insert(all.end(), bytes.begin(), bytes.end());
        }
        return all;
    }

    mmc::ByteView slot_at(std::size_t slot) {
        Execute write;
        write.payload = Payload::Ring;
        write.slot = slot;
        write.bytes = kSlot;
        return std::get<transports::DataOut>(buffers.request_for(write).data).buffer;
    }

    /// So that zeros in it were put there.
    void fill_with_old() {
        class Old final : public transports::Source {
            transports::Result<std::size_t, transports::SourceError> read(
                mmc::MutableByteView buffer) override {
                std::ranges::fill(buffer, kOld);
                return buffer.size();
            }
            [[nodiscard]] std::optional<std::uint64_t> size() const override { return 0; }
            void interrupt() noexcept override {}
        } old;
        (void)buffers.fill({.slot = 0, .bytes = 8 * kSlot, .each = kSlot}, old);
    }

    harness::ScriptedTransport transport;
    PortBuffers buffers{transport, 8, kSlot};
};

TEST_F(PortBuffersTest, ASourceThatHasItAllIsAskedOnceForAllSlots) {
    PiecemealSource source({100 * kSlot});
    const auto event =
        std::get<BlocksRead>(buffers.fill({.slot = 2, .bytes = 3 * kSlot, .each = kSlot}, source));
    EXPECT_EQ(event.bytes, 3 * kSlot);
    EXPECT_FALSE(event.ended);
    EXPECT_EQ(source.asked(), std::vector<std::size_t>{3 * kSlot});
    const auto all = ring(5);
    for (std::size_t i = 0; i < 3 * kSlot; ++i) {
        ASSERT_EQ(all[2 * kSlot + i], i % 199 + 1);
    }
}

TEST_F(PortBuffersTest, SlotsThatAreNotFilledWholeAreFilledOneByOne) {
    fill_with_old();
    PiecemealSource source({100 * kSlot, 100 * kSlot, 100 * kSlot});
    const auto event =
        std::get<BlocksRead>(buffers.fill({.slot = 0, .bytes = 6144, .each = 2048}, source));
    EXPECT_EQ(event.bytes, 6144U);
    const auto all = ring(3);
    for (std::size_t i = 0; i < 6144; ++i) {
        ASSERT_EQ(all[i / 2048 * kSlot + i % 2048], i % 199 + 1);
    }
}

TEST_F(PortBuffersTest, WhatASlowSourceHasIsHandedInAsSoonAsASlotIsFull) {
    PiecemealSource source({1000, kSlot - 1000, kSlot});
    const ReadBlocks read{.slot = 0, .bytes = 4 * kSlot, .each = kSlot};
    auto event = std::get<BlocksRead>(buffers.fill(read, source));
    EXPECT_EQ(event.bytes, kSlot);
    EXPECT_FALSE(event.ended);
    event = std::get<BlocksRead>(buffers.fill(read, source));
    EXPECT_EQ(event.bytes, kSlot);
    event = std::get<BlocksRead>(buffers.fill(read, source));
    EXPECT_EQ(event.bytes, 0U);
    EXPECT_TRUE(event.ended);
}

TEST_F(PortBuffersTest, BehindTheEndThereAreZerosToTheEndOfTheSlot) {
    for (const std::size_t bytes : {std::size_t{1}, kSlot - 1, kSlot, kSlot + 1, 2 * kSlot}) {
        fill_with_old();
        PiecemealSource source({bytes});
        std::size_t came = 0;
        bool ended = false;
        while (!ended) {
            const auto event = std::get<BlocksRead>(
                buffers.fill({.slot = came / kSlot, .bytes = 4 * kSlot, .each = kSlot}, source));
            came += event.bytes;
            ended = event.ended;
        }
        ASSERT_EQ(came, bytes);
        const auto all = ring((bytes + kSlot - 1) / kSlot);
        for (std::size_t i = 0; i < all.size(); ++i) {
            ASSERT_EQ(all[i], i < bytes ? i % 199 + 1 : 0) << bytes << " bytes, at " << i;
        }
    }
}

TEST_F(PortBuffersTest, WhatCameBeforeAFailureIsHandedInWithIt) {
    PiecemealSource source({kSlot + 5}, true);
    const ReadBlocks read{.slot = 0, .bytes = 4 * kSlot, .each = kSlot};
    const auto event = std::get<BlocksRead>(buffers.fill(read, source));
    EXPECT_EQ(event.bytes, kSlot + 5);
    ASSERT_TRUE(event.failed);
    EXPECT_EQ(event.failed->detail, "a bad sector");
    EXPECT_TRUE(std::holds_alternative<SourceFailed>(buffers.fill(read, source)));
}

}  // namespace
}  // namespace kiln::stack
