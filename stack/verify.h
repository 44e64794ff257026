/// \file
/// Reading a burn back and comparing it with what the source gave.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "mmc/bytes.h"

#include "transports/source.h"

#include "stack/cancel_word.h"
#include "stack/drive.h"
#include "stack/outcome.h"

namespace kiln::stack {

/// A source that remembers what it gave: a 64-bit hash of every region, and the first and the last
/// block. The data are not copied.
class RememberingSource final : public transports::Source {
public:
    /// One hash for so many bytes.
    static constexpr std::size_t kRegion = std::size_t{1} << 20U;

    /// `hashes`: whether all regions are hashed, or only the two blocks kept.
    RememberingSource(transports::Source& inner, bool hashes);
    ~RememberingSource() override;
    RememberingSource(const RememberingSource&) = delete;
    RememberingSource& operator=(const RememberingSource&) = delete;

    transports::Result<std::size_t, transports::SourceError> read(
        mmc::MutableByteView buffer) override;
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return inner_.size(); }
    void interrupt() noexcept override { inner_.interrupt(); }

    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    /// Of each region, the last one shorter.
    [[nodiscard]] const std::vector<std::uint64_t>& regions();
    [[nodiscard]] mmc::ByteView first_block() const { return first_; }
    [[nodiscard]] mmc::ByteView last_block() const { return last_; }

private:
    void remember(mmc::ByteView data);
    void remember_blocks(mmc::ByteView data);

    struct Hasher;
    transports::Source& inner_;
    std::unique_ptr<Hasher> hasher_;  // null: not wanted
    std::uint64_t bytes_ = 0;
    std::vector<std::uint64_t> regions_;
    std::vector<std::uint8_t> first_;
    std::vector<std::uint8_t> last_;
};

/// Reads `given.bytes()` bytes from `start` on and compares them.
///
/// Blocks:  as long as reading takes
/// Cancel:  between two READs; Verified::Cancelled
/// Errors:  Failed with the address of the first block that cannot be read, or the region that
///          differs
[[nodiscard]] Result<Verified, Failure> verify(Drive& drive, mmc::Lba start,
                                               RememberingSource& given, AtomicCancelWord& word,
                                               BurnObserver& observer);

/// Reads only the first and the last block of the burn: that everything was GOOD and nothing is on
/// the disc happens (TS-L633J, BDR-UD04).
///
/// Errors:  Failed, as above
[[nodiscard]] Result<void, Failure> probe(Drive& drive, mmc::Lba start,
                                          const RememberingSource& given);

}  // namespace kiln::stack
