/// \file
/// The IMAPI2-shaped face of a run: one WriteSection, and CancelWrite.

#pragma once

#include <cstdint>
#include <functional>

#include "transports/source.h"

#include "stack/hresult.h"
#include "stack/imapi/exclusive_access.h"
#include "stack/imapi/recorder.h"
#include "stack/imapi/write_engine.h"
#include "stack/outcome.h"
#include "stack/ports.h"

namespace kiln::harness {

class CutSection final : private stack::imapi::WriteEngineEvents {
public:
    using OnUpdate = std::function<void(const stack::Progress&)>;

    CutSection(transports::Transport& transport, transports::Clock& clock, transports::Waker& waker,
               stack::Ports& ports, OnUpdate on_update);

    /// WriteSection of `blocks` blocks of 2048 bytes, with exclusive access for its time.
    [[nodiscard]] stack::HResult write(transports::Source& source, std::int32_t start,
                                       std::int32_t blocks);
    /// CancelWrite.
    stack::HResult cancel() noexcept { return engine_.cancel_write(); }
    [[nodiscard]] bool exclusive_access_held() const { return !access_.owner().empty(); }

private:
    stack::HResult update(stack::imapi::WriteEngine& object,
                          const stack::imapi::WriteEngineEventArgs& progress) override;

    stack::imapi::ExclusiveAccess access_;
    stack::imapi::Recorder recorder_;
    stack::imapi::WriteEngine engine_;
    OnUpdate on_update_;
};

}  // namespace kiln::harness
