/// \file
/// The layout tables of answers, by name, for the catalog. For the sources of mmc/ only.

#pragma once

#include <cstdint>
#include <span>

#include "mmc/layout.h"

namespace kiln::mmc::tables {

using Rows = std::span<const Row>;

[[nodiscard]] Rows disc_information();
[[nodiscard]] Rows track_resources();
[[nodiscard]] Rows pow_resources();
[[nodiscard]] Rows track_information();
[[nodiscard]] Rows toc();
[[nodiscard]] Rows session_information();
[[nodiscard]] Rows full_toc();
[[nodiscard]] Rows atip();
[[nodiscard]] Rows inquiry();
[[nodiscard]] Rows designator();
[[nodiscard]] Rows mode_parameters();
[[nodiscard]] Rows format_capacities();
[[nodiscard]] Rows capacity();
[[nodiscard]] Rows buffer_capacity();
[[nodiscard]] Rows buffer_descriptor();
[[nodiscard]] Rows event_status();
[[nodiscard]] Rows rpc_state();
[[nodiscard]] Rows authentication_success();
[[nodiscard]] Rows authentication_grant();
[[nodiscard]] Rows mechanism_status();
[[nodiscard]] Rows sub_channel();
[[nodiscard]] Rows sub_channel_format(std::uint8_t format);
[[nodiscard]] Rows write_protection_status();
[[nodiscard]] Rows physical_format();
[[nodiscard]] Rows physical_format_borders();
[[nodiscard]] Rows dvd_copyright();
[[nodiscard]] Rows dvd_ram_definition();
[[nodiscard]] Rows dvd_ram_medium_status();
[[nodiscard]] Rows dvd_ram_spare_area();
[[nodiscard]] Rows pre_recorded_information();
[[nodiscard]] Rows unique_disc_identifier();
[[nodiscard]] Rows layer_capacity();
[[nodiscard]] Rows shifted_middle_area();
[[nodiscard]] Rows jump_interval();
[[nodiscard]] Rows manual_layer_jump();
[[nodiscard]] Rows remapping_address();
[[nodiscard]] Rows bd_disc_information_unit();
[[nodiscard]] Rows bd_definition();
[[nodiscard]] Rows bd_cartridge_status();
[[nodiscard]] Rows bd_spare_area();

}  // namespace kiln::mmc::tables
