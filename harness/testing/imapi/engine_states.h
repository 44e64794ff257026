/// \file
/// A write engine in each of its states, and each of its calls made there.

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "mmc/sense.h"

#include "stack/hresult.h"
#include "stack/imapi/recorder.h"
#include "stack/imapi/write_engine.h"

#include "harness/testing/imapi/engine_world.h"

namespace kiln::harness {

enum class EngineState : std::uint8_t {
    NoRecorder,
    NoSectorSize,
    Idle,
    Starting,     // in the Update before the section
    Writing,      // the first of three WRITEs is in flight
    Cancelling,   // the same, and a cancel was accepted
    LastIssued,   // the last WRITE is in flight
    LastRefused,  // it came back with 02/04/08 and waits to be sent again
    Done,         // in the Update after the section
};
inline constexpr std::size_t kEngineStates = 9;

enum class EngineCall : std::uint8_t {
    CancelWrite,
    RequestCancel,
    WriteSection,
    WriteSectionNoStream,
    WriteSectionNoBlocks,
    WriteSectionTooFar,
    SetRecorder,
    SetRecorderNull,
    SetBytesPerSector,
    SetBytesPerSectorZero,
    SetBytesPerSectorTooLarge,
    SetSectorsPerSecond,
    SetSectorsPerSecondZero,
    SetStreamingTrue,
    SetStreamingFalse,
    WriteInProgress,  // Ok: TRUE, False: FALSE
};
inline constexpr std::size_t kEngineCalls = 16;

/// Makes `call`; the engine has `world`'s recorder or none.
[[nodiscard]] inline stack::HResult make_call(EngineWorld& world, EngineCall call) {
    using stack::HResult;
    using stack::imapi::VariantBool;
    stack::imapi::WriteEngine& engine = world.engine;
    CountingStream stream;
    switch (call) {
        case EngineCall::CancelWrite:
            return engine.cancel_write();
        case EngineCall::RequestCancel:
            return engine.request_cancel();
        case EngineCall::WriteSection:
            return engine.write_section(&stream, 0, 1);
        case EngineCall::WriteSectionNoStream:
            return engine.write_section(nullptr, 0, 1);
        case EngineCall::WriteSectionNoBlocks:
            return engine.write_section(&stream, 0, 0);
        case EngineCall::WriteSectionTooFar:
            return engine.write_section(&stream, std::numeric_limits<std::int32_t>::max(), 1);
        case EngineCall::SetRecorder:
            return engine.set_recorder(&world.recorder);
        case EngineCall::SetRecorderNull:
            return engine.set_recorder(nullptr);
        case EngineCall::SetBytesPerSector:
            return engine.set_bytes_per_sector(2352);
        case EngineCall::SetBytesPerSectorZero:
            return engine.set_bytes_per_sector(0);
        case EngineCall::SetBytesPerSectorTooLarge:
            return engine.set_bytes_per_sector(65537);
        case EngineCall::SetSectorsPerSecond: {
            const HResult starting = engine.set_starting_sectors_per_second(150);
            const HResult ending = engine.set_ending_sectors_per_second(150);
            return starting == ending ? starting : HResult::InvalidResponse;
        }
        case EngineCall::SetSectorsPerSecondZero: {
            const HResult starting = engine.set_starting_sectors_per_second(0);
            const HResult ending = engine.set_ending_sectors_per_second(0);
            return starting == ending ? starting : HResult::InvalidResponse;
        }
        case EngineCall::SetStreamingTrue:
            return engine.set_use_streaming_write_12(VariantBool::True);
        case EngineCall::SetStreamingFalse:
            return engine.set_use_streaming_write_12(VariantBool::False);
        case EngineCall::WriteInProgress:
            return engine.write_in_progress() == VariantBool::True ? HResult::Ok : HResult::False;
    }
    return HResult::InvalidResponse;
}

struct InState {
    std::optional<stack::HResult> answer;  // to the call; none: the state was never reached
    stack::HResult section = stack::HResult::InvalidResponse;  // what the section ended with
};

/// Brings a new engine into `state`, makes `call` there once, and lets the section end.
class StateDriver {
public:
    StateDriver(EngineState state, EngineCall call) : state_(state), call_(call) {}

    [[nodiscard]] InState run() {
        if (state_ != EngineState::NoRecorder) {
            (void)world_.engine.set_recorder(&world_.recorder);
        }
        if (state_ != EngineState::NoSectorSize) {
            (void)world_.engine.set_bytes_per_sector(2048);
        }
        if (state_ <= EngineState::Idle) {
            make();
            return result_;
        }
        (void)world_.engine.set_starting_sectors_per_second(75);  // pauses of 220 ms
        world_.events.act = [this](stack::imapi::WriteEngine& engine, std::size_t number) {
            updated(engine, number);
        };
        world_.during = [this](std::size_t number) { sent(number); };
        world_.on_write = [this](std::size_t number) { return answer(number); };
        CountingStream stream;
        result_.section = world_.engine.write_section(&stream, 0, 96);
        return result_;
    }

private:
    void make() {
        if (!made_) {
            made_ = true;  // before it: the call may be a section of its own
            result_.answer = make_call(world_, call_);
        }
    }

    void updated(stack::imapi::WriteEngine& engine, std::size_t number) {
        const bool after = engine.write_in_progress() == stack::imapi::VariantBool::False;
        const bool waits = !after && number > 1;
        if ((state_ == EngineState::Starting && number == 1) ||
            (state_ == EngineState::LastRefused && waits) ||
            (state_ == EngineState::Done && after)) {
            make();
        }
    }

    void sent(std::size_t number) {
        if (state_ == EngineState::Cancelling && number == 1) {
            (void)world_.engine.cancel_write();
        }
        const bool first = state_ == EngineState::Writing || state_ == EngineState::Cancelling;
        if ((first && number == 1) || (state_ == EngineState::LastIssued && number == 3)) {
            make();
        }
    }

    std::optional<EngineWorld::Answer> answer(std::size_t number) {
        if (state_ == EngineState::LastRefused && number >= 3 && !made_) {
            return EngineWorld::check(mmc::SenseKey::NotReady, 0x0408);
        }
        return std::nullopt;
    }

    EngineState state_;
    EngineCall call_;
    EngineWorld world_;
    bool made_ = false;
    InState result_;
};

}  // namespace kiln::harness
