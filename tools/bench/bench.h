/// \file
/// What the benchmarks share: measuring, a source without a disk, a burn.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "transports/source.h"

#include "stack/outcome.h"

#include "tools/kiln/json_object.h"

namespace kiln::tools::bench {

/// A benchmark's figures, or why there are none.
struct Figures {
    JsonObject values;
    std::string problem;  // empty: it went well
    std::string json;     // instead of the values, where another program has made it
};

struct Wanted {
    std::optional<std::uint64_t> bytes;  // --bytes
};

[[nodiscard]] Figures burn_digest(const Wanted& wanted);
[[nodiscard]] Figures burn_keep(const Wanted& wanted);
[[nodiscard]] Figures burns_per_second(const Wanted& wanted);
[[nodiscard]] Figures memory(const Wanted& wanted);
[[nodiscard]] Figures allocations(const Wanted& wanted);
[[nodiscard]] Figures commands(const Wanted& wanted);
/// kiln and other programs on a USB burner, in a machine of QEMU's: minutes.
[[nodiscard]] Figures usb(const Wanted& wanted);

/// What something took.
struct Taken {
    double seconds = 0;
    double cpu_seconds = 0;  // user and system; of this process, or of the children it waited for
};
enum class Whose : std::uint8_t { Ours, Children };
[[nodiscard]] Taken measure(Whose whose, const std::function<void()>& work);

/// Highest resident memory of this process so far, in bytes; 0 where the system does not tell.
[[nodiscard]] std::uint64_t peak_memory();

/// `new` calls of this process so far.
[[nodiscard]] std::uint64_t allocations_so_far() noexcept;

/// Numbers that do not repeat, made as they are read: 64 bits of a xorshift generator at a time.
class GeneratedSource final : public transports::Source {
public:
    explicit GeneratedSource(std::uint64_t bytes) : left_(bytes), size_(bytes) {}

    transports::Result<std::size_t, transports::SourceError> read(
        mmc::MutableByteView buffer) override;
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return size_; }
    void interrupt() noexcept override {}

private:
    std::uint64_t left_;
    std::uint64_t size_;
    std::uint64_t state_ = 0x9E3779B97F4A7C15U;
};

/// Burns all of `source` onto the drive at `address`, as the command line does.
///
/// Errors:  in `problem`, one line
struct Burnt {
    stack::BurnReport report;
    std::string problem;
};
[[nodiscard]] Burnt burn_onto(const std::string& address, transports::Source& source);

}  // namespace kiln::tools::bench
