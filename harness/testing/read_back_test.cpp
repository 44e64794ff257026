// What comes behind the last WRITE: the disc's state is read back, and with --verify all of it.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

#include "mmc/lba.h"
#include "mmc/sense.h"

#include "transports/faults/fault.h"

#include "stack/hresult.h"
#include "stack/outcome.h"
#include "stack/policy.h"

#include "harness/sim/medium_kind.h"
#include "harness/testing/burn_world.h"
#include "harness/testing/checkers/recorded_burn.h"
#include "harness/testing/checkers/seen.h"

namespace kiln::harness {
namespace {

using checks::Act;
using stack::CancelPolicy;
using stack::Outcome;
using transports::Fault;

constexpr std::uint8_t kRead = 0x28;
constexpr std::uint8_t kWrite = 0x2A;
constexpr std::uint8_t kReadDiscInformation = 0x51;

transports::FailWith sense(mmc::SenseKey key, mmc::AdditionalSense additional) {
    return {mmc::make_sense(key, additional)};
}

std::size_t count(const Evidence& evidence, std::uint8_t operation_code) {
    return static_cast<std::size_t>(std::count_if(
        evidence.commands.begin(), evidence.commands.end(),
        [operation_code](const SentCommand& it) { return it.cdb[0] == operation_code; }));
}

std::size_t last_of(const Evidence& evidence, Act act) {
    const checks::Run run(evidence);
    std::size_t last = checks::Run::npos;
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        last = run.commands[i].act == act ? i : last;
    }
    return last;
}

/// A quarter of an hour of reading is not what somebody waits for who wants an end.
TEST(ReadBack, ACancelEndsTheVerificationAtTheNextRead) {
    const RecordedBurn job{.medium = MediumKind::BdRe, .options = {.verify = true}};
    const Evidence plain = recorded(job);
    ASSERT_EQ(plain.report->verified, stack::Verified::Yes);
    std::size_t third_last = plain.commands.size();
    for (int reads = 0; reads < 3;) {
        reads += plain.commands[--third_last].cdb[0] == kRead ? 1 : 0;
    }
    RecordedBurn cancelled = job;
    cancelled.cancels = {{.policy = CancelPolicy::FastestRelease, .command = third_last}};
    const Evidence evidence = recorded(cancelled);
    EXPECT_EQ(evidence.report->outcome, Outcome::Completed) << "the burn was whole before";
    EXPECT_EQ(evidence.report->verified, stack::Verified::Cancelled);
    EXPECT_EQ(count(evidence, kRead), count(plain, kRead) - 2);
}

/// Each MiB is compared: a WRITE that the drive only said to have done is found wherever it was.
TEST(ReadBack, AVerificationFindsADifferenceInAnyMebibyte) {
    constexpr std::uint32_t kBlocksOfMebibyte = 512;
    for (const std::uint64_t mebibyte : {0U, 1U, 2U}) {
        BurnWorld world(MediumKind::BdRe);
        const std::uint64_t write = mebibyte * 16 + 5;  // from 1, of 64 KiB each
        world.add_fault(Fault{
            .operation_code = kWrite, .first = write, .last = write, .kind = transports::Lie{}});
        const auto report = world.burn(1, std::uint64_t{3} << 20U, {.verify = true});
        EXPECT_EQ(report.outcome, Outcome::Failed) << mebibyte;
        EXPECT_EQ(report.verified, stack::Verified::No);
        EXPECT_EQ(report.code, stack::HResult::VerificationFailed);
        ASSERT_TRUE(report.failure);
        EXPECT_EQ(report.failure->lba,
                  mmc::Lba{static_cast<std::int32_t>(mebibyte * kBlocksOfMebibyte)});
    }
}

/// Behind the WRITE that failed the disc cannot be read back either: that is not what is told.
TEST(ReadBack, TheWriteThatFailedIsToldAndNotTheLookBehindIt) {
    BurnWorld world(MediumKind::BdR);
    world.add_fault(Fault{.operation_code = kWrite,
                          .first = 2,
                          .last = 2,
                          .kind = sense(mmc::SenseKey::MediumError, 0x0C00)});
    const Evidence plain = recorded({.medium = MediumKind::BdR});
    const checks::Run run(plain);
    std::uint64_t looks = 0;
    for (std::size_t i = 0; i < run.first_write; ++i) {
        looks += plain.commands[i].cdb[0] == kReadDiscInformation ? 1U : 0U;
    }
    world.add_fault(Fault{.operation_code = kReadDiscInformation,
                          .first = looks + 1,
                          .last = looks + 1000,
                          .kind = sense(mmc::SenseKey::HardwareError, 0x4400)});
    const auto report = world.burn(1, 100 * 2048);
    EXPECT_EQ(report.outcome, Outcome::Failed);
    EXPECT_EQ(report.disc.status, stack::DiscStatus::Unknown) << "the look did fail";
    ASSERT_TRUE(report.failure && report.failure->sense);
    EXPECT_EQ(report.failure->sense->key, mmc::SenseKey::MediumError);
}

/// Who asks a second time, because it takes long, does not make a cancelled burn a failed one.
TEST(ReadBack, ARequestThatComesWhileTheDriveIsAskedEndsNoWait) {
    RecordedBurn job{.medium = MediumKind::BdR};
    const Evidence plain = recorded(job);
    job.cancels = {
        {.policy = CancelPolicy::FastestRelease, .command = checks::Run(plain).first_write + 1}};
    const Evidence once = recorded(job);
    ASSERT_EQ(once.report->outcome, Outcome::Cancelled);
    const std::size_t behind = last_of(once, Act::Allow) + 1;
    ASSERT_LT(behind, once.commands.size());
    const std::uint8_t asked = once.commands[behind].cdb[0];
    std::uint64_t number = 0;
    for (std::size_t i = 0; i <= behind; ++i) {
        number += once.commands[i].cdb[0] == asked ? 1U : 0U;
    }
    job.cancels.push_back({.policy = CancelPolicy::Emergency, .command = behind});
    job.fault = Fault{.operation_code = asked,
                      .first = number,
                      .last = number,
                      .kind = sense(mmc::SenseKey::NotReady, 0x0401)};
    const Evidence twice = recorded(job);
    EXPECT_EQ(twice.commands.size(), once.commands.size() + 1) << "it was asked once more";
    EXPECT_EQ(twice.report->outcome, Outcome::Cancelled);
    EXPECT_TRUE(twice.report->as_predicted);
}

}  // namespace
}  // namespace kiln::harness
