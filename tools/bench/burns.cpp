/// \file
/// Benchmarks of whole burns onto simulated drives.

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "transports/os/file_source.h"

#include "harness/sim/sim_folder.h"

#include "tools/bench/bench.h"

namespace kiln::tools::bench {
namespace {

constexpr std::uint64_t kChunk = 65536;
constexpr double kGibi = 1024.0 * 1024.0 * 1024.0;
constexpr std::string_view kDigestDrive = "sim:bd-r,content=digest";

/// Reads all of `source`, as a burn does, and forgets it.
void drain(transports::Source& source) {
    std::vector<std::uint8_t> buffer(kChunk);
    while (source.read(buffer).value_or(0) > 0) {
    }
}

void add(JsonObject& values, const std::string& name, const Taken& taken, std::uint64_t bytes) {
    const auto amount = static_cast<double>(bytes);
    JsonObject one;
    one.set("seconds", taken.seconds)
        .set("cpu_seconds", taken.cpu_seconds)
        .set("bytes_per_second", static_cast<std::uint64_t>(amount / taken.seconds))
        .set("cpu_seconds_per_gib", taken.cpu_seconds / (amount / kGibi));
    values.set(name, one);
}

/// A folder that is gone with its end.
class TemporaryFolder {
public:
    TemporaryFolder() {
        path_ = (std::filesystem::temp_directory_path() / "kiln-bench-XXXXXX").string();
        if (mkdtemp(path_.data()) == nullptr) {
            path_.clear();
        }
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        if (!path_.empty()) {
            std::error_code ignored;
            std::filesystem::remove_all(path_, ignored);
        }
    }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

bool write_file(const std::string& path, std::uint64_t bytes) {
    GeneratedSource source(bytes);
    std::ofstream file(path, std::ios::binary);
    std::vector<std::uint8_t> buffer(kChunk);
    while (const std::size_t size = source.read(buffer).value_or(0)) {
        file.write(reinterpret_cast<const char*>(buffer.data()),  // NOLINT: that is write's face
                   static_cast<std::streamsize>(size));
    }
    file.close();
    return !file.fail();
}

/// True if it ended with 0.
bool run_dd(const std::string& from, const std::string& to) {
    std::array<std::string, 5> words{"dd", "if=" + from, "of=" + to, "bs=64K", "status=none"};
    std::array<char*, 6> arguments{};
    std::transform(words.begin(), words.end(), arguments.begin(),
                   [](std::string& word) { return word.data(); });
    pid_t child = 0;
    if (posix_spawnp(&child, "dd", nullptr, nullptr, arguments.data(), environ) != 0) {
        return false;
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Taken least(const std::optional<Taken>& best, const Taken& next) {
    return best && best->cpu_seconds <= next.cpu_seconds ? *best : next;
}

Figures failed(std::string problem) {
    return {.values = {}, .problem = std::move(problem), .json = {}};
}

}  // namespace

Figures burn_digest(const Wanted& wanted) {
    constexpr std::uint64_t kUsual = 25'000'000'000;
    const std::uint64_t bytes = wanted.bytes.value_or(kUsual);
    const Taken alone = measure(Whose::Ours, [bytes] {
        GeneratedSource source(bytes);
        drain(source);
    });
    Burnt burnt;
    const Taken burning = measure(Whose::Ours, [&] {
        GeneratedSource source(bytes);
        burnt = burn_onto(std::string(kDigestDrive), source);
    });
    if (!burnt.problem.empty()) {
        return failed(burnt.problem);
    }
    Figures figures;
    figures.values.set("bytes", bytes);
    add(figures.values, "source_alone", alone, bytes);
    add(figures.values, "burn", burning, bytes);
    figures.values.set("cpu_ratio", burning.cpu_seconds / alone.cpu_seconds)
        .set("time_ratio", burning.seconds / alone.seconds)
        .set("drive_seconds", std::chrono::duration<double>(burnt.report.drive_time).count());
    return figures;
}

Figures burn_keep(const Wanted& wanted) {
    constexpr std::uint64_t kUsual = 1'000'000'000;
    const std::uint64_t bytes = wanted.bytes.value_or(kUsual);
    const TemporaryFolder folder;
    const std::string image = folder.path() + "/image";
    const std::string drive = folder.path() + "/drive";
    if (folder.path().empty() || !write_file(image, bytes)) {
        return failed("no room for the image in the folder for temporary files");
    }
    // Both read the image from memory: whoever came first would read it from the disk.
    if (!run_dd(image, folder.path() + "/copy")) {
        return failed("dd failed");
    }
    std::filesystem::remove(folder.path() + "/copy");
    // The best of some rounds in turn: what the system writes back or reclaims meanwhile, for
    // whomever, is charged to whoever runs.
    constexpr int kRounds = 5;
    std::optional<Taken> dd;
    std::optional<Taken> burning;
    for (int round = 0; round < kRounds; ++round) {
        bool copied = false;
        dd = least(
            dd, measure(Whose::Children, [&] { copied = run_dd(image, folder.path() + "/copy"); }));
        std::filesystem::remove(folder.path() + "/copy");
        const auto made = harness::new_sim_folder(drive, harness::MediumKind::BdR, "");
        if (!copied || !made) {
            return failed(copied ? made.error().detail : "dd failed");
        }
        Burnt burnt;
        burning = least(burning, measure(Whose::Ours, [&] {
                            auto source = transports::FileSource::open(image);
                            burnt = source ? burn_onto("sim:" + drive + "/", **source)
                                           : Burnt{.report = {}, .problem = source.error().detail};
                        }));
        if (!burnt.problem.empty()) {
            return failed(burnt.problem);
        }
        std::filesystem::remove_all(drive);
    }
    Figures figures;
    figures.values.set("bytes", bytes);
    add(figures.values, "dd", *dd, bytes);
    add(figures.values, "burn", *burning, bytes);
    figures.values.set("rounds", kRounds)
        .set("cpu_ratio", burning->cpu_seconds / dd->cpu_seconds)
        .set("time_ratio", burning->seconds / dd->seconds);
    return figures;
}

Figures burns_per_second(const Wanted& wanted) {
    constexpr std::uint64_t kUsual = 1U << 20U;
    constexpr std::array<std::string_view, 3> kDrives{"sim:cd-r", "sim:dvd+rw", "sim:bd-r"};
    constexpr double kLongEnough = 1.0;
    const std::uint64_t bytes = wanted.bytes.value_or(kUsual);
    Figures figures;
    figures.values.set("bytes_each", bytes);
    for (const std::string_view drive : kDrives) {
        std::uint64_t burns = 0;
        double seconds = 0;
        while (seconds < kLongEnough) {
            Burnt burnt;
            seconds += measure(Whose::Ours, [&] {
                           GeneratedSource source(bytes);
                           burnt = burn_onto(std::string(drive), source);
                       }).seconds;
            if (!burnt.problem.empty()) {
                return failed(fmt::format("{}: {}", drive, burnt.problem));
            }
            ++burns;
        }
        figures.values.set(drive, static_cast<double>(burns) / seconds);
    }
    return figures;
}

Figures memory(const Wanted& wanted) {
    constexpr std::uint64_t kUsual = 4'000'000'000;
    const std::uint64_t before = peak_memory();
    GeneratedSource source(wanted.bytes.value_or(kUsual));
    const Burnt burnt = burn_onto(std::string(kDigestDrive), source);
    if (!burnt.problem.empty()) {
        return failed(burnt.problem);
    }
    Figures figures;
    figures.values.set("bytes", *source.size())
        .set("peak_bytes", peak_memory())
        .set("peak_bytes_before", before);
    return figures;
}

Figures allocations(const Wanted& wanted) {
    constexpr std::uint64_t kUsual = 64U << 20U;
    const std::uint64_t bytes = wanted.bytes.value_or(kUsual);
    // What a burn of twice the size needs more is what its WRITEs need.
    std::array<std::uint64_t, 2> needed{};
    for (std::size_t i = 0; i < needed.size(); ++i) {
        GeneratedSource source(bytes * (i + 1));
        const std::uint64_t before = allocations_so_far();
        const Burnt burnt = burn_onto(std::string(kDigestDrive), source);
        needed.at(i) = allocations_so_far() - before;
        if (!burnt.problem.empty()) {
            return failed(burnt.problem);
        }
    }
    const auto writes = static_cast<double>(bytes) / static_cast<double>(kChunk);
    const auto more = static_cast<double>(needed[1]) - static_cast<double>(needed[0]);
    Figures figures;
    figures.values.set("writes", writes)
        .set("allocations_of_the_shorter_burn", needed[0])
        .set("allocations_of_the_longer_burn", needed[1])
        .set("allocations_per_write", more / writes);
    return figures;
}

}  // namespace kiln::tools::bench
