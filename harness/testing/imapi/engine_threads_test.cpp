// The write engine on real threads: the device's, the stream's, and somebody who cancels.

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "mmc/bytes.h"

#include "transports/os/os_clock.h"
#include "transports/transport.h"

#include "stack/hresult.h"
#include "stack/imapi/exclusive_access.h"
#include "stack/imapi/recorder.h"
#include "stack/imapi/stream.h"
#include "stack/imapi/write_engine.h"
#include "stack/threaded_ports.h"

#include "harness/testing/effort.h"
#include "harness/testing/imapi/engine_world.h"
#include "harness/testing/scripted_transport.h"

namespace kiln::harness {
namespace {

using stack::HResult;
using stack::imapi::Recorder;
using stack::imapi::Stream;
using stack::imapi::StreamRead;
using stack::imapi::VariantBool;
using stack::imapi::WriteEngine;

/// A drive that answers at once, an engine, threads.
class ThreadedEngine {
public:
    ThreadedEngine() {
        transport.answer = [this](const transports::Request& request) {
            if (during) {
                during(transport.cdbs.size());
            }
            return ScriptedTransport::good(request);
        };
        (void)engine.set_recorder(&recorder);
        (void)engine.set_bytes_per_sector(2048);
    }

    /// Set before a section; called on the device's thread.
    std::function<void(std::size_t number)> during;
    ScriptedTransport transport;
    transports::OsClock clock;
    transports::OsWaker waker;
    stack::ThreadedPorts ports{transport, clock, waker, {.slots = 4}};
    stack::imapi::ExclusiveAccess access;
    Recorder recorder{
        {.transport = transport, .clock = clock, .waker = waker, .ports = ports, .access = access}};
    WriteEngine engine;
};

/// Gives zeros, and from `blocks_at` on nothing until it is interrupted.
class StuckStream final : public Stream {
public:
    explicit StuckStream(std::uint64_t blocks_at) : blocks_at_(blocks_at) {}

    [[nodiscard]] StreamRead read(mmc::MutableByteView buffer) override {
        std::unique_lock lock(mutex_);
        if (given_ < blocks_at_) {
            given_ += buffer.size();
            return {.bytes = buffer.size()};
        }
        stuck_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return interrupted_; });
        return {.code = HResult::Fail};
    }
    void interrupt() noexcept override {
        const std::lock_guard lock(mutex_);
        interrupted_ = true;
        changed_.notify_all();
    }
    void wait_until_stuck() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stuck_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t blocks_at_;
    std::uint64_t given_ = 0;
    bool stuck_ = false;
    bool interrupted_ = false;
};

/// The answer and the end agree, whichever wins: S_OK means cancelled, nothing else does.
TEST(WriteEngineThreads, ACancelFromAnotherThreadIsTrueToItsAnswer) {
    int cancelled = 0;
    const int rounds = testing::effort(200);
    for (int round = 0; round < rounds; ++round) {
        ThreadedEngine it;
        std::atomic<bool> over{false};
        HResult answer = HResult::WriteNotInProgress;
        std::thread other([&] {
            while (!over && answer != HResult::Ok) {
                answer = it.engine.cancel_write();
            }
        });
        CountingStream stream;
        const HResult result = it.engine.write_section(&stream, 0, 32 * (1 + round % 5));
        over = true;
        other.join();
        EXPECT_EQ(result, answer == HResult::Ok ? HResult::RequestCancelled : HResult::Ok);
        EXPECT_EQ(it.engine.cancel_write(), HResult::WriteNotInProgress);
        cancelled += result == HResult::RequestCancelled ? 1 : 0;
        CountingStream next;
        EXPECT_EQ(it.engine.write_section(&next, 0, 32), HResult::Ok) << "usable at once";
    }
    RecordProperty("cancelled", cancelled);
}

TEST(WriteEngineThreads, ARequestFromAnotherThreadIsNeverLost) {
    for (int round = 0; round < testing::effort(100); ++round) {
        ThreadedEngine it;
        std::atomic<bool> over{false};
        bool asked = false;
        bool before_the_last = false;
        std::atomic<bool> last_out{false};
        it.during = [&](std::size_t number) { last_out = number == 40; };
        std::thread other([&] {
            while (!over && !asked) {
                const bool last = last_out;
                asked = it.engine.request_cancel() == HResult::Ok;
                before_the_last = asked && !last && !last_out;
            }
        });
        CountingStream stream;
        const HResult result = it.engine.write_section(&stream, 0, 32 * 40);
        over = true;
        other.join();
        if (before_the_last) {
            EXPECT_EQ(result, HResult::RequestCancelled);
        }
    }
}

TEST(WriteEngineThreads, AStuckStreamDoesNotHoldUpACancel) {
    ThreadedEngine it;
    StuckStream stream(65536);
    HResult answer = HResult::Fail;
    std::thread other([&] {
        stream.wait_until_stuck();
        while ((answer = it.engine.cancel_write()) == HResult::WriteNotInProgress) {
            std::this_thread::yield();  // until the first WRITE is issued
        }
    });
    EXPECT_EQ(it.engine.write_section(&stream, 0, 64), HResult::RequestCancelled);
    other.join();
    EXPECT_EQ(answer, HResult::Ok);
    EXPECT_EQ(it.transport.cdbs.size(), 1U);
}

TEST(WriteEngineThreads, ARequestEndsAStreamThatIsStuckBeforeTheFirstWrite) {
    ThreadedEngine it;
    StuckStream stream(0);
    std::thread other([&] {
        stream.wait_until_stuck();
        EXPECT_EQ(it.engine.cancel_write(), HResult::WriteNotInProgress) << "nothing was issued";
        EXPECT_EQ(it.engine.request_cancel(), HResult::Ok);
    });
    EXPECT_EQ(it.engine.write_section(&stream, 0, 64), HResult::RequestCancelled);
    other.join();
    EXPECT_EQ(it.transport.cdbs.size(), 0U);
}

TEST(WriteEngineThreads, OthersAreRefusedMeanwhile) {
    ThreadedEngine it;
    Recorder second(it.recorder.device());
    it.during = [&](std::size_t number) {
        if (number != 1) {
            return;
        }
        CountingStream other;
        EXPECT_EQ(it.engine.write_in_progress(), VariantBool::True);
        EXPECT_EQ(it.engine.write_section(&other, 0, 1), HResult::WriteInProgress);
        EXPECT_EQ(it.engine.set_bytes_per_sector(2352), HResult::Fail);
        EXPECT_EQ(it.engine.set_recorder(&second), HResult::Fail);
        Recorder::SenseBuffer sense{};
        EXPECT_EQ(second.send_command_no_data(std::array<std::uint8_t, 6>{}, sense, 1),
                  HResult::Locked);
    };
    CountingStream stream;
    EXPECT_EQ(it.engine.write_section(&stream, 0, 64), HResult::Ok);
    EXPECT_EQ(it.transport.cdbs.size(), 2U);
}

}  // namespace
}  // namespace kiln::harness
