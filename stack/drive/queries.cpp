// What a Drive asks: each command's allocation length is one that old drives and bridges know.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mmc/bytes.h"
#include "mmc/commands/device.h"
#include "mmc/commands/media.h"
#include "mmc/commands/performance.h"
#include "mmc/commands/primary.h"
#include "mmc/commands/read.h"
#include "mmc/commands/track.h"
#include "mmc/commands/write.h"
#include "mmc/layout.h"
#include "mmc/lba.h"
#include "mmc/mode_pages.h"
#include "mmc/result.h"

#include "transports/transport.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/wait.h"

namespace kiln::stack {
namespace {

template <typename Command>
Failure unreadable(const Command& command, std::size_t bytes, mmc::DecodeError error) {
    const std::string_view what =
        error == mmc::DecodeError::TooShort ? "too short" : "another one than was asked for";
    Failure failure = make_failure(FailureKind::Failed, "",
                                   fmt::format("the answer of {} bytes is {}", bytes, what));
    failure.command = mmc::describe(command);
    return failure;
}

// Hands an answer to its decoder, and the decoder's complaint to the caller as a Failure.
template <typename Command, typename Decode>
auto read_answer(const Command& command, const Result<std::vector<std::uint8_t>, Failure>& answer,
                 Decode decode)
    -> Result<typename decltype(decode(mmc::ByteView{}))::value_type, Failure> {
    if (!answer) {
        return tl::make_unexpected(answer.error());
    }
    auto value = decode(mmc::ByteView(*answer));
    if (!value) {
        return tl::make_unexpected(unreadable(command, answer->size(), value.error()));
    }
    return *std::move(value);
}

}  // namespace

template <typename Command>
Result<std::vector<std::uint8_t>, Failure> Drive::fetch(Command command, std::uint32_t size) {
    if constexpr (requires { command.allocation_length; }) {
        command.allocation_length = size;
    }
    std::vector<std::uint8_t> bytes(size);
    KILN_ASSIGN_OR_RETURN(const auto done, run(command, transports::DataIn{bytes}));
    bytes.resize(std::min<std::size_t>(done.moved, size));
    return bytes;
}

Result<mmc::InquiryData, Failure> Drive::inquiry() {
    const mmc::Inquiry command;
    auto answer = fetch(command, 96);
    if (!answer && answer.error().sense) {
        answer = fetch(command, 36);
    }
    return read_answer(command, answer, mmc::decode_inquiry);
}

Result<mmc::Configuration, Failure> Drive::configuration(mmc::RequestedFeatures requested,
                                                         std::uint16_t from) {
    mmc::GetConfiguration command;
    command.requested = requested;
    command.starting_feature_number = from;
    // The header first: it tells the length of the rest, and drives differ much there.
    KILN_ASSIGN_OR_RETURN(const auto header,
                          read_answer(command, fetch(command, 8), mmc::decode_configuration));
    const auto most = std::min<std::size_t>(0xFFF0U, transport_->limits().max_transfer);
    const auto size = std::clamp<std::size_t>(header.extent.announced, 8, most);
    return read_answer(command, fetch(command, static_cast<std::uint32_t>(size)),
                       mmc::decode_configuration);
}

Result<mmc::ModePage, Failure> Drive::mode_page(mmc::PageCode code, mmc::PageControl control) {
    mmc::ModeSense10 command;
    command.page_control = control;
    command.page_code = static_cast<std::uint8_t>(code);
    // 252: drives exist that look at the low byte of the allocation length only.
    KILN_ASSIGN_OR_RETURN(const auto answer,
                          read_answer(command, fetch(command, 252), mmc::decode_mode_parameters));
    if (const auto* page = answer.find(code)) {
        return *page;
    }
    command.allocation_length = 252;
    Failure failure = make_failure(FailureKind::Failed, "", "the page is not in the answer");
    failure.command = mmc::describe(command);
    return tl::make_unexpected(std::move(failure));
}

Result<void, Failure> Drive::select_mode_page(const mmc::ModePage& page) {
    mmc::ModeParameters parameters;
    parameters.pages.push_back(page);
    mmc::ModeSelect10 command;
    const auto list = mmc::encode_mode_select(parameters);
    if (!list) {
        Failure failure = make_failure(FailureKind::Unsuitable, "", "the page has no encoding");
        failure.command = mmc::describe(command);
        return tl::make_unexpected(std::move(failure));
    }
    command.parameter_list_length = static_cast<std::uint32_t>(list->size());
    KILN_RETURN_IF_ERROR(run(command, transports::DataOut{*list}));
    return {};
}

Result<mmc::EventStatus, Failure> Drive::events(mmc::NotificationClass classes) {
    mmc::GetEventStatusNotification command;
    command.notification_class_request = classes;
    return read_answer(command, fetch(command, 8), mmc::decode_event_status);
}

Result<mmc::DiscInformation, Failure> Drive::disc_information() {
    const mmc::ReadDiscInformation command;
    return read_answer(command, fetch(command, 34), mmc::decode_disc_information);
}

Result<mmc::TrackResources, Failure> Drive::track_resources() {
    mmc::ReadDiscInformation command;
    command.data_type = mmc::DiscInformationType::TrackResources;
    return read_answer(command, fetch(command, 12), mmc::decode_track_resources);
}

Result<mmc::PowResources, Failure> Drive::pow_resources() {
    mmc::ReadDiscInformation command;
    command.data_type = mmc::DiscInformationType::PowResources;
    return read_answer(command, fetch(command, 16), mmc::decode_pow_resources);
}

Result<mmc::TrackInformation, Failure> Drive::track_information(std::uint16_t number) {
    mmc::ReadTrackInformation command;
    command.address_or_number = number;
    return read_answer(command, fetch(command, 48), mmc::decode_track_information);
}

Result<mmc::TrackInformation, Failure> Drive::track_at(mmc::Lba lba) {
    mmc::ReadTrackInformation command;
    command.address_number_type = mmc::TrackAddressType::LogicalBlockAddress;
    command.address_or_number = static_cast<std::uint32_t>(lba);
    return read_answer(command, fetch(command, 48), mmc::decode_track_information);
}

Result<mmc::TrackInformation, Failure> Drive::invisible_track() {
    constexpr std::uint16_t kInvisible = 0xFF;
    return track_information(kInvisible);
}

Result<mmc::Toc, Failure> Drive::toc() {
    const mmc::ReadTocPmaAtip command;
    return read_answer(command, fetch(command, 804), mmc::decode_toc);  // 99 tracks, lead-out
}

Result<mmc::SessionInformation, Failure> Drive::session_information() {
    mmc::ReadTocPmaAtip command;
    command.format = mmc::TocFormat::SessionInformation;
    return read_answer(command, fetch(command, 12), mmc::decode_session_information);
}

Result<mmc::FullToc, Failure> Drive::full_toc() {
    mmc::ReadTocPmaAtip command;
    command.time = true;  // what it is anyway, and some drives insist
    command.format = mmc::TocFormat::FullToc;
    command.track_session_number = 1;
    return read_answer(command, fetch(command, 4092), mmc::decode_full_toc);
}

Result<mmc::FullToc, Failure> Drive::program_memory_area() {
    mmc::ReadTocPmaAtip command;
    command.time = true;
    command.format = mmc::TocFormat::Pma;
    return read_answer(command, fetch(command, 4092), mmc::decode_full_toc);
}

Result<mmc::Atip, Failure> Drive::atip() {
    mmc::ReadTocPmaAtip command;
    command.time = true;
    command.format = mmc::TocFormat::Atip;
    return read_answer(command, fetch(command, 28), mmc::decode_atip);
}

Result<mmc::CdText, Failure> Drive::cd_text() {
    mmc::ReadTocPmaAtip command;
    command.format = mmc::TocFormat::CdText;
    // Eight blocks of 256 packs of 18 bytes.
    constexpr std::size_t kMost = 4 + 8 * 256 * 18;
    const auto size = std::min(kMost, transport_->limits().max_transfer);
    return read_answer(command, fetch(command, static_cast<std::uint32_t>(size)),
                       mmc::decode_cd_text);
}

Result<mmc::FormatCapacities, Failure> Drive::format_capacities() {
    const mmc::ReadFormatCapacities command;
    return read_answer(command, fetch(command, 252), mmc::decode_format_capacities);
}

Result<std::vector<std::uint8_t>, Failure> Drive::disc_structure(mmc::StructureMedia media,
                                                                 mmc::StructureFormat format,
                                                                 std::uint8_t layer,
                                                                 std::uint32_t address) {
    mmc::ReadDiscStructure command;
    command.media_type = media;
    command.format_code = format;
    command.layer_number = layer;
    command.address = address;
    // The longest of each table but DCB: 2048 bytes on DVD, 4096 on BD, and the header.
    return fetch(command, media == mmc::StructureMedia::Bd ? 4100 : 2052);
}

Result<mmc::BlockCount, Failure> Drive::read_capacity() {
    const mmc::ReadCapacity10 command;
    KILN_ASSIGN_OR_RETURN(const auto capacity,
                          read_answer(command, fetch(command, 8), mmc::decode_capacity));
    // 0 is what blank media say, FFFFFFFFh what SPC lets a drive say when it has no number.
    const bool none = capacity.last_lba == 0 || capacity.last_lba == 0xFFFF'FFFFU;
    return mmc::BlockCount{none ? 0 : capacity.last_lba + 1};
}

Result<mmc::BufferCapacity, Failure> Drive::buffer_capacity() {
    const mmc::ReadBufferCapacity command;
    return read_answer(command, fetch(command, 12), mmc::decode_buffer_capacity);
}

Result<mmc::Performance, Failure> Drive::write_speeds() {
    mmc::GetPerformance command;
    command.type = mmc::PerformanceType::WriteSpeed;
    command.maximum_number_of_descriptors = 100;
    return read_answer(command, fetch(command, 8 + 100 * 16), [](mmc::ByteView bytes) {
        return mmc::decode_performance(bytes, mmc::PerformanceType::WriteSpeed);
    });
}

}  // namespace kiln::stack
