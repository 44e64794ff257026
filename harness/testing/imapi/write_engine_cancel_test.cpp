// CancelWrite at every point of a section, and what else the states of a write engine refuse.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/sense.h"

#include "transports/clock.h"

#include "stack/hresult.h"
#include "stack/imapi/exclusive_access.h"
#include "stack/imapi/recorder.h"
#include "stack/imapi/write_engine.h"

#include "harness/testing/imapi/engine_world.h"

namespace kiln::harness {
namespace {

using mmc::SenseKey;
using stack::HResult;
using stack::imapi::Extensions;
using stack::imapi::Recorder;
using stack::imapi::VariantBool;
using stack::imapi::WriteEngine;
using std::chrono::milliseconds;
using std::chrono::seconds;

EngineWorld::Answer busy() {
    return EngineWorld::check(SenseKey::NotReady, 0x0408);
}

TEST(CancelWrite, WithoutASectionIsNotInProgress) {
    EngineWorld world;
    EXPECT_EQ(world.engine.cancel_write(), HResult::WriteNotInProgress) << "unset";
    world.ready();
    EXPECT_EQ(world.engine.cancel_write(), HResult::WriteNotInProgress) << "idle";
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 64), HResult::Ok) << "nothing is remembered";
    EXPECT_EQ(world.engine.cancel_write(), HResult::WriteNotInProgress) << "idle again";
}

TEST(CancelWrite, InTheUpdateBeforeIsNotInProgressAndForgotten) {
    EngineWorld world;
    world.ready();
    HResult answer = HResult::Fail;
    world.events.act = [&](WriteEngine& engine, std::size_t number) {
        if (number == 1) {
            EXPECT_EQ(engine.write_in_progress(), VariantBool::True);
            for (int i = 0; i < 100; ++i) {
                answer = engine.cancel_write();  // a loop cannot help: nothing goes on meanwhile
                ASSERT_EQ(answer, HResult::WriteNotInProgress);
            }
        }
    };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 64), HResult::Ok);
    EXPECT_EQ(world.writes.size(), 2U);
}

TEST(CancelWrite, InAPeriodicUpdateIsAcceptedAndAgain) {
    EngineWorld world;
    world.ready();
    world.write_takes = milliseconds(400);
    world.events.act = [&](WriteEngine& engine, std::size_t number) {
        if (number == 2) {
            EXPECT_EQ(engine.cancel_write(), HResult::Ok);
            EXPECT_EQ(engine.cancel_write(), HResult::Ok) << "one cancel, asked for twice";
        }
    };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 320), HResult::RequestCancelled);
    EXPECT_EQ(world.writes.size(), 2U) << "the one in flight at 0.5 s is the last";
    EXPECT_EQ(world.events.updates.size(), 3U) << "before, 0.5 s, after";
    EXPECT_EQ(world.events.updates.back().last_written_lba, 63) << "it is awaited and counts";
    EXPECT_EQ(world.clock.now().time_since_epoch(), milliseconds(800));
}

/// The Update of 0.5 s comes when no command is out and one is due: it is not sent any more.
TEST(CancelWrite, InAnUpdateBetweenTwoWritesIsBeforeTheSecond) {
    EngineWorld world;
    world.ready();
    world.write_takes = milliseconds(250);
    world.events.act = [&](WriteEngine& engine, std::size_t number) {
        if (number == 2) {
            EXPECT_EQ(engine.cancel_write(), HResult::Ok);
        }
    };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 320), HResult::RequestCancelled);
    for (const SeenWrite& write : world.writes) {
        EXPECT_LE(write.at.time_since_epoch(), milliseconds(500));
    }
    EXPECT_EQ(world.writes.size(), 2U);
}

/// Who sleeps until the drive or the stream has something is woken; by a refused cancel nobody is.
TEST(CancelWrite, WakesTheEngineWhereItIsAccepted) {
    EngineWorld world;
    world.ready();
    std::vector<bool> woken;
    world.during = [&](std::size_t number) {
        (void)world.waker.wait_for(transports::Duration::zero());
        const bool accepted = world.engine.cancel_write() == HResult::Ok;
        EXPECT_EQ(accepted, number == 1);
        woken.push_back(world.waker.wait_for(transports::Duration::zero()));
    };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 64), HResult::RequestCancelled);
    EXPECT_EQ(world.engine.write_section(&stream, 0, 32), HResult::Ok) << "its last WRITE was out";
    EXPECT_EQ(woken, (std::vector<bool>{true, false}));
}

/// Of ten WRITEs, the cancel comes while the n-th is in flight, for every n.
TEST(CancelWrite, DuringTheNthWrite) {
    for (std::size_t n = 1; n <= 10; ++n) {
        EngineWorld world;
        world.ready();
        HResult answer = HResult::Fail;
        world.during = [&](std::size_t number) {
            if (number == n) {
                answer = world.engine.cancel_write();
            }
        };
        CountingStream stream;
        const HResult result = world.engine.write_section(&stream, 0, 320);
        EXPECT_EQ(world.writes.size(), n);
        EXPECT_EQ(answer, n < 10 ? HResult::Ok : HResult::WriteNotInProgress) << n;
        EXPECT_EQ(result, n < 10 ? HResult::RequestCancelled : HResult::Ok) << n;
        EXPECT_EQ(world.engine.cancel_write(), HResult::WriteNotInProgress);
        world.during = {};
        CountingStream again;
        EXPECT_EQ(world.engine.write_section(&again, 0, 64), HResult::Ok) << "usable at once";
    }
}

TEST(CancelWrite, FromTheIssueOfTheOnlyWriteIsNotInProgress) {
    EngineWorld world;
    world.ready();
    world.during = [&](std::size_t /*number*/) {
        EXPECT_EQ(world.engine.cancel_write(), HResult::WriteNotInProgress);
    };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 5), HResult::Ok);
    EXPECT_EQ(world.writes.size(), 1U);
}

TEST(CancelWrite, WhileARefusedLastWriteWaitsIsAccepted) {
    EngineWorld world;
    world.ready();
    (void)world.engine.set_starting_sectors_per_second(75);  // pauses of 220 ms
    world.on_write = [](std::size_t number) -> std::optional<EngineWorld::Answer> {
        if (number == 1) {
            return std::nullopt;
        }
        return busy();
    };
    HResult in_flight = HResult::Fail;
    HResult in_pause = HResult::Fail;
    world.during = [&](std::size_t number) {
        if (number == 2) {
            in_flight = world.engine.cancel_write();
        }
    };
    world.events.act = [&](WriteEngine& engine, std::size_t number) {
        if (number == 2) {
            in_pause = engine.cancel_write();
        }
    };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 64), HResult::RequestCancelled);
    EXPECT_EQ(in_flight, HResult::WriteNotInProgress);
    EXPECT_EQ(in_pause, HResult::Ok);
    EXPECT_EQ(world.events.updates.back().last_written_lba, 31);
}

TEST(CancelWrite, AfterARefusedLastWriteWasTakenIsNotInProgress) {
    EngineWorld world;
    world.ready();
    world.on_write = [](std::size_t number) -> std::optional<EngineWorld::Answer> {
        if (number != 1) {
            return std::nullopt;
        }
        return busy();
    };
    world.during = [&](std::size_t /*number*/) {
        EXPECT_EQ(world.engine.cancel_write(), HResult::WriteNotInProgress);
    };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 5), HResult::Ok);
    EXPECT_EQ(world.writes.size(), 2U);
}

/// A recovered error is CHECK CONDITION, and the block is on its way: the section is complete.
TEST(CancelWrite, IsNotAcceptedForALastWriteThatWasRecovered) {
    EngineWorld world;
    world.ready();
    world.on_write = [](std::size_t /*number*/) {
        return std::optional(EngineWorld::check(SenseKey::RecoveredError, 0x0C01));
    };
    world.events.act = [](WriteEngine& engine, std::size_t /*number*/) {
        EXPECT_EQ(engine.cancel_write(), HResult::WriteNotInProgress);
    };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 5), HResult::Ok);
}

TEST(CancelWrite, InTheUpdateAfterIsNotInProgress) {
    struct Row {
        const char* name;
        std::function<std::optional<EngineWorld::Answer>(std::size_t)> on_write;
        std::size_t cancel_in = 0;
        HResult result;
    };
    const auto good = [](std::size_t) -> std::optional<EngineWorld::Answer> {
        return std::nullopt;
    };
    const auto fails = [](std::size_t) {
        return std::optional(EngineWorld::check(SenseKey::MediumError, 0x0C00));
    };
    for (const Row& row : {Row{"complete", good, 0, HResult::Ok},
                           Row{"failed", fails, 0, HResult::UnexpectedResponse},
                           Row{"cancelled", good, 1, HResult::RequestCancelled}}) {
        EngineWorld world;
        world.ready();
        world.on_write = row.on_write;
        world.during = [&](std::size_t number) {
            if (number == row.cancel_in) {
                EXPECT_EQ(world.engine.cancel_write(), HResult::Ok);
            }
        };
        HResult after = HResult::Fail;
        world.events.act = [&](WriteEngine& engine, std::size_t number) {
            if (number == 2) {
                after = engine.cancel_write();
            }
        };
        CountingStream stream;
        EXPECT_EQ(world.engine.write_section(&stream, 0, 96), row.result) << row.name;
        EXPECT_EQ(world.events.updates.size(), 2U);
        EXPECT_EQ(after, HResult::WriteNotInProgress) << row.name;
    }
}

/// The first one wins: what the drive says of the WRITE in flight comes after the cancel.
TEST(CancelWrite, ThatCameBeforeAnErrorWins) {
    EngineWorld world;
    world.ready();
    world.during = [&](std::size_t number) {
        if (number == 2) {
            EXPECT_EQ(world.engine.cancel_write(), HResult::Ok);
        }
    };
    world.on_write = [](std::size_t number) -> std::optional<EngineWorld::Answer> {
        if (number != 2) {
            return std::nullopt;
        }
        return EngineWorld::check(SenseKey::MediumError, 0x0C00);
    };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 320), HResult::RequestCancelled);
    EXPECT_EQ(world.writes.size(), 2U);
    EXPECT_EQ(world.events.updates.back().last_written_lba, 31);
}

/// The stream fails while a WRITE is in flight, and the cancel comes after that.
TEST(CancelWrite, ThatCameAfterAnErrorLoses) {
    EngineWorld world;
    world.ready();
    world.write_takes = seconds(2);
    CountingStream stream;
    stream.fails_at = std::uint64_t{2} * 65536;
    stream.failure = static_cast<HResult>(0x80030002U);
    world.events.act = [&](WriteEngine& engine, std::size_t number) {
        if (number == 3) {
            EXPECT_EQ(engine.cancel_write(), HResult::Ok) << "a WRITE is still out";
        }
    };
    EXPECT_EQ(world.engine.write_section(&stream, 0, 320), static_cast<HResult>(0x80030002U));
    EXPECT_EQ(world.writes.size(), 1U);
}

/// 2/04/08 for the WRITE in flight when the cancel was accepted: it is not sent again.
TEST(CancelWrite, IsNotHeldUpByABusyDrive) {
    EngineWorld world;
    world.ready();
    world.during = [&](std::size_t number) {
        if (number == 2) {
            EXPECT_EQ(world.engine.cancel_write(), HResult::Ok);
        }
    };
    world.on_write = [](std::size_t number) -> std::optional<EngineWorld::Answer> {
        if (number != 2) {
            return std::nullopt;
        }
        return busy();
    };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 320), HResult::RequestCancelled);
    EXPECT_EQ(world.writes.size(), 2U);
}

TEST(CancelWrite, SendsNothingAfterwards) {
    EngineWorld world;
    world.ready();
    world.during = [&](std::size_t /*number*/) { (void)world.engine.cancel_write(); };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 320), HResult::RequestCancelled);
    EXPECT_EQ(world.transport.cdbs.size(), 1U) << "flush and close are the caller's";
    EXPECT_EQ(world.access.owner(), "") << "the drive is released";
}

TEST(RequestCancel, IsRememberedFromTheUpdateBefore) {
    EngineWorld world;
    world.ready();
    world.events.act = [](WriteEngine& engine, std::size_t number) {
        if (number == 1) {
            EXPECT_EQ(engine.request_cancel(), HResult::Ok);
        }
    };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 320), HResult::RequestCancelled);
    EXPECT_EQ(world.writes.size(), 0U);
    EXPECT_EQ(world.events.updates.size(), 2U);
    world.events.act = {};
    EXPECT_EQ(world.engine.write_section(&stream, 0, 64), HResult::Ok) << "of that section only";
}

TEST(RequestCancel, IsRefusedWithoutASection) {
    EngineWorld world;
    world.ready();
    EXPECT_EQ(world.engine.request_cancel(), HResult::WriteNotInProgress);
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 64), HResult::Ok);
}

TEST(RequestCancel, DoesNotUndoACompleteSection) {
    EngineWorld world;
    world.ready();
    world.during = [&](std::size_t number) {
        if (number == 2) {
            EXPECT_EQ(world.engine.request_cancel(), HResult::Ok);
        }
    };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 64), HResult::Ok);
}

TEST(RequestCancel, EndsTheWaitForABusyLastWrite) {
    EngineWorld world;
    world.ready();
    world.on_write = [](std::size_t /*number*/) { return std::optional(busy()); };
    world.during = [&](std::size_t number) {
        if (number == 1) {
            EXPECT_EQ(world.engine.request_cancel(), HResult::Ok);
        }
    };
    CountingStream stream;
    EXPECT_EQ(world.engine.write_section(&stream, 0, 1), HResult::RequestCancelled);
    EXPECT_EQ(world.writes.size(), 1U);
}

}  // namespace
}  // namespace kiln::harness
