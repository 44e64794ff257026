#include "stack/burn.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "stack/burn_machine.h"
#include "stack/facts.h"
#include "stack/medium.h"
#include "stack/plan.h"
#include "stack/prediction.h"
#include "stack/runner.h"
#include "stack/speeds.h"
#include "stack/verify.h"

namespace kiln::stack {
namespace {

/// Physical limits, in x: nothing burns faster, whatever it says (CD 52x, DVD 24x, BD 16x exist).
double fastest_x(MediumClass medium_class) {
    switch (medium_class) {
        case MediumClass::Cd:
            return 60.0;
        case MediumClass::Dvd:
            return 26.0;
        default:
            return 18.0;
    }
}

Result<Situation, Failure> look_at(Drive& drive) {
    Situation it;
    KILN_RETURN_IF_ERROR(drive.wait_until_ready());
    KILN_ASSIGN_OR_RETURN(it.medium, detect_medium(drive));
    KILN_ASSIGN_OR_RETURN(it.speeds, read_speeds(drive, it.medium));
    if (it.medium.is_overwritable()) {
        KILN_ASSIGN_OR_RETURN(it.holds_data, holds_data(drive, it.medium));
    }
    it.limits = drive.transport().limits();
    return it;
}

PlanSummary summary_of(const Plan& plan) {
    PlanSummary it;
    it.recipe = plan.recipe->name;
    it.profile = plan.profile;
    it.start = plan.start;
    it.blocks = plan.payload_blocks();
    it.capacity_blocks = plan.capacity_blocks;
    it.speed_kb_s = plan.write_kilobytes;
    it.speed_x = to_x(facts_of(plan.family).medium_class, plan.write_kilobytes);
    it.closes_disc = plan.closes;
    it.formats = plan.formats;
    it.blanks = plan.blanks;
    const std::uint64_t all = it.blocks.value_or(plan.capacity_blocks);
    it.when_done = predict_completed(plan, all);
    for (std::size_t i = 0; i < kCancelPolicies; ++i) {
        it.when_cancelled.push_back(
            predict_cancelled(plan, (all + 1) / 2, static_cast<CancelPolicy>(i)));
    }
    return it;
}

/// One job, whatever it does: what burn(), blank() and format() have in common.
class Job final : public Forecast {
public:
    Job(Drive& drive, Ports& ports, CancelSwitch& cancel, BurnObserver& observer)
        : drive_(drive), ports_(ports), cancel_(cancel), observer_(observer) {
        began_ = drive.clock().now();
        observer_.on_begin(*this);
    }

    /// Before the machine runs and behind it nothing changes the disc.
    [[nodiscard]] Prediction if_cancelled(CancelPolicy policy) const override {
        if (machine_ != nullptr) {
            return machine_->if_cancelled(policy);
        }
        if (plan_) {
            return report_.predicted;
        }
        Prediction it;
        it.disc = report_.disc;
        it.words = kAsItWas;
        return it;
    }

    BurnReport& report() { return report_; }

    /// False: it did not work, and the report says why.
    bool look() {
        observer_.on_phase(Phase::ValidatingMedia);
        auto seen = look_at(drive_);
        if (!seen) {
            if (cancel_.word().requested() && seen.error().kind == FailureKind::Interrupted) {
                cancelled_before();
            } else {
                if (seen.error().kind == FailureKind::NoMedium) {
                    report_.disc.status = DiscStatus::NoMedium;
                }
                fail(while_doing("looking at the medium", std::move(seen).error()));
            }
            return false;
        }
        situation_ = *std::move(seen);
        report_.disc = state_of(situation_.medium, mmc::Lba{0}, 0);
        report_.disc.readable = report_.disc.readable || situation_.holds_data;
        if (cancel_.word().requested()) {
            cancelled_before();
            return false;
        }
        return true;
    }

    MachineEnd run(const Plan& plan, transports::Source* source, CancelPolicy on_failure) {
        ports_.set_source(source);
        BurnMachine machine(plan, ports_.slots(), on_failure);
        WarningCollector collector(observer_, report_.warnings);
        machine_ = &machine;
        Runner(machine, ports_, cancel_.word(), collector).run();
        if (!ports_.settle(std::chrono::seconds(5))) {
            report_.source_left_behind = true;
            collector.on_warning("the source does not come back from a read; it is left behind");
        }
        ports_.set_source(nullptr);
        machine_ = nullptr;
        plan_ = machine.plan();
        predict(machine.end());
        return machine.end();
    }

    /// What the disc should be now.
    void predict(const MachineEnd& end) {
        const Plan& plan = *plan_;
        if (end.outcome == Outcome::Completed) {
            report_.predicted = predict_completed(plan, end.accepted_payload);
        } else if (end.outcome == Outcome::Cancelled && end.ending_done && end.cancelled) {
            report_.predicted =
                predict_cancelled(plan, end.accepted_payload, *end.cancelled, end.steps_done);
        } else if (!end.wrote) {
            report_.predicted =
                predict_cancelled(plan, 0, CancelPolicy::FastestRelease, end.steps_done);
        } else {
            report_.predicted = predict_failed(plan, end.accepted_payload);
        }
    }

    /// What the drive says that the disc is now, and whether that was to be expected.
    void read_back(const MachineEnd& end) {
        report_.outcome = end.outcome;
        report_.code = end.code;
        report_.failure = end.failure;
        report_.written_blocks = end.accepted_payload;
        const Plan& plan = *plan_;
        drive_.on_wake(OnWake::Ignored);
        if (end.gone) {
            report_.disc = {};
            report_.as_predicted = false;
        } else if (auto medium = detect_medium(drive_)) {
            report_.disc = state_of(*medium, plan.start, end.accepted_payload);
            report_.as_predicted = fits(report_.predicted, report_.disc);
        } else {
            report_.disc = {};
            report_.disc.status = medium.error().kind == FailureKind::NoMedium
                                      ? DiscStatus::NoMedium
                                      : DiscStatus::Unknown;
            fail(while_doing("reading the disc's state back", std::move(medium).error()));
        }
        drive_.on_wake(OnWake::EndsWait);
    }

    /// Of a blank or format.
    void judge_operation(const MachineEnd& end) {
        if (end.outcome == Outcome::Cancelled) {
            report_.predicted = predict_stopped(*plan_, end.operation_begun);
            report_.as_predicted = fits(report_.predicted, report_.disc);
        } else {
            report_.as_predicted = true;
        }
    }

    void fail(Failure failure) {
        if (report_.failure) {
            return;  // the first one wins
        }
        report_.outcome = Outcome::Failed;
        report_.code = code_of(failure);
        report_.failure = std::move(failure);
    }

    void cancelled_before() {
        report_.outcome = Outcome::Cancelled;
        report_.code = HResult::RequestCancelled;
        stays_as_it_was();
    }

    /// It cannot be done, and nothing was sent that changes the disc.
    BurnReport refuse(Failure why) {
        stays_as_it_was();
        fail(std::move(why));
        return finish();
    }

    BurnReport finish() {
        report_.drive_time = drive_.clock().now() - began_;
        if (report_.outcome == Outcome::Completed) {
            observer_.on_phase(Phase::Completed);
        }
        return std::move(report_);
    }

    [[nodiscard]] const Situation& situation() const { return situation_; }
    [[nodiscard]] const Plan& plan() const { return *plan_; }

private:
    void stays_as_it_was() {
        report_.as_predicted = true;
        report_.predicted.words = kAsItWas;
        report_.predicted.disc = report_.disc;
    }

    class WarningCollector final : public BurnObserver {
    public:
        WarningCollector(BurnObserver& inner, std::vector<std::string>& warnings)
            : inner_(inner), warnings_(warnings) {}
        void on_plan(const PlanSummary& plan) override { inner_.on_plan(plan); }
        void on_phase(Phase phase) override { inner_.on_phase(phase); }
        void on_update(const Progress& progress) override { inner_.on_update(progress); }
        void on_warning(const std::string& text) override {
            warnings_.push_back(text);
            inner_.on_warning(text);
        }

    private:
        BurnObserver& inner_;
        std::vector<std::string>& warnings_;
    };

    static constexpr const char* kAsItWas = "the disc as it was";

    Drive& drive_;
    Ports& ports_;
    CancelSwitch& cancel_;
    BurnObserver& observer_;
    const BurnMachine* machine_ = nullptr;  // while it runs
    transports::Instant began_;
    Situation situation_;
    std::optional<Plan> plan_;
    BurnReport report_;
};

/// Everything was GOOD: is it also true?
std::optional<Failure> doubt(const Job& job, const BurnReport& report, const MachineEnd& end) {
    const auto fail = [](std::string detail) {
        Failure failure = make_failure(FailureKind::Failed, "checking the burn", std::move(detail));
        failure.code = HResult::VerificationFailed;
        return failure;
    };
    if (!report.as_predicted) {
        return fail(fmt::format(
            "every command succeeded, but the disc is not as planned: {} with {} sessions, {} "
            "tracks and {} of {} blocks",
            name_of(report.disc.status), report.disc.sessions, report.disc.tracks,
            report.disc.user_blocks, end.accepted_payload));
    }
    // What a drive may hold in its buffer is not on the disc when the last WRITE is accepted; but
    // the flush is in this time too.
    const double seconds = std::chrono::duration<double>(end.writing).count();
    const double bytes = static_cast<double>(end.accepted_blocks) * kBlockSize;
    const auto medium_class = facts_of(job.plan().family).medium_class;
    const double least = bytes / (job.plan().one_x_bytes * fastest_x(medium_class));
    if (!job.plan().simulates && bytes > 32e6 && seconds < least) {
        return fail(
            fmt::format("{:.0f} MB in {:.1f} s is faster than any such medium can be written",
                        bytes / 1e6, seconds));
    }
    return std::nullopt;
}

void verify_and_eject(Job& job, const BurnJob& asked, RememberingSource& given,
                      const MachineEnd& end) {
    BurnReport& report = job.report();
    const bool readable = !job.plan().simulates && report.disc.readable;
    if (auto doubted = doubt(job, report, end)) {
        job.fail(*std::move(doubted));
        return;
    }
    asked.drive.on_wake(OnWake::Ignored);
    if (readable) {
        if (auto probed = probe(asked.drive, job.plan().start, given); !probed) {
            Failure failure = std::move(probed).error();
            failure.code = HResult::VerificationFailed;
            job.fail(std::move(failure));
        }
    }
    if (asked.options.verify && readable && !report.failure) {
        if (asked.cancel.word().requested()) {
            report.verified = Verified::Cancelled;
        } else {
            asked.observer.on_phase(Phase::Verifying);
            auto verified =
                verify(asked.drive, job.plan().start, given, asked.cancel.word(), asked.observer);
            report.verified = verified ? *verified : Verified::No;
            if (!verified) {
                Failure failure = std::move(verified).error();
                failure.code = HResult::VerificationFailed;
                job.fail(std::move(failure));
            }
        }
        report.something_left_out = report.verified == Verified::Cancelled;
    }
    if (asked.options.eject) {
        if (asked.cancel.word().requested()) {
            report.something_left_out = true;
        } else if (auto ejected = asked.drive.eject(); ejected) {
            report.ejected = true;
        } else {
            job.fail(while_doing("ejecting", std::move(ejected).error()));
        }
    }
    asked.drive.on_wake(OnWake::EndsWait);
}

void warn_about(const Plan& plan, const BurnOptions& options, BurnObserver& observer,
                BurnReport& report) {
    const auto warn = [&](const std::string& text) {
        report.warnings.push_back(text);
        observer.on_warning(text);
    };
    if (options.close && !plan.recipe->write.sequential) {
        warn(fmt::format("--close has no effect: {} needs no closing", facts_of(plan.family).name));
    }
    if (options.overwrite && !facts_of(plan.family).rewritable) {
        warn(fmt::format("--overwrite has no effect: {} is written once",
                         facts_of(plan.family).name));
    }
    if (plan.full_blank && plan.blanks) {
        warn(
            "the size is not known, so the disc is blanked in full first, which takes long; "
            "--size avoids it");
    }
}

BurnReport run_without_data(Drive& drive, Ports& ports, CancelSwitch& cancel,
                            BurnObserver& observer,
                            const std::function<Result<Plan, Failure>(const Situation&)>& planner) {
    Job job(drive, ports, cancel, observer);
    if (!job.look()) {
        return job.finish();
    }
    auto plan = planner(job.situation());
    if (!plan) {
        return job.refuse(std::move(plan).error());
    }
    const MachineEnd end = job.run(*plan, nullptr, CancelPolicy::FastestRelease);
    job.read_back(end);
    job.judge_operation(end);
    if (end.outcome == Outcome::Completed && plan->blanks &&
        job.report().disc.status != DiscStatus::Blank) {
        job.report().as_predicted = false;
        job.fail(make_failure(FailureKind::Failed, "checking the blank",
                              "every command succeeded, but the disc is not blank"));
    }
    return job.finish();
}

}  // namespace

void CancelSwitch::request(CancelPolicy policy) noexcept {
    word_.request(policy);
    if (source_ != nullptr) {
        source_->interrupt();
    }
    waker_->wake();
}

void CancelSwitch::request_or_escalate(CancelPolicy first) noexcept {
    word_.request_or_escalate(first);
    if (source_ != nullptr) {
        source_->interrupt();
    }
    waker_->wake();
}

BurnReport burn(const BurnJob& asked) {
    Job job(asked.drive, asked.ports, asked.cancel, asked.observer);
    BurnReport& report = job.report();
    if (!job.look()) {
        return job.finish();
    }
    auto plan = make_plan(job.situation(), asked.options, asked.source.size());
    if (!plan) {
        return job.refuse(std::move(plan).error());
    }
    report.simulated = plan->simulates;
    asked.observer.on_plan(summary_of(*plan));
    warn_about(*plan, asked.options, asked.observer, report);
    auto given = std::make_unique<RememberingSource>(asked.source, asked.options.verify);
    const MachineEnd end = job.run(*plan, given.get(), asked.options.on_cancel);
    job.read_back(end);
    if (end.outcome == Outcome::Completed) {
        verify_and_eject(job, asked, *given, end);
    } else if (end.outcome == Outcome::Cancelled) {
        report.something_left_out = asked.options.verify || asked.options.eject;
        report.verified = asked.options.verify ? Verified::Cancelled : Verified::NotAsked;
    }
    if (report.source_left_behind) {
        (void)given.release();  // the read that was left behind uses it
    }
    return job.finish();
}

BurnReport blank(Drive& drive, Ports& ports, CancelSwitch& cancel, BurnObserver& observer,
                 BlankKind kind) {
    return run_without_data(drive, ports, cancel, observer, [&](const Situation& situation) {
        return make_blank_plan(situation, kind == BlankKind::Full);
    });
}

BurnReport format(Drive& drive, Ports& ports, CancelSwitch& cancel, BurnObserver& observer,
                  const FormatOptions& options) {
    return run_without_data(drive, ports, cancel, observer, [&](const Situation& situation) {
        return make_format_plan(situation, options);
    });
}

Result<PlanSummary, Failure> plan_only(Drive& drive, const BurnOptions& options) {
    KILN_ASSIGN_OR_RETURN(const Situation situation, look_at(drive));
    KILN_ASSIGN_OR_RETURN(const Plan plan, make_plan(situation, options, std::nullopt));
    return summary_of(plan);
}

}  // namespace kiln::stack
