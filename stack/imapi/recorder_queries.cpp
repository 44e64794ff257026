// What a recorder asks drive and medium: bytes as they came, with the headers taken off that IMAPI2
// takes off.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/cdb.h"
#include "mmc/commands/device.h"
#include "mmc/commands/media.h"
#include "mmc/commands/primary.h"
#include "mmc/commands/track.h"
#include "mmc/feature_codes.h"
#include "mmc/features.h"
#include "mmc/layout.h"
#include "mmc/mode_pages.h"
#include "mmc/profiles.h"
#include "mmc/responses/configuration.h"
#include "mmc/result.h"

#include "transports/transport.h"

#include "stack/failure_codes.h"
#include "stack/hresult.h"
#include "stack/imapi/exclusive_access.h"
#include "stack/imapi/recorder.h"
#include "stack/wait.h"

namespace kiln::stack::imapi {
namespace {

/// IMAPI2_DEFAULT_COMMAND_TIMEOUT
constexpr auto kTimeout = std::chrono::seconds(10);
/// The largest even number: bridges hang at odd ones.
constexpr std::uint32_t kMostBytes = 0xFFFE;
constexpr std::size_t kFeatureHeader = 8;
constexpr std::size_t kModeHeader = 8;
constexpr std::size_t kStructureHeader = 4;
constexpr std::uint8_t kAllPages = 0x3F;

HResult code_of(const transports::Completion& completion, Asked asked) {
    if (completion.status == transports::Status::CheckCondition) {
        return stack::code_of(completion.sense, asked);
    }
    return classify(Role::Query, completion) == Verdict::KeepWaiting ? HResult::MediaBusy
                                                                     : HResult::Fail;
}

tl::unexpected<HResult> refused(HResult code) {
    return tl::make_unexpected(code);
}

}  // namespace

Result<transports::Completion, HResult> Recorder::ask(const EncodedCdb& cdb,
                                                      transports::DataPhase data, Asked asked) {
    if (!cdb) {
        return refused(HResult::InvalidArgument);
    }
    for (unsigned tries = 0;; ++tries) {
        const auto done = device_.transport.execute(
            {.cdb = *cdb, .data = data, .timeout = kTimeout, .guard = transports::Guard::MayReset});
        if (!done) {
            return refused(stack::code_of(done.error().kind));
        }
        const Verdict verdict = classify(Role::Query, *done);
        if (verdict == Verdict::Done) {
            return *done;
        }
        if (verdict != Verdict::Retry || tries == kMaxRetries) {
            return refused(code_of(*done, asked));
        }
    }
}

template <typename Command>
Recorder::Bytes Recorder::fetch(Command command, std::uint32_t size, Asked asked) {
    const DriveUse use(device_.access, this);
    if (use.code() != HResult::Ok) {
        return refused(use.code());
    }
    size = static_cast<std::uint32_t>(
        std::min<std::size_t>(size, maximum_non_page_aligned_transfer_size()));
    command.allocation_length = size;
    std::vector<std::uint8_t> bytes(size);
    KILN_ASSIGN_OR_RETURN(const auto done,
                          ask(mmc::encode(command), transports::DataIn{bytes}, asked));
    bytes.resize(std::min<std::size_t>(done.moved, size));
    return bytes;
}

/// An answer that says in its first `length_bytes` bytes how many follow them: the header first,
/// then all of it.
template <typename Command>
Recorder::Bytes Recorder::fetch_announced(const Command& command, std::uint32_t header,
                                          std::size_t length_bytes, Asked asked) {
    KILN_ASSIGN_OR_RETURN(auto bytes, fetch(command, header, asked));
    if (bytes.size() < header) {
        return refused(HResult::InvalidResponse);
    }
    const std::size_t announced =
        mmc::load_big_endian<std::uint32_t>(bytes, 0, length_bytes) + length_bytes;
    if (announced > header) {
        const auto size = static_cast<std::uint32_t>(std::min<std::size_t>(announced, kMostBytes));
        KILN_ASSIGN_OR_RETURN(bytes, fetch(command, size, asked));
    }
    bytes.resize(std::min(bytes.size(), announced));
    return bytes;
}

Recorder::Bytes Recorder::fetch_inquiry() {
    return fetch(mmc::Inquiry{}, 36, Asked::Query);
}

Recorder::Bytes Recorder::disc_information() {
    return fetch_announced(mmc::ReadDiscInformation{}, 34, 2, Asked::Query);
}

Recorder::Bytes Recorder::track_information(std::uint32_t address, mmc::TrackAddressType type) {
    const mmc::ReadTrackInformation command{.address_number_type = type,
                                            .address_or_number = address};
    return fetch_announced(command, 36, 2, Asked::Query);
}

Recorder::Bytes Recorder::read_dvd_structure(std::uint32_t format, std::uint32_t address,
                                             std::uint32_t layer, std::uint32_t agid) {
    if (format > 0xFF || layer > 0xFF || agid > 3) {
        return refused(HResult::InvalidArgument);
    }
    const mmc::ReadDiscStructure command{
        .address = address,
        .layer_number = static_cast<std::uint8_t>(layer),
        .format_code = static_cast<mmc::StructureFormat>(format),
        .authentication_grant_id = static_cast<std::uint8_t>(agid),
    };
    KILN_ASSIGN_OR_RETURN(auto bytes,
                          fetch_announced(command, kStructureHeader, 2, Asked::DiscStructure));
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(
                                                   std::min(bytes.size(), kStructureHeader)));
    return bytes;
}

HResult Recorder::send_dvd_structure(std::uint32_t format, mmc::ByteView data) {
    const std::size_t length = data.size() + kStructureHeader;
    if (format > 0xFF || data.empty() || length - 2 > 0xFFFF) {
        return HResult::InvalidArgument;
    }
    std::vector<std::uint8_t> bytes(length);
    mmc::store_big_endian(mmc::MutableByteView(bytes), 0, 2,
                          static_cast<std::uint32_t>(length - 2));
    std::copy(data.begin(), data.end(), bytes.begin() + kStructureHeader);
    const DriveUse use(device_.access, this);
    if (use.code() != HResult::Ok) {
        return use.code();
    }
    const mmc::SendDiscStructure command{
        .format_code = static_cast<mmc::StructureFormat>(format),
        .structure_data_length = static_cast<std::uint32_t>(length),
    };
    const auto done = ask(mmc::encode(command), transports::DataOut{bytes}, Asked::DiscStructure);
    return done ? HResult::Ok : done.error();
}

Result<mmc::Configuration, HResult> Recorder::configuration(mmc::RequestedFeatures which,
                                                            mmc::FeatureCode from,
                                                            std::uint32_t size) {
    const mmc::GetConfiguration command{
        .requested = which, .starting_feature_number = static_cast<std::uint16_t>(from)};
    KILN_ASSIGN_OR_RETURN(const auto bytes, fetch(command, size, Asked::Feature));
    const auto value = mmc::decode_configuration(bytes);
    if (!value) {
        return refused(HResult::InvalidResponse);
    }
    return *value;
}

Recorder::Bytes Recorder::feature_page(mmc::FeatureCode feature, VariantBool current_feature_only) {
    // One descriptor of at most 4 + 255 bytes, rounded up to an even number.
    const mmc::GetConfiguration command{
        .requested = mmc::RequestedFeatures::One,
        .starting_feature_number = static_cast<std::uint16_t>(feature)};
    KILN_ASSIGN_OR_RETURN(auto bytes, fetch(command, 268, Asked::Feature));
    const auto value = mmc::decode_configuration(bytes);
    if (!value) {
        return refused(HResult::InvalidResponse);
    }
    const mmc::Feature* const found = value->find(feature);
    if (found == nullptr) {
        return refused(HResult::NoSuchFeature);
    }
    if (current_feature_only != VariantBool::False && !found->current) {
        return refused(HResult::FeatureNotCurrent);
    }
    const std::size_t length = 4 + std::size_t{bytes.at(kFeatureHeader + 3)};
    bytes.erase(bytes.begin(), bytes.begin() + kFeatureHeader);
    bytes.resize(std::min(bytes.size(), length));
    return bytes;
}

Result<std::vector<mmc::FeatureCode>, HResult> Recorder::supported_feature_pages(
    VariantBool current_feature_only) {
    const auto which = current_feature_only != VariantBool::False ? mmc::RequestedFeatures::Current
                                                                  : mmc::RequestedFeatures::All;
    KILN_ASSIGN_OR_RETURN(const auto value,
                          configuration(which, mmc::FeatureCode::ProfileList, kMostBytes));
    std::vector<mmc::FeatureCode> list;
    for (const mmc::Feature& feature : value.features) {
        // Some drives list all of them whatever was asked for.
        if (which == mmc::RequestedFeatures::All || feature.current) {
            list.push_back(feature.code);
        }
    }
    return list;
}

Result<std::vector<mmc::Profile>, HResult> Recorder::supported_profiles(VariantBool current_only) {
    KILN_ASSIGN_OR_RETURN(const auto value, configuration(mmc::RequestedFeatures::One,
                                                          mmc::FeatureCode::ProfileList, 268));
    const auto profiles = value.get<mmc::ProfileListFeature>();
    if (!profiles) {
        return refused(HResult::NoSuchFeature);
    }
    std::vector<mmc::Profile> list;
    for (const auto& entry : profiles->profiles) {
        if (current_only == VariantBool::False || entry.current) {
            list.push_back(entry.profile);
        }
    }
    return list;
}

Recorder::Bytes Recorder::mode_page(mmc::PageCode page, mmc::PageControl request_type) {
    const auto code = static_cast<std::uint8_t>(page);
    if (code >= kAllPages) {
        return refused(HResult::InvalidArgument);
    }
    const mmc::ModeSense10 command{.page_control = request_type, .page_code = code};
    KILN_ASSIGN_OR_RETURN(const auto bytes,
                          fetch_announced(command, kModeHeader, 2, Asked::ModePage));
    if (bytes.size() < kModeHeader) {
        return refused(HResult::InvalidResponse);
    }
    std::size_t at = kModeHeader + mmc::load_big_endian<std::uint32_t>(bytes, 6, 2);
    while (at + mmc::ModePage::kHeaderSize <= bytes.size()) {
        const std::size_t length = mmc::ModePage::kHeaderSize + bytes[at + 1];
        if ((bytes[at] & kAllPages) == code) {
            const mmc::ByteView rest = mmc::ByteView(bytes).subspan(at);
            const mmc::ByteView whole = rest.first(std::min(length, rest.size()));
            return std::vector<std::uint8_t>(whole.begin(), whole.end());
        }
        at += length;
    }
    return refused(HResult::NoSuchModePage);  // GOOD, and another page
}

HResult Recorder::set_mode_page(mmc::PageControl request_type, mmc::ByteView data) {
    const bool saved = request_type == mmc::PageControl::Saved;
    const bool is_page = data.size() >= mmc::ModePage::kHeaderSize &&
                         data.size() == mmc::ModePage::kHeaderSize + std::size_t{data[1]};
    if (!is_page || (!saved && request_type != mmc::PageControl::Current)) {
        return HResult::InvalidArgument;
    }
    std::vector<std::uint8_t> bytes(kModeHeader);
    bytes.insert(bytes.end(), data.begin(), data.end());
    bytes[kModeHeader] &= 0x7FU;  // PS: reserved in MODE SELECT
    const DriveUse use(device_.access, this);
    if (use.code() != HResult::Ok) {
        return use.code();
    }
    const mmc::ModeSelect10 command{
        .save_pages = saved, .parameter_list_length = static_cast<std::uint32_t>(bytes.size())};
    const auto done = ask(mmc::encode(command), transports::DataOut{bytes}, Asked::SetModePage);
    return done ? HResult::Ok : done.error();
}

Result<std::vector<mmc::PageCode>, HResult> Recorder::supported_mode_pages(
    mmc::PageControl request_type) {
    const mmc::ModeSense10 command{.page_control = request_type, .page_code = kAllPages};
    KILN_ASSIGN_OR_RETURN(const auto bytes,
                          fetch_announced(command, kModeHeader, 2, Asked::ModePage));
    const auto value = mmc::decode_mode_parameters(bytes);
    if (!value) {
        return refused(HResult::InvalidResponse);
    }
    std::vector<mmc::PageCode> list;
    for (const mmc::ModePage& page : value->pages) {
        list.push_back(page.code);
    }
    return list;
}

bool Recorder::writes_streams() {
    const auto value =
        configuration(mmc::RequestedFeatures::One, mmc::FeatureCode::RealTimeStreaming, 268);
    const mmc::Feature* const feature =
        value ? value->find(mmc::FeatureCode::RealTimeStreaming) : nullptr;
    const auto streaming = feature != nullptr && feature->current
                               ? mmc::feature_as<mmc::RealTimeStreamingFeature>(*feature)
                               : std::nullopt;
    return streaming && streaming->stream_writing;
}

}  // namespace kiln::stack::imapi
