// From a scenario to a drive with a medium in it.

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "stack/burn.h"
#include "stack/drive.h"

#include "harness/sim/medium_store.h"
#include "harness/sim/sim_transport.h"
#include "harness/sim/virtual_clock.h"
#include "harness/sim/virtual_ports.h"
#include "harness/testing/burn_world.h"
#include "harness/testing/explore/scenario.h"
#include "harness/testing/generated_source.h"

namespace kiln::harness {
namespace {

using PersonalityResult = mmc::Result<std::shared_ptr<const Personality>, std::string>;

constexpr std::uint64_t kEarlierBytes = std::uint64_t{40} * 2048;
/// Of a burn that is left open: reads of a WRITE each, the half of which is done.
constexpr unsigned kLeftOpenReads = 6;
constexpr std::uint64_t kLeftOpenBytes = std::uint64_t{2} * kLeftOpenReads * 65536;
/// Blocks of an overwritable medium: a host looks at all of them.
constexpr std::uint32_t kSmall = 512;

/// Reading one takes longer than a thousand runs on it.
PersonalityResult personality_of(const Scenario& scenario) {
    static std::mutex mutex;
    static std::map<std::string, std::shared_ptr<const Personality>> known;
    const std::string key =
        fmt::format("{}/{}", scenario.personality, facts_of(scenario.medium).name);
    const std::lock_guard lock(mutex);
    auto& entry = known[key];
    if (!entry) {
        auto found = scenario.personality.empty() ? default_personality(scenario.medium)
                                                  : find_personality(scenario.personality);
        if (!found) {
            return tl::make_unexpected(found.error().detail);
        }
        entry = std::make_shared<const Personality>(*std::move(found));
    }
    return entry;
}

std::shared_ptr<const Personality> with_buffer(std::shared_ptr<const Personality> personality,
                                               std::uint32_t bytes) {
    if (bytes == 0) {
        return personality;
    }
    Personality changed = *personality;
    changed.buffer_bytes = bytes;
    for (MediumSupport& support : changed.media) {
        support.buffer_bytes = bytes;
    }
    return std::make_shared<const Personality>(std::move(changed));
}

/// A source that asks for a cancel after some reads.
class CancellingSource final : public transports::Source {
public:
    CancellingSource(std::uint64_t bytes, unsigned reads)
        : inner_(kEarlierSeed, bytes), left_(reads) {}

    transports::Result<std::size_t, transports::SourceError> read(
        mmc::MutableByteView buffer) override {
        if (cancel != nullptr && left_-- == 0) {
            cancel->request(stack::CancelPolicy::LeaveResumable);
        }
        return inner_.read(buffer);
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return inner_.size(); }
    void interrupt() noexcept override { inner_.interrupt(); }

    stack::CancelSwitch* cancel = nullptr;

private:
    GeneratedSource inner_;
    unsigned left_;
};

/// A host of another day.
class Earlier {
public:
    Earlier(FakeDrive& drive, const Personality& personality, VirtualClock& clock)
        : sim_({.drive = &drive, .clock = &clock}, personality.link),
          host_(sim_, clock, waker_),
          ports_({.transport = &sim_,
                  .clock = &clock,
                  .waker = &waker_,
                  .set_pace = [this](Pace pace) { sim_.set_pace(pace); },
                  .slots = 2}) {}

    stack::BurnReport burn() {
        GeneratedSource source(kEarlierSeed, kEarlierBytes);
        stack::CancelSwitch untouched(waker_, &source);
        return burn(source, untouched);
    }
    /// Half of it, to be continued.
    stack::BurnReport burn_half() {
        CancellingSource source(kLeftOpenBytes, kLeftOpenReads);
        stack::CancelSwitch cancel(waker_, &source);
        source.cancel = &cancel;
        auto report = burn(source, cancel);
        (void)waker_.wait_for(transports::Duration::zero());
        return report;
    }
    stack::BurnReport format() {
        stack::CancelSwitch untouched(waker_, nullptr);
        return stack::format(host_, ports_, untouched, nobody_, {});
    }

private:
    stack::BurnReport burn(transports::Source& source, stack::CancelSwitch& cancel) {
        return stack::burn({.drive = host_,
                            .ports = ports_,
                            .source = source,
                            .cancel = cancel,
                            .observer = nobody_,
                            .options = {}});
    }

    FlagWaker waker_;
    SimTransport sim_;
    stack::Drive host_;
    VirtualPorts ports_;
    stack::BurnObserver nobody_;
};

/// What was done to the medium on another day, or what went wrong.
mmc::Result<void, std::string> make_past(const Scenario& scenario, FakeDrive& drive,
                                         const Personality& personality, VirtualClock& clock) {
    const auto done = [&](std::string_view what, const stack::BurnReport& report,
                          stack::Outcome wanted) -> mmc::Result<void, std::string> {
        if (report.outcome == wanted) {
            return {};
        }
        return tl::make_unexpected(
            fmt::format("{}: the earlier {}: {}", scenario.name, what,
                        report.failure ? report.failure->message() : "it ended otherwise"));
    };
    Earlier earlier(drive, personality, clock);
    if (scenario.formatted) {
        KILN_RETURN_IF_ERROR(done("format", earlier.format(), stack::Outcome::Completed));
    }
    if (scenario.left_open) {
        KILN_RETURN_IF_ERROR(done("half burn", earlier.burn_half(), stack::Outcome::Cancelled));
    }
    if (scenario.holds_data) {
        KILN_RETURN_IF_ERROR(done("burn", earlier.burn(), stack::Outcome::Completed));
    }
    return {};
}

/// What a caller of the write engine sends before: mode page 05h, for track at once with blocks of
/// 2048 bytes. A DVD-R takes a WRITE as its drive was switched on.
void prepare_section(FakeDrive& drive, MediumKind kind, VirtualClock& clock) {
    constexpr std::array<std::uint8_t, 10> kModeSelect = {0x55, 0x10, 0, 0, 0, 0, 0, 0, 60, 0};
    constexpr std::array<std::uint8_t, 24> kPage = {
        0,    0,    0,    0, 0, 0, 0, 0,                            // header
        0x05, 0x32, 0x41, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 150,  // BUFE, TAO; data; mode 1
    };
    if (facts_of(kind).family != MediumFamily::Cd) {
        return;
    }
    std::vector<std::uint8_t> parameters(kPage.begin(), kPage.end());
    parameters.resize(60);
    (void)drive.begin(kModeSelect, clock.now());
    drive.take(parameters);
    clock.advance_to(drive.end(clock.now()).at);
}

}  // namespace

bool is_looked_through(MediumKind kind) {
    using enum MediumKind;
    return kind == DvdRwRestrictedOverwrite || kind == DvdPlusRw || kind == DvdRam ||
           kind == BdRe || kind == BdReDl || kind == BdReXl;
}

Medium small_medium(MediumKind kind, const Personality& personality, std::uint32_t blocks) {
    const MediumSupport* const support = personality.support_for(kind);
    return fresh_medium(kind, is_looked_through(kind) ? blocks
                              : support != nullptr    ? support->blocks
                                                      : 0);
}

mmc::Result<Prepared, std::string> prepare(const Scenario& scenario) {
    KILN_ASSIGN_OR_RETURN(auto personality, personality_of(scenario));
    personality = with_buffer(std::move(personality), scenario.buffer_bytes);
    const MediumSupport* const support = personality->support_for(scenario.medium);
    if (support == nullptr || !support->writes) {
        return tl::make_unexpected(
            fmt::format("{} does not write {}", personality->name, facts_of(scenario.medium).name));
    }
    VirtualClock clock;
    Prepared prepared{.scenario = scenario,
                      .personality = personality,
                      .drive = FakeDrive(personality),
                      .now = {},
                      .pattern = {}};
    prepared.drive.insert_ready(scenario.medium_blocks != 0
                                    ? fresh_medium(scenario.medium, scenario.medium_blocks)
                                    : small_medium(scenario.medium, *personality, kSmall),
                                make_memory_store(), clock.now());
    KILN_RETURN_IF_ERROR(make_past(scenario, prepared.drive, *personality, clock));
    if (scenario.face == Face::Imapi) {
        prepare_section(prepared.drive, scenario.medium, clock);
    }
    prepared.now = clock.now();
    prepared.pattern.resize(scenario.bytes);
    fill_pattern(kScenarioSeed, 0, prepared.pattern);
    return prepared;
}

}  // namespace kiln::harness
