/// \file
/// Where the bytes of a burn come from.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "mmc/bytes.h"

#include "transports/error.h"

namespace kiln::transports {

struct SourceError {
    bool interrupted = false;  // interrupt() ended the read; nothing is wrong with the source
    int os_code = 0;
    std::string detail;  // for people: "read image.iso: Input/output error"
};

/// Thread:  one reader; interrupt() from any thread and from signal handlers
class Source {
public:
    Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    virtual ~Source() = default;

    /// Reads at most `buffer` bytes forward from where the last read ended.
    ///
    /// Blocks:  until at least one byte, the end (0), an error, or interrupt()
    virtual Result<std::size_t, SourceError> read(mmc::MutableByteView buffer) = 0;

    /// Bytes in all, where that is known before reading.
    [[nodiscard]] virtual std::optional<std::uint64_t> size() const = 0;

    /// Ends a blocked read() with `interrupted`; latches.
    virtual void interrupt() noexcept = 0;
};

}  // namespace kiln::transports
