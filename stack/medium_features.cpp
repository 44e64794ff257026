// What kind of medium it is, and what the drive can do with it.

#include <cstdint>
#include <optional>

#include "mmc/feature_codes.h"
#include "mmc/features.h"
#include "mmc/mode_pages.h"
#include "mmc/responses/atip.h"
#include "mmc/responses/configuration.h"
#include "mmc/responses/disc_information.h"

#include "stack/drive.h"
#include "stack/facts.h"
#include "stack/failure.h"
#include "stack/medium.h"
#include "stack/medium_parts.h"
#include "stack/outcome.h"

namespace kiln::stack::detection {
namespace {

std::uint16_t number(mmc::Profile profile) {
    return static_cast<std::uint16_t>(profile);
}

template <typename F>
std::optional<F> current(const mmc::Configuration& configuration) {
    const auto* feature = configuration.find(F::kCode);
    return feature != nullptr && feature->current ? mmc::feature_as<F>(*feature) : std::nullopt;
}

void take_profiles(const mmc::Configuration& configuration, Medium& medium) {
    medium.profile = number(configuration.current_profile);
    if (const auto list = configuration.get<mmc::ProfileListFeature>()) {
        for (const auto& entry : list->profiles) {
            if (entry.current) {
                medium.current_profiles.push_back(number(entry.profile));
            }
        }
    }
    medium.family = family_of_profile(medium.profile);
    if (medium.family != MediumFamily::Unknown && medium.family != MediumFamily::None) {
        return;
    }
    // 0002h is how DVD-RAM and formatted CD-RW may also be shown, first or only in the header.
    for (const auto profile : medium.current_profiles) {
        const auto family = family_of_profile(profile);
        if (family != MediumFamily::Unknown && family != MediumFamily::None) {
            medium.family = family;
            return;
        }
    }
    // Something is in, or this would not be asked: an unusable DVD-R shows as 0000h.
    medium.family = MediumFamily::Unknown;
}

void take_cd_writing(const mmc::Configuration& configuration, WriteAbilities& abilities) {
    if (const auto tao = current<mmc::CdTrackAtOnceFeature>(configuration)) {
        abilities.track_at_once = true;
        abilities.test_write = tao->test_write;
        abilities.underrun_protection = tao->buffer_underrun_free;
        abilities.tao_block_types = tao->data_types;
    }
    if (const auto mastering = current<mmc::CdMasteringFeature>(configuration)) {
        abilities.session_at_once = mastering->session_at_once;
    }
}

void take_dvd_and_bd_writing(const mmc::Configuration& configuration, WriteAbilities& abilities) {
    if (const auto incremental = current<mmc::IncrementalStreamingWritableFeature>(configuration)) {
        abilities.incremental = true;
        abilities.session_resource_info = incremental->track_resources;
        abilities.underrun_protection |= incremental->buffer_underrun_free;
    }
    if (const auto minus = current<mmc::DvdMinusWriteFeature>(configuration)) {
        abilities.dvd_minus_write = true;
        abilities.test_write = minus->test_write;
        abilities.underrun_protection |= minus->buffer_underrun_free;
    }
    const auto plus_rw = current<mmc::DvdPlusRwFeature>(configuration);
    const auto plus_r = current<mmc::DvdPlusRFeature>(configuration);
    const auto plus_dl = current<mmc::DvdPlusRDualLayerFeature>(configuration);
    abilities.dvd_plus_write =
        (plus_rw && plus_rw->write) || (plus_r && plus_r->write) || (plus_dl && plus_dl->write);
    abilities.bd_write = is_current(configuration, mmc::FeatureCode::BdWrite);
    abilities.random_write = is_current(configuration, mmc::FeatureCode::RandomWritable);
    abilities.formattable = is_current(configuration, mmc::FeatureCode::Formattable);
}

}  // namespace

void take_features(const mmc::Configuration& configuration, Medium& medium) {
    take_profiles(configuration, medium);
    WriteAbilities& abilities = medium.abilities;
    take_cd_writing(configuration, abilities);
    take_dvd_and_bd_writing(configuration, abilities);
    if (const auto streaming = current<mmc::RealTimeStreamingFeature>(configuration)) {
        abilities.set_streaming = streaming->stream_writing;
        abilities.write_speed_list = streaming->write_speed_descriptors;
        abilities.set_cd_speed = streaming->set_cd_speed;
        abilities.buffer_capacity_blocks = streaming->read_buffer_capacity_block;
    }
    abilities.stop_long_operation = is_current(configuration, mmc::FeatureCode::StopLongOperation);
    medium.pseudo_overwrite = is_current(configuration, mmc::FeatureCode::BdRPseudoOverwrite);
}

Result<void, Failure> take_capabilities(Drive& drive, const mmc::DiscInformation* disc,
                                        Medium& medium) {
    KILN_ASSIGN_OR_RETURN(const auto page, if_known(drive.mode_page(mmc::PageCode::Capabilities)));
    const auto capabilities = page ? mmc::page_as<mmc::CapabilitiesPage>(*page) : std::nullopt;
    KILN_ASSIGN_OR_RETURN(const auto atip, if_known(drive.atip()));
    const bool recordable = atip && atip->plausible();
    if (recordable) {
        medium.family = atip->rewritable ? MediumFamily::CdRw : MediumFamily::CdR;
    } else if (disc != nullptr && disc->disc_status != mmc::DiscStatus::Finalized) {
        // An old reader of ATIP failed, and the disc is not finished: it is one to write on.
        medium.family = disc->erasable ? MediumFamily::CdRw : MediumFamily::CdR;
    } else {
        medium.family = MediumFamily::CdRom;
    }
    if (capabilities) {
        const bool rewritable = medium.family == MediumFamily::CdRw;
        WriteAbilities& abilities = medium.abilities;
        abilities.track_at_once =
            rewritable ? capabilities->cd_rw_write
                       : medium.family == MediumFamily::CdR && capabilities->cd_r_write;
        abilities.test_write = abilities.track_at_once && capabilities->test_write;
        abilities.underrun_protection = capabilities->buffer_underrun_free;
        abilities.set_cd_speed = true;
    }
    return {};
}

}  // namespace kiln::stack::detection
