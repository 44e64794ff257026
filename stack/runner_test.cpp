// The loop alone: what the machine is told of a cancel, and when, and what is not issued any more.

#include "stack/runner.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "transports/clock.h"
#include "transports/source.h"
#include "transports/transport.h"

#include "stack/cancel_word.h"
#include "stack/hresult.h"
#include "stack/machine.h"
#include "stack/outcome.h"
#include "stack/policy.h"
#include "stack/ports.h"

namespace kiln::stack {
namespace {

using transports::Instant;
using Told = std::vector<std::string>;

std::string words_of_event(const Event& event) {
    if (const auto* cancel = std::get_if<CancelSeen>(&event)) {
        return (cancel->withdrawn ? "withdrawn: " : "cancel: ") +
               std::string(name_of(cancel->policy));
    }
    static constexpr std::string_view kNames[] = {"begin",         "completed", "read",
                                                  "source failed", "recovered", "tick"};
    return std::string(kNames[event.index()]);
}

Execute write_with(Milestone milestone) {
    Execute command;
    command.milestone = milestone;
    return command;
}

/// Answers each Begin, Tick and Completed by the next list, and writes down what it is told. It
/// ends when the lists do, or once a WRITE was withdrawn.
class ListedMachine final : public Machine {
public:
    explicit ListedMachine(std::vector<ActionList> lists) : lists_(std::move(lists)) {}

    void step(const Event& event, Instant /*now*/, ActionList& out) override {
        told.push_back(words_of_event(event));
        if (const auto* cancel = std::get_if<CancelSeen>(&event)) {
            ended_ = ended_ || cancel->withdrawn;
        } else if (next_ == lists_.size()) {
            ended_ = true;
        } else {
            out = lists_[next_++];
        }
    }
    [[nodiscard]] bool ended() const override { return ended_; }
    [[nodiscard]] Instant wake_at() const override { return {}; }
    [[nodiscard]] Progress progress(Instant /*now*/) const override { return {}; }

    Told told;

private:
    std::vector<ActionList> lists_;
    std::size_t next_ = 0;
    bool ended_ = false;
};

/// Every command completes at the next look; somebody else may act meanwhile.
class EagerPorts final : public Ports {
public:
    [[nodiscard]] Instant now() const override { return {}; }
    [[nodiscard]] std::size_t slots() const override { return 1; }
    [[nodiscard]] std::size_t slot_bytes() const override { return 65536; }
    void set_source(transports::Source* /*source*/) override {}
    void start(const Execute& command) override {
        issued.push_back(command.milestone);
        out_ = true;
    }
    void read(const ReadBlocks& /*read*/) override {}
    void interrupt() override {}
    void recover(transports::Rung /*rung*/) override {}
    [[nodiscard]] Event next(Instant /*deadline*/) override {
        ++looked;
        if (meanwhile) {
            meanwhile(looked);
        }
        if (!std::exchange(out_, false)) {
            return Tick{};
        }
        return Completed{.completion = transports::Completion{}, .error = {}, .answer = {}};
    }
    [[nodiscard]] bool settle(transports::Duration /*patience*/) override { return true; }

    std::vector<Milestone> issued;
    std::size_t looked = 0;
    std::function<void(std::size_t looked)> meanwhile;

private:
    bool out_ = false;
};

class ActingObserver final : public BurnObserver {
public:
    void on_update(const Progress& /*progress*/) override {
        if (act) {
            act();
        }
    }
    std::function<void()> act;
};

struct World {
    AtomicCancelWord word;
    EagerPorts ports;
    ActingObserver observer;

    Told run(std::vector<ActionList> lists) {
        ListedMachine machine(std::move(lists));
        Runner(machine, ports, word, observer).run();
        return machine.told;
    }
};

/// Who asked before the event was seen came first, also where it is the error of a WRITE.
TEST(Runner, ACancelThatCameWhileACommandWasOutIsToldBeforeItsEnd) {
    World world;
    world.ports.meanwhile = [&](std::size_t looked) {
        if (looked == 1) {
            EXPECT_EQ(world.word.cancel_write(), HResult::Ok);
        }
    };
    EXPECT_EQ(world.run({{write_with(Milestone::FirstWrite)}}),
              (Told{"begin", "cancel: fastest-release", "completed"}));
}

TEST(Runner, EveryEscalationIsToldAndNothingTwice) {
    World world;
    world.ports.meanwhile = [&](std::size_t looked) {
        const CancelPolicy asked[] = {CancelPolicy::LeaveResumable, CancelPolicy::LeaveResumable,
                                      CancelPolicy::Emergency, CancelPolicy::MakeReadable};
        world.word.request(asked[looked - 1]);
    };
    EXPECT_EQ(world.run({{}, {}, {}, {}}), (Told{"begin", "cancel: leave-resumable", "tick", "tick",
                                                 "cancel: emergency", "tick", "tick"}));
}

/// An Update in the same list as a WRITE: who asks in it asked before that WRITE.
TEST(Runner, NoWriteIsIssuedBehindACancelInTheUpdateBeforeIt) {
    for (const Milestone milestone : {Milestone::MiddleWrite, Milestone::LastWrite}) {
        World world;
        world.observer.act = [&] { EXPECT_EQ(world.word.cancel_write(), HResult::Ok); };
        const Told told = world.run(
            {{write_with(Milestone::FirstWrite)}, {NotifyUpdate{}, write_with(milestone)}});
        EXPECT_EQ(world.ports.issued, std::vector{Milestone::FirstWrite});
        EXPECT_EQ(told, (Told{"begin", "completed", "withdrawn: fastest-release"}));
    }
}

TEST(Runner, TheFirstWriteIsNotIssuedBehindARequest) {
    for (const Milestone milestone : {Milestone::FirstWrite, Milestone::OnlyWrite}) {
        World world;
        world.observer.act = [&] { world.word.request(CancelPolicy::MakeReadable); };
        const Told told = world.run({{NotifyUpdate{}, write_with(milestone)}});
        EXPECT_TRUE(world.ports.issued.empty());
        EXPECT_EQ(told, (Told{"begin", "withdrawn: make-readable"}));
    }
}

}  // namespace
}  // namespace kiln::stack
