/// \file
/// A drive on paper: answers that are values, for what a fake drive would not say by itself: old
/// drives, lying profiles, media that nobody could burn.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "mmc/bytes.h"
#include "mmc/commands/media.h"
#include "mmc/commands/primary.h"
#include "mmc/commands/read.h"
#include "mmc/commands/track.h"
#include "mmc/features.h"
#include "mmc/hex.h"
#include "mmc/layout.h"
#include "mmc/lba.h"
#include "mmc/mode_pages.h"
#include "mmc/responses/atip.h"
#include "mmc/responses/capacity.h"
#include "mmc/responses/configuration.h"
#include "mmc/responses/disc_information.h"
#include "mmc/responses/format_capacities.h"
#include "mmc/responses/performance.h"
#include "mmc/responses/track_information.h"
#include "mmc/sense.h"

#include "transports/error.h"
#include "transports/transport.h"

namespace kiln::harness {

/// What has no value is answered with 5/20/00 (commands) or 5/24/00 (tracks, pages, structures).
class PaperDrive : public transports::Transport {
public:
    std::optional<mmc::Configuration> configuration;
    std::optional<mmc::DiscInformation> disc;
    std::map<std::uint32_t, mmc::TrackInformation> tracks;  // by the number asked for; FFh too
    std::optional<mmc::Capacity> capacity;
    std::optional<mmc::FormatCapacities> formats;
    std::optional<mmc::Atip> atip;
    std::optional<mmc::Performance> performance;
    std::map<mmc::PageCode, mmc::ModePage> pages;
    std::map<std::uint8_t, std::vector<std::uint8_t>> structures;  // by format code
    /// One block, or nothing where it cannot be read.
    std::function<std::optional<std::vector<std::uint8_t>>(std::int32_t lba)> block;
    std::optional<mmc::Sense> not_ready;
    /// Operation codes that fail so many times with 4/44/00 before they answer.
    std::map<std::uint8_t, unsigned> failures;
    std::vector<std::string> sent;

    /// Appends a feature that is current.
    template <typename F>
    void add(const F& feature) {
        auto made = mmc::make_feature(feature).value();
        made.current = true;
        need_configuration().features.push_back(std::move(made));
    }
    /// Current profile, and the profiles of the list that are current.
    void profile(std::uint16_t current, const std::vector<std::uint16_t>& all_current) {
        need_configuration().current_profile = static_cast<mmc::Profile>(current);
        mmc::ProfileListFeature list;
        for (const auto number : all_current) {
            list.profiles.push_back({static_cast<mmc::Profile>(number), true});
        }
        add(list);
    }
    template <typename P>
    void page(const P& value) {
        pages[P::kCode] = mmc::make_page(value).value();
    }

    transports::Result<transports::Completion, transports::TransportError> execute(
        const transports::Request& request) override {
        sent.push_back(mmc::to_hex(request.cdb.bytes()));
        if (unsigned& left = failures[request.cdb.bytes()[0]]; left > 0) {
            --left;
            return refuse(0x4400, mmc::SenseKey::HardwareError);
        }
        return run(request);
    }
    void interrupt() noexcept override {}
    transports::Result<void, transports::TransportError> recover(
        transports::Rung /*rung*/) override {
        return {};
    }
    [[nodiscard]] transports::Limits limits() const override { return {}; }

private:
    using Request = transports::Request;
    using Completion = transports::Completion;

    mmc::Configuration& need_configuration() {
        if (!configuration) {
            configuration.emplace();
        }
        return *configuration;
    }

    static Completion refuse(mmc::AdditionalSense additional,
                             mmc::SenseKey key = mmc::SenseKey::IllegalRequest) {
        Completion completion;
        completion.status = transports::Status::CheckCondition;
        completion.sense = mmc::make_sense(key, additional);
        return completion;
    }

    static Completion give(const Request& request, const std::vector<std::uint8_t>& bytes) {
        Completion completion;
        if (const auto* in = std::get_if<transports::DataIn>(&request.data)) {
            const auto size = std::min(bytes.size(), in->buffer.size());
            std::copy_n(bytes.begin(), size, in->buffer.begin());
            completion.moved = static_cast<std::uint32_t>(size);
        }
        return completion;
    }

    template <typename T>
    static Completion give_value(const Request& request, const std::optional<T>& value) {
        return value ? give(request, mmc::encode(*value).value()) : refuse(0x2000);
    }

    template <typename Map>
    static Completion give_entry(const Request& request, const Map& map,
                                 const typename Map::key_type& key) {
        const auto found = map.find(key);
        if (found == map.end()) {
            return refuse(0x2400);
        }
        if constexpr (std::is_same_v<typename Map::mapped_type, std::vector<std::uint8_t>>) {
            return give(request, found->second);
        } else {
            return give(request, mmc::encode(found->second).value());
        }
    }

    Completion run(const Request& request) {
        const auto cdb = request.cdb.bytes();
        switch (cdb[0]) {
            case 0x00:  // TEST UNIT READY
                if (not_ready) {
                    return refuse(not_ready->additional(), not_ready->key);
                }
                return {};
            case 0x23:
                return give_value(request, formats);
            case 0x25:
                return give_value(request, capacity);
            case 0x28:
                return read(request, *mmc::decode<mmc::Read10>(cdb));
            case 0x43:
                return cdb[2] == 4 ? give_value(request, atip) : refuse(0x2400);
            case 0x46:
                return give_value(request, configuration);
            case 0x51:
                return give_value(request, disc);
            case 0x52:
                return give_entry(request, tracks,
                                  mmc::decode<mmc::ReadTrackInformation>(cdb)->address_or_number);
            case 0x5A:
                return mode_sense(request, static_cast<mmc::PageCode>(cdb[2] & 0x3FU));
            case 0xAC:
                return give_value(request, performance);
            case 0xAD:
                return give_entry(request, structures, cdb[7]);
            case 0xBB:  // SET CD SPEED
            case 0xB6:  // SET STREAMING
                return {};
            default:
                return refuse(0x2000);
        }
    }

    Completion mode_sense(const Request& request, mmc::PageCode code) const {
        const auto found = pages.find(code);
        if (found == pages.end()) {
            return refuse(0x2400);
        }
        mmc::ModeParameters parameters;
        parameters.pages.push_back(found->second);
        return give(request, mmc::encode(parameters).value());
    }

    Completion read(const Request& request, const mmc::Read10& command) const {
        std::vector<std::uint8_t> bytes;
        const auto first = static_cast<std::int32_t>(command.logical_block_address);
        const auto count = static_cast<std::int32_t>(command.transfer_length);
        for (std::int32_t lba = first; lba < first + count; ++lba) {
            const auto one = block ? block(lba) : std::nullopt;
            if (!one) {
                return refuse(0x1100, mmc::SenseKey::MediumError);
            }
            bytes.insert(bytes.end(), one->begin(), one->end());
        }
        return give(request, bytes);
    }
};

}  // namespace kiln::harness
