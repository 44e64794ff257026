/// \file
/// Words for placing a cancel, or trouble, at an instant of a command.
///
///     ON_CALL(device, execute(IsWrite(3))).WillByDefault(CancelDuring(engine, 40_percent));
///     ON_CALL(device, execute(IsFlush())).WillByDefault(FailWith(0x2, 0x0408));
///     ON_CALL(device, execute(IsWrite(2)))
///         .WillByDefault(CancelAtEntry(engine, LoseAnswer()));     // and nobody hears of it
///
/// `engine` is anything with `cancel()`. What a cancel comes in the middle of is done by the last
/// argument: by the drive where it is left out.
///
///     |  before | entry |  data phase 0 % … 100 %  | between | completion | after, with a delay
///     start            begin                      end      status given

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

#include <gmock/gmock.h>

#include "mmc/sense.h"

#include "transports/clock.h"
#include "transports/error.h"
#include "transports/transport.h"

#include "harness/testing/explore/cut_device.h"

namespace kiln::harness {

// Named as GoogleMock names its own. NOLINTBEGIN(readability-identifier-naming)

// --- which command

MATCHER(IsWrite, "a WRITE") {
    return arg.of_write != 0;
}
MATCHER_P(IsWrite, nth, "") {
    return arg.of_write == static_cast<std::size_t>(nth);
}
/// Of all commands since the job began, from 1.
MATCHER_P(IsCommand, number, "") {
    return arg.number == static_cast<std::size_t>(number);
}
MATCHER_P(HasOpcode, code, "") {
    return arg.opcode == code;
}
MATCHER_P2(HasOpcode, code, nth, "") {
    return arg.opcode == code && arg.of_code == static_cast<std::size_t>(nth);
}
/// SYNCHRONIZE CACHE.
MATCHER(IsFlush, "a flush") {
    return arg.opcode == 0x35;
}
/// CLOSE TRACK/SESSION with this function.
MATCHER_P(IsClose, function, "") {
    return arg.opcode == 0x5B && (arg.request.cdb.bytes()[2] & 0x07U) == function;
}

// --- what the drive does

using Answer = std::function<Answered(const Command&)>;

inline Answered carry_out(const Command& command) {
    return command.device.carry_out(command);
}

/// What a fault answers, a little later than at once: an answer has a length of its own.
[[nodiscard]] inline transports::Completion injected_completion(const Command& command) {
    const auto now = command.device.clock().now();
    command.device.inject();
    transports::Completion completion;
    completion.start = now;
    completion.end = now + std::chrono::milliseconds(1);
    return completion;
}

[[nodiscard]] inline Answered broken(const Command& command,
                                     transports::TransportError::Kind kind) {
    command.device.inject();
    return tl::make_unexpected(
        transports::TransportError{.kind = kind, .detail = "an injected fault"});
}

/// CHECK CONDITION; the drive never hears of the command.
[[nodiscard]] inline Answer FailWith(const mmc::Sense& sense) {
    return [sense](const Command& command) -> Answered {
        transports::Completion completion = injected_completion(command);
        completion.status = transports::Status::CheckCondition;
        completion.sense = sense;
        return completion;
    };
}
/// `FailWith(0x3, 0x0C00)`: 3/0C/00.
[[nodiscard]] inline Answer FailWith(unsigned key, mmc::AdditionalSense additional) {
    return FailWith(mmc::make_sense(static_cast<mmc::SenseKey>(key), additional));
}
/// The same about a command before this one, which was not started.
[[nodiscard]] inline Answer FailDeferred(unsigned key, mmc::AdditionalSense additional) {
    return FailWith(mmc::make_sense(static_cast<mmc::SenseKey>(key), additional, std::nullopt,
                                    std::nullopt, true));
}
/// The drive never hears of the command, and no answer comes.
[[nodiscard]] inline Answer TimeOut() {
    return [](const Command& command) {
        return broken(command, transports::TransportError::Kind::TimedOut);
    };
}
/// The drive does the command, and no answer comes.
[[nodiscard]] inline Answer LoseAnswer() {
    return [](const Command& command) {
        const Answered done = carry_out(command);
        return done ? broken(command, transports::TransportError::Kind::TimedOut) : done;
    };
}
/// GOOD; the drive never hears of the command.
[[nodiscard]] inline Answer Lie() {
    return [](const Command& command) -> Answered { return injected_completion(command); };
}
/// The cable is pulled at this command.
[[nodiscard]] inline Answer LoseDrive() {
    return [](const Command& command) {
        command.device.unplug();
        return broken(command, transports::TransportError::Kind::Gone);
    };
}

// --- when the cancel comes

/// Of a data phase.
struct Percent {
    unsigned value = 0;
};
namespace literals {
constexpr Percent operator""_percent(unsigned long long value) {
    return {static_cast<unsigned>(value)};
}
}  // namespace literals

/// When the host learns how a command ended.
[[nodiscard]] inline transports::Instant end_of(const Command& command, const Answered& answered) {
    if (answered) {
        return answered->end;
    }
    const auto now = command.device.clock().now();
    return answered.error().kind == transports::TransportError::Kind::TimedOut
               ? now + command.request.timeout
               : now;
}

[[nodiscard]] inline transports::Instant between(transports::Instant from, transports::Instant to,
                                                 Percent part) {
    return from + (to - from) / 100 * static_cast<int>(part.value);
}

/// The drive has not been told yet.
template <typename Engine>
[[nodiscard]] Answer CancelBefore(Engine& engine, Answer answer = carry_out) {
    return [&engine, answer = std::move(answer)](const Command& command) {
        engine.cancel();
        return answer(command);
    };
}

/// The instant is found by `when(command, answered)` once it is known how the command goes.
template <typename Engine, typename When>
[[nodiscard]] Answer CancelWhen(Engine& engine, Answer answer, When when) {
    return [&engine, answer = std::move(answer), when](const Command& command) {
        Answered answered = answer(command);
        command.device.clock().at(when(command, answered), [&engine] { engine.cancel(); });
        return answered;
    };
}

/// The drive has the command; no data has moved.
template <typename Engine>
[[nodiscard]] Answer CancelAtEntry(Engine& engine, Answer answer = carry_out) {
    return CancelWhen(engine, std::move(answer), [](const Command& command, const Answered&) {
        return between(command.device.clock().now(), command.device.times().data.begin, {50});
    });
}

template <typename Engine>
[[nodiscard]] Answer CancelDuring(Engine& engine, Percent part, Answer answer = carry_out) {
    return CancelWhen(engine, std::move(answer), [part](const Command& command, const Answered&) {
        const DataTimes& data = command.device.times().data;
        return between(data.begin, data.end, part);
    });
}

template <typename Engine>
[[nodiscard]] Answer CancelBetweenDataAndStatus(Engine& engine, Answer answer = carry_out) {
    return CancelWhen(
        engine, std::move(answer), [](const Command& command, const Answered& answered) {
            return between(command.device.times().data.end, end_of(command, answered), {50});
        });
}

/// Status is given; the engine has not seen it.
template <typename Engine>
[[nodiscard]] Answer CancelAtCompletion(Engine& engine, Answer answer = carry_out) {
    return CancelWhen(engine, std::move(answer), end_of);
}

/// So long after its end: in the pause before the next command, say.
template <typename Engine>
[[nodiscard]] Answer CancelAfter(Engine& engine, transports::Duration later,
                                 Answer answer = carry_out) {
    return CancelWhen(engine, std::move(answer),
                      [later](const Command& command, const Answered& answered) {
                          return end_of(command, answered) + later;
                      });
}

// NOLINTEND(readability-identifier-naming)

}  // namespace kiln::harness
