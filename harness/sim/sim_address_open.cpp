#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "transports/os/os_clock.h"

#include "harness/sim/fake_drive.h"
#include "harness/sim/media/medium.h"
#include "harness/sim/medium_store.h"
#include "harness/sim/sim_address.h"
#include "harness/sim/sim_folder.h"
#include "harness/sim/sim_folder_journal.h"
#include "harness/sim/virtual_clock.h"

namespace kiln::harness {

namespace {

template <typename T>
using SimResult = mmc::Result<T, SimError>;
using Kind = SimError::Kind;

auto refused(Kind kind, std::string detail) {
    return tl::make_unexpected(SimError{.kind = kind, .detail = std::move(detail)});
}

/// The drive that was asked for, if it takes the medium; by default the medium's own.
SimResult<std::shared_ptr<const Personality>> drive_for(MediumKind medium,
                                                        const std::string& name) {
    auto found = name.empty() ? default_personality(medium) : find_personality(name);
    if (!found) {
        return refused(Kind::NoSuch, std::move(found).error().detail);
    }
    if (medium != MediumKind::None && found->support_for(medium) == nullptr) {
        return refused(Kind::NoSuch, fmt::format("the drive {} does not take {}", found->name,
                                                 facts_of(medium).name));
    }
    return std::make_shared<const Personality>(*std::move(found));
}

Medium new_medium(MediumKind kind, const Personality& personality) {
    const MediumSupport* const support = personality.support_for(kind);
    return fresh_medium(kind, support == nullptr ? 0 : support->blocks);
}

bool is_pressed(MediumKind kind) {
    return kind != MediumKind::None && !facts_of(kind).writable;
}

/// Time of the drive: virtual, or what passes on a real clock, times a factor.
class DriveClock {
public:
    DriveClock(double factor, Instant start, transports::Clock* os_clock) : virtual_(start) {
        if (factor > 0) {
            scaled_.emplace(os_clock == nullptr ? own_ : *os_clock, factor, start);
        }
    }
    transports::Clock& get() {
        return scaled_ ? static_cast<transports::Clock&>(*scaled_) : virtual_;
    }

private:
    transports::OsClock own_;
    VirtualClock virtual_;
    std::optional<ScaledClock> scaled_;
};

class DriveInMemory final : public SimDrive {
public:
    DriveInMemory(const SimAddress& address, std::shared_ptr<const Personality> personality,
                  const OpenSim& how)
        : medium_(address.medium.value_or(MediumKind::None)),
          personality_(std::move(personality)),
          clock_(address.time_factor, Instant{}, how.os_clock),
          drive_(personality_, clock_.get().now()),
          transport_({.drive = &drive_,
                      .clock = &clock_.get(),
                      .waker = how.waker,
                      .journal = nullptr,
                      .pace = how.pace},
                     personality_->link) {
        if (medium_ == MediumKind::None) {
            return;
        }
        Medium medium = new_medium(medium_, *personality_);
        auto store = is_pressed(medium_) ? make_pressed_store(medium.capacity)
                     : address.content == SimAddress::Content::Digest ? make_digest_store()
                                                                      : make_memory_store();
        drive_.insert_ready(std::move(medium), std::move(store), clock_.get().now());
    }

    transports::Transport& transport() override { return transport_; }
    void set_pace(Pace pace) override { transport_.set_pace(pace); }
    transports::Clock& clock() override { return clock_.get(); }
    FakeDrive& drive() override { return drive_; }
    CommandJournal* journal() override { return nullptr; }
    [[nodiscard]] const Personality& personality() const override { return *personality_; }
    [[nodiscard]] MediumKind medium() const override { return medium_; }
    SimResult<void> close() override { return {}; }

private:
    MediumKind medium_;
    std::shared_ptr<const Personality> personality_;
    DriveClock clock_;
    FakeDrive drive_;
    SimTransport transport_;
};

/// Does the commands again that a process that was killed left behind. Their user data are in the
/// store; what the drive takes here is only the number of bytes.
void replay(const std::vector<JournalEntry>& entries, const Link& link, FakeDrive& drive) {
    std::vector<std::uint8_t> scratch;
    for (const JournalEntry& entry : entries) {
        transports::DataPhase data = transports::NoData{};
        const std::uint64_t size = std::max(entry.sent_size, entry.received_size);
        constexpr std::uint64_t kMost = std::uint64_t{1} << 24U;  // as Link::max_transfer
        scratch.assign(static_cast<std::size_t>(std::min(size, kMost)), 0);
        if (entry.sent_size != 0) {
            std::copy_n(entry.sent.begin(), std::min(entry.sent.size(), scratch.size()),
                        scratch.begin());
            data = transports::DataOut{scratch};
        } else if (entry.received_size != 0) {
            data = transports::DataIn{scratch};
        }
        (void)run_on_drive(drive, link, entry.cdb, data, entry.start);
    }
}

class DriveInFolder final : public SimDrive, private CommandJournal {
public:
    DriveInFolder(std::unique_ptr<SimFolder> folder, std::shared_ptr<const Personality> personality,
                  FakeDrive drive, const SimAddress& address, const OpenSim& how, Instant now)
        : folder_(std::move(folder)),
          personality_(std::move(personality)),
          clock_(address.time_factor, now, how.os_clock),
          drive_(std::move(drive)),
          transport_({.drive = &drive_,
                      .clock = &clock_.get(),
                      .waker = how.waker,
                      .journal = this,
                      .pace = how.pace},
                     personality_->link) {}
    DriveInFolder(const DriveInFolder&) = delete;
    DriveInFolder& operator=(const DriveInFolder&) = delete;
    ~DriveInFolder() override { (void)close(); }

    transports::Transport& transport() override { return transport_; }
    void set_pace(Pace pace) override { transport_.set_pace(pace); }
    transports::Clock& clock() override { return clock_.get(); }
    FakeDrive& drive() override { return drive_; }
    CommandJournal* journal() override { return this; }
    [[nodiscard]] const Personality& personality() const override { return *personality_; }
    [[nodiscard]] MediumKind medium() const override { return folder_->state().medium; }

    SimResult<void> close() override {
        if (std::exchange(closed_, true)) {
            return {};
        }
        // A command that was given up goes on; the drive's time is behind it when it is put away.
        const Instant now = std::max(clock_.get().now(), transport_.busy_until());
        drive_.run_until(now);
        return put_away(now);
    }

private:
    transports::Result<void, transports::TransportError> record(mmc::ByteView cdb,
                                                                mmc::ByteView sent,
                                                                std::size_t received, Instant start,
                                                                Instant end) override {
        KILN_RETURN_IF_ERROR(folder_->record(cdb, sent, received, start, end));
        if (!folder_->is_long()) {
            return {};
        }
        auto put = put_away(end);
        if (!put) {
            return tl::make_unexpected(
                transports::TransportError{.kind = transports::TransportError::Kind::HostFailure,
                                           .detail = std::move(put).error().detail});
        }
        return {};
    }

    SimResult<void> put_away(Instant now) {
        FolderState state = folder_->state();
        state.time = now;
        state.drive_state = drive_.to_json();
        return folder_->put_away(state);
    }

    std::unique_ptr<SimFolder> folder_;
    std::shared_ptr<const Personality> personality_;
    DriveClock clock_;
    FakeDrive drive_;
    SimTransport transport_;
    bool closed_ = false;
};

SimResult<FakeDrive> drive_of(SimFolder& folder, const std::string& path,
                              const std::shared_ptr<const Personality>& personality) {
    const FolderState& state = folder.state();
    std::unique_ptr<MediumStore> store;
    if (is_pressed(state.medium)) {
        store = make_pressed_store(new_medium(state.medium, *personality).capacity);
    } else if (state.medium != MediumKind::None) {
        store = folder.make_store();
    }
    if (!state.drive_state.empty()) {
        auto drive = FakeDrive::from_json(state.drive_state, personality, std::move(store));
        if (!drive) {
            return refused(Kind::Damaged,
                           fmt::format("{} is a damaged simulated drive: {}", path, drive.error()));
        }
        return *std::move(drive);
    }
    FakeDrive drive(personality, state.time);
    if (state.medium != MediumKind::None) {
        drive.insert_ready(new_medium(state.medium, *personality), std::move(store), state.time);
    }
    return drive;
}

SimResult<std::unique_ptr<SimDrive>> open_folder(const SimAddress& address, const OpenSim& how) {
    if (address.content == SimAddress::Content::Digest) {
        return refused(Kind::Usage,
                       fmt::format("{}: a folder keeps its content; content=digest is for "
                                   "sim:MEDIUM",
                                   address.folder));
    }
    KILN_ASSIGN_OR_RETURN(auto folder, SimFolder::open(address.folder));
    const FolderState& state = folder->state();
    if (!address.drive.empty() && address.drive != state.drive) {
        return refused(Kind::NoSuch, fmt::format("{} holds a {}, not a {}", address.folder,
                                                 state.drive, address.drive));
    }
    KILN_ASSIGN_OR_RETURN(const auto personality, drive_for(state.medium, state.drive));
    KILN_ASSIGN_OR_RETURN(FakeDrive drive, drive_of(*folder, address.folder, personality));
    Instant now = state.time;
    const bool was_killed = !folder->left_behind().empty();
    if (was_killed) {
        folder->set_replaying(true);
        replay(folder->left_behind(), personality->link, drive);
        folder->set_replaying(false);
        now = std::max(now, folder->left_behind().back().end);
        drive.power_cut(now);
        FolderState after = state;
        after.time = now;
        after.drive_state = drive.to_json();
        KILN_RETURN_IF_ERROR(folder->put_away(after));
    }
    return std::make_unique<DriveInFolder>(std::move(folder), personality, std::move(drive),
                                           address, how, now);
}

}  // namespace

SimResult<std::unique_ptr<SimDrive>> open_sim(const SimAddress& address, const OpenSim& how) {
    if (!address.medium) {
        return open_folder(address, how);
    }
    KILN_ASSIGN_OR_RETURN(auto personality, drive_for(*address.medium, address.drive));
    return std::make_unique<DriveInMemory>(address, std::move(personality), how);
}

SimResult<void> new_sim_folder(const std::string& path, MediumKind medium,
                               const std::string& drive) {
    KILN_ASSIGN_OR_RETURN(const auto personality, drive_for(medium, drive));
    FolderState state;
    state.medium = medium;
    state.drive = personality->name;
    return SimFolder::create(path, state);
}

}  // namespace kiln::harness
