// Whole burns on every medium, on virtual time.

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "stack/failure.h"
#include "stack/medium.h"
#include "stack/outcome.h"

#include "harness/sim/medium_kind.h"
#include "harness/testing/burn_world.h"

namespace kiln::harness {
namespace {

using stack::BurnOptions;
using stack::BurnReport;
using stack::CancelPolicy;
using stack::DiscStatus;
using stack::HResult;
using stack::Outcome;
using stack::Verified;

/// Not a multiple of anything.
constexpr std::uint64_t kOddSize = 3 * 1000 * 1000 + 17;
/// Long enough for updates while it is written.
constexpr std::uint64_t kLongSize = 12 * kOddSize;
constexpr std::uint64_t kOddBlocks = (kOddSize + 2047) / 2048;

std::string told(const BurnReport& report) {
    std::string text(name_of(report.outcome));
    if (report.failure) {
        text += ": " + report.failure->message();
    }
    text += " [" + std::string(name_of(report.disc.status)) +
            " s=" + std::to_string(report.disc.sessions) +
            " t=" + std::to_string(report.disc.tracks) +
            " u=" + std::to_string(report.disc.user_blocks) + (report.disc.readable ? " r" : "") +
            (report.disc.appendable ? " a" : "") + "] predicted: " + report.predicted.words;
    for (const auto& warning : report.warnings) {
        text += "; " + warning;
    }
    return text;
}

std::string name_for(const testing::TestParamInfo<MediumKind>& info) {
    std::string name;
    for (const char letter : facts_of(info.param).name) {
        name += letter == '+' ? 'p' : letter == '-' ? '_' : letter;
    }
    return name;
}

std::vector<MediumKind> writable_media() {
    std::vector<MediumKind> kinds;
    for (const MediumFacts& facts : all_media()) {
        if (facts.writable) {
            kinds.push_back(facts.kind);
        }
    }
    return kinds;
}

class EveryMedium : public testing::TestWithParam<MediumKind> {};
INSTANTIATE_TEST_SUITE_P(Burn, EveryMedium, testing::ValuesIn(writable_media()), name_for);

TEST_P(EveryMedium, TakesAnImageOfAnOddSizeAndGivesItBack) {
    BurnWorld world(GetParam());
    const BurnReport report = world.burn(1, kOddSize, {.verify = true});
    ASSERT_EQ(report.outcome, Outcome::Completed) << told(report);
    EXPECT_EQ(report.code, HResult::Ok);
    EXPECT_EQ(report.verified, Verified::Yes) << told(report);
    EXPECT_TRUE(report.as_predicted) << told(report);
    EXPECT_EQ(report.written_blocks, kOddBlocks);
    EXPECT_EQ(report.disc.user_blocks, kOddBlocks);
    EXPECT_GT(report.drive_time.count(), 0);
    auto bytes = world.on_medium(0, static_cast<std::uint32_t>(kOddBlocks));
    bytes.resize(kOddSize);
    EXPECT_EQ(bytes, pattern(1, kOddSize));
    EXPECT_FALSE(world.fake().view().locked) << "the tray is unlocked at the end";
    EXPECT_EQ(world.fake().view().buffered_bytes, 0U);
}

TEST_P(EveryMedium, IsRefusedASecondTimeBeforeAnyWrite) {
    BurnWorld world(GetParam());
    ASSERT_EQ(world.burn(1, kOddSize).outcome, Outcome::Completed);
    const auto writes = world.fake().view().writes;
    const BurnReport report = world.burn(2, kOddSize);
    EXPECT_EQ(report.outcome, Outcome::Failed);
    ASSERT_TRUE(report.failure) << told(report);
    EXPECT_EQ(stack::exit_status(report.failure->kind), 4) << told(report);
    EXPECT_EQ(world.fake().view().writes, writes);
}

TEST_P(EveryMedium, WithoutASizeTakesAStream) {
    BurnWorld world(GetParam());
    class Stream final : public transports::Source {
    public:
        explicit Stream(std::uint64_t bytes) : inner_(7, bytes) {}
        transports::Result<std::size_t, transports::SourceError> read(
            mmc::MutableByteView buffer) override {
            return inner_.read(buffer.first(std::min<std::size_t>(buffer.size(), 5000)));
        }
        [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }
        void interrupt() noexcept override { inner_.interrupt(); }

    private:
        GeneratedSource inner_;
    } source(kOddSize);
    const BurnReport report = world.burn(source, {.verify = true});
    ASSERT_EQ(report.outcome, Outcome::Completed) << told(report);
    EXPECT_EQ(report.verified, Verified::Yes);
    EXPECT_EQ(report.written_blocks, kOddBlocks);
}

TEST_P(EveryMedium, CancelledHalfWayIsWhatWasPredicted) {
    for (std::size_t policy = 0; policy < stack::kCancelPolicies; ++policy) {
        BurnWorld world(GetParam());
        const auto wanted = static_cast<CancelPolicy>(policy);
        GeneratedSource source(3, kLongSize);
        const BurnReport report = world.burn(
            source, {.verify = true, .on_cancel = wanted}, [&](auto& cancel, auto& observer) {
                observer.act = [&cancel, wanted](const stack::Progress& progress) {
                    if (progress.last_written_lba > progress.start_lba + 3000) {
                        cancel.request(wanted);
                    }
                };
            });
        EXPECT_EQ(report.outcome, Outcome::Cancelled) << name_of(wanted) << told(report);
        EXPECT_EQ(report.code, HResult::RequestCancelled);
        EXPECT_TRUE(report.as_predicted) << name_of(wanted) << ' ' << told(report);
        EXPECT_EQ(report.verified, Verified::Cancelled);
        EXPECT_GT(report.written_blocks, 3000U);
        EXPECT_FALSE(world.fake().view().locked) << name_of(wanted);
        if (wanted != CancelPolicy::Emergency) {
            EXPECT_EQ(world.fake().view().buffered_bytes, 0U) << name_of(wanted);
            auto bytes = world.on_medium(0, static_cast<std::uint32_t>(report.written_blocks));
            EXPECT_EQ(bytes, pattern(3, report.written_blocks * 2048)) << name_of(wanted);
        }
    }
}

TEST_P(EveryMedium, CancelledBeforeTheFirstWriteIsUntouched) {
    BurnWorld world(GetParam());
    GeneratedSource source(3, kOddSize);
    const BurnReport report = world.burn(source, {}, [](auto& cancel, auto& /*observer*/) {
        cancel.request(CancelPolicy::MakeReadable);
    });
    EXPECT_EQ(report.outcome, Outcome::Cancelled) << told(report);
    EXPECT_EQ(world.fake().view().writes, 0U);
    EXPECT_FALSE(world.fake().view().locked);
    EXPECT_EQ(world.burn(4, kOddSize, {.verify = true}).verified, Verified::Yes)
        << "the next burn works";
}

TEST_P(EveryMedium, TooLargeAnImageIsRefusedBeforeAnything) {
    BurnWorld world(GetParam());
    const BurnReport report = world.burn(1, std::uint64_t{200} * 1000 * 1000 * 1000);
    EXPECT_EQ(report.outcome, Outcome::Failed);
    EXPECT_EQ(report.code, HResult::DataStreamTooLarge) << told(report);
    EXPECT_EQ(world.fake().view().writes, 0U);
}

class EveryAppendable : public testing::TestWithParam<MediumKind> {};
INSTANTIATE_TEST_SUITE_P(Burn, EveryAppendable,
                         testing::Values(MediumKind::CdR, MediumKind::CdRw, MediumKind::DvdR,
                                         MediumKind::DvdRw, MediumKind::DvdPlusR,
                                         MediumKind::DvdPlusRDl, MediumKind::BdR, MediumKind::BdRDl,
                                         MediumKind::BdRXl),
                         name_for);

TEST_P(EveryAppendable, TakesASecondSessionAndBothCanBeRead) {
    BurnWorld world(GetParam());
    ASSERT_EQ(world.burn(1, kOddSize).outcome, Outcome::Completed);
    const BurnReport second = world.burn(2, kOddSize, {.append = true, .verify = true});
    ASSERT_EQ(second.outcome, Outcome::Completed) << told(second);
    EXPECT_EQ(second.verified, Verified::Yes);
    EXPECT_EQ(second.disc.sessions, 2U);
    EXPECT_TRUE(second.disc.appendable);
    const auto start = static_cast<std::int32_t>(world.observer.plans.at(0).start);
    EXPECT_GT(start, static_cast<std::int32_t>(kOddBlocks));
    auto first_back = world.on_medium(0, static_cast<std::uint32_t>(kOddBlocks));
    auto second_back = world.on_medium(start, static_cast<std::uint32_t>(kOddBlocks));
    first_back.resize(kOddSize);
    second_back.resize(kOddSize);
    EXPECT_EQ(first_back, pattern(1, kOddSize));
    EXPECT_EQ(second_back, pattern(2, kOddSize));
}

TEST_P(EveryAppendable, ClosedIsClosed) {
    BurnWorld world(GetParam());
    const BurnReport closed = world.burn(1, kOddSize, {.close = true, .verify = true});
    ASSERT_EQ(closed.outcome, Outcome::Completed) << told(closed);
    EXPECT_EQ(closed.disc.status, DiscStatus::Complete) << told(closed);
    EXPECT_FALSE(closed.disc.appendable);
    const BurnReport more = world.burn(2, kOddSize, {.append = true});
    ASSERT_TRUE(more.failure);
    EXPECT_EQ(stack::exit_status(more.failure->kind), 4) << told(more);
}

TEST_P(EveryAppendable, LeftResumableCanBeAppendedTo) {
    BurnWorld world(GetParam());
    GeneratedSource source(3, kLongSize);
    const BurnReport cancelled = world.burn(source, {}, [](auto& cancel, auto& observer) {
        observer.act = [&cancel](const stack::Progress& progress) {
            if (progress.last_written_lba > 3000) {
                cancel.request(CancelPolicy::LeaveResumable);
            }
        };
    });
    ASSERT_EQ(cancelled.outcome, Outcome::Cancelled) << told(cancelled);
    ASSERT_TRUE(cancelled.disc.appendable) << told(cancelled);
    world.observer.act = {};
    const BurnReport next = world.burn(4, kOddSize, {.append = true, .verify = true});
    ASSERT_EQ(next.outcome, Outcome::Completed) << told(next);
    EXPECT_EQ(next.verified, Verified::Yes);
}

class EveryRewritable : public testing::TestWithParam<MediumKind> {};
INSTANTIATE_TEST_SUITE_P(Burn, EveryRewritable,
                         testing::Values(MediumKind::CdRw, MediumKind::DvdRw,
                                         MediumKind::DvdRwRestrictedOverwrite,
                                         MediumKind::DvdPlusRw, MediumKind::DvdRam,
                                         MediumKind::BdRe, MediumKind::BdReDl, MediumKind::BdReXl),
                         name_for);

TEST_P(EveryRewritable, IsBurnableAgainWithOverwrite) {
    BurnWorld world(GetParam());
    ASSERT_EQ(world.burn(1, kOddSize).outcome, Outcome::Completed);
    const BurnReport again = world.burn(2, kOddSize / 2, {.overwrite = true, .verify = true});
    ASSERT_EQ(again.outcome, Outcome::Completed) << told(again);
    EXPECT_EQ(again.verified, Verified::Yes);
}

TEST_P(EveryRewritable, IsBurnableAgainAfterABlankOrFormat) {
    BurnWorld world(GetParam());
    ASSERT_EQ(world.burn(1, kOddSize).outcome, Outcome::Completed);
    const bool blanks = GetParam() == MediumKind::CdRw || GetParam() == MediumKind::DvdRw;
    const BurnReport cleared =
        blanks ? world.blank(stack::BlankKind::Fast) : world.format({.full = true});
    ASSERT_EQ(cleared.outcome, Outcome::Completed) << told(cleared);
    const BurnReport again = world.burn(2, kOddSize, {.overwrite = !blanks, .verify = true});
    ASSERT_EQ(again.outcome, Outcome::Completed) << told(again);
    EXPECT_EQ(again.verified, Verified::Yes);
}

TEST(Burn, AFastBlankedDvdRwWhoseDriveLiesIsWrittenDiscAtOnce) {
    Personality liar = default_personality(MediumKind::DvdRw).value();
    liar.behaviour.feature_21_lies = true;
    BurnWorld world(MediumKind::DvdRw, liar);
    ASSERT_EQ(world.burn(1, kOddSize).outcome, Outcome::Completed);
    ASSERT_EQ(world.blank(stack::BlankKind::Fast).outcome, Outcome::Completed);
    const BurnReport report = world.burn(2, kOddSize, {.verify = true});
    ASSERT_EQ(report.outcome, Outcome::Completed) << told(report);
    EXPECT_EQ(report.verified, Verified::Yes);
    EXPECT_EQ(report.disc.status, DiscStatus::Complete);
}

// It refuses SEND OPC INFORMATION, and its bridge loses the reason.
TEST(Burn, ADriveBehindABridgeThatLosesTheSenseIsBurntWithoutCalibration) {
    for (const MediumKind kind : {MediumKind::CdR, MediumKind::DvdR}) {
        BurnWorld world(kind, find_personality("initio-ds-8absh").value());
        const BurnReport report = world.burn(1, kOddSize, {.verify = true});
        ASSERT_EQ(report.outcome, Outcome::Completed) << told(report);
        EXPECT_EQ(report.verified, Verified::Yes);
    }
}

TEST(Burn, PressedMediaAreRefused) {
    for (const auto kind : {MediumKind::CdRom, MediumKind::DvdRom, MediumKind::BdRom}) {
        BurnWorld world(kind);
        const BurnReport report = world.burn(1, kOddSize);
        ASSERT_TRUE(report.failure) << told(report);
        EXPECT_EQ(stack::exit_status(report.failure->kind), 4) << told(report);
    }
}

TEST(Burn, ASourceThatEndsEarlyLeavesAKnownDisc) {
    BurnWorld world(MediumKind::BdR);
    class Short final : public transports::Source {
    public:
        transports::Result<std::size_t, transports::SourceError> read(
            mmc::MutableByteView buffer) override {
            return inner_.read(buffer);
        }
        [[nodiscard]] std::optional<std::uint64_t> size() const override { return 2 * kOddSize; }
        void interrupt() noexcept override { inner_.interrupt(); }

    private:
        GeneratedSource inner_{5, kOddSize};
    } source;
    const BurnReport report = world.burn(source, {});
    EXPECT_EQ(report.outcome, Outcome::Failed) << told(report);
    ASSERT_TRUE(report.failure);
    EXPECT_EQ(stack::exit_status(report.failure->kind), 1);
    EXPECT_TRUE(report.as_predicted) << told(report);
    EXPECT_TRUE(report.disc.readable) << told(report);
    EXPECT_EQ(report.written_blocks, kOddBlocks) << "what it gave is not lost";
    EXPECT_FALSE(world.fake().view().locked);
}

TEST(Burn, AWriteErrorIsToldWithItsAddressAndTheTrayIsUnlocked) {
    BurnWorld world(MediumKind::CdR);
    world.fake().inject({.kind = DriveFault::Kind::WriteError, .lba = 640});
    const BurnReport report = world.burn(1, kOddSize);
    EXPECT_EQ(report.outcome, Outcome::Failed) << told(report);
    ASSERT_TRUE(report.failure && report.failure->sense) << told(report);
    EXPECT_EQ(report.failure->sense->additional(), 0x0C00) << told(report);
    EXPECT_FALSE(world.fake().view().locked);
    EXPECT_TRUE(report.as_predicted) << told(report);
}

TEST(Burn, SilentSuccessIsAFailure) {
    BurnWorld world(MediumKind::DvdPlusR);
    world.fake().inject({.kind = DriveFault::Kind::SilentSuccess});
    const BurnReport report = world.burn(1, kOddSize);
    EXPECT_EQ(report.outcome, Outcome::Failed) << told(report);
    EXPECT_EQ(report.code, HResult::VerificationFailed) << told(report);
}

TEST(Burn, ADriveThatVanishesEndsTheJobAtOnce) {
    BurnWorld world(MediumKind::BdR);
    GeneratedSource source(1, kLongSize);
    const BurnReport report = world.burn(source, {}, [&](auto& /*cancel*/, auto& observer) {
        observer.act = [&world](const stack::Progress& progress) {
            if (progress.last_written_lba > 1000) {
                world.transport().unplug();
            }
        };
    });
    EXPECT_EQ(report.outcome, Outcome::Failed) << told(report);
    EXPECT_EQ(report.code, HResult::DeviceNotExist) << told(report);
    EXPECT_EQ(report.disc.status, DiscStatus::Unknown);
}

TEST(Burn, ATestWriteLeavesTheDiscBlank) {
    for (const auto kind : {MediumKind::CdR, MediumKind::DvdR}) {
        BurnWorld world(kind);
        const BurnReport report = world.burn(1, kOddSize, {.simulate = true});
        ASSERT_EQ(report.outcome, Outcome::Completed) << told(report);
        EXPECT_EQ(report.disc.status, DiscStatus::Blank) << told(report);
    }
}

TEST(Burn, UpdatesComeOnceBeforeEveryHalfSecondAndOnceAfter) {
    BurnWorld world(MediumKind::CdR);
    const BurnReport report = world.burn(1, kLongSize);
    ASSERT_EQ(report.outcome, Outcome::Completed) << told(report);
    const auto& updates = world.observer.updates;
    ASSERT_GT(updates.size(), 10U);
    for (std::size_t i = 1; i < updates.size(); ++i) {
        EXPECT_LE(updates[i].last_written_lba, updates[i].last_read_lba);
        EXPECT_GE(updates[i].last_written_lba, updates[i - 1].last_written_lba);
        EXPECT_EQ(updates[i].used_system_buffer + updates[i].free_system_buffer,
                  updates[i].total_system_buffer);
    }
    EXPECT_EQ(updates.back().last_written_lba, static_cast<std::int64_t>(kLongSize / 2048));
}

}  // namespace
}  // namespace kiln::harness
