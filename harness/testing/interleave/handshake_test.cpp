// Every interleaving of a burn with those who cancel it: runner, device, reader, cancellers.

#include "harness/testing/interleave/handshake.h"

#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "stack/policy.h"

#include "harness/testing/effort.h"
#include "harness/testing/interleave/explorer.h"

namespace kiln::harness::interleave {
namespace {

using stack::CancelPolicy;
using Fault = Handshake::Fault;

const std::optional<CancelPolicy> kCancelWrite;

constexpr std::uint64_t kPart = 10'000;

/// All of them only where there is time; see OfAShortBurn for one that is always whole.
Limits limits() {
    return testing::effort(1) > 1 ? Limits{.spurious = 0}
                                  : Limits{.spurious = 0, .most_runs = kPart};
}

void expect_clean(const Handshake& setup, const Limits& how_much = limits()) {
    const Exploration found = explore_handshake(setup, how_much);
    EXPECT_FALSE(found.violation) << *found.violation;
    EXPECT_TRUE(found.complete || found.runs == how_much.most_runs);
    std::cout << "             " << found.summary() << '\n';
}

void expect_caught(const Handshake& setup, const std::string& how) {
    const Exploration found = explore_handshake(setup, {.spurious = 0});
    ASSERT_TRUE(found.violation) << "this fault is not seen";
    EXPECT_TRUE(found.violation->starts_with(how)) << *found.violation;
}

TEST(Handshake, OfABurnThatNobodyCancels) {
    expect_clean({}, {.spurious = 0});
    expect_clean({.busy_once = true, .write_fails = true});
    expect_clean({.slots = 2});
}

TEST(Handshake, OfAShortBurn) {
    const Limits shorter{.spurious = 0, .most_runs = kPart * 4};
    expect_clean({.cancels = {kCancelWrite}, .writes = 1}, shorter);
}

TEST(Handshake, OfCancelWrite) {
    expect_clean({.cancels = {kCancelWrite}});
}

TEST(Handshake, OfCancelWriteAndABusyDrive) {
    expect_clean({.cancels = {kCancelWrite}, .busy_once = true});
}

TEST(Handshake, OfCancelWriteAndThreeWrites) {
    expect_clean({.cancels = {kCancelWrite}, .writes = 3});
}

TEST(Handshake, OfEachPolicy) {
    // The orderly ones do the same on this medium.
    expect_clean({.cancels = {CancelPolicy::MakeReadable}});
    expect_clean({.cancels = {CancelPolicy::Emergency}});
}

TEST(Handshake, OfTwoWhoCancel) {
    expect_clean({.cancels = {kCancelWrite, CancelPolicy::Emergency}});
}

TEST(Handshake, OfARequestAndAWriteThatFails) {
    expect_clean({.cancels = {CancelPolicy::LeaveResumable}, .write_fails = true});
}

TEST(Handshake, OfAnEmergencyAndAWriteThatHangs) {
    expect_clean({.cancels = {CancelPolicy::Emergency}, .write_hangs = true});
}

TEST(Handshake, OfARequestAndASourceThatBlocks) {
    expect_clean({.cancels = {CancelPolicy::MakeReadable}, .source_blocks = true});
}

TEST(Handshake, CatchesALastWriteThatTheRunnerDoesNotAnnounce) {
    expect_caught({.cancels = {kCancelWrite}, .fault = Fault::LastWriteNotAnnounced}, "S_OK, and");
}

TEST(Handshake, CatchesAWakeLostBetweenCheckAndSleep) {
    expect_caught({.cancels = {CancelPolicy::MakeReadable}, .fault = Fault::SleepsWithoutLooking},
                  "the runner sleeps");
}

TEST(Handshake, CatchesACancelThatWakesBeforeItAsks) {
    expect_caught({.cancels = {CancelPolicy::MakeReadable}, .fault = Fault::WakesBeforeItAsks},
                  "the runner sleeps");
}

TEST(Handshake, CatchesACancelThatNeverWakes) {
    expect_caught({.cancels = {CancelPolicy::MakeReadable}, .fault = Fault::NeverWakes},
                  "the runner sleeps");
}

TEST(Handshake, CatchesACompletionThatComesTwice) {
    expect_caught({.fault = Fault::CompletionTwice}, "");
}

}  // namespace
}  // namespace kiln::harness::interleave
