/// \file
/// A USB/IP client for tests, written from the document: no line of the server's codec is in it.
///
/// Spec:    Linux, Documentation/usb/usbip_protocol.rst

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <vector>

#include "transports/clock.h"
#include "transports/os/os_clock.h"

#include "harness/usbip/usbip_connection.h"

namespace kiln::harness::testing {

using Bytes = std::vector<std::uint8_t>;

/// "00000001" for each word, as the document prints them.
inline void add_words(Bytes& bytes, std::initializer_list<std::uint32_t> words) {
    for (const std::uint32_t word : words) {
        for (const unsigned shift : {24U, 16U, 8U, 0U}) {
            bytes.push_back(static_cast<std::uint8_t>(word >> shift & 0xFFU));
        }
    }
}

inline std::uint32_t word_at(const Bytes& bytes, std::size_t at) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        word = word << 8U | bytes.at(at + i);
    }
    return word;
}

class UsbipClient {
public:
    static constexpr std::uint32_t kDevice = 0x00010002;
    static constexpr std::int32_t kNoAnswer = 1;
    struct Reply {
        std::int32_t status = kNoAnswer;
        std::uint32_t length = 0;
        Bytes data;
    };

    UsbipClient(usbip::Connection& connection, transports::Clock& clock)
        : connection_(&connection), clock_(&clock) {}

    void send(const Bytes& bytes) { connection_->receive(bytes, clock_->now()); }
    /// All that the server has said, URBs' answers or not.
    Bytes hear() {
        const auto output = connection_->output();
        Bytes heard(output.begin(), output.end());
        connection_->sent(heard.size());
        return heard;
    }
    Bytes import(const char* bus_id = "1-1") {
        Bytes request{0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0};
        for (const char* letter = bus_id; *letter != 0; ++letter) {
            request.push_back(static_cast<std::uint8_t>(*letter));
        }
        request.resize(40, 0);
        send(request);
        return hear();
    }
    std::uint32_t submit_in(std::uint32_t endpoint, std::uint32_t length, const Bytes& setup = {},
                            std::uint32_t flags = 0) {
        send(header(1, endpoint, flags, length, setup));
        return sequence_;
    }
    std::uint32_t submit_out(std::uint32_t endpoint, const Bytes& data, const Bytes& setup = {}) {
        Bytes all = header(0, endpoint, 0, static_cast<std::uint32_t>(data.size()), setup);
        all.insert(all.end(), data.begin(), data.end());
        send(all);
        return sequence_;
    }
    /// The status of the answer to the UNLINK.
    std::int32_t unlink(std::uint32_t sequence) {
        Bytes request;
        add_words(request, {2, ++sequence_, kDevice, 0, 0, sequence, 0, 0, 0, 0, 0, 0});
        send(request);
        return await(sequence_).status;
    }
    /// Lets time pass until the answer is there; kNoAnswer where it never will be.
    Reply await(std::uint32_t sequence) {
        sort_answers();
        while (!answers_.contains(sequence) && !connection_->is_over()) {
            const transports::Instant next = connection_->next_change();
            if (next == transports::Instant::max()) {
                return {};
            }
            clock_->wait_until(next, waker_);
            connection_->run_until(clock_->now());
            sort_answers();
        }
        return answers_.contains(sequence) ? answers_[sequence] : Reply{};
    }
    [[nodiscard]] bool is_answered(std::uint32_t sequence) {
        sort_answers();
        return answers_.contains(sequence);
    }
    Reply control_in(const Bytes& setup) {
        return await(submit_in(0, setup[6] | std::uint32_t{setup[7]} << 8U, setup));
    }
    Reply control_out(const Bytes& setup) { return await(submit_out(0, {}, setup)); }

    struct Ended {
        std::int32_t data_status = 0;
        Bytes data;
        Bytes status;  // the CSW
    };
    /// A command of Bulk-Only Transport: CBW, data, CSW, one after the other.
    Ended command_in(const Bytes& cdb, std::uint32_t length) {
        await(submit_out(2, wrapper(cdb, length, 0x80)));
        Ended ended;
        if (length != 0) {
            const Reply reply = await(submit_in(1, length));
            ended.data_status = reply.status;
            ended.data = reply.data;
        }
        ended.status = status_wrapper();
        return ended;
    }
    Ended command_out(const Bytes& cdb, const Bytes& data) {
        await(submit_out(2, wrapper(cdb, static_cast<std::uint32_t>(data.size()), 0)));
        Ended ended;
        ended.data_status = data.empty() ? 0 : await(submit_out(2, data)).status;
        ended.status = status_wrapper();
        return ended;
    }
    /// "USBC", tag, length, flags, LUN, length of the command, command.
    Bytes wrapper(const Bytes& cdb, std::uint32_t length, std::uint8_t flags) {
        Bytes bytes{0x55, 0x53, 0x42, 0x43, ++tag_, 0, 0, 0};
        for (const unsigned shift : {0U, 8U, 16U, 24U}) {
            bytes.push_back(static_cast<std::uint8_t>(length >> shift & 0xFFU));
        }
        bytes.push_back(flags);
        bytes.push_back(0);
        bytes.push_back(static_cast<std::uint8_t>(cdb.size()));
        bytes.insert(bytes.end(), cdb.begin(), cdb.end());
        bytes.resize(31, 0);
        return bytes;
    }

private:
    Bytes header(std::uint32_t direction, std::uint32_t endpoint, std::uint32_t flags,
                 std::uint32_t length, const Bytes& setup) {
        Bytes bytes;
        add_words(bytes,
                  {1, ++sequence_, kDevice, direction, endpoint, flags, length, 0, 0xFFFFFFFF, 0});
        bytes.insert(bytes.end(), setup.begin(), setup.end());
        bytes.resize(48, 0);
        if (direction == 1) {
            waiting_in_[sequence_] = true;
        }
        return bytes;
    }
    Bytes status_wrapper() {
        Reply reply = await(submit_in(1, 13));
        if (reply.status == -32) {  // halted behind data that were short
            control_out({0x02, 0x01, 0, 0, 0x81, 0, 0, 0});
            reply = await(submit_in(1, 13));
        }
        return reply.data;
    }
    void sort_answers() {
        const Bytes more = hear();
        heard_.insert(heard_.end(), more.begin(), more.end());
        while (heard_.size() >= 48) {
            const std::uint32_t sequence = word_at(heard_, 4);
            const bool is_urb = word_at(heard_, 0) == 3;
            Reply reply{.status = static_cast<std::int32_t>(word_at(heard_, 0x14)),
                        .length = is_urb ? word_at(heard_, 0x18) : 0,
                        .data = {}};
            const std::size_t size = 48 + (waiting_in_.contains(sequence) ? reply.length : 0);
            if (heard_.size() < size) {
                return;
            }
            reply.data.assign(heard_.begin() + 48,
                              heard_.begin() + static_cast<std::ptrdiff_t>(size));
            heard_.erase(heard_.begin(), heard_.begin() + static_cast<std::ptrdiff_t>(size));
            answers_[sequence] = reply;
        }
    }

    usbip::Connection* connection_;
    transports::Clock* clock_;
    transports::OsWaker waker_;
    Bytes heard_;
    std::map<std::uint32_t, Reply> answers_;
    std::map<std::uint32_t, bool> waiting_in_;
    std::uint32_t sequence_ = 0;
    std::uint8_t tag_ = 0;
};

}  // namespace kiln::harness::testing
