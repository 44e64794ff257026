// The machine without a world: every stage meets every event.

#include "stack/imapi/section_machine.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/lba.h"
#include "mmc/sense.h"

#include "transports/clock.h"
#include "transports/error.h"
#include "transports/source.h"
#include "transports/transport.h"

#include "stack/hresult.h"
#include "stack/ports.h"

namespace kiln::stack::imapi {
namespace {

using mmc::SenseKey;
using std::chrono::milliseconds;
using transports::Instant;
using Stage = SectionMachine::Stage;

constexpr std::uint32_t kEach = 2;  // blocks of a WRITE

/// Three WRITEs of two blocks each, two slots.
SectionMachine fresh() {
    return SectionMachine({.start = mmc::Lba{10},
                           .count = mmc::BlockCount{3 * kEach},
                           .bytes_per_sector = 2048,
                           .sectors_per_write = kEach},
                          2);
}

Event good() {
    return Completed{.completion = transports::Completion{}, .error = {}, .answer = {}};
}

Event check(SenseKey key, mmc::AdditionalSense additional) {
    transports::Completion completion;
    completion.status = transports::Status::CheckCondition;
    completion.sense = mmc::make_sense(key, additional);
    return Completed{.completion = completion, .error = {}, .answer = {}};
}

Event read_of(std::size_t slot) {
    return BlocksRead{.slot = slot, .bytes = kEach * 2048};
}

/// "update read:0 write:12 last", in the order of the list.
std::string words_of_actions(const ActionList& actions) {
    static constexpr std::array<std::string_view, 5> kMilestones = {"", " first", " middle",
                                                                    " last", " only"};
    std::string words;
    for (const Action& action : actions) {
        words += words.empty() ? "" : "; ";
        if (std::holds_alternative<NotifyUpdate>(action)) {
            words += "update";
        } else if (std::holds_alternative<LastWriteRefused>(action)) {
            words += "refused";
        } else if (const auto* read = std::get_if<ReadBlocks>(&action)) {
            words += "read into " + std::to_string(read->slot);
        } else if (const auto* execute = std::get_if<Execute>(&action)) {
            words += "write " + std::to_string(execute->cdb.bytes()[5]) + " from " +
                     std::to_string(execute->slot);
            words += kMilestones.at(static_cast<std::size_t>(execute->milestone));
        } else {
            words += "other";
        }
    }
    return words;
}

struct Stepped {
    SectionMachine machine = fresh();
    std::string actions;
    Instant now{milliseconds(1)};

    Stepped& feed(const Event& event) {
        ActionList out;
        machine.step(event, now, out);
        actions = words_of_actions(out);
        return *this;
    }
};

Stepped idle() {
    return {};
}
Stepped starting() {
    return idle().feed(Begin{});
}
Stepped writing() {
    return starting().feed(read_of(0));
}
Stepped pausing() {
    return writing().feed(check(SenseKey::NotReady, 0x0408));
}
Stepped last_out() {
    return writing().feed(read_of(1)).feed(good()).feed(read_of(0)).feed(good());
}
Stepped stopping() {
    return writing().feed(CancelSeen{});
}
Stepped stopping_with_more() {
    return writing().feed(read_of(1)).feed(CancelSeen{});
}
Stepped failing() {
    return writing().feed(SourceFailed{.error = {.detail = "no more"}});
}
Stepped ended() {
    return stopping().feed(good());
}

TEST(SectionMachine, BeginsWithAnUpdateAndARead) {
    const Stepped it = starting();
    EXPECT_EQ(it.machine.stage(), Stage::Starting);
    EXPECT_EQ(it.actions, "update; read into 0");
}

TEST(SectionMachine, ReadsAheadAndWritesInOrder) {
    Stepped it = starting();
    EXPECT_EQ(it.feed(read_of(0)).actions, "read into 1; write 10 from 0 first");
    EXPECT_EQ(it.feed(read_of(1)).actions, "") << "the ring is full";
    EXPECT_EQ(it.feed(good()).actions, "read into 0; write 12 from 1 middle");
    EXPECT_EQ(it.feed(read_of(0)).actions, "") << "nothing more to read";
    EXPECT_EQ(it.feed(good()).actions, "write 14 from 0 last");
    EXPECT_EQ(it.feed(good()).actions, "");
    EXPECT_EQ(it.machine.stage(), Stage::Ended);
    EXPECT_EQ(it.machine.end().code, HResult::Ok);
    EXPECT_EQ(it.machine.end().written, 3 * kEach);
}

TEST(SectionMachine, EveryStageMeetsEveryEvent) {
    struct Row {
        const char* name;
        Stepped (*from)();
        Event event;
        Stage to;
        const char* actions;
        HResult code;  // at the end; Fail: not ended
    };
    const Event failed = SourceFailed{.error = {.detail = "no more"}};
    const Event short_read = BlocksRead{.slot = 1, .bytes = 2048, .ended = true};
    const Event fails_behind = BlocksRead{
        .slot = 0, .bytes = kEach * 2048, .failed = transports::SourceError{.detail = "no more"}};
    const Event medium_error = check(SenseKey::MediumError, 0x0C00);
    const Event full = check(SenseKey::NotReady, 0x0408);
    const Event withdrawn = CancelSeen{.withdrawn = true};
    const Row rows[] = {
        {"starting, stream fails", starting, failed, Stage::Ended, "", HResult::Fail},
        {"starting, ends early", starting, short_read, Stage::Ended, "", HResult::Fail},
        {"starting, fails behind it", starting, fails_behind, Stage::Ended, "", HResult::Fail},
        {"starting, cancel", starting, CancelSeen{}, Stage::Ended, "", HResult::RequestCancelled},
        {"starting, tick", starting, Tick{}, Stage::Starting, "", HResult::Fail},
        {"writing, good", writing, good(), Stage::Writing, "", HResult::Fail},
        {"writing, read", writing, read_of(1), Stage::Writing, "", HResult::Fail},
        {"writing, full", writing, full, Stage::Writing, "", HResult::Fail},
        {"writing, error", writing, medium_error, Stage::Ended, "", HResult::UnexpectedResponse},
        {"writing, stream fails", writing, failed, Stage::Stopping, "", HResult::Fail},
        {"writing, ends early", writing, short_read, Stage::Stopping, "", HResult::Fail},
        {"writing, fails behind it", writing, fails_behind, Stage::Stopping, "", HResult::Fail},
        {"writing, cancel", writing, CancelSeen{}, Stage::Stopping, "", HResult::RequestCancelled},
        {"writing, withdrawn", writing, withdrawn, Stage::Ended, "", HResult::RequestCancelled},
        {"pausing, tick", pausing, Tick{}, Stage::Writing, "", HResult::Fail},
        {"pausing, cancel", pausing, CancelSeen{}, Stage::Ended, "", HResult::RequestCancelled},
        {"pausing, stream fails", pausing, failed, Stage::Ended, "", HResult::Fail},
        {"last out, good", last_out, good(), Stage::Ended, "", HResult::Ok},
        {"last out, full", last_out, full, Stage::Writing, "refused", HResult::Fail},
        {"last out, error", last_out, medium_error, Stage::Ended, "", HResult::UnexpectedResponse},
        {"last out, cancel", last_out, CancelSeen{}, Stage::Stopping, "",
         HResult::RequestCancelled},
        {"last out, withdrawn", last_out, withdrawn, Stage::Ended, "", HResult::RequestCancelled},
        {"stopping, good", stopping, good(), Stage::Ended, "", HResult::RequestCancelled},
        {"stopping, full", stopping, full, Stage::Ended, "", HResult::RequestCancelled},
        {"stopping, error", stopping, medium_error, Stage::Ended, "", HResult::RequestCancelled},
        {"stopping, stream fails", stopping, failed, Stage::Stopping, "",
         HResult::RequestCancelled},
        {"stopping, read", stopping, read_of(1), Stage::Stopping, "", HResult::RequestCancelled},
        {"stopping, cancel", stopping, CancelSeen{}, Stage::Stopping, "",
         HResult::RequestCancelled},
        {"stopping with more, good", stopping_with_more, good(), Stage::Ended, "",
         HResult::RequestCancelled},
        {"stream failed, cancel", failing, CancelSeen{}, Stage::Stopping, "", HResult::Fail},
        {"stream failed, good", failing, good(), Stage::Ended, "", HResult::Fail},
        {"ended, good", ended, good(), Stage::Ended, "", HResult::RequestCancelled},
        {"ended, read", ended, read_of(1), Stage::Ended, "", HResult::RequestCancelled},
        {"ended, cancel", ended, CancelSeen{}, Stage::Ended, "", HResult::RequestCancelled},
    };
    for (const Row& row : rows) {
        Stepped it = row.from();
        it.feed(row.event);
        EXPECT_EQ(it.machine.stage(), row.to) << row.name;
        EXPECT_EQ(it.actions, row.actions) << row.name;
        EXPECT_EQ(it.machine.end().code, row.code) << row.name;
    }
}

TEST(SectionMachine, IsCompleteWhateverCameWhileTheLastWriteWasOut) {
    Stepped it = last_out();
    it.feed(CancelSeen{}).feed(good());
    EXPECT_EQ(it.machine.end().code, HResult::Ok);
    EXPECT_FALSE(it.machine.end().failure);
}

TEST(SectionMachine, ARefusedWriteIsTheSameOneLater) {
    Stepped it = pausing();
    EXPECT_EQ(it.machine.wake_at(), it.now + milliseconds(4));
    it.now = it.machine.wake_at();
    EXPECT_EQ(it.feed(Tick{}).actions, "write 10 from 0 middle") << "the first one was issued";
    Stepped last = last_out();
    last.feed(check(SenseKey::NotReady, 0x0407));
    last.now = last.machine.wake_at();
    EXPECT_EQ(last.feed(Tick{}).actions, "write 14 from 0 last") << "announced once more";
}

TEST(SectionMachine, ALateTickTellsOnce) {
    Stepped it = writing();
    it.now += milliseconds(1700);
    EXPECT_EQ(it.feed(Tick{}).actions, "update");
    EXPECT_EQ(it.feed(Tick{}).actions, "");
    EXPECT_EQ(it.machine.wake_at(), Instant(milliseconds(2001)));
}

/// A copy taken after every event goes on as the original does.
TEST(SectionMachine, ACopyGoesOnAlone) {
    const std::vector<Event> events = {Begin{}, read_of(0), read_of(1), good(),
                                       check(SenseKey::MediumError, 0x0C00)};
    for (std::size_t at = 0; at <= events.size(); ++at) {
        Stepped original;
        for (std::size_t i = 0; i < at; ++i) {
            original.feed(events[i]);
        }
        Stepped copy = original;
        for (std::size_t i = at; i < events.size(); ++i) {
            copy.feed(events[i]);
        }
        EXPECT_EQ(copy.machine.end().code, HResult::UnexpectedResponse);
        EXPECT_EQ(copy.machine.end().written, kEach);
    }
}

}  // namespace
}  // namespace kiln::stack::imapi
