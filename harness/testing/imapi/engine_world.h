/// \file
/// A write engine over a drive that answers as the test says, on virtual time.

#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/sense.h"

#include "transports/clock.h"
#include "transports/error.h"
#include "transports/transport.h"

#include "stack/hresult.h"
#include "stack/imapi/exclusive_access.h"
#include "stack/imapi/recorder.h"
#include "stack/imapi/stream.h"
#include "stack/imapi/write_engine.h"

#include "harness/sim/sim_transport.h"
#include "harness/sim/virtual_clock.h"
#include "harness/sim/virtual_ports.h"
#include "harness/testing/scripted_transport.h"

namespace kiln::harness {

/// One WRITE as the drive got it; decoded by hand.
struct SeenWrite {
    std::uint8_t opcode = 0;
    std::int32_t lba = 0;
    std::uint32_t blocks = 0;
    bool streaming = false;
    std::vector<std::uint8_t> data;
    transports::Instant at;
};

/// Bytes 0, 1, 2 … in pieces of at most `piece`; fails or ends where the test says.
class CountingStream final : public stack::imapi::Stream {
public:
    explicit CountingStream(std::uint64_t ends_after = UINT64_MAX) : ends_after_(ends_after) {}

    [[nodiscard]] stack::imapi::StreamRead read(mmc::MutableByteView buffer) override {
        if (fails_at && given >= *fails_at) {
            return {.code = failure};
        }
        const std::uint64_t left = std::min(ends_after_, fails_at.value_or(UINT64_MAX)) - given;
        const auto count = static_cast<std::size_t>(
            std::min<std::uint64_t>({buffer.size(), left, static_cast<std::uint64_t>(piece)}));
        for (std::size_t i = 0; i < count; ++i) {
            buffer[i] = byte_at(given + i);
        }
        given += count;
        return {.code = count < buffer.size() ? stack::HResult::False : stack::HResult::Ok,
                .bytes = count};
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override {
        return ends_after_ == UINT64_MAX ? std::nullopt : std::optional(ends_after_ - given);
    }
    void interrupt() noexcept override { ++interrupts; }

    static std::uint8_t byte_at(std::uint64_t offset) {
        return static_cast<std::uint8_t>(offset ^ (offset >> 8U) * 31U);
    }

    std::size_t piece = SIZE_MAX;
    std::optional<std::uint64_t> fails_at;
    stack::HResult failure = stack::HResult::Fail;
    std::uint64_t given = 0;
    int interrupts = 0;

private:
    std::uint64_t ends_after_;
};

/// Keeps what it was told, and may act on it.
class RecordingEvents final : public stack::imapi::WriteEngineEvents {
public:
    stack::HResult update(stack::imapi::WriteEngine& object,
                          const stack::imapi::WriteEngineEventArgs& progress) override {
        updates.push_back(progress);
        in_progress.push_back(object.write_in_progress() != stack::imapi::VariantBool::False);
        at.push_back(clock == nullptr ? transports::Instant() : clock->now());
        if (act) {
            act(object, updates.size());
        }
        return answer;
    }

    std::vector<stack::imapi::WriteEngineEventArgs> updates;
    std::vector<bool> in_progress;
    std::vector<transports::Instant> at;
    const transports::Clock* clock = nullptr;
    /// `number` counts from 1: the Update before the section.
    std::function<void(stack::imapi::WriteEngine& engine, std::size_t number)> act;
    stack::HResult answer = stack::HResult::Ok;
};

class EngineWorld {
public:
    using Answer = ScriptedTransport::Outcome;

    class Waker final : public transports::Waker {
    public:
        void wake() noexcept override { woken_ = true; }
        bool wait_for(transports::Duration /*real*/) override {
            return std::exchange(woken_, false);
        }

    private:
        bool woken_ = false;
    };

    explicit EngineWorld(stack::imapi::Extensions extensions = stack::imapi::Extensions::Off,
                         std::size_t slots = 4)
        : ports({.transport = &transport,
                 .clock = &clock,
                 .waker = &waker,
                 .set_pace = [](Pace /*pace*/) {},
                 .slots = slots}),
          engine(extensions) {
        transport.answer = [this](const transports::Request& request) { return execute(request); };
        events.clock = &clock;
        engine.advise(&events);
    }

    /// Recorder and sector size are set: Idle.
    EngineWorld& ready(std::int32_t bytes_per_sector = 2048) {
        (void)engine.set_recorder(&recorder);
        (void)engine.set_bytes_per_sector(bytes_per_sector);
        return *this;
    }

    static Answer check(mmc::SenseKey key, mmc::AdditionalSense additional) {
        transports::Completion completion;
        completion.status = transports::Status::CheckCondition;
        completion.sense = mmc::make_sense(key, additional);
        return completion;
    }
    static Answer broken(transports::TransportError::Kind kind) {
        return tl::make_unexpected(transports::TransportError{.kind = kind});
    }

    /// With limits that the test chooses.
    class Transport final : public ScriptedTransport {
    public:
        [[nodiscard]] transports::Limits limits() const override { return values; }
        transports::Limits values;
    };

    VirtualClock clock;
    Waker waker;
    Transport transport;
    VirtualPorts ports;
    stack::imapi::ExclusiveAccess access;
    stack::imapi::Recorder recorder{
        {.transport = transport, .clock = clock, .waker = waker, .ports = ports, .access = access}};
    RecordingEvents events;
    stack::imapi::WriteEngine engine;

    std::vector<SeenWrite> writes;
    /// Of a WRITE that is answered GOOD.
    transports::Duration write_takes = std::chrono::milliseconds(10);
    /// Called when the drive has got the `number`-th WRITE, counted from 1, while it is in flight.
    std::function<void(std::size_t number)> during;
    /// What that WRITE is answered with; nothing: GOOD.
    std::function<std::optional<Answer>(std::size_t number)> on_write;
    /// What another command is answered with; nothing: GOOD, all bytes moved.
    std::function<std::optional<Answer>(const transports::Request& request)> on_other;

private:
    Answer execute(const transports::Request& request) {
        const auto cdb = request.cdb.bytes();
        if (cdb[0] != 0x2A && cdb[0] != 0xAA) {
            auto answer = on_other ? on_other(request) : std::nullopt;
            return answer ? *std::move(answer) : ScriptedTransport::good(request);
        }
        keep(request);
        const std::size_t number = writes.size();
        if (during) {
            during(number);
        }
        auto answer = on_write ? on_write(number) : std::nullopt;
        if (!answer) {
            answer = ScriptedTransport::good(request);
            (*answer)->start = clock.now();
            (*answer)->end = clock.now() + write_takes;
        }
        return *std::move(answer);
    }

    void keep(const transports::Request& request) {
        const auto cdb = request.cdb.bytes();
        const bool long_form = cdb[0] == 0xAA;
        const auto data = std::get<transports::DataOut>(request.data).buffer;
        writes.push_back(
            {.opcode = cdb[0],
             .lba = static_cast<std::int32_t>(mmc::load_big_endian<std::uint32_t>(cdb, 2, 4)),
             .blocks = long_form ? mmc::load_big_endian<std::uint32_t>(cdb, 6, 4)
                                 : mmc::load_big_endian<std::uint32_t>(cdb, 7, 2),
             .streaming = long_form && (cdb[10] & 0x80U) != 0,
             .data = {data.begin(), data.end()},
             .at = clock.now()});
    }
};

}  // namespace kiln::harness
