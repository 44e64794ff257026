#include "stack/imapi/format_layer.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <mutex>
#include <string>
#include <string_view>

#include "stack/hresult.h"
#include "stack/imapi/exclusive_access.h"
#include "stack/imapi/recorder.h"

namespace kiln::stack::imapi {

HResult FormatLayer::set_recorder(Recorder* value) {
    const HResult usable = value == nullptr ? HResult::Ok : value->device().access.may_use(value);
    const std::lock_guard lock(mutex_);
    if (const HResult refused = refusal(); refused != HResult::Ok) {
        return refused;
    }
    if (const HResult refused = may_follow(recorder_, value); refused != HResult::Ok) {
        return refused;
    }
    if (usable == HResult::Ok) {
        recorder_ = value;
    }
    return usable;
}

Recorder* FormatLayer::recorder() const {
    return value_of(recorder_);
}

HResult FormatLayer::set_client_name(std::string_view value) {
    const std::lock_guard lock(mutex_);
    if (const HResult refused = refusal(); refused != HResult::Ok) {
        return refused;
    }
    if (!is_client_name(value)) {
        return codes_.bad_client_name;
    }
    client_name_ = value;
    return HResult::Ok;
}

std::string FormatLayer::client_name() const {
    return value_of(client_name_);
}

HResult FormatLayer::begin() {
    const std::lock_guard lock(mutex_);
    if (busy_) {
        return codes_.in_use;
    }
    if (recorder_ == nullptr) {
        return codes_.no_recorder;
    }
    if (client_name_.empty()) {
        return codes_.bad_client_name;
    }
    const HResult taken = recorder_->acquire_exclusive_access(VariantBool::True, client_name_);
    busy_ = taken == HResult::Ok;
    return taken;
}

void FormatLayer::end() {
    const std::lock_guard lock(mutex_);
    recorder_->release_exclusive_access();
    busy_ = false;
}

std::int32_t to_long(std::int64_t value) {
    using Limits = std::numeric_limits<std::int32_t>;
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(value, Limits::min(), Limits::max()));
}

}  // namespace kiln::stack::imapi
