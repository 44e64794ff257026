#include "stack/imapi/recorder.h"

#include <cstddef>
#include <optional>
#include <string_view>

#include "mmc/feature_codes.h"
#include "mmc/features.h"
#include "mmc/responses/configuration.h"

#include "stack/drive.h"
#include "stack/hresult.h"
#include "stack/imapi/exclusive_access.h"

namespace kiln::stack::imapi {

Recorder::~Recorder() {
    while (device_.access.release(this) == HResult::Ok) {
    }
}

HResult Recorder::acquire_exclusive_access(VariantBool /*force*/, std::string_view client_name) {
    return device_.access.acquire(this, client_name);
}

HResult Recorder::release_exclusive_access() {
    return device_.access.release(this);
}

std::size_t Recorder::byte_alignment_mask() const {
    return device_.transport.limits().alignment;
}

// Our transports take any address within the alignment: the two sizes are the same.
std::size_t Recorder::maximum_non_page_aligned_transfer_size() const {
    return maximum_page_aligned_transfer_size();
}

std::size_t Recorder::maximum_page_aligned_transfer_size() const {
    return device_.transport.limits().max_transfer;
}

bool Recorder::writes_streams() {
    const DriveUse use(device_.access, this);
    if (use.code() != HResult::Ok) {
        return false;
    }
    const auto configuration =
        Drive(device_.transport, device_.clock, device_.waker).configuration();
    const auto* feature =
        configuration ? configuration->find(mmc::FeatureCode::RealTimeStreaming) : nullptr;
    const auto streaming = feature != nullptr && feature->current
                               ? mmc::feature_as<mmc::RealTimeStreamingFeature>(*feature)
                               : std::nullopt;
    return streaming && streaming->stream_writing;
}

}  // namespace kiln::stack::imapi
