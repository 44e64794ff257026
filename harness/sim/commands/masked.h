/// \file
/// What a real drive of this kind can do and the simulation cannot yet: taken out of features,
/// profiles and mode pages here, and nowhere else.
///
/// | not done                                | taken out of                                    |
/// |-----------------------------------------|-------------------------------------------------|
/// | session at once, raw, CD packets        | features 002Eh, 0021h on CD; page 05h           |
/// | audio: writing, playing, reading        | 002Dh data types, 0103h, 001Eh; pages 0Eh, 2Ah  |
/// | CD-RW formatted, Mount Rainier          | 0028h; 0023h, 0026h on CD; page 03h             |
/// | layer jump                              | 0033h, 0034h; profile 0016h                     |
/// | BD-R random recording mode              | RRM in 0023h; profile 0042h                     |
/// | DVD+RW DL, DVD-RW DL, DDCD, HD DVD      | their profiles and features                     |
/// | copy protection, authentication         | 0106h, 010Bh, 010Dh, 010Eh, 0110h, 0113h, 0120h |
/// | firmware upgrade, SMART, changers       | 0104h, 0101h, 0102h                             |
/// | timely safe recording, DBI, control     | 0042h, 0029h, 010Ah, 0080h, 0142h               |
/// | blocks                                  |                                                 |

#pragma once

#include <cstdint>
#include <vector>

namespace kiln::harness {

[[nodiscard]] bool is_masked_profile(std::uint16_t profile);
[[nodiscard]] bool is_masked_feature(std::uint16_t code);
[[nodiscard]] bool is_masked_page(std::uint8_t code);
/// Clears the bits of a feature's body that say what is not done; `body` begins behind the header.
void mask_feature(std::uint16_t code, std::vector<std::uint8_t>& body);
/// The same of a mode page; `page` begins with its code.
void mask_page(std::uint8_t code, std::vector<std::uint8_t>& page);

}  // namespace kiln::harness
