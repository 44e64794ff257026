/// \file
/// What makes one drive differ from another: a plain value, read from fixtures/drives/NAME.toml.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mmc/result.h"
#include "mmc/sense.h"

#include "harness/sim/medium_kind.h"
#include "harness/sim/speed_curve.h"

namespace kiln::harness {

/// INQUIRY, as the drive fills it in.
struct Identity {
    std::string vendor;    // 8 characters at most
    std::string product;   // 16
    std::string revision;  // 4
    std::string serial;    // VPD 80h and feature 0108h; "KILN0001" style, empty: neither is there
    std::uint8_t version = 0;
    std::uint8_t response_data_format = 2;
    std::uint8_t additional_length = 31;        // as claimed; bytes beyond are zero
    std::uint8_t byte3_upper = 0;               // upper half of byte 3, as it comes
    std::vector<std::uint8_t> vendor_specific;  // from byte 36 on, 20 at most
};

/// The wire between host and drive.
struct Link {
    std::uint32_t physical_interface = 8;  // feature 0001h: 1 SCSI, 2 ATAPI, 7 serial ATAPI, 8 USB
    std::uint64_t bytes_per_second = 0;
    Duration command_overhead{};     // a command without data, start to status
    std::uint32_t max_transfer = 0;  // bytes in one command
    bool swallows_sense = false;     // the bridge loses autosense; REQUEST SENSE says 00/00/00
    bool answers_mode_sense_6 = true;
};

/// One mode page as MODE SENSE (10) gives it, header byte and length byte included.
struct ModePage {
    std::uint8_t code = 0;
    std::vector<std::uint8_t> defaults;
    std::vector<std::uint8_t> changeable;  // as long as `defaults`; a bit set can be changed
};

/// One descriptor of GET CONFIGURATION. The drive decides whether it is current; `data` is what
/// this drive says where that is not computed from its state.
struct FeatureEntry {
    std::uint16_t code = 0;
    std::uint8_t version = 0;
    bool persistent = false;
    std::vector<std::uint8_t> data;
};

/// One speed as this drive lists and does it.
struct SpeedEntry {
    std::uint32_t kilobytes_per_second = 0;  // as listed: the highest it reaches
    CurveKind kind = CurveKind::Clv;
    std::uint32_t start_kilobytes_per_second = 0;  // CAV, PCAV: at the first block
    std::uint32_t knee_percent = 100;              // PCAV: of the medium's blocks
    struct Zone {
        std::uint32_t first_block = 0;
        std::uint32_t kilobytes_per_second = 0;
    };
    std::vector<Zone> zones;  // ZCLV
    bool listed = true;       // else the drive does it but does not say so
};

/// How long things take with one kind of medium.
struct MediumTimings {
    Duration spin_up{};    // from tray closed to ready
    Duration opc{};        // power calibration before the first write
    Duration lead_in{};    // before the first block of a CD written session at once
    Duration cue_sheet{};  // SEND CUE SHEET
    Duration flush{};      // what a flush takes beyond draining the buffer
    Duration close_track{};
    Duration close_session{};
    Duration finalize{};
    Duration reserve{};
    Duration blank_fast{};
    Duration blank_full{};
    Duration format_quick{};  // the foreground part
    Duration format_full{};   // all of it; background where the medium formats so
    Duration relink{};        // from an underrun to writing again
    Duration seek{};
    Duration media_error{};  // from a WRITE on a bad block to its sense
};

/// What the drive does with one kind of medium.
struct MediumSupport {
    MediumKind kind = MediumKind::None;
    bool writes = false;
    bool simulates = false;                // test write
    std::uint32_t buffer_bytes = 0;        // READ BUFFER CAPACITY with this medium
    std::uint32_t blocks = 0;              // 0: as facts_of(kind)
    std::vector<SpeedEntry> write_speeds;  // fastest first
    std::vector<SpeedEntry> read_speeds;
    MediumTimings timings;
};

enum class BufferFull : std::uint8_t {
    Answers020408,  // sequential media; overwritable ones hold the command all the same
    Holds,
};
enum class ReadyWhileClosing : std::uint8_t { Good, NotReady020407 };

struct Behaviour {
    BufferFull buffer_full = BufferFull::Holds;
    ReadyWhileClosing test_unit_ready_while_closing = ReadyWhileClosing::NotReady020407;
    bool immed = true;                            // IMMED bits are obeyed; else every command holds
    bool progress_in_sense = true;                // SKSV with 02/04/04 and 02/04/07
    bool feature_21_lies = false;                 // 0021h stays current on a fast blanked DVD-RW
    bool lists_write_speeds = true;               // else zero write speed descriptors everywhere
    bool performance_end_lba_is_garbage = false;  // FFFFFFFFh
    bool set_streaming = true;
    bool test_write = true;
    /// SEND OPC INFORMATION is answered with this instead of being done.
    struct Refusal {
        mmc::SenseKey key = mmc::SenseKey::IllegalRequest;
        mmc::AdditionalSense additional = 0x2000;
    };
    std::optional<Refusal> opc_refused;
    bool fine_not_ready_codes = true;  // 3A/01, 3A/02; else 3A/00
    std::uint8_t sense_length = 18;
};

struct Personality {
    std::string name;     // of the file, "hl-dt-st-wh16ns40"
    std::string summary;  // one line for `kiln sim list`
    Identity identity;
    Link link;
    std::vector<std::uint16_t> profiles;  // in the drive's own order
    std::vector<FeatureEntry> features;   // in the drive's own order, without 0000h
    std::vector<ModePage> mode_pages;
    std::uint32_t buffer_bytes = 0;  // page 2Ah, and where a medium says nothing else
    Duration load{};                 // tray in
    Duration eject{};                // tray out
    std::vector<MediumSupport> media;
    std::vector<MediumKind> default_for;  // `sim:MEDIUM` without drive= takes this drive
    Behaviour behaviour;

    /// Nothing for a medium that the drive cannot use.
    [[nodiscard]] const MediumSupport* support_for(MediumKind kind) const;
    [[nodiscard]] const ModePage* mode_page(std::uint8_t code) const;
    [[nodiscard]] const FeatureEntry* feature(std::uint16_t code) const;
};

/// Bytes of user data a second for a speed as MMC lists it: CDs count 2352 bytes a block.
[[nodiscard]] std::uint64_t user_bytes_per_second(MediumKind kind,
                                                  std::uint32_t kilobytes_per_second);

/// `speed` on a medium of `blocks` blocks of 2048 bytes of user data.
[[nodiscard]] SpeedCurve curve_of(const SpeedEntry& speed, MediumKind kind, std::uint32_t blocks);

/// One line, "hl-dt-st-wh16ns40.toml: media.bd-r.write_speeds[2].kind: no such curve 'clvv'".
struct PersonalityError {
    std::string detail;
};

/// Reads one personality; `name` stands for it in errors and becomes Personality::name.
///
/// Errors:  the first thing wrong with the text; a key that is not known is wrong too
[[nodiscard]] mmc::Result<Personality, PersonalityError> parse_personality(std::string_view name,
                                                                           std::string_view toml);

/// By name: NAME.toml in `$KILN_FIXTURES/drives`, in `../share/kiln/drives` beside the program,
/// then what is built in. The first that has it counts.
[[nodiscard]] mmc::Result<Personality, PersonalityError> find_personality(std::string_view name);

/// The drive that `sim:MEDIUM` means.
[[nodiscard]] mmc::Result<Personality, PersonalityError> default_personality(MediumKind kind);

/// Names of all personalities that find_personality() finds, sorted.
[[nodiscard]] std::vector<std::string> personality_names();

}  // namespace kiln::harness
