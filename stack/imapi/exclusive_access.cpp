#include "stack/imapi/exclusive_access.h"

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

namespace kiln::stack::imapi {
namespace {

constexpr std::size_t kCallerLength = 64;

bool is_client_character(char c) {
    constexpr std::string_view kOthers = " .,:;-_";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
}

}  // namespace

bool is_client_name(std::string_view name) {
    return !name.empty() && name.size() < kCallerLength &&
           std::all_of(name.begin(), name.end(), is_client_character);
}

HResult ExclusiveAccess::acquire(const void* who, std::string_view name) {
    if (!is_client_name(name)) {
        return HResult::InvalidArgument;
    }
    const std::lock_guard lock(mutex_);
    if (holder_ != nullptr && holder_ != who) {
        return HResult::Locked;
    }
    if (holder_ == nullptr) {
        holder_ = who;
        name_ = name;
    }
    ++count_;
    return HResult::Ok;
}

HResult ExclusiveAccess::release(const void* who) {
    const std::lock_guard lock(mutex_);
    if (holder_ == nullptr) {
        return HResult::Fail;
    }
    if (holder_ != who) {
        return HResult::InvalidHandle;
    }
    if (--count_ == 0) {
        holder_ = nullptr;
        name_.clear();
    }
    return HResult::Ok;
}

HResult ExclusiveAccess::may_use(const void* who) const {
    const std::lock_guard lock(mutex_);
    return holder_ != nullptr && holder_ != who ? HResult::Locked : HResult::Ok;
}

std::string ExclusiveAccess::owner() const {
    const std::lock_guard lock(mutex_);
    return name_;
}

HResult ExclusiveAccess::enter(const void* who) {
    const std::lock_guard lock(mutex_);
    if (in_use_ || (holder_ != nullptr && holder_ != who)) {
        return HResult::Locked;
    }
    in_use_ = true;
    return HResult::Ok;
}

void ExclusiveAccess::leave() {
    const std::lock_guard lock(mutex_);
    in_use_ = false;
}

}  // namespace kiln::stack::imapi
