// Cancels while a blank or a format is under way.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "stack/burn.h"
#include "stack/outcome.h"
#include "stack/policy.h"

#include "harness/sim/media/medium.h"
#include "harness/sim/medium_kind.h"
#include "harness/sim/medium_store.h"
#include "harness/testing/burn_world.h"
#include "harness/testing/generated_source.h"

namespace kiln::harness {
namespace {

using stack::CancelPolicy;
using stack::Outcome;
using std::chrono::minutes;

class EveryOrderlyPolicy : public testing::TestWithParam<CancelPolicy> {};

TEST_P(EveryOrderlyPolicy, EndsAFullFormatOfADvdPlusRwEarly) {
    BurnWorld world(MediumKind::DvdPlusRw);
    const auto began = world.clock().now();
    const auto report = world.format({.full = true}, [&](auto& cancel, auto& observer) {
        observer.act = [&](const stack::Progress& progress) {
            if (progress.elapsed > minutes(10)) {
                cancel.request(GetParam());
            }
        };
    });
    EXPECT_EQ(report.outcome, Outcome::Cancelled);
    EXPECT_TRUE(report.as_predicted) << report.predicted.words;
    EXPECT_LT(world.clock().now() - began, minutes(12)) << "the whole of it takes an hour";
    const auto view = world.fake().view();
    EXPECT_EQ(view.medium->background, BackgroundFormat::Stopped);
    EXPECT_FALSE(view.busy);
    EXPECT_FALSE(view.locked);
    EXPECT_EQ(world.burn(1, 100'000).outcome, Outcome::Completed) << "and it can be used";
}

TEST_P(EveryOrderlyPolicy, AwaitsABlankThatCannotBeEnded) {
    BurnWorld world(MediumKind::CdRw);
    ASSERT_EQ(world.burn(1, 700'000).outcome, Outcome::Completed);
    const auto report = world.blank(stack::BlankKind::Full, [&](auto& cancel, auto& observer) {
        observer.act = [&](const stack::Progress& progress) {
            if (progress.elapsed > minutes(1)) {
                cancel.request(GetParam());
            }
        };
    });
    EXPECT_EQ(report.outcome, Outcome::Completed) << "the cancel changed nothing";
    EXPECT_EQ(report.disc.status, stack::DiscStatus::Blank);
    EXPECT_FALSE(world.fake().view().locked);
}

TEST_P(EveryOrderlyPolicy, LeavesTheDiscAsItWasBeforeAnOperationBegins) {
    BurnWorld world(MediumKind::CdRw);
    ASSERT_EQ(world.burn(1, 700'000).outcome, Outcome::Completed);
    const auto report = world.blank(stack::BlankKind::Fast, [&](auto& cancel, auto& /*observer*/) {
        cancel.request(GetParam());
    });
    EXPECT_EQ(report.outcome, Outcome::Cancelled);
    EXPECT_TRUE(report.as_predicted);
    EXPECT_EQ(report.disc.sessions, 1U);
}

TEST_P(EveryOrderlyPolicy, LeavesWhatWasForetold) {
    for (const MediumKind kind : {MediumKind::CdR, MediumKind::DvdR, MediumKind::DvdPlusR,
                                  MediumKind::BdR, MediumKind::DvdPlusRw}) {
        for (const std::size_t at : {1U, 3U}) {
            BurnWorld world(kind);
            GeneratedSource source(1, 16'000'000);
            stack::Prediction foretold;
            bool asked = false;
            const auto report = world.burn(source, {}, [&](auto& cancel, auto& observer) {
                observer.act = [&](const stack::Progress& /*progress*/) {
                    if (!asked && observer.updates.size() == at) {
                        asked = true;
                        foretold = observer.forecast->if_cancelled(GetParam());
                        cancel.request(GetParam());
                    }
                };
            });
            ASSERT_TRUE(asked);
            EXPECT_TRUE(foretold.exact);
            EXPECT_TRUE(stack::fits(foretold, report.disc))
                << facts_of(kind).name << ", update " << at << ": foretold " << foretold.words
                << "; then " << report.predicted.words;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Cancel, EveryOrderlyPolicy,
                         testing::Values(CancelPolicy::MakeReadable, CancelPolicy::LeaveResumable,
                                         CancelPolicy::FastestRelease),
                         [](const auto& value) {
                             std::string name(stack::name_of(value.param));
                             std::erase(name, '-');
                             return name;
                         });

TEST(NearlyFull, ACdWithoutRoomForAnotherSessionIsNoFailure) {
    BurnWorld world(MediumKind::CdR);
    world.fake().insert_ready(fresh_medium(MediumKind::CdR, 10'000), make_memory_store(),
                              world.clock().now());
    const auto report = world.burn(1, 9'600ULL * 2048);
    EXPECT_EQ(report.outcome, Outcome::Completed)
        << (report.failure ? report.failure->message() : "");
}

}  // namespace
}  // namespace kiln::harness
