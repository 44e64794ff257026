#include "harness/testing/interleave/handshake.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <utility>
#include <variant>

#include "mmc/sense.h"

#include "transports/os/futex_waker.h"

#include "stack/facts.h"
#include "stack/hresult.h"
#include "stack/machine.h"
#include "stack/plan.h"
#include "stack/recipe.h"
#include "stack/runner_loop.h"

namespace kiln::harness::interleave {
namespace {

using stack::CancelPolicy;
using stack::Event;
using transports::Duration;
using transports::Instant;
using transports::TransportError;
using Fault = Handshake::Fault;

constexpr std::uint8_t kWrite = 0x2A;
constexpr std::uint8_t kTray = 0x1E;
constexpr std::uint32_t kRecover = 0x100;

/// A BD-RE: no address is asked for, nothing is closed.
stack::Plan plan_of(unsigned writes) {
    stack::Plan plan;
    plan.recipe = &stack::recipe(stack::RecipeId::BdRe);
    plan.family = stack::MediumFamily::BdRe;
    plan.capacity_blocks = 1000;
    plan.medium_capacity = mmc::BlockCount{1000};
    plan.payload_bytes = std::uint64_t{writes} * 32 * stack::kBlockSize;
    plan.write_kilobytes = 8991;
    return plan;
}

/// The burn machine, and what it was told so far as one number: all that it does depends on that.
/// A Tick that comes a second time at one instant, is answered by nothing and changes nothing in
/// what is due, is left out.
class ToldMachine final : public stack::Machine {
public:
    ToldMachine(const stack::Plan& plan, std::size_t slots, Fault fault)
        : inner_(plan, slots, CancelPolicy::MakeReadable), fault_(fault) {}

    void step(const Event& event, Instant now, stack::ActionList& out) override {
        if (std::holds_alternative<stack::Completed>(event)) {
            require(command_out_, "a completion of nothing");
            command_out_ = false;
        } else if (const auto* cancel = std::get_if<stack::CancelSeen>(&event)) {
            told_ = std::max(told_, std::optional(cancel->policy));
            command_out_ = command_out_ && !cancel->withdrawn;
        }
        const Instant due = inner_.wake_at();
        inner_.step(event, now, out);
        for (stack::Action& action : out) {
            if (auto* command = std::get_if<stack::Execute>(&action)) {
                command_out_ = true;
                spoil(*command);
            }
        }
        const bool same = std::holds_alternative<stack::Tick>(event) && out.empty() && now == at_ &&
                          due == inner_.wake_at();
        if (!same) {
            at_ = now;
            history_ = mixed(history_, number_of(event));
            history_ = mixed(history_, static_cast<std::uint64_t>(now.time_since_epoch().count()));
        }
    }
    [[nodiscard]] bool ended() const override { return inner_.ended(); }
    [[nodiscard]] Instant wake_at() const override { return inner_.wake_at(); }
    [[nodiscard]] stack::Progress progress(Instant now) const override {
        return inner_.progress(now);
    }

    [[nodiscard]] stack::MachineEnd end() const { return inner_.end(); }
    [[nodiscard]] std::optional<CancelPolicy> told() const { return told_; }
    [[nodiscard]] std::uint64_t history() const { return history_; }

    [[nodiscard]] static std::uint64_t number_of(const Event& event);

private:
    void spoil(stack::Execute& command) const {
        if (fault_ == Fault::LastWriteNotAnnounced &&
            command.milestone == stack::Milestone::LastWrite) {
            command.milestone = stack::Milestone::None;
        }
    }

    stack::BurnMachine inner_;
    Fault fault_;
    bool command_out_ = false;
    std::optional<CancelPolicy> told_;
    Instant at_;
    std::uint64_t history_ = 0;
};

/// What tells it from every other that can come at its place.
std::uint64_t ToldMachine::number_of(const Event& event) {
    std::uint64_t detail = 0;
    if (const auto* completed = std::get_if<stack::Completed>(&event)) {
        detail = completed->error ? 100 + static_cast<std::uint64_t>(completed->error->kind)
                                  : completed->completion->sense.additional();
    } else if (const auto* cancel = std::get_if<stack::CancelSeen>(&event)) {
        detail = static_cast<std::uint64_t>(cancel->policy) * 2 + (cancel->withdrawn ? 1 : 0);
    }
    return detail * 16 + event.index();
}

/// A waker that looks, and then sleeps whatever has happened since.
class HastyWaker final : public transports::Waker {
public:
    void wake() noexcept override {
        if (woken_.exchange(1) == 0) {
            ExploredSync::wake_one(bell_);
        }
    }
    bool wait_for(Duration real) override {
        const Instant start = ExploredSync::now();
        while (woken_.exchange(0) == 0) {
            const Duration elapsed = ExploredSync::now() - start;
            if (elapsed >= real) {
                return false;
            }
            ExploredSync::sleep_while_zero(bell_, real - elapsed);
        }
        return true;
    }

private:
    Atomic<std::uint32_t> woken_{0};
    Atomic<std::uint32_t> bell_{0};  // never anything else
};

std::unique_ptr<transports::Waker> make_waker(Fault fault) {
    if (fault == Fault::SleepsWithoutLooking) {
        return std::make_unique<HastyWaker>();
    }
    return std::make_unique<transports::FutexWaker<ExploredSync>>();
}

class ExploredClock final : public transports::Clock {
public:
    [[nodiscard]] Instant now() const override { return ExploredSync::now(); }
    bool wait_until(Instant deadline, transports::Waker& waker) override {
        const Instant start = now();
        return waker.wait_for(deadline <= start ? Duration::zero() : deadline - start);
    }
};

/// What ThreadedPorts is, with its two threads told what to do by a count that they wait for.
class ExploredPorts final : public stack::Ports {
public:
    ExploredPorts(const Handshake& setup, const ToldMachine& machine, transports::Waker& waker)
        : setup_(setup), machine_(machine), waker_(waker) {}

    [[nodiscard]] Instant now() const override { return clock_.now(); }
    [[nodiscard]] std::size_t slots() const override { return setup_.slots; }
    [[nodiscard]] std::size_t slot_bytes() const override { return 65536; }
    void set_source(transports::Source* /*source*/) override {}
    [[nodiscard]] bool settle(Duration /*patience*/) override { return true; }

    void start(const stack::Execute& command) override {
        const std::uint8_t operation_code = command.cdb.bytes()[0];
        if (operation_code == kWrite) {
            const bool last = command.milestone == stack::Milestone::LastWrite ||
                              command.milestone == stack::Milestone::OnlyWrite ||
                              writes_.peek() + 1 == setup_.writes;
            writes_.store(writes_.peek() + 1);
            last_write_.store(last);
        }
        trays_ += operation_code == kTray ? 1 : 0;
        tell_device(operation_code);
    }
    void recover(transports::Rung /*rung*/) override { tell_device(kRecover); }
    void read(const stack::ReadBlocks& read) override {
        read_ = read;
        reads_.store(reads_.peek() + 1);
    }
    void interrupt() override { interrupted_.store(true); }

    [[nodiscard]] Event next(Instant deadline) override {
        summarize(machine_.history());
        auto taken = mailbox_.next(clock_, deadline, waker_);
        const Event event = taken ? std::move(taken->value()) : Event(stack::Tick{});
        summarize(mixed(machine_.history(), ToldMachine::number_of(event)));
        return event;
    }

    // The other threads.
    void run_device();
    void run_reader();

    Atomic<unsigned> writes_{0};  // begun
    Atomic<bool> last_write_{false};
    Atomic<bool> source_interrupted_{false};
    unsigned trays_ = 0;

private:
    void tell_device(std::uint32_t what) {
        told_device_ = what;
        commands_.store(commands_.peek() + 1);
    }
    [[nodiscard]] Event answer(std::uint32_t what);
    [[nodiscard]] Event answer_write();

    Handshake setup_;
    const ToldMachine& machine_;
    transports::Waker& waker_;
    ExploredClock clock_;
    stack::Mailbox<Watched<Event>, ExploredSync> mailbox_;
    Atomic<unsigned> commands_{0};
    Atomic<unsigned> reads_{0};
    Atomic<bool> interrupted_{false};
    std::uint32_t told_device_ = 0;
    stack::ReadBlocks read_;
    bool was_busy_ = false;
};

stack::Completed answered(mmc::SenseKey key, mmc::AdditionalSense additional) {
    transports::Completion completion;
    completion.status = transports::Status::CheckCondition;
    completion.sense = mmc::make_sense(key, additional);
    return {.completion = completion, .error = {}, .answer = {}};
}

void ExploredPorts::run_device() {
    for (unsigned done = 0;; ++done) {
        summarize(mixed(done, was_busy_ ? 1 : 0));
        await_or_end(commands_, done + 1);
        const std::uint32_t what = told_device_;
        observe(what);
        Event event = answer(what);
        const int times = setup_.fault == Fault::CompletionTwice && what == kWrite ? 2 : 1;
        for (int i = 0; i < times; ++i) {
            mailbox_.device.put(Watched<Event>(event));
            waker_.wake();
        }
    }
}

Event ExploredPorts::answer(std::uint32_t what) {
    if (what == kRecover) {
        return stack::Recovered{};
    }
    if (what == kWrite) {
        return answer_write();
    }
    return stack::Completed{.completion = transports::Completion{}, .error = {}, .answer = {}};
}

Event ExploredPorts::answer_write() {
    enum class Answer : std::uint8_t { Good, Busy, Failed, Hangs };
    std::array<Answer, 4> answers{Answer::Good};
    unsigned count = 1;
    const auto add = [&](bool may, Answer answer) {
        answers.at(count) = answer;
        count += may ? 1 : 0;
    };
    add(setup_.busy_once && !was_busy_, Answer::Busy);
    add(setup_.write_fails, Answer::Failed);
    add(setup_.write_hangs, Answer::Hangs);
    switch (answers.at(choose(count))) {
        case Answer::Busy:
            was_busy_ = true;
            last_write_.store(false);  // it is not out any more, and will be sent again
            return answered(mmc::SenseKey::NotReady, 0x0408);
        case Answer::Failed:
            return answered(mmc::SenseKey::MediumError, 0x0C00);
        case Answer::Hangs:
            await(interrupted_, true);
            return stack::Completed{
                .completion = {},
                .error = TransportError{.kind = TransportError::Kind::Interrupted},
                .answer = {}};
        case Answer::Good:
            break;
    }
    return stack::Completed{.completion = transports::Completion{}, .error = {}, .answer = {}};
}

void ExploredPorts::run_reader() {
    for (unsigned done = 0;; ++done) {
        summarize(1000 + done);
        await_or_end(reads_, done + 1);
        const stack::ReadBlocks read = read_;
        observe(read.slot);
        if (setup_.source_blocks && done > 0) {
            await_or_end(source_interrupted_, true);
            mailbox_.reader.put(Watched<Event>(
                stack::SourceFailed{{.interrupted = true, .os_code = 0, .detail = {}}}));
        } else {
            mailbox_.reader.put(
                Watched<Event>(stack::BlocksRead{.slot = read.slot, .bytes = read.bytes}));
        }
        waker_.wake();
    }
}

class HandshakeScenario final : public Scenario {
public:
    explicit HandshakeScenario(const Handshake& setup)
        : setup_(setup), answers_(setup.cancels.size()), writes_at_answer_(setup.cancels.size()) {}

    [[nodiscard]] std::size_t threads() const override { return 3 + setup_.cancels.size(); }

    void run(std::size_t thread) override {
        switch (thread) {
            case 0:
                runner_.run();
                return;
            case 1:
                ports_.run_device();
                return;
            case 2:
                ports_.run_reader();
                return;
            default:
                cancel(thread - 3);
        }
    }

    /// The runner sleeps until something is due, and nobody else is about to do anything.
    void quiet() override {
        require(!word_.requested() || machine_.told() >= word_.requested(),
                "the runner sleeps, and was not told of a cancel");
    }

    void ended() override;

private:
    void cancel(std::size_t who) {
        // As CancelSwitch does it: the word, the source, the waker.
        if (setup_.fault == Fault::WakesBeforeItAsks) {
            waker_->wake();
        }
        if (const auto policy = setup_.cancels[who]) {
            word_.request(*policy);
        } else {
            answers_[who] = word_.cancel_write();
            if (answers_[who] != stack::HResult::Ok) {
                summarize(0);
                return;
            }
            require(!ports_.last_write_.load(), "S_OK, and the last WRITE is out");
            writes_at_answer_[who] = ports_.writes_.load();
        }
        // Of all that this thread has seen only this is used from here on.
        summarize(10 + writes_at_answer_[who]);
        ports_.source_interrupted_.store(true);
        if (setup_.fault == Fault::None || setup_.fault == Fault::LastWriteNotAnnounced ||
            setup_.fault == Fault::SleepsWithoutLooking) {
            waker_->wake();
        }
        summarize(20 + writes_at_answer_[who]);
    }

    Handshake setup_;
    stack::CancelWord<ExploredSync> word_;
    std::unique_ptr<transports::Waker> waker_ = make_waker(setup_.fault);
    ToldMachine machine_{plan_of(setup_.writes), setup_.slots, setup_.fault};
    ExploredPorts ports_{setup_, machine_, *waker_};
    stack::BurnObserver observer_;
    stack::BasicRunner<ExploredSync> runner_{machine_, ports_, word_, observer_};
    std::vector<std::optional<stack::HResult>> answers_;
    std::vector<unsigned> writes_at_answer_;
};

void HandshakeScenario::ended() {
    const stack::MachineEnd end = machine_.end();
    const unsigned writes = ports_.writes_.peek();
    bool accepted = false;
    bool requests = false;
    for (std::size_t i = 0; i < answers_.size(); ++i) {
        requests = requests || setup_.cancels[i].has_value();
        if (answers_[i] == stack::HResult::Ok) {
            accepted = true;
            require(writes <= writes_at_answer_[i] + 1,
                    "S_OK, and more than the WRITE that was being begun");
        }
    }
    require(machine_.ended(), "the runner is back, and the machine has not ended");
    require(ports_.trays_ == 0 || ports_.trays_ >= 2, "the tray is left locked");
    require(!accepted || end.outcome != stack::Outcome::Completed, "S_OK, and it is complete");
    require(accepted || requests || !machine_.told(), "a refused cancel was carried out");
    if (!accepted && !requests && !setup_.write_fails) {
        require(end.outcome == stack::Outcome::Completed, "nobody cancelled, and it is not whole");
    }
    if (end.outcome == stack::Outcome::Completed) {
        require(writes >= setup_.writes, "complete, with fewer WRITEs than it has");
    }
}

}  // namespace

Exploration explore_handshake(const Handshake& setup, const Limits& limits) {
    return explore([&setup] { return std::make_unique<HandshakeScenario>(setup); }, limits);
}

}  // namespace kiln::harness::interleave
