/// \file
/// The rules of one family of media: what may be written where, and what each command makes of it.
///
/// A Family has no state; all of it is in Medium. Nothing here knows of time or of bytes: the drive
/// asks, lets the time pass, moves the data and tells the family when an operation is through. So a
/// medium's state machine can be tested with plain calls.

#pragma once

#include <cstdint>
#include <vector>

#include "mmc/result.h"

#include "harness/sim/media/medium.h"
#include "harness/sim/media/verdict.h"

namespace kiln::harness {

/// Mode page 05h as far as media look at it.
struct WriteMode {
    std::uint8_t write_type = 0;        // 0 packet, 1 track at once, 2 session at once, 3 raw
    bool buffer_underrun_free = false;  // BUFE
    bool test_write = false;
    std::uint8_t multi_session = 0;
    bool fixed_packet = false;
    std::uint8_t track_mode = 5;
    std::uint8_t data_block_type = 8;
    bool link_size_valid = false;
    std::uint8_t link_size = 0;
    std::uint32_t packet_size = 0;
};

/// Something that takes the drive time, decided before it starts and applied when it is through.
struct Operation {
    enum class Kind : std::uint8_t {
        None,
        Flush,            // the buffer onto the disc, nothing else
        EndTrack,         // CD track at once: run-out, entry in the PMA
        CloseTrack,       // `padding` blocks of zeros, then the track's end
        CloseSession,     // lead-in, lead-out or border; the disc stays appendable
        Finalize,         // the same, and nothing can be added
        StopFormat,       // DVD+RW: background format stopped
        CompatibleClose,  // DVD+RW: stopped, with a temporary lead-out
        Blank,
        Format,
        BackgroundFormat,  // DVD+RW: the foreground part, then background
        Repair,
    };
    Kind kind = Kind::None;
    std::uint16_t track = 0;
    std::uint8_t type = 0;       // BLANK: blanking type; FORMAT UNIT: format type
    std::uint8_t sub_type = 0;   // FORMAT UNIT
    std::uint32_t blocks = 0;    // FORMAT UNIT: size
    std::uint32_t padding = 0;   // blocks of zeros the drive writes on its own
    bool first_session = false;  // CD: longer lead-out
    friend bool operator==(const Operation&, const Operation&) = default;
};
using Planned = mmc::Result<Operation, Verdict>;

/// What FORMAT UNIT asked for.
struct FormatRequest {
    std::uint32_t blocks = 0;
    std::uint8_t type = 0;
    std::uint8_t sub_type = 0;
    std::uint32_t parameter = 0;  // 24 bits
    bool immediate = false;
};

/// One line of READ FORMAT CAPACITIES.
struct FormatCapacity {
    std::uint32_t blocks = 0;
    std::uint8_t type = 0;  // current capacity: descriptor type 1, 2, 3
    std::uint8_t sub_type = 0;
    std::uint32_t parameter = 2048;
};

/// READ TRACK INFORMATION in numbers.
struct TrackReport {
    std::uint16_t number = 0;
    std::uint16_t session = 0;
    std::uint8_t track_mode = 4;
    std::uint8_t data_mode = 1;
    bool damage = false;
    bool reserved = false;  // RT
    bool blank = false;
    bool packet = false;
    bool fixed_packet = false;  // FP
    bool next_writable_valid = false;
    bool last_recorded_valid = false;
    std::int32_t start = 0;
    std::int32_t next_writable = 0;
    std::uint32_t free_blocks = 0;
    std::uint32_t fixed_packet_size = 0;
    std::uint32_t size = 0;
    std::int32_t last_recorded = 0;
    std::uint32_t read_compatibility = 0;
};

/// How much of a READ can be done, and what stops it after that.
struct Readable {
    std::uint32_t blocks = 0;
    Verdict why;
};

class Family {
public:
    Family() = default;
    Family(const Family&) = delete;
    Family& operator=(const Family&) = delete;
    virtual ~Family() = default;

    /// Current profile; 0000h where the drive would not know the medium.
    [[nodiscard]] virtual std::uint16_t profile(const Medium& medium) const = 0;
    /// Blocks in a write unit: 16 on DVD, 32 on BD, 1 on CD.
    [[nodiscard]] virtual std::uint32_t unit() const = 0;
    /// Whether mode page 05h means anything.
    [[nodiscard]] virtual bool uses_write_mode() const { return false; }
    /// Whether addresses are written one after the other, and 02/04/08 may answer a full buffer.
    [[nodiscard]] virtual bool sequential() const { return false; }
    [[nodiscard]] virtual bool erasable() const { return false; }
    [[nodiscard]] virtual bool test_write() const { return false; }
    [[nodiscard]] virtual bool writable() const { return true; }
    /// Whether a MODE SELECT with this page 05h is taken.
    [[nodiscard]] virtual Verdict accepts(const Medium& medium, const WriteMode& mode) const;

    [[nodiscard]] virtual Verdict may_write(const Medium& medium, const WriteMode& mode,
                                            std::int32_t lba, std::uint32_t count) const = 0;
    /// After a may_write that was good: the blocks are in the drive's buffer.
    virtual void written(Medium& medium, const WriteMode& mode, std::int32_t lba,
                         std::uint32_t count) const = 0;
    [[nodiscard]] virtual Readable readable(const Medium& medium, std::int32_t lba,
                                            std::uint32_t count) const = 0;
    /// READ CAPACITY: blocks; 0 as drives say of discs without a complete session.
    [[nodiscard]] virtual std::uint32_t capacity(const Medium& medium) const = 0;
    [[nodiscard]] virtual TrackReport report(const Medium& medium, const Track& track,
                                             const WriteMode& mode) const = 0;

    /// Each says what it would take, or why not; nothing changes.
    [[nodiscard]] virtual Planned synchronize(const Medium& medium, const WriteMode& mode) const;
    [[nodiscard]] virtual Planned close(const Medium& medium, const WriteMode& mode,
                                        std::uint8_t function, std::uint16_t track) const;
    [[nodiscard]] virtual Planned blank(const Medium& medium, std::uint8_t type,
                                        std::uint32_t address) const;
    [[nodiscard]] virtual Planned format(const Medium& medium, const FormatRequest& request) const;
    [[nodiscard]] virtual Planned repair(const Medium& medium, std::uint16_t track) const;
    /// RESERVE TRACK; takes no time worth telling.
    [[nodiscard]] virtual Verdict reserve(Medium& medium, const WriteMode& mode,
                                          std::uint32_t blocks) const;
    /// The operation is through.
    virtual void complete(Medium& medium, const Operation& operation) const;
    /// Power went: the last `lost` accepted blocks, from `lba`, never reached the disc.
    virtual void cut(Medium& medium, std::int32_t lba, std::uint32_t lost) const;

    /// The current capacity descriptor first, then what FORMAT UNIT would take.
    [[nodiscard]] virtual std::vector<FormatCapacity> formats(const Medium& medium) const;
};

[[nodiscard]] const Family& family_of(MediumKind kind);

}  // namespace kiln::harness
