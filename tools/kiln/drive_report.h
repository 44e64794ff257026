/// \file
/// Everything that `kiln info` tells about a drive and what is in it.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mmc/features.h"

#include "stack/drive.h"
#include "stack/medium.h"
#include "stack/outcome.h"
#include "stack/speeds.h"

#include "tools/kiln/reporter.h"

namespace kiln::tools {

/// One way to burn, tried against what is in the drive: how it would go, or why it cannot.
struct Possibility {
    std::string name;  // "burn", "append"
    std::optional<stack::PlanSummary> plan;
    std::string why_not;
};

class DriveReport final : public Answer {
public:
    /// Asks the drive; writes nothing.
    ///
    /// Blocks:  until the drive has recognised what is in it, a minute at most
    /// Errors:  of a drive that does not answer; without a medium there is less to tell
    [[nodiscard]] static stack::Result<DriveReport, stack::Failure> of(const std::string& address,
                                                                       stack::Drive& drive);

    DriveReport(DriveReport&& other) noexcept = default;
    DriveReport& operator=(DriveReport&&) = delete;
    DriveReport(const DriveReport&) = delete;
    DriveReport& operator=(const DriveReport&) = delete;
    ~DriveReport() override = default;

    [[nodiscard]] std::string event() const override { return "info"; }
    [[nodiscard]] JsonObject json() const override;
    [[nodiscard]] std::string text() const override;

private:
    DriveReport() = default;

    std::string address_;
    stack::DriveIdentity identity_;
    std::vector<mmc::Feature> features_;
    std::optional<stack::Medium> medium_;
    std::string no_medium_;  // why there is none
    stack::Speeds speeds_;
    std::vector<Possibility> possibilities_;
};

}  // namespace kiln::tools
