/// \file
/// A transport that answers as the test says.

#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "transports/transport.h"

namespace kiln::harness {

/// Keeps the CDBs it got; answers GOOD with all bytes moved unless `answer` is set.
class ScriptedTransport : public transports::Transport {
public:
    using Outcome = transports::Result<transports::Completion, transports::TransportError>;

    Outcome execute(const transports::Request& request) override {
        cdbs.push_back(request.cdb);
        last_timeout = request.timeout;
        return answer ? answer(request) : good(request);
    }
    void interrupt() noexcept override { ++interrupts; }
    transports::Result<void, transports::TransportError> recover(transports::Rung rung) override {
        rungs.push_back(rung);
        return on_recover ? on_recover() : transports::Result<void, transports::TransportError>();
    }
    [[nodiscard]] transports::Limits limits() const override { return {}; }

    static Outcome good(const transports::Request& request) {
        transports::Completion completion;
        if (const auto* in = std::get_if<transports::DataIn>(&request.data)) {
            completion.moved = static_cast<std::uint32_t>(in->buffer.size());
        } else if (const auto* out = std::get_if<transports::DataOut>(&request.data)) {
            completion.moved = static_cast<std::uint32_t>(out->buffer.size());
        }
        return completion;
    }

    std::function<Outcome(const transports::Request&)> answer;
    std::function<transports::Result<void, transports::TransportError>()> on_recover;
    std::vector<mmc::Cdb> cdbs;
    std::vector<transports::Rung> rungs;
    transports::Duration last_timeout{};
    int interrupts = 0;
};

}  // namespace kiln::harness
