/// \file
/// A device for operation tests: GoogleMock in front of any Transport, so that an expectation
/// states only what the test is about.
///
///     NiceMock<MockDevice> device(sim);                       // everything goes to `sim`
///     EXPECT_CALL(device, execute(_)).Times(AnyNumber());     // before any other expectation
///     EXPECT_CALL(device, execute(Opcode(0x5B))).Times(0);    // but this must not be sent
///     ON_CALL(device, execute(Opcode(0x35))).WillByDefault(Return(Check(0x02, 0x0408)));

#pragma once

#include <cstdint>
#include <variant>

#include <gmock/gmock.h>

#include "mmc/bytes.h"
#include "mmc/sense.h"

#include "transports/error.h"
#include "transports/transport.h"

namespace kiln::harness {

using Executed = transports::Result<transports::Completion, transports::TransportError>;

/// Every call goes to the transport behind, where there is one; else commands fail with Gone.
class MockDevice : public transports::Transport {
public:
    MockDevice() { without_device(); }
    explicit MockDevice(transports::Transport& behind) { delegate_to(behind); }

    void delegate_to(transports::Transport& behind) {
        using ::testing::_;
        ON_CALL(*this, execute(_)).WillByDefault([&behind](const transports::Request& request) {
            return behind.execute(request);
        });
        ON_CALL(*this, interrupt()).WillByDefault([&behind] { behind.interrupt(); });
        ON_CALL(*this, recover(_)).WillByDefault([&behind](transports::Rung rung) {
            return behind.recover(rung);
        });
        ON_CALL(*this, limits()).WillByDefault([&behind] { return behind.limits(); });
    }

    MOCK_METHOD(Executed, execute, (const transports::Request& request), (override));
    MOCK_METHOD(void, interrupt, (), (noexcept, override));
    MOCK_METHOD((transports::Result<void, transports::TransportError>), recover,
                (transports::Rung rung), (override));
    MOCK_METHOD(transports::Limits, limits, (), (const, override));

private:
    void without_device() {
        using ::testing::_;
        using ::testing::Return;
        transports::TransportError gone;
        gone.kind = transports::TransportError::Kind::Gone;
        ON_CALL(*this, execute(_)).WillByDefault(Return(Executed(tl::make_unexpected(gone))));
        ON_CALL(*this, recover(_))
            .WillByDefault(Return(
                transports::Result<void, transports::TransportError>(tl::make_unexpected(gone))));
        ON_CALL(*this, limits()).WillByDefault(Return(transports::Limits{}));
    }
};

// Named as GoogleMock names its own. NOLINTBEGIN(readability-identifier-naming)

/// A request whose operation code is `code`.
MATCHER_P(Opcode, code, "") {
    return !arg.cdb.bytes().empty() && arg.cdb.bytes()[0] == code;
}

/// GOOD, `moved` bytes.
[[nodiscard]] inline Executed Good(std::uint32_t moved = 0) {
    transports::Completion completion;
    completion.moved = moved;
    return completion;
}

/// CHECK CONDITION with this sense.
[[nodiscard]] inline Executed Check(const mmc::Sense& sense) {
    transports::Completion completion;
    completion.status = transports::Status::CheckCondition;
    completion.sense = sense;
    return completion;
}

/// `Check(0x02, 0x0408)`: 2/04/08.
[[nodiscard]] inline Executed Check(unsigned key, mmc::AdditionalSense additional) {
    return Check(mmc::make_sense(static_cast<mmc::SenseKey>(key), additional));
}

/// The command did not complete.
[[nodiscard]] inline Executed Broken(transports::TransportError::Kind kind) {
    transports::TransportError error;
    error.kind = kind;
    return tl::make_unexpected(error);
}

// NOLINTEND(readability-identifier-naming)

}  // namespace kiln::harness
