#include "tools/kiln/cancel_after.h"

#include <type_traits>
#include <variant>

#include "stack/facts.h"

namespace kiln::tools {
namespace {

constexpr std::uint8_t kWrite10 = 0x2A;
constexpr std::uint8_t kWrite12 = 0xAA;
constexpr double kAll = 100;

}  // namespace

transports::Result<transports::Completion, transports::TransportError>
CancelAfterTransport::execute(const transports::Request& request) {
    if (!start_) {
        start_ = clock_.now();
    }
    auto outcome = below_.execute(request);
    look(request, outcome);
    return outcome;
}

bool CancelAfterTransport::begin(const transports::Request& request) {
    if (!start_) {
        start_ = clock_.now();
    }
    begun_ = request;
    return below_.begin(request);
}

transports::Result<transports::Completion, transports::TransportError>
CancelAfterTransport::complete() {
    auto outcome = below_.complete();
    look(begun_, outcome);
    return outcome;
}

void CancelAfterTransport::look(const transports::Request& request, const Outcome& outcome) {
    if (!after_ || cancel_ == nullptr || asked_.load()) {
        return;
    }
    if (outcome && outcome->status == transports::Status::Good) {
        count(request);
    }
    // On virtual time the clock has not come to the command's end yet.
    if (due(outcome ? outcome->end : clock_.now())) {
        asked_.store(true);
        cancel_->request(policy_);
    }
}

void CancelAfterTransport::count(const transports::Request& request) {
    const mmc::ByteView cdb = request.cdb.bytes();
    const auto* out = std::get_if<transports::DataOut>(&request.data);
    if (out != nullptr && !cdb.empty() && (cdb[0] == kWrite10 || cdb[0] == kWrite12)) {
        accepted_bytes_ += out->buffer.size();
    }
}

bool CancelAfterTransport::due(transports::Instant now) const {
    return std::visit(
        [this, now](const auto& after) {
            using After = std::decay_t<decltype(after)>;
            if constexpr (std::is_same_v<After, AfterPercent>) {
                const auto expected = static_cast<double>(expected_.load()) * stack::kBlockSize;
                return expected > 0 && accepted_bytes_ > 0 &&
                       static_cast<double>(accepted_bytes_) * kAll >= after.percent * expected;
            } else if constexpr (std::is_same_v<After, AfterBytes>) {
                return accepted_bytes_ > 0 && accepted_bytes_ >= after.bytes;
            } else {
                return now - *start_ >= after.time;
            }
        },
        *after_);
}

}  // namespace kiln::tools
