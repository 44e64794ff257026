/// \file
/// A scripted drive behind /dev/sg0 and /dev/sr0, for the tests of transports/sg_io.

#pragma once

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "harness/scsi/scsi_node.h"
#include "harness/shim/drive_shim.h"
#include "harness/testing/scripted_transport.h"

namespace kiln::harness {

/// Answers INQUIRY as an optical drive, everything else as `drive.answer` says (GOOD if unset).
class ShimTestDrive {
public:
    ShimTestDrive() { add(shim, {}); }

    void add(DriveShim& to, const DriveShim::Drive& what) {
        to.add_drive(what, [this](unsigned long request, void* argument) {
            return on_ioctl ? on_ioctl(request, argument) : node_ioctl(request, argument);
        });
    }
    int node_ioctl(unsigned long request, void* argument) { return node.ioctl(request, argument); }

    class InquiringTransport final : public ScriptedTransport {
    public:
        Outcome execute(const transports::Request& request) override {
            const auto cdb = request.cdb.bytes();
            if (cdb[0] != 0x12) {
                return ScriptedTransport::execute(request);
            }
            const auto buffer = std::get<transports::DataIn>(request.data).buffer;
            std::array<std::uint8_t, 36> inquiry{type, 0x80, 0x05, 0x32, 31};
            const auto count = std::min(inquiry.size(), buffer.size());
            std::copy_n(inquiry.begin(), count, buffer.begin());
            transports::Completion completion;
            completion.moved = static_cast<std::uint32_t>(count);
            return completion;
        }
        std::uint8_t type = 0x05;
    };

    InquiringTransport drive;
    ScsiNode node{drive};
    DriveShim::Ioctl on_ioctl;
    DriveShim shim;
};

/// A door that one thread waits at until another opens it.
class Gate {
public:
    /// Blocks until open(); counted.
    void pass() {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
    }
    void open() {
        const std::scoped_lock lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void wait_for_arrivals(int count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_ >= count; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
    int waiting_ = 0;
};

}  // namespace kiln::harness
