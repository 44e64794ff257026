/// \file
/// What media that are written anywhere have in common: DVD-RAM, DVD+RW, BD-RE and DVD-RW in
/// restricted overwrite. One track over all that is formatted.

#pragma once

#include "harness/sim/media/family.h"

namespace kiln::harness {

class OverwritableFamily : public Family {
public:
    [[nodiscard]] bool erasable() const override { return true; }
    [[nodiscard]] Verdict may_write(const Medium& medium, const WriteMode& mode, std::int32_t lba,
                                    std::uint32_t count) const override;
    void written(Medium& medium, const WriteMode& mode, std::int32_t lba,
                 std::uint32_t count) const override;
    [[nodiscard]] Readable readable(const Medium& medium, std::int32_t lba,
                                    std::uint32_t count) const override;
    [[nodiscard]] std::uint32_t capacity(const Medium& medium) const override;
    [[nodiscard]] TrackReport report(const Medium& medium, const Track& track,
                                     const WriteMode& mode) const override;
    [[nodiscard]] Planned synchronize(const Medium& medium, const WriteMode& mode) const override;
    void complete(Medium& medium, const Operation& operation) const override;
};

/// The one track of a formatted medium of `blocks` blocks, which is complete.
void make_formatted(Medium& medium, std::uint32_t blocks);

}  // namespace kiln::harness
