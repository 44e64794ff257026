/// \file
/// `sim:` drive addresses, and the simulated drive that stands behind one.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mmc/result.h"

#include "transports/clock.h"
#include "transports/transport.h"

#include "harness/sim/medium_kind.h"
#include "harness/sim/personality.h"
#include "harness/sim/sim_transport.h"

namespace kiln::harness {

struct SimError {
    enum class Kind : std::uint8_t {
        Usage,         // the address is not one; exit status 2
        NoSuch,        // no such medium, personality or folder, or not a simulated drive; 4
        Damaged,       // the folder is not what it should be; 4
        InUse,         // another program has the folder; 5
        Exists,        // a new folder is wanted where something is; 4
        NotPermitted,  // 5
        Failed,        // the operating system refused; 1
    };
    Kind kind = Kind::Failed;
    std::string detail;  // for people: one line, no full stop
};

struct SimAddress {
    enum class Content : std::uint8_t { Keep, Digest };
    /// `sim:MEDIUM`; nothing where `folder` says where the drive is kept.
    std::optional<MediumKind> medium;
    std::string folder;      // without %2c and the slash at the end
    std::string drive;       // drive=; empty: the medium's default
    double time_factor = 0;  // time=; 0 virtual, 1 real
    Content content = Content::Keep;
    std::vector<std::string> faults;  // fault=, as they came: OP:N:KIND
};

/// "sim:bd-r,drive=…,time=10" and "sim:discs/one/,time=real".
///
/// Errors:  Usage; NoSuch for a medium that is none
[[nodiscard]] mmc::Result<SimAddress, SimError> parse_sim_address(std::string_view text);

class FakeDrive;

/// A simulated drive with all it stands on. Closing it (the destructor does) puts the state of a
/// folder away; a process that ends without is a power cut.
class SimDrive {
public:
    SimDrive() = default;
    SimDrive(const SimDrive&) = delete;
    SimDrive& operator=(const SimDrive&) = delete;
    virtual ~SimDrive() = default;

    [[nodiscard]] virtual transports::Transport& transport() = 0;
    /// Who moves the clock while a command runs, from the next command on.
    virtual void set_pace(Pace pace) = 0;
    /// The drive's own time: virtual, or scaled. All that waits for this drive waits on it.
    [[nodiscard]] virtual transports::Clock& clock() = 0;
    [[nodiscard]] virtual FakeDrive& drive() = 0;
    /// Who is to hear of commands that do not go through transport(); none: nothing is kept.
    [[nodiscard]] virtual CommandJournal* journal() = 0;
    [[nodiscard]] virtual const Personality& personality() const = 0;
    [[nodiscard]] virtual MediumKind medium() const = 0;
    virtual mmc::Result<void, SimError> close() = 0;
};

struct OpenSim {
    transports::Clock* os_clock = nullptr;  // for time=real and time=FACTOR; none: one of its own
    transports::Waker* waker = nullptr;     // ends execute() early; none: one of its own
    Pace pace = Pace::WaitForEnd;
};

/// Builds store, medium, drive and transport. `fault=` is not looked at: the caller wraps the
/// transport.
[[nodiscard]] mmc::Result<std::unique_ptr<SimDrive>, SimError> open_sim(const SimAddress& address,
                                                                        const OpenSim& how);

}  // namespace kiln::harness
