#include "mmc/commands/catalog.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/cdb.h"
#include "mmc/commands/device.h"
#include "mmc/commands/media.h"
#include "mmc/commands/performance.h"
#include "mmc/commands/primary.h"
#include "mmc/commands/read.h"
#include "mmc/commands/track.h"
#include "mmc/commands/write.h"
#include "mmc/hex.h"
#include "mmc/layout.h"
#include "mmc/result.h"

namespace kiln::mmc {
namespace {

using TransferOf = Transfer (*)(const void*, std::uint32_t);

// --- what a CDB moves ------------------------------------------------------------------------

Transfer no_data(const void* /*command*/, std::uint32_t /*block_size*/) {
    return {};
}

template <typename Command>
const Command& as(const void* command) {
    return *static_cast<const Command*>(command);
}

template <DataDirection Direction, auto Length>
Transfer by_length(const void* command, std::uint32_t /*block_size*/) {
    using Command = typename detail::MemberOf<decltype(Length)>::Command;
    return {.direction = Direction, .bytes = as<Command>(command).*Length};
}

template <auto Length>
constexpr TransferOf kIn = &by_length<DataDirection::In, Length>;
template <auto Length>
constexpr TransferOf kOut = &by_length<DataDirection::Out, Length>;

template <DataDirection Direction, auto Length>
Transfer by_blocks(const void* command, std::uint32_t block_size) {
    using Command = typename detail::MemberOf<decltype(Length)>::Command;
    const auto blocks = static_cast<std::uint64_t>(as<Command>(command).*Length);
    return {.direction = Direction, .bytes = blocks * block_size};
}

template <auto Length>
constexpr TransferOf kBlocksIn = &by_blocks<DataDirection::In, Length>;
template <auto Length>
constexpr TransferOf kBlocksOut = &by_blocks<DataDirection::Out, Length>;

Transfer of_read_capacity(const void* /*command*/, std::uint32_t /*block_size*/) {
    return {.direction = DataDirection::In, .bytes = 8};
}

Transfer of_verify(const void* command, std::uint32_t block_size) {
    return as<Verify10>(command).byte_check
               ? by_blocks<DataDirection::Out, &Verify10::number_of_blocks>(command, block_size)
               : Transfer{};
}

// The CDB has no length. Every MMC format list is its header and one descriptor.
Transfer of_format_unit(const void* command, std::uint32_t /*block_size*/) {
    return as<FormatUnit>(command).format_data
               ? Transfer{.direction = DataDirection::Out, .bytes = 12}
               : Transfer{};
}

Transfer of_report_key(const void* command, std::uint32_t /*block_size*/) {
    const auto& key = as<ReportKey>(command);
    const bool none = key.key_format == KeyFormat::InvalidateAgid;
    return none ? Transfer{}
                : Transfer{.direction = DataDirection::In, .bytes = key.allocation_length};
}

Transfer of_get_performance(const void* command, std::uint32_t /*block_size*/) {
    const auto& get = as<GetPerformance>(command);
    const bool exceptions = (get.data_type & 0x03U) != 0;
    std::optional<std::uint64_t> each;
    switch (get.type) {
        case PerformanceType::Performance:
            each = exceptions ? 6 : 16;
            break;
        case PerformanceType::UnusableArea:
            each = 8;
            break;
        case PerformanceType::DefectStatus:
            each = 2048;
            break;
        case PerformanceType::WriteSpeed:
            each = 16;
            break;
        default:
            break;  // no public source has these descriptors' size
    }
    Transfer transfer{.direction = DataDirection::In, .bytes = std::nullopt};
    if (each) {
        transfer.bytes = 8 + *each * get.maximum_number_of_descriptors;
    }
    return transfer;
}

// Bytes of main channel data for one sector; absent where the sector's own type decides.
std::optional<std::uint64_t> main_channel_bytes(ExpectedSectorType type, bool sync,
                                                HeaderCodes headers, bool user, bool ecc) {
    const auto header_codes = static_cast<unsigned>(headers);
    const bool header = (header_codes & 1U) != 0;
    const bool subheader = (header_codes & 2U) != 0;
    if (!sync && !header && !subheader && !user && !ecc) {
        return 0;
    }
    if (sync && header && subheader && user && ecc) {
        return 2352;
    }
    const std::uint64_t head = (sync ? 12U : 0U) + (header ? 4U : 0U);
    const std::uint64_t sub = subheader ? 8U : 0U;
    switch (type) {
        case ExpectedSectorType::CdDa:
            return user ? 2352 : 0;
        case ExpectedSectorType::Mode1:
            return head + (user ? 2048U : 0U) + (ecc ? 288U : 0U);
        case ExpectedSectorType::Mode2Formless:
            return head + (user ? 2336U : 0U);
        case ExpectedSectorType::Mode2Form1:
            return head + sub + (user ? 2048U : 0U) + (ecc ? 280U : 0U);
        case ExpectedSectorType::Mode2Form2:
            return head + sub + (user ? 2328U : 0U);
        default:
            return std::nullopt;
    }
}

template <typename Command>
std::optional<std::uint64_t> sector_bytes(const Command& command) {
    auto bytes = main_channel_bytes(command.expected_sector_type, command.sync,
                                    command.header_codes, command.user_data, command.edc_and_ecc);
    if (!bytes) {
        return bytes;
    }
    switch (command.c2_error_information) {
        case C2ErrorInformation::None:
            break;
        case C2ErrorInformation::Pointers:
            *bytes += 294;
            break;
        case C2ErrorInformation::PointersAndBlockError:
            *bytes += 296;
            break;
        default:
            return std::nullopt;
    }
    switch (command.sub_channel_selection) {
        case SubChannelSelection::None:
            break;
        case SubChannelSelection::Q:
            *bytes += 16;
            break;
        case SubChannelSelection::Raw:
        case SubChannelSelection::CorrectedRToW:
            *bytes += 96;
            break;
        default:
            return std::nullopt;
    }
    return bytes;
}

Transfer of_sectors(std::optional<std::uint64_t> each, std::uint64_t sectors) {
    if (each) {
        *each *= sectors;
    }
    return {.direction = DataDirection::In, .bytes = each};
}

Transfer of_read_cd(const void* command, std::uint32_t /*block_size*/) {
    const auto& read = as<ReadCd>(command);
    return of_sectors(sector_bytes(read), static_cast<std::uint64_t>(read.transfer_length));
}

Transfer of_read_cd_msf(const void* command, std::uint32_t /*block_size*/) {
    const auto& read = as<ReadCdMsf>(command);
    const auto frames = [](unsigned minute, unsigned second, unsigned frame) {
        return (minute * 60U + second) * 75U + frame;
    };
    const auto start = frames(read.starting_minute, read.starting_second, read.starting_frame);
    const auto end = frames(read.ending_minute, read.ending_second, read.ending_frame);
    return of_sectors(sector_bytes(read), end > start ? end - start : 0);
}

// --- the list --------------------------------------------------------------------------------

template <typename Command>
constexpr CommandKind kind(Effect effect, TransferOf transfer) {
    static_assert(std::is_trivially_copyable_v<Command> && sizeof(Command) <= kMaxCommandSize);
    return {.layout = &LayoutOf<Command>::kLayout,
            .effect = effect,
            .construct = [](void* storage) { std::construct_at(static_cast<Command*>(storage)); },
            .transfer = transfer};
}

using enum Effect;

// By operation code. SYNCHRONIZE CACHE, SEND CUE SHEET and SEND OPC INFORMATION count as writing:
// each can leave marks on a recordable disc.
constexpr CommandKind kKinds[] = {
    kind<TestUnitReady>(Harmless, no_data),
    kind<RezeroUnit>(Harmless, no_data),
    kind<RequestSense>(Harmless, kIn<&RequestSense::allocation_length>),
    kind<FormatUnit>(Formats, of_format_unit),
    kind<Inquiry>(Harmless, kIn<&Inquiry::allocation_length>),
    kind<StartStopUnit>(Harmless, no_data),
    kind<PreventAllowMediumRemoval>(Harmless, no_data),
    kind<ReadFormatCapacities>(Harmless, kIn<&ReadFormatCapacities::allocation_length>),
    kind<ReadCapacity10>(Harmless, of_read_capacity),
    kind<Read10>(Harmless, kBlocksIn<&Read10::transfer_length>),
    kind<Write10>(Writes, kBlocksOut<&Write10::transfer_length>),
    kind<Seek10>(Harmless, no_data),
    kind<WriteAndVerify10>(Writes, kBlocksOut<&WriteAndVerify10::transfer_length>),
    kind<Verify10>(Harmless, of_verify),
    kind<SynchronizeCache10>(Writes, no_data),
    kind<WriteBuffer>(Firmware, kOut<&WriteBuffer::parameter_list_length>),
    kind<ReadBuffer>(Harmless, kIn<&ReadBuffer::allocation_length>),
    kind<ReadSubChannel>(Harmless, kIn<&ReadSubChannel::allocation_length>),
    kind<ReadTocPmaAtip>(Harmless, kIn<&ReadTocPmaAtip::allocation_length>),
    kind<GetConfiguration>(Harmless, kIn<&GetConfiguration::allocation_length>),
    kind<GetEventStatusNotification>(Harmless, kIn<&GetEventStatusNotification::allocation_length>),
    kind<ReadDiscInformation>(Harmless, kIn<&ReadDiscInformation::allocation_length>),
    kind<ReadTrackInformation>(Harmless, kIn<&ReadTrackInformation::allocation_length>),
    kind<ReserveTrack>(Writes, no_data),
    kind<SendOpcInformation>(Writes, kOut<&SendOpcInformation::parameter_list_length>),
    kind<ModeSelect10>(Harmless, kOut<&ModeSelect10::parameter_list_length>),
    kind<RepairTrack>(Writes, no_data),
    kind<ModeSense10>(Harmless, kIn<&ModeSense10::allocation_length>),
    kind<CloseTrackSession>(Writes, no_data),
    kind<ReadBufferCapacity>(Harmless, kIn<&ReadBufferCapacity::allocation_length>),
    kind<SendCueSheet>(Writes, kOut<&SendCueSheet::cue_sheet_size>),
    kind<ReportLuns>(Harmless, kIn<&ReportLuns::allocation_length>),
    kind<Blank>(Erases, no_data),
    kind<ReportKey>(Harmless, of_report_key),
    kind<LoadUnloadMedium>(Harmless, no_data),
    kind<SetReadAhead>(Harmless, no_data),
    kind<Read12>(Harmless, kBlocksIn<&Read12::transfer_length>),
    kind<Write12>(Writes, kBlocksOut<&Write12::transfer_length>),
    kind<ReadMediaSerialNumber>(Harmless, kIn<&ReadMediaSerialNumber::allocation_length>),
    kind<GetPerformance>(Harmless, of_get_performance),
    kind<ReadDiscStructure>(Harmless, kIn<&ReadDiscStructure::allocation_length>),
    kind<SetStreaming>(Harmless, kOut<&SetStreaming::parameter_list_length>),
    kind<ReadCdMsf>(Harmless, of_read_cd_msf),
    kind<SetCdSpeed>(Harmless, no_data),
    kind<MechanismStatus>(Harmless, kIn<&MechanismStatus::allocation_length>),
    kind<ReadCd>(Harmless, of_read_cd),
    kind<SendDiscStructure>(Writes, kOut<&SendDiscStructure::structure_data_length>),
};

// Nothing to move is no data phase at all.
Transfer normal(Transfer transfer) {
    return transfer.bytes == 0 ? Transfer{} : transfer;
}

std::string plain(std::string_view name) {
    std::string letters;
    for (const char character : name) {
        if ((character >= '0' && character <= '9') || (character >= 'a' && character <= 'z')) {
            letters += character;
        } else if (character >= 'A' && character <= 'Z') {
            letters += static_cast<char>(character - 'A' + 'a');
        }
    }
    return letters;
}

std::uint64_t bits_of(const Row& row, std::int64_t number) {
    const auto mask = row.width >= 64U ? ~std::uint64_t{0} : (std::uint64_t{1} << row.width) - 1U;
    return static_cast<std::uint64_t>(number) & mask;
}

}  // namespace

std::span<const CommandKind> all_commands() {
    return kKinds;
}

const CommandKind* find_command(ByteView cdb) {
    if (cdb.empty()) {
        return nullptr;
    }
    // SERVICE ACTION IN (12): all but READ MEDIA SERIAL NUMBER are other commands.
    constexpr std::uint8_t kServiceActionIn12 = 0xAB;
    if (cdb[0] == kServiceActionIn12 && cdb.size() > 1 && (cdb[1] & 0x1FU) != 0x01U) {
        return nullptr;
    }
    for (const CommandKind& kind : kKinds) {
        if (kind.layout->opcode == cdb[0]) {
            return &kind;
        }
    }
    return nullptr;
}

const CommandKind* find_command(std::string_view name) {
    const auto wanted = plain(name);
    const auto with_size = wanted + "10";
    for (const CommandKind& kind : kKinds) {
        const auto candidate = plain(kind.name());
        if (candidate == wanted || candidate == with_size) {
            return &kind;
        }
    }
    return nullptr;
}

std::size_t cdb_size(std::uint8_t operation_code) {
    for (const CommandKind& kind : kKinds) {
        if (kind.layout->opcode == operation_code) {
            return kind.layout->size;
        }
    }
    switch (operation_code >> 5U) {
        case 0:
            return 6;
        case 1:
        case 2:
            return 10;
        case 4:
            return 16;
        case 5:
            return 12;
        default:
            return 0;
    }
}

bool is_vendor_specific(std::uint8_t operation_code) {
    return operation_code >= 0xC0U;
}

AnyCommand::AnyCommand(const CommandKind& kind) : kind_(&kind) {
    kind.construct(storage_.data());
}

Result<AnyCommand, DecodeError> AnyCommand::decode(ByteView cdb) {
    const auto* kind = find_command(cdb);
    if (kind == nullptr) {
        return tl::make_unexpected(cdb.empty() ? DecodeError::TooShort : DecodeError::WrongOpcode);
    }
    AnyCommand command(*kind);
    KILN_RETURN_IF_ERROR(detail::decode(*kind->layout, cdb, command.value()));
    return command;
}

Result<Cdb, EncodeError> AnyCommand::encode() const {
    return detail::encode(*kind_->layout, value());
}

Transfer AnyCommand::transfer(std::uint32_t block_size) const {
    return normal(kind_->transfer(value(), block_size));
}

Result<Transfer, DecodeError> transfer_of(ByteView cdb, std::uint32_t block_size) {
    KILN_ASSIGN_OR_RETURN(const AnyCommand command, AnyCommand::decode(cdb));
    return command.transfer(block_size);
}

Effect effect_of(ByteView cdb) {
    const auto* kind = find_command(cdb);
    if (kind == nullptr) {
        return !cdb.empty() && is_vendor_specific(cdb[0]) ? Effect::Vendor : Effect::Unknown;
    }
    if (const auto write = decode<WriteBuffer>(cdb)) {
        const bool data = write->mode == BufferMode::Data || write->mode == BufferMode::Echo;
        return data ? Effect::Harmless : Effect::Firmware;
    }
    return kind->effect;
}

CommandWords describe(ByteView cdb) {
    const auto* kind = find_command(cdb);
    if (kind == nullptr) {
        const auto size = cdb.empty() ? 0 : cdb_size(cdb[0]);
        return {.name = cdb.empty() ? "no command" : "opcode " + to_hex(cdb.first(1)),
                .known = false,
                .size = size,
                .complete = !cdb.empty() && cdb.size() >= size,
                .fields = {}};
    }
    AnyCommand command(*kind);
    decode_present(kind->layout->rows, cdb, command.value());
    CommandWords words{.name = std::string(kind->name()),
                       .known = true,
                       .size = kind->layout->size,
                       .complete = cdb.size() >= kind->layout->size,
                       .fields = {}};
    walk(kind->layout->rows, command.value(), [&](const Row& row, std::int64_t number) {
        if (row.end() <= cdb.size()) {
            words.fields.push_back({.name = row.name,
                                    .bits = bits_of(row, number),
                                    .number = number,
                                    .words = word_for(row, number)});
        }
    });
    return words;
}

std::string line_of(ByteView cdb) {
    if (const auto command = AnyCommand::decode(cdb)) {
        return detail::describe(*command->kind().layout, command->value());
    }
    const auto words = describe(cdb);
    return cdb.empty() ? words.name : words.name + " (" + to_hex(cdb) + ")";
}

}  // namespace kiln::mmc
