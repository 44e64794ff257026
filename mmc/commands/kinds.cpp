// The list behind all_commands(): what each command may do and what its CDB moves.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>

#include "mmc/commands/catalog.h"
#include "mmc/commands/device.h"
#include "mmc/commands/media.h"
#include "mmc/commands/performance.h"
#include "mmc/commands/primary.h"
#include "mmc/commands/read.h"
#include "mmc/commands/track.h"
#include "mmc/commands/write.h"
#include "mmc/layout.h"

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

}  // namespace

std::span<const CommandKind> all_commands() {
    return kKinds;
}

}  // namespace kiln::mmc
