/// \file
/// A simulated drive with a medium, as IMAPI2's faces see it: a recorder, on virtual time.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/lba.h"

#include "transports/clock.h"
#include "transports/error.h"
#include "transports/transport.h"

#include "stack/imapi/exclusive_access.h"
#include "stack/imapi/recorder.h"

#include "harness/sim/fake_drive.h"
#include "harness/sim/medium_kind.h"
#include "harness/sim/medium_store.h"
#include "harness/sim/personality.h"
#include "harness/sim/sim_transport.h"
#include "harness/sim/virtual_clock.h"
#include "harness/sim/virtual_ports.h"
#include "harness/testing/burn_world.h"

namespace kiln::harness {

class SimWorld {
public:
    /// `blocks` of the medium; 0: as many as such media have.
    explicit SimWorld(MediumKind kind, std::uint32_t blocks = 0)
        : personality_(std::make_shared<const Personality>(default_personality(kind).value())),
          drive_(personality_),
          sim_({.drive = &drive_, .clock = &clock_, .pace = Pace::WaitForEnd}, personality_->link),
          transport_(sim_),
          ports_({.transport = &transport_,
                  .clock = &clock_,
                  .waker = &waker_,
                  .set_pace = [this](Pace pace) { sim_.set_pace(pace); }}) {
        const MediumSupport* support = personality_->support_for(kind);
        const std::uint32_t usual = support != nullptr ? support->blocks : 0;
        drive_.insert_ready(fresh_medium(kind, blocks != 0 ? blocks : usual), make_memory_store(),
                            clock_.now());
    }

    [[nodiscard]] const FakeDrive& fake() const { return drive_; }
    VirtualClock& clock() { return clock_; }
    stack::imapi::ExclusiveAccess& access() { return access_; }
    stack::imapi::Recorder& recorder() { return recorder_; }
    /// Of commands that have reached the drive.
    [[nodiscard]] std::size_t count_of(std::uint8_t opcode) const {
        std::size_t count = 0;
        for (const std::uint8_t one : transport_.opcodes) {
            count += one == opcode ? 1U : 0U;
        }
        return count;
    }
    /// Called before each command, on the thread that sends it.
    void before_each(std::function<void(std::uint8_t opcode)> call) {
        transport_.before = std::move(call);
    }

    /// Bytes of the medium itself, not through the drive.
    [[nodiscard]] std::vector<std::uint8_t> on_medium(std::int32_t first,
                                                      std::uint32_t blocks) const {
        std::vector<std::uint8_t> bytes(std::size_t{blocks} * 2048);
        const auto view = drive_.view();
        for (std::uint32_t i = 0; i < blocks; ++i) {
            (void)view.store->get(mmc::Lba{first + static_cast<std::int32_t>(i)},
                                  mmc::MutableByteView(bytes).subspan(std::size_t{i} * 2048, 2048));
        }
        return bytes;
    }

private:
    class Watched final : public transports::Transport {
    public:
        explicit Watched(transports::Transport& behind) : behind_(behind) {}
        transports::Result<transports::Completion, transports::TransportError> execute(
            const transports::Request& request) override {
            const std::uint8_t opcode = request.cdb.bytes()[0];
            opcodes.push_back(opcode);
            if (before) {
                before(opcode);
            }
            return behind_.execute(request);
        }
        void interrupt() noexcept override { behind_.interrupt(); }
        transports::Result<void, transports::TransportError> recover(
            transports::Rung rung) override {
            return behind_.recover(rung);
        }
        [[nodiscard]] transports::Limits limits() const override { return behind_.limits(); }

        std::vector<std::uint8_t> opcodes;
        std::function<void(std::uint8_t)> before;

    private:
        transports::Transport& behind_;
    };

    VirtualClock clock_;
    FlagWaker waker_;
    std::shared_ptr<const Personality> personality_;
    FakeDrive drive_;
    SimTransport sim_;
    Watched transport_;
    VirtualPorts ports_;
    stack::imapi::ExclusiveAccess access_;
    stack::imapi::Recorder recorder_{{.transport = transport_,
                                      .clock = clock_,
                                      .waker = waker_,
                                      .ports = ports_,
                                      .access = access_}};
};

}  // namespace kiln::harness
