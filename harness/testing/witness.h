/// \file
/// A simulated drive that programs by other people use, and what they said of it.

#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <dlfcn.h>

#include <gtest/gtest.h>

#include "mmc/bytes.h"
#include "mmc/cdb.h"

#include "transports/log/log_transport.h"

#include "harness/sim/fake_drive.h"
#include "harness/sim/media/medium.h"
#include "harness/sim/medium_kind.h"
#include "harness/sim/medium_store.h"
#include "harness/sim/personality.h"
#include "harness/sim/sim_transport.h"
#include "harness/sim/virtual_clock.h"
#include "harness/testing/generated_source.h"
#include "harness/umockdev/guest.h"

namespace kiln::harness::testing {

/// A drive with a fresh medium, in memory, and its commands.
class WitnessDrive {
public:
    explicit WitnessDrive(MediumKind kind)
        : personality_(std::make_shared<const Personality>(default_personality(kind).value())),
          drive_(personality_, clock_.now()) {
        const MediumSupport* support = personality_->support_for(kind);
        drive_.insert_ready(fresh_medium(kind, support->blocks), make_memory_store(), clock_.now());
    }

    struct Said {
        int status = -1;
        std::string words;  // on both streams
    };
    /// `command` for the shell, with this drive as /dev/sr0 and /dev/sg0.
    Said run(const std::string& command) {
        const std::string file = folder_ + "/said";
        const GuestDrive guest{.transport = &log_,
                               .clock = &clock_,
                               .vendor = personality_->identity.vendor,
                               .product = personality_->identity.product,
                               .revision = personality_->identity.revision};
        const auto status = run_guest(guest, {"sh", "-c", "exec >" + file + " 2>&1; " + command});
        EXPECT_TRUE(status) << status.error();
        std::ifstream said(file, std::ios::binary);
        return {.status = status.value_or(-1),
                .words = {std::istreambuf_iterator<char>(said), std::istreambuf_iterator<char>()}};
    }

    /// Makes a file of `blocks` blocks of the pattern; its path.
    std::string make_image(std::uint32_t blocks) {
        std::vector<std::uint8_t> bytes(std::size_t{blocks} * kBlock);
        fill_pattern(kSeed, 0, bytes);
        const std::string path = folder_ + "/image";
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()));
        return path;
    }

    /// Reads `blocks` blocks from the disc's start as a host does; how many are the image's.
    std::uint32_t blocks_as_burnt(std::uint32_t blocks) {
        std::array<std::uint8_t, kBlock> expected{};
        std::array<std::uint8_t, kBlock> read{};
        std::uint32_t same = 0;
        for (std::uint32_t lba = 0; lba < blocks; ++lba) {
            std::array<std::uint8_t, 10> cdb{0x28};
            mmc::store_big_endian(cdb, 2, 4, lba);
            cdb[8] = 1;
            const transports::Request request{.cdb = mmc::Cdb::copy_of(cdb),
                                              .data = transports::DataIn{read}};
            auto outcome = transport_.execute(request);
            if (outcome && outcome->sense.key == mmc::SenseKey::UnitAttention) {
                outcome = transport_.execute(request);
            }
            fill_pattern(kSeed, std::uint64_t{lba} * kBlock, expected);
            same += outcome && outcome->status == transports::Status::Good && read == expected;
        }
        return same;
    }

    FakeDrive& drive() { return drive_; }
    [[nodiscard]] const Personality& personality() const { return *personality_; }
    /// What the programs sent, a line a command.
    [[nodiscard]] std::string log() const {
        std::string text;
        for (const std::string& line : lines_) {
            text += line + "\n";
        }
        return text;
    }

    WitnessDrive(const WitnessDrive&) = delete;
    WitnessDrive& operator=(const WitnessDrive&) = delete;
    ~WitnessDrive() {
        if (const char* keep = std::getenv("KILN_WITNESS_LOG"); keep != nullptr) {
            std::ofstream(keep, std::ios::app) << log();
        }
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

private:
    static constexpr std::size_t kBlock = 2048;
    static constexpr std::uint64_t kSeed = 20260101;

    static std::string make_folder() {
        std::string name =
            (std::filesystem::temp_directory_path() / "kiln-witness-XXXXXX").string();
        return ::mkdtemp(name.data());
    }

    std::string folder_ = make_folder();
    VirtualClock clock_;
    std::shared_ptr<const Personality> personality_;
    FakeDrive drive_;
    SimTransport transport_{{.drive = &drive_, .clock = &clock_}, personality_->link};
    std::vector<std::string> lines_;
    transports::LogTransport log_{transport_, clock_,
                                  [this](std::string_view line) { lines_.emplace_back(line); }};
};

/// Empty if the tests can use `program` here; else why not.
inline std::string missing(const std::string& program) {
    void* library = ::dlopen("libumockdev-preload.so.0", RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) {
        return "libumockdev-preload.so.0 is not there (package umockdev)";
    }
    ::dlclose(library);
    const int status = std::system(("command -v " + program + " >/dev/null 2>&1").c_str());
    return status == 0 ? std::string() : program + " is not there (see tools/setup)";
}

}  // namespace kiln::harness::testing

/// A witness that is absent is told, not passed over.
#define KILN_NEEDS(program)                                                             \
    if (const std::string why = kiln::harness::testing::missing(program); !why.empty()) \
    GTEST_SKIP() << why
