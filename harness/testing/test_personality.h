/// \file
/// The drive of the tests: it writes everything, with round numbers.

#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "harness/sim/medium_kind.h"
#include "harness/sim/personality.h"

namespace kiln::harness::testing {

inline decltype(Personality::features) test_features() {
    return {
        {.code = 0x0001, .version = 2, .persistent = true, .data = {0, 0, 0, 8, 3, 0, 0, 0}},
        {.code = 0x0003, .version = 1, .persistent = true, .data = {0x39, 0, 0, 0}},
        {.code = 0x0010, .version = 0, .data = {0, 0, 8, 0, 0, 16, 1, 0}},
        {.code = 0x001E, .version = 2, .data = {0x83, 0, 0, 0}},
        {.code = 0x001F, .version = 2, .data = {1, 0, 1, 0}},
        {.code = 0x0020, .version = 1, .data = {0, 0, 0, 0, 0, 0, 8, 0, 0, 16, 1, 0}},
        {.code = 0x0021, .version = 3, .data = {0xFF, 0xFF, 0x03, 1, 16, 0, 0, 0}},
        {.code = 0x0023, .version = 1, .data = {0x0F, 0, 0, 0, 1, 0, 0, 0}},
        {.code = 0x0025, .version = 0, .data = {0, 0, 8, 0, 0, 32, 1, 0}},
        {.code = 0x002A, .version = 0, .data = {1, 0, 0, 0}},
        {.code = 0x002B, .version = 0, .data = {1, 0, 0, 0}},
        {.code = 0x002C, .version = 0, .data = {3, 0, 0, 0}},
        {.code = 0x002D, .version = 2, .data = {0x5F, 0, 0x7F, 0xFF}},
        {.code = 0x002E, .version = 1, .data = {0x6F, 0, 0x0B, 0xB8}},
        {.code = 0x002F, .version = 2, .data = {0x4E, 0, 0, 0}},
        {.code = 0x0035, .version = 0, .data = {}},
        {.code = 0x0038, .version = 0, .data = {0, 0, 0, 0}},
        {.code = 0x003B, .version = 0, .data = {1, 0, 0, 0}},
        {.code = 0x0040, .version = 1, .data = std::vector<std::uint8_t>(28)},
        {.code = 0x0041, .version = 1, .data = std::vector<std::uint8_t>(20)},
        {.code = 0x0105, .version = 1, .persistent = true, .data = {0, 0, 0, 0}},
    };
}

inline decltype(Personality::mode_pages) test_mode_pages() {
    std::vector<std::uint8_t> page5(52);
    page5[0] = 0x85;
    page5[1] = 0x32;
    page5[2] = 0x41;  // BUFE, track at once
    page5[3] = 0xC4;  // more sessions, data
    page5[4] = 8;
    page5[15] = 0x96;
    std::vector<std::uint8_t> page2a(32);
    page2a[0] = 0xAA;
    page2a[1] = 30;
    page2a[2] = 0x3F;
    page2a[3] = 0x37;
    page2a[4] = 0xF1;
    page2a[5] = 0x77;
    page2a[6] = 0x29;
    page2a[7] = 0x23;
    return {
        {.code = 0x01,
         .defaults = {0x81, 0x0A, 0x80, 0x10, 0, 0, 0, 0, 0x10, 0, 0, 0},
         .changeable = {0x01, 0x0A, 0xFF, 0xFF, 0, 0, 0, 0, 0xFF, 0, 0, 0}},
        {.code = 0x05, .defaults = page5, .changeable = std::vector<std::uint8_t>(52, 0xFF)},
        {.code = 0x2A, .defaults = page2a, .changeable = std::vector<std::uint8_t>(32)},
    };
}

inline decltype(Personality::media) test_media() {
    using namespace std::chrono_literals;
    decltype(Personality::media) media;
    for (const MediumFacts& facts : all_media()) {
        if (facts.kind == MediumKind::None) {
            continue;
        }
        const std::uint32_t unit = facts.family == MediumFamily::Cd    ? 176
                                   : facts.family == MediumFamily::Dvd ? 1385
                                                                       : 4496;
        MediumSupport support;
        support.kind = facts.kind;
        support.writes = facts.writable;
        support.simulates = facts.family != MediumFamily::Bd;
        support.buffer_bytes = 1024 * 1024;
        support.write_speeds = {{.kilobytes_per_second = unit * 8, .zones = {}},
                                {.kilobytes_per_second = unit * 4, .zones = {}}};
        support.read_speeds = {{.kilobytes_per_second = unit * 8, .zones = {}}};
        support.timings = {.spin_up = 3s,
                           .opc = 2s,
                           .lead_in = 1s,
                           .flush = 500ms,
                           .close_track = 4s,
                           .close_session = 20s,
                           .finalize = 25s,
                           .blank_fast = 30s,
                           .blank_full = 600s,
                           .format_quick = 40s,
                           .format_full = 3600s,
                           .relink = 200ms,
                           .seek = 100ms,
                           .media_error = 7s};
        media.push_back(support);
    }
    return media;
}

inline Personality test_personality() {
    using namespace std::chrono_literals;
    Personality drive;
    drive.name = "test";
    drive.identity = {.vendor = "KILN",
                      .product = "TEST DRIVE",
                      .revision = "1.00",
                      .serial = "KILN0001",
                      .vendor_specific = {}};
    drive.link.bytes_per_second = 40'000'000;
    drive.link.max_transfer = 65536;
    drive.profiles = {0x0043, 0x0042, 0x0041, 0x0040, 0x002B, 0x001B, 0x001A, 0x0016, 0x0015,
                      0x0014, 0x0013, 0x0012, 0x0011, 0x0010, 0x000A, 0x0009, 0x0008, 0x0002};
    drive.features = test_features();
    drive.mode_pages = test_mode_pages();
    drive.buffer_bytes = 2 * 1024 * 1024;
    drive.load = 2s;
    drive.eject = 1s;
    drive.behaviour.test_unit_ready_while_closing = ReadyWhileClosing::NotReady020407;
    drive.media = test_media();
    return drive;
}

}  // namespace kiln::harness::testing
