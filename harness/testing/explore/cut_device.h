/// \file
/// The device of the explorer: GoogleMock in front of a simulated drive. Every command is counted
/// and logged, then given to the mock, whose default is that the drive does it.
///
///     NiceMock<CutDevice> device({.sim = &sim, .clock = &clock});
///     ON_CALL(device, execute(IsWrite(3))).WillByDefault(FailWith(0x3, 0x0C00));
///
/// The matchers and actions are in vocabulary.h. GoogleMock looks through all that was set, under a
/// lock of the process: an eighth of a run. Who sets everything himself can say at which commands
/// that is; the others then go to the drive directly, as the mock's default would have it.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "transports/clock.h"
#include "transports/error.h"
#include "transports/transport.h"

#include "harness/sim/sim_transport.h"
#include "harness/sim/virtual_clock.h"
#include "harness/testing/explore/evidence.h"

namespace kiln::harness {

class CutDevice;

/// A command on its way to the drive, and which one it is.
struct Command {
    const transports::Request& request;
    CutDevice& device;
    std::uint8_t opcode = 0;
    std::size_t number = 0;    // of all commands, from 1
    std::size_t of_code = 0;   // of those with this operation code, from 1
    std::size_t of_write = 0;  // of all WRITEs, from 1; 0: it is none
};

/// GoogleMock prints what an expectation was not meant for.
void PrintTo(const Command& command, std::ostream* out);

/// How a command ended.
using Answered = transports::Result<transports::Completion, transports::TransportError>;

/// When things happened to a command that was sent; beside its SentCommand.
struct CommandTimes {
    DataTimes data;
    /// Sent by a call that waits for its end, not by the ports.
    bool blocking = false;
    /// It ended by an answer, the drive's or a fault's.
    bool answered = false;
};

/// Thread:  one
class CutDevice : public transports::Transport {
public:
    struct Parts {
        SimTransport* sim = nullptr;  // always LeaveClock: this device lets the time pass
        VirtualClock* clock = nullptr;
        /// What limits() says; the drive behind takes more. 0: as the drive says.
        std::size_t max_transfer = 0;
    };
    explicit CutDevice(const Parts& parts);

    // What is mocked.
    MOCK_METHOD(Answered, execute, (const Command& command));

    /// From now on only the commands with these numbers are.
    void mock_only(std::vector<std::uint32_t> numbers) { mocked_ = std::move(numbers); }

    // The engine's side.
    Answered execute(const transports::Request& request) override;
    void interrupt() noexcept override { parts_.sim->interrupt(); }
    transports::Result<void, transports::TransportError> recover(transports::Rung rung) override;
    [[nodiscard]] transports::Limits limits() const override;
    void set_pace(Pace pace) { pace_ = pace; }

    // The actions' side.

    /// The drive does it. The clock stays; the completion says when it ends.
    Answered carry_out(const Command& command);
    /// The answer to the command under way is not the drive's own.
    void inject() { commands_.back().injected = true; }
    /// The cable is pulled.
    void unplug() { parts_.sim->unplug(); }
    [[nodiscard]] VirtualClock& clock() { return *parts_.clock; }
    [[nodiscard]] SimTransport& sim() { return *parts_.sim; }
    /// The host does not wait for the end of the last command any more.
    void give_up();
    /// Of the command under way.
    [[nodiscard]] CommandTimes& times() { return times_.back(); }

    // The checkers' side.

    [[nodiscard]] const std::vector<SentCommand>& commands() const { return commands_; }
    /// What was logged until now, taken out of the log.
    [[nodiscard]] std::vector<SentCommand> take_commands() { return std::exchange(commands_, {}); }
    [[nodiscard]] std::vector<CommandTimes> take_times() { return std::exchange(times_, {}); }
    [[nodiscard]] const std::vector<ResetSeen>& resets() const { return resets_; }
    /// Whether the command that was sent last has not ended by now.
    [[nodiscard]] bool inside_a_command() const;
    /// Counts and logs from here on, over `sim`: another cable, after an unplug. Nothing is mocked
    /// any more.
    void start_anew(SimTransport& sim);

private:
    Command number(const transports::Request& request);
    void log(const transports::Request& request);
    void log_end(const Answered& answered);
    [[nodiscard]] bool is_mocked(std::size_t number) const;

    Parts parts_;
    std::optional<std::vector<std::uint32_t>> mocked_;  // none: every command is
    Pace pace_ = Pace::WaitForEnd;
    std::array<std::uint32_t, 256> of_code_{};
    std::size_t writes_ = 0;
    std::size_t inside_ = 0;  // calls of execute() under way
    std::vector<SentCommand> commands_;
    std::vector<CommandTimes> times_;
    std::vector<ResetSeen> resets_;
};

}  // namespace kiln::harness
