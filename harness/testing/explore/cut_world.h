/// \file
/// One run of a scenario on virtual time, from a copy of its drive to the evidence.
///
///     CutWorld engine(prepared);
///     ON_CALL(engine.device(), execute(IsWrite(3))).WillByDefault(CancelDuring(engine,
///     40_percent)); const Evidence& evidence = engine.run();
///
/// The explorer places its cuts the same way, by a Trial.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "transports/source.h"

#include "stack/burn.h"
#include "stack/drive.h"
#include "stack/outcome.h"

#include "harness/sim/fake_drive.h"
#include "harness/sim/sim_transport.h"
#include "harness/sim/virtual_clock.h"
#include "harness/sim/virtual_ports.h"
#include "harness/testing/burn_world.h"
#include "harness/testing/explore/cut.h"
#include "harness/testing/explore/cut_device.h"
#include "harness/testing/explore/cut_section.h"
#include "harness/testing/explore/evidence.h"
#include "harness/testing/explore/scenario.h"
#include "harness/testing/explore/vocabulary.h"

namespace kiln::harness {

/// What has happened by some moment of a run; and after a run, of all of it.
struct Counts {
    std::uint32_t commands = 0;
    std::uint32_t phases = 0;
    std::uint32_t updates = 0;
    std::uint32_t reads = 0;
    bool planned = false;
};

/// The source of a run: a pattern, counted by reads, that can be slow, fail, and be interrupted.
class CutSource final : public transports::Source {
public:
    CutSource(const Prepared& prepared, std::function<void(Where)> moment)
        : prepared_(prepared), moment_(std::move(moment)) {}

    transports::Result<std::size_t, transports::SourceError> read(
        mmc::MutableByteView buffer) override;
    [[nodiscard]] std::optional<std::uint64_t> size() const override;
    void interrupt() noexcept override;

    /// The next read fails.
    void fail_next() { fails_ = true; }
    /// Whom an interrupt is told to.
    std::function<void()> on_interrupt;
    /// Told when a read has failed by itself.
    std::function<void()> on_failure;

private:
    const Prepared& prepared_;
    std::function<void(Where)> moment_;
    std::size_t given_ = 0;
    bool interrupted_ = false;
    bool fails_ = false;
};

/// Thread:  one
/// A job that asks for events without an end, while no time passes, counts as one that did not
/// return.
class CutWorld final : private stack::BurnObserver {
public:
    /// `prepared` outlives it.
    explicit CutWorld(const Prepared& prepared, const Trial& trial = {});
    CutWorld(const CutWorld&) = delete;
    CutWorld& operator=(const CutWorld&) = delete;
    ~CutWorld() override;

    /// For ON_CALL and EXPECT_CALL, before run().
    [[nodiscard]] testing::NiceMock<CutDevice>& device() {
        set_by_hand_ = true;
        return *device_;
    }
    /// Asks for a cancel here and now, in the trial's way and with its policy.
    void cancel();
    /// The next policy.
    void escalate();

    enum class Next : std::uint8_t { Skip, Run };
    /// Runs the job, once; and another one after it, to see whether the engine and the drive can.
    const Evidence& run(Next next = Next::Run);

    [[nodiscard]] const Evidence& evidence() const { return evidence_; }
    [[nodiscard]] FakeDrive& drive() { return drive_; }
    [[nodiscard]] const std::vector<CommandTimes>& command_times() const { return times_; }
    /// By the first request; of the whole run where there was none.
    [[nodiscard]] const Counts& counts_at_cancel() const { return counts_at_cancel_; }
    [[nodiscard]] const Counts& counts() const { return counts_; }
    /// Virtual time that a read of the source takes.
    [[nodiscard]] transports::Duration read_time() const { return prepared_.scenario.read_time; }
    /// For each phase, and for each read: commands that had been sent by then.
    [[nodiscard]] const std::vector<std::uint32_t>& phase_commands() const {
        return phase_commands_;
    }
    [[nodiscard]] const std::vector<std::uint32_t>& read_commands() const { return read_commands_; }

private:
    /// A request that waits for its moment.
    struct Armed {
        Cut cut;
        void (CutWorld::*ask)() = nullptr;
    };

    void on_begin(const stack::Forecast& forecast) override { forecast_ = &forecast; }
    void on_plan(const stack::PlanSummary& plan) override;
    void on_phase(stack::Phase phase) override;
    void on_update(const stack::Progress& progress) override;

    void arm(const Cut& cut, void (CutWorld::*ask)());
    /// Asks where something is armed for the n-th `where`.
    void moment(Where where, std::uint32_t n);
    void source_moment(Where where);
    /// Finds a job that asks again and again, and lets no time pass.
    void look_for_standstill();
    void ports_event(const stack::Event& event);
    void place_on_commands();
    [[nodiscard]] Answer trouble_answer();
    [[nodiscard]] Answer placed(const Armed& armed, Answer answer);
    void request(stack::CancelPolicy policy, void (CutWorld::*ask)(stack::CancelPolicy));
    void cancel_write();
    void call_cancel_write(stack::CancelPolicy none);
    void set_by_switch(stack::CancelPolicy policy) { switch_->request(policy); }
    void set_by_escalation(stack::CancelPolicy first) { switch_->request_or_escalate(first); }
    void set_word(stack::CancelPolicy policy);
    void run_job();
    void run_kiln();
    void run_imapi();
    void take_evidence();
    [[nodiscard]] std::uint32_t commands_sent() const;
    void run_next();
    void run_next_section();
    void run_next_burn();
    [[nodiscard]] stack::BurnReport next_burn();

    const Prepared& prepared_;
    Trial trial_;
    VirtualClock clock_;
    FlagWaker waker_;
    FakeDrive drive_;
    std::optional<SimTransport> sim_;
    std::optional<testing::NiceMock<CutDevice>> device_;
    std::optional<stack::Drive> host_;
    CutSource source_;
    std::optional<VirtualPorts> ports_;
    std::optional<stack::CancelSwitch> switch_;
    std::optional<CutSection> section_;          // Imapi
    const stack::Forecast* forecast_ = nullptr;  // while the job runs
    std::vector<Armed> armed_;
    std::vector<CommandTimes> times_;
    Counts counts_;
    Counts counts_at_cancel_;
    std::vector<std::uint32_t> phase_commands_;
    std::vector<std::uint32_t> read_commands_;
    transports::Instant stands_since_;
    std::uint32_t asked_ = 0;  // for events, since then
    bool stood_still_ = false;
    bool reading_ = false;
    bool set_by_hand_ = false;  // what the device is to do, and not by the trial alone
    bool next_ = false;         // the job after the one that is looked at
    Evidence evidence_;
};

}  // namespace kiln::harness
