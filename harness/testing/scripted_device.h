/// \file
/// A device that gives prepared answers, by operation code: for what no fake drive does, and for
/// bytes of real drives.
///
///     ScriptedDevice device(clock);
///     device.on(0x00).check(0x02, 0x0407).check(0x02, 0x0407).good();   // the last one repeats
///     device.on(0x51).data("00 20 0e ...");
///     EXPECT_THAT(device.sent(0x00), SizeIs(3));

#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/hex.h"
#include "mmc/sense.h"

#include "transports/clock.h"
#include "transports/error.h"
#include "transports/transport.h"

#include "harness/sim/virtual_clock.h"

namespace kiln::harness {

/// An operation code without a script gets 5/20/00. Each command takes `takes` of virtual time.
class ScriptedDevice : public transports::Transport {
public:
    using Kind = transports::TransportError::Kind;

    class Script {
    public:
        Script& good() { return add({}); }
        Script& data(std::string_view hex) { return bytes(mmc::from_hex(hex)); }
        Script& bytes(std::vector<std::uint8_t> answer) {
            Answer next;
            next.bytes = std::move(answer);
            return add(std::move(next));
        }
        Script& check(unsigned key, mmc::AdditionalSense additional) {
            return sense(mmc::make_sense(static_cast<mmc::SenseKey>(key), additional));
        }
        Script& sense(const mmc::Sense& sense) {
            Answer next;
            next.completion.status = transports::Status::CheckCondition;
            next.completion.sense = sense;
            return add(std::move(next));
        }
        Script& status(transports::Status status) {
            Answer next;
            next.completion.status = status;
            return add(std::move(next));
        }
        Script& broken(Kind kind) {
            Answer next;
            next.broken = true;
            next.error.kind = kind;
            return add(std::move(next));
        }
        /// The answer just added takes this long.
        Script& taking(transports::Duration time) {
            answers_.back().takes = time;
            return *this;
        }

    private:
        friend class ScriptedDevice;
        struct Answer {
            transports::Completion completion;
            std::vector<std::uint8_t> bytes;
            bool broken = false;
            transports::TransportError error;
            transports::Duration takes = std::chrono::milliseconds(1);
        };
        Script& add(Answer answer) {
            answers_.push_back(std::move(answer));
            return *this;
        }
        Answer next() {
            Answer answer = answers_.front();
            if (answers_.size() > 1) {
                answers_.pop_front();
            }
            return answer;
        }
        std::deque<Answer> answers_;
    };

    explicit ScriptedDevice(VirtualClock& clock) : clock_(&clock) {}

    /// The script of an operation code; begins anew where there is one already.
    Script& on(std::uint8_t opcode) { return scripts_[opcode] = Script{}; }

    /// What was sent, in hex: all of it, or only one operation code.
    [[nodiscard]] const std::vector<std::string>& sent() const { return sent_; }
    [[nodiscard]] std::vector<std::string> sent(std::uint8_t opcode) const {
        const auto start = mmc::to_hex(mmc::ByteView(&opcode, 1));
        std::vector<std::string> matching;
        std::copy_if(sent_.begin(), sent_.end(), std::back_inserter(matching),
                     [&](const std::string& cdb) { return cdb.starts_with(start); });
        return matching;
    }
    /// The bytes of each data-out phase, in order.
    [[nodiscard]] const std::vector<std::vector<std::uint8_t>>& data_sent() const {
        return data_sent_;
    }
    [[nodiscard]] const std::vector<transports::Request>& requests() const { return requests_; }
    transports::Limits limits_value;

    transports::Result<transports::Completion, transports::TransportError> execute(
        const transports::Request& request) override {
        const auto cdb = request.cdb.bytes();
        sent_.push_back(mmc::to_hex(cdb));
        requests_.push_back(request);
        requests_.back().data = transports::NoData{};
        if (const auto* out = std::get_if<transports::DataOut>(&request.data)) {
            data_sent_.emplace_back(out->buffer.begin(), out->buffer.end());
        }
        const auto found = scripts_.find(cdb[0]);
        Script::Answer answer;
        if (found == scripts_.end() || found->second.answers_.empty()) {
            answer.completion.status = transports::Status::CheckCondition;
            answer.completion.sense = mmc::make_sense(mmc::SenseKey::IllegalRequest, 0x2000);
        } else {
            answer = found->second.next();
        }
        answer.completion.start = clock_->now();
        clock_->advance(answer.takes);
        answer.completion.end = clock_->now();
        if (answer.broken) {
            return tl::make_unexpected(answer.error);
        }
        if (const auto* in = std::get_if<transports::DataIn>(&request.data)) {
            const auto size = std::min(answer.bytes.size(), in->buffer.size());
            std::copy_n(answer.bytes.begin(), size, in->buffer.begin());
            answer.completion.moved = static_cast<std::uint32_t>(size);
        }
        return answer.completion;
    }
    void interrupt() noexcept override {}
    transports::Result<void, transports::TransportError> recover(
        transports::Rung /*rung*/) override {
        return {};
    }
    [[nodiscard]] transports::Limits limits() const override { return limits_value; }

private:
    VirtualClock* clock_;
    std::map<std::uint8_t, Script> scripts_;
    std::vector<std::string> sent_;
    std::vector<transports::Request> requests_;
    std::vector<std::vector<std::uint8_t>> data_sent_;
};

/// Woken by hand; takes no time to wait.
class HandWaker final : public transports::Waker {
public:
    void wake() noexcept override { pending_ = true; }
    bool wait_for(transports::Duration /*real*/) override {
        const bool taken = pending_;
        pending_ = false;
        return taken;
    }

private:
    bool pending_ = false;
};

}  // namespace kiln::harness
