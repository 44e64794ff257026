// The host's machine by itself: every state against every event, as a table, and what it makes of
// the answers. What it does with a device is in host_and_device_test.cpp.

#include "transports/bot/host_machine.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/hex.h"

namespace kiln::transports::bot {
namespace {

using State = HostMachine::State;
using Kind = Event::Kind;
using Do = Action::Kind;

constexpr std::uint32_t kBytes = 8;

/// Ways to each state: the events, a character each, from the start of an 8-byte command.
/// k done in full, e done with nothing, s stalled, f failed on the bus, t timed out
struct Way {
    State state;
    Flow flow;
    std::string_view events;
};

constexpr std::array kWays{
    Way{State::Command, Flow::In, ""},
    Way{State::Data, Flow::In, "k"},
    Way{State::Data, Flow::Out, "k"},
    Way{State::ClearData, Flow::In, "ks"},
    Way{State::ClearData, Flow::Out, "ks"},
    Way{State::Status, Flow::None, "k"},
    Way{State::Status, Flow::In, "kk"},
    Way{State::ClearStatus, Flow::None, "ks"},
    Way{State::StatusAgain, Flow::None, "ksk"},
    Way{State::StatusAgain, Flow::None, "ke"},
    Way{State::ResetInterface, Flow::None, "f"},
    Way{State::ClearIn, Flow::None, "fk"},
    Way{State::ClearOut, Flow::None, "fkk"},
};

class Driven {
public:
    explicit Driven(Flow flow, Guard guard = Guard::MayReset, Quirks quirks = {})
        : machine_({.quirks = quirks, .first_tag = 7}) {
        last_ = machine_.start({.cdb = mmc::Cdb(10),
                                .flow = flow,
                                .bytes = flow == Flow::None ? 0 : kBytes,
                                .guard = guard});
    }

    Action feed(Kind kind, std::uint32_t bytes, mmc::ByteView received = {}) {
        last_ = machine_.handle({.kind = kind, .bytes = bytes, .received = received});
        return last_;
    }
    /// As asked.
    Action feed_done() {
        switch (last_.kind) {
            case Do::SendCommand:
                return feed(Kind::Done, 31);
            case Do::SendData:
            case Do::ReceiveData:
                return feed(Kind::Done, machine_.wrapper().data_transfer_length, data_);
            case Do::ReceiveStatus:
                return feed_status({.tag = machine_.wrapper().tag});
            default:
                return feed(Kind::Done, 0);
        }
    }
    Action feed_status(const StatusWrapper& status) {
        status_ = encode(status);
        return feed(Kind::Done, 13, status_);
    }
    void go(std::string_view events) {
        for (const char event : events) {
            event == 'k'   ? feed_done()
            : event == 'e' ? feed(Kind::Done, 0)
            : event == 's' ? feed(Kind::Stalled, 0)
            : event == 't' ? feed(Kind::TimedOut, 0)
                           : feed(Kind::BusFailed, 0);
        }
    }
    HostMachine& operator*() { return machine_; }
    HostMachine* operator->() { return &machine_; }

private:
    HostMachine machine_;
    Action last_;
    StatusBytes status_{};
    std::array<std::uint8_t, 18> data_{};
};

std::string_view name_of(State state) {
    constexpr std::array<std::string_view, 12> kNames{
        "Ready", "Command", "Data",    "ClearData", "Status", "ClearStatus",
        "Again", "Reset",   "ClearIn", "ClearOut",  "Behind", "OutOfStep"};
    return kNames.at(static_cast<std::size_t>(state));
}

/// One row a way, one column an event: where it leads with MayReset, and after a slash with
/// NeverReset where that differs.
TEST(HostMachine, EveryStateAgainstEveryEvent) {
    constexpr std::array kEvents{Kind::Done,     Kind::Stalled,     Kind::TooMuch, Kind::BusFailed,
                                 Kind::TimedOut, Kind::Interrupted, Kind::Gone};
    const auto outcome = [](const Way& way, Kind event, Guard guard) {
        Driven driven(way.flow, guard);
        driven.go(way.events);
        event == Kind::Done ? driven.feed_done() : driven.feed(event, 0);
        return name_of(driven->state());
    };
    // clang-format off
    const std::vector<std::string> table{
        // Done            Stalled             TooMuch             BusFailed           TimedOut            Interrupted  Gone
        "Data              Reset/OutOfStep     Reset/OutOfStep     Reset/OutOfStep     Reset/OutOfStep     OutOfStep    OutOfStep",  // Command
        "Status            ClearData           Status              Reset/OutOfStep     Reset/OutOfStep     OutOfStep    OutOfStep",  // Data in
        "Status            ClearData           Reset/OutOfStep     Reset/OutOfStep     Reset/OutOfStep     OutOfStep    OutOfStep",  // Data out
        "Status            Reset/OutOfStep     Reset/OutOfStep     Reset/OutOfStep     Reset/OutOfStep     OutOfStep    OutOfStep",  // ClearData in
        "Status            Reset/OutOfStep     Reset/OutOfStep     Reset/OutOfStep     Reset/OutOfStep     OutOfStep    OutOfStep",  // ClearData out
        "Ready             ClearStatus         Reset/OutOfStep     Reset/OutOfStep     Reset/Behind        Behind       OutOfStep",  // Status
        "Ready             ClearStatus         Reset/OutOfStep     Reset/OutOfStep     Reset/Behind        Behind       OutOfStep",  // Status after data
        "Again             Reset/OutOfStep     Reset/OutOfStep     Reset/OutOfStep     Reset/OutOfStep     OutOfStep    OutOfStep",  // ClearStatus
        "Ready             Reset/OutOfStep     Reset/OutOfStep     Reset/OutOfStep     Reset/Behind        Behind       OutOfStep",  // Again after a stall
        "Ready             Reset/OutOfStep     Reset/OutOfStep     Reset/OutOfStep     Reset/Behind        Behind       OutOfStep",  // Again after an empty one
        "ClearIn           OutOfStep           OutOfStep           OutOfStep           OutOfStep           OutOfStep    OutOfStep",  // Reset
        "ClearOut          OutOfStep           OutOfStep           OutOfStep           OutOfStep           OutOfStep    OutOfStep",  // ClearIn
        "Ready             OutOfStep           OutOfStep           OutOfStep           OutOfStep           OutOfStep    OutOfStep",  // ClearOut
    };
    // clang-format on
    for (std::size_t row = 0; row < kWays.size(); ++row) {
        const Way& way = kWays.at(row);
        std::string expected;
        for (const char character : table.at(row)) {
            const bool again = character == ' ' && (expected.empty() || expected.back() == ' ');
            expected += again ? "" : std::string(1, character);
        }
        std::string found;
        const bool recovering = way.events.starts_with('f');
        for (const Kind event : kEvents) {
            const auto may = outcome(way, event, Guard::MayReset);
            const auto never = recovering ? may : outcome(way, event, Guard::NeverReset);
            found += found.empty() ? "" : " ";
            found += may;
            found += may == never ? "" : "/" + std::string(never);
        }
        EXPECT_EQ(found, expected) << name_of(way.state) << " by '" << way.events << "'";
    }
}

TEST(HostMachine, WaysLeadWhereTheySay) {
    for (const Way& way : kWays) {
        Driven driven(way.flow);
        driven.go(way.events);
        EXPECT_EQ(driven->state(), way.state) << way.events;
    }
}

TEST(HostMachine, AnEventThatComesTooLateChangesNothing) {
    for (const auto& [events, guard] :
         {std::pair{"kk", Guard::MayReset}, std::pair{"kt", Guard::NeverReset},
          std::pair{"f", Guard::NeverReset}}) {
        Driven driven(Flow::None, guard);
        driven.go(events);
        const State before = driven->state();
        for (const Kind kind : {Kind::Done, Kind::Stalled, Kind::TimedOut, Kind::Gone}) {
            EXPECT_EQ(driven.feed(kind, 0).kind, Do::Finish);
            EXPECT_EQ(driven->state(), before);
        }
    }
}

TEST(HostMachine, TagsCount) {
    Driven driven(Flow::None);
    EXPECT_EQ(driven->wrapper().tag, 7U);
    driven.go("kk");
    driven->start({.cdb = mmc::Cdb(6)});
    EXPECT_EQ(driven->wrapper().tag, 8U);
}

TEST(HostMachine, ResetRecoveryIsInTheStandardsOrder) {
    Driven driven(Flow::None);
    EXPECT_EQ(driven.feed(Kind::Stalled, 0).kind, Do::ResetInterface);
    EXPECT_EQ(driven.feed(Kind::Done, 0).kind, Do::ClearHaltIn);
    EXPECT_EQ(driven.feed(Kind::Done, 0).kind, Do::ClearHaltOut);
    EXPECT_EQ(driven.feed(Kind::Done, 0).kind, Do::Finish);
    EXPECT_FALSE(driven->outcome()) << "the command failed all the same";
    EXPECT_EQ(driven->outcome().error().kind, TransportError::Kind::Protocol);
    EXPECT_FALSE(driven->recovery_failed());
}

TEST(HostMachine, WithoutARightToResetOnlyHaltsAreCleared) {
    Driven driven(Flow::None, Guard::NeverReset);
    driven.go("f");
    EXPECT_EQ(driven->state(), State::OutOfStep);
    EXPECT_EQ(driven->resynchronise(HostMachine::Reset::Forbidden).kind, Do::ClearHaltIn);
    EXPECT_EQ(driven->handle({}).kind, Do::ClearHaltOut);
    EXPECT_EQ(driven->handle({}).kind, Do::Finish);
    EXPECT_EQ(driven->state(), State::Ready);
}

TEST(HostMachine, OnBulkOutACompletionThatIsShortIsAStallThatWasLost) {
    Driven driven(Flow::Out);
    driven.go("k");
    EXPECT_EQ(driven.feed(Kind::Done, 4).kind, Do::ClearHaltOut);
    EXPECT_EQ(driven.feed(Kind::Done, 0).kind, Do::ReceiveStatus);
    driven.feed_status({.tag = 7, .data_residue = 4});
    ASSERT_FALSE(driven->outcome());
    EXPECT_EQ(driven->outcome().error().detail,
              "the device took 4 of 8 bytes and says that it is done");
    EXPECT_EQ(driven->state(), State::Ready) << "in step all the same";
}

TEST(HostMachine, DataOutThatWereNotAllTakenAreNoSuccess) {
    for (const std::uint32_t residue : {1U, 8U}) {
        Driven driven(Flow::Out);
        driven.go("kk");
        driven.feed_status({.tag = 7, .data_residue = residue});
        EXPECT_FALSE(driven->outcome()) << residue;
        Driven known(Flow::Out, Guard::MayReset, {Quirk::IgnoreResidue});
        known.go("kk");
        known.feed_status({.tag = 7, .data_residue = residue});
        EXPECT_TRUE(known->outcome()) << "where the residue is known to be nonsense";
    }
}

TEST(HostMachine, MovedIsTheLeastThatHostAndDeviceSay) {
    struct Row {
        std::uint32_t seen;
        std::uint32_t residue;
        Quirks quirks;
        std::uint32_t moved;
    };
    for (const Row& row :
         {Row{8, 0, {}, 8}, Row{8, 3, {}, 5}, Row{4, 0, {}, 4}, Row{4, 4, {}, 4}, Row{4, 6, {}, 2},
          Row{8, 8, {Quirk::IgnoreResidue}, 8}, Row{8, 0xFFFF, {Quirk::IgnoreResidue}, 8}}) {
        Driven driven(Flow::In, Guard::MayReset, row.quirks);
        driven.go("k");
        driven.feed(Kind::Done, row.seen);
        driven.feed_status({.tag = 7, .data_residue = row.residue});
        ASSERT_TRUE(driven->outcome());
        EXPECT_EQ(driven->outcome()->moved, row.moved) << row.seen << " " << row.residue;
    }
}

TEST(HostMachine, AStatusInThePlaceOfDataIsTheStatus) {
    Driven driven(Flow::In);
    driven.go("k");
    const auto status = encode(StatusWrapper{.tag = 7, .data_residue = 8});
    EXPECT_EQ(driven.feed(Kind::Done, 13, status).kind, Do::Finish);
    EXPECT_EQ(driven->outcome()->moved, 0U);
}

TEST(HostMachine, ThirteenBytesWithAnotherTagAreData) {
    Driven driven(Flow::In);
    driven.go("k");
    const auto other = encode(StatusWrapper{.tag = 6});
    EXPECT_EQ(driven.feed(Kind::Done, 13, other).kind, Do::ReceiveStatus);
}

TEST(HostMachine, AFailedCommandIsFollowedByRequestSense) {
    Driven driven(Flow::In);
    driven.go("kk");
    const Action action = driven.feed_status({.tag = 7, .data_residue = 2, .status = kFailed});
    EXPECT_EQ(action, (Action{.kind = Do::SendCommand, .of_sense = true}));
    EXPECT_EQ(mmc::to_hex(driven->wrapper().command.bytes()), "03 00 00 00 12 00");
    EXPECT_EQ(driven->wrapper().tag, 8U);
    driven.go("k");
    const auto sense = mmc::from_hex("70 00 03 00000000 0a 00000000 0c 00 00 000000");
    std::ranges::copy(sense, driven->sense_buffer().begin());
    driven.feed(Kind::Done, 18, sense);
    driven.feed_status({.tag = 8});
    ASSERT_TRUE(driven->outcome());
    EXPECT_EQ(driven->outcome()->status, Status::CheckCondition);
    EXPECT_TRUE(driven->outcome()->sense.is(mmc::SenseKey::MediumError, 0x0C00));
    EXPECT_EQ(driven->outcome()->moved, 6U) << "of the command, not of its sense";
}

TEST(HostMachine, AFailedRequestSenseIsNotAskedAbout) {
    HostMachine machine;
    mmc::Cdb cdb(6);
    cdb.mutable_bytes()[0] = 0x03;
    machine.start({.cdb = cdb});
    machine.handle({.bytes = 31});
    const auto status = encode(StatusWrapper{.tag = 1, .status = kFailed});
    EXPECT_EQ(machine.handle({.bytes = 13, .received = status}).kind, Do::Finish);
    EXPECT_EQ(machine.outcome()->status, Status::CheckCondition);
    EXPECT_EQ(machine.outcome()->sense.raw_size, 0);
}

TEST(HostMachine, ALateStatusBringsACommandLeftBehindToItsEnd) {
    Driven driven(Flow::None, Guard::NeverReset);
    driven.go("kt");
    ASSERT_EQ(driven->state(), State::Behind);
    EXPECT_EQ(driven->outcome().error().kind, TransportError::Kind::TimedOut);
    EXPECT_EQ(driven->resume().kind, Do::ReceiveStatus);
    driven.feed(Kind::TimedOut, 0);
    EXPECT_EQ(driven->state(), State::Behind) << "still at it";
    driven->resume();
    driven.feed_status({.tag = 7, .status = kFailed});
    EXPECT_EQ(driven->state(), State::Ready);
}

TEST(MaxLun, LiesMeanOneUnit) {
    const auto answer = [](Kind kind, std::vector<std::uint8_t> bytes) {
        return highest_logical_unit(
            {.kind = kind, .bytes = static_cast<std::uint32_t>(bytes.size()), .received = bytes});
    };
    EXPECT_EQ(answer(Kind::Done, {0}), 0);
    EXPECT_EQ(answer(Kind::Done, {3}), 3);
    EXPECT_EQ(answer(Kind::Done, {15}), 15);
    EXPECT_EQ(answer(Kind::Done, {16}), 0);
    EXPECT_EQ(answer(Kind::Done, {255}), 0);
    EXPECT_EQ(answer(Kind::Done, {}), 0);
    EXPECT_EQ(answer(Kind::Stalled, {}), 0);
    EXPECT_EQ(answer(Kind::TimedOut, {}), 0);
    EXPECT_EQ(answer(Kind::BusFailed, {1}), 0);
}

}  // namespace
}  // namespace kiln::transports::bot
