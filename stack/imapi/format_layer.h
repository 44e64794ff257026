/// \file
/// What IMAPI2's format layers have in common: a recorder, a client's name, one job at a time.

#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "stack/hresult.h"
#include "stack/imapi/recorder.h"

namespace kiln::stack::imapi {

/// Thread:  the owner's, unless it says "any"
class FormatLayer {
public:
    FormatLayer(const FormatLayer&) = delete;
    FormatLayer& operator=(const FormatLayer&) = delete;

    /// Null clears it.
    ///
    /// Spec:    IDiscFormat2Data::put_Recorder and its like
    /// Errors:  the layer's "in use"; Locked: another recorder of the drive has exclusive access
    HResult set_recorder(Recorder* value);
    [[nodiscard]] Recorder* recorder() const;

    /// Under which the drive is taken; by the rules of exclusive access (see is_client_name()).
    ///
    /// Spec:    IDiscFormat2Data::put_ClientName and its like. Its page prints other codes than the
    ///          header has; these are the header's
    /// Errors:  the layer's "in use"; its "client name is not valid"
    HResult set_client_name(std::string_view value);
    [[nodiscard]] std::string client_name() const;

protected:
    /// The layer's own codes for the same things.
    struct Codes {
        HResult in_use;
        HResult no_recorder;
        HResult bad_client_name;
    };
    explicit FormatLayer(const Codes& codes) : codes_(codes) {}
    virtual ~FormatLayer() = default;

    /// Whether a recorder may come in the place of the one there is; Ok where it may. Called with
    /// mutex_ held.
    [[nodiscard]] virtual HResult may_follow(const Recorder* /*now*/,
                                             const Recorder* /*value*/) const {
        return HResult::Ok;
    }
    /// Why a setter is refused now; Ok where it is not. Called with mutex_ held.
    [[nodiscard]] virtual HResult refusal() const { return busy_ ? codes_.in_use : HResult::Ok; }

    /// One job, from its beginning to its end: the setters are refused, the drive is taken.
    class Job {
    public:
        explicit Job(FormatLayer& layer) : layer_(layer), code_(layer.begin()) {}
        ~Job() {
            if (code_ == HResult::Ok) {
                layer_.end();
            }
        }
        Job(const Job&) = delete;
        Job& operator=(const Job&) = delete;

        /// Ok, or why there is no job.
        [[nodiscard]] HResult code() const { return code_; }

    private:
        FormatLayer& layer_;
        HResult code_;
    };

    [[nodiscard]] bool busy() const { return busy_; }

    /// Sets `member`, unless that is refused.
    template <typename T>
    HResult change(T& member, T value) {
        const std::lock_guard lock(mutex_);
        const HResult refused = refusal();
        if (refused == HResult::Ok) {
            member = value;
        }
        return refused;
    }
    template <typename T>
    [[nodiscard]] T value_of(const T& member) const {
        const std::lock_guard lock(mutex_);
        return member;
    }

    mutable std::mutex mutex_;  // not held across a call out

private:
    HResult begin();
    void end();

    Codes codes_;
    std::atomic<bool> busy_{false};
    Recorder* recorder_ = nullptr;
    std::string client_name_;
};

/// IWriteEngine2EventArgs' numbers are LONGs: whole seconds, addresses.
[[nodiscard]] std::int32_t to_long(std::int64_t value);

}  // namespace kiln::stack::imapi
