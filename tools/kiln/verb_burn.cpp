/// \file
/// kiln burn, blank and format: what changes a disc.

#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "transports/os/file_source.h"

#include "stack/burn.h"
#include "stack/drive.h"

#include "tools/kiln/cancel_after.h"
#include "tools/kiln/drive_session.h"
#include "tools/kiln/signals.h"
#include "tools/kiln/verbs.h"
#include "tools/libkiln/address.h"

namespace kiln::tools {
namespace {

/// Before the job begins, and after it, signals stop what is under way with the drive.
struct Opening {
    explicit Opening(transports::Waker& waker) : stop(waker), guard(stop, SignalWords::Asking) {}

    transports::Stop stop;
    SignalGuard guard;
};

/// Everything that one job stands on, in the order in which it has to end.
class Job {
public:
    Job(const Context& context, const Opening& opening, std::unique_ptr<OpenDrive> opened,
        transports::Source* source, const std::optional<CancelAfter>& after,
        stack::CancelPolicy policy)
        : policy_(policy),
          opening_(opening),
          opened_(std::move(opened)),
          watched_(opened_->transport(), opened_->clock(), after, policy),
          cancel_(context.waker, source),
          drive_(watched_, opened_->clock(), context.waker),
          ports_(opened_->make_ports(watched_)) {
        watched_.arm(cancel_);
    }

    [[nodiscard]] CancelAfterTransport& watched() { return watched_; }
    [[nodiscard]] stack::CancelSwitch& cancel() { return cancel_; }
    [[nodiscard]] stack::Drive& drive() { return drive_; }
    /// Whether the drive only reads now: a signal need not await its command then. While run().
    void only_reads(bool so) {
        if (guard_ != nullptr) {
            guard_->interrupt_too(so ? &opened_->transport() : nullptr);
        }
    }
    [[nodiscard]] stack::Ports& ports() { return *ports_; }

    /// Runs `work` while signals cancel it, and puts the drive away.
    template <typename Work>
    stack::BurnReport run(Work&& work) {
        stack::BurnReport report;
        {
            SignalGuard guard(cancel_, policy_);
            guard_ = &guard;
            if (opening_.stop.requested()) {
                cancel_.request(policy_);
            }
            report = work();
            guard_ = nullptr;
        }
        ports_.reset();
        if (const auto closed = opened_->close(); !closed && !report.failure) {
            report.outcome = stack::Outcome::Failed;
            report.code = stack::HResult::Fail;
            report.failure = stack::make_failure(stack::FailureKind::Failed, "closing the drive",
                                                 closed.error().detail);
        }
        return report;
    }

private:
    stack::CancelPolicy policy_;
    SignalGuard* guard_ = nullptr;
    const Opening& opening_;
    std::unique_ptr<OpenDrive> opened_;
    CancelAfterTransport watched_;
    stack::CancelSwitch cancel_;
    stack::Drive drive_;
    std::unique_ptr<stack::Ports> ports_;
};

/// Tells the counting transport what 100 % are, the signals in which phases only is read, and
/// everything on to the reporter; updates with the phase that was told last.
class JobWatcher final : public stack::BurnObserver {
public:
    explicit JobWatcher(Reporter& reporter, std::string warning = {})
        : reporter_(reporter), warning_(std::move(warning)) {}

    /// From here on a cancel interrupts what only looks at the medium, and what verifies if nothing
    /// comes behind it. An eject, once begun, is awaited.
    void is_burn(Job& job, const stack::BurnOptions& options) {
        burn_ = &job;
        verifies_last_ = !options.eject;
    }
    void on_plan(const stack::PlanSummary& plan) override {
        if (burn_ != nullptr) {
            burn_->only_reads(false);
            burn_->watched().expect_blocks(plan.blocks.value_or(0));
        }
        reporter_.on_plan(plan);
        if (!warning_.empty()) {
            reporter_.on_warning(warning_);
        }
    }
    void on_phase(stack::Phase phase) override {
        if (burn_ != nullptr) {
            burn_->only_reads(phase == stack::Phase::ValidatingMedia ||
                              (phase == stack::Phase::Verifying && verifies_last_));
        }
        // A flush and a close are one phase for whoever watches.
        if (phase != phase_) {
            reporter_.on_phase(phase);
        }
        phase_ = phase;
    }
    void on_update(const stack::Progress& progress) override {
        stack::Progress told = progress;
        told.phase = phase_.value_or(progress.phase);
        reporter_.on_update(told);
    }
    void on_warning(const std::string& text) override { reporter_.on_warning(text); }

private:
    Reporter& reporter_;
    std::string warning_;  // about the source, if it comes to a burn
    Job* burn_ = nullptr;
    bool verifies_last_ = false;
    std::optional<stack::Phase> phase_;
};

Result<std::unique_ptr<transports::FileSource>, Problem> open_source(
    const BurnArguments& arguments) {
    auto source = transports::FileSource::open(arguments.source, {.size = arguments.options.size});
    if (!source) {
        return tl::make_unexpected(host_problem("", source.error().detail));
    }
    const auto size = (*source)->size();
    if (size && *size == 0) {
        return tl::make_unexpected(
            host_problem("opening " + (*source)->name(), "it is empty; there is nothing to burn"));
    }
    const bool by_share =
        arguments.cancel_after && std::holds_alternative<AfterPercent>(*arguments.cancel_after);
    if (by_share && !size) {
        return tl::make_unexpected(
            wrong_usage("--cancel-after: a share of what comes from a pipe needs --size"));
    }
    return std::move(*source);
}

std::string warning_about(const transports::FileSource& source) {
    return source.left_out() == 0
               ? std::string()
               : fmt::format("--size: {} holds {} bytes more, which are not burnt", source.name(),
                             source.left_out());
}

ExitStatus change_disc(const Context& context, const std::string& address,
                       const auto& do_it /* (Job&, BurnObserver&) -> BurnReport */) {
    Opening opening(context.waker);
    auto opened = open_for(context, address, opening.stop);
    if (!opened) {
        return context.reporter.burn_failed_early(opened.error());
    }
    Job job(context, opening, std::move(*opened), nullptr, std::nullopt,
            stack::CancelPolicy::MakeReadable);
    JobWatcher observer(context.reporter);
    return context.reporter.burn_ended(job.run([&] { return do_it(job, observer); }));
}

/// A medium that keeps digests cannot give its data back.
bool keeps_no_data(const std::string& drive) {
    const auto address = parse_address(drive);
    const auto* sim = address ? std::get_if<harness::SimAddress>(&*address) : nullptr;
    return sim != nullptr && sim->content == harness::SimAddress::Content::Digest;
}

}  // namespace

ExitStatus run(const Context& context, const BurnArguments& arguments) {
    if (arguments.options.verify && keeps_no_data(arguments.drive)) {
        return context.reporter.burn_failed_early(
            wrong_usage("--verify: content=digest keeps no data to compare"));
    }
    auto source = open_source(arguments);
    if (!source) {
        return context.reporter.burn_failed_early(source.error());
    }
    Opening opening(context.waker);
    auto opened = open_for(context, arguments.drive, opening.stop);
    if (!opened) {
        return context.reporter.burn_failed_early(opened.error());
    }
    Job job(context, opening, std::move(*opened), source->get(), arguments.cancel_after,
            arguments.options.on_cancel);
    JobWatcher observer(context.reporter, warning_about(**source));
    observer.is_burn(job, arguments.options);
    return context.reporter.burn_ended(job.run([&] {
        return stack::burn({.drive = job.drive(),
                            .ports = job.ports(),
                            .source = **source,
                            .cancel = job.cancel(),
                            .observer = observer,
                            .options = arguments.options});
    }));
}

ExitStatus run(const Context& context, const BlankArguments& arguments) {
    return change_disc(context, arguments.drive, [&](Job& job, stack::BurnObserver& observer) {
        return stack::blank(job.drive(), job.ports(), job.cancel(), observer, arguments.kind);
    });
}

ExitStatus run(const Context& context, const FormatArguments& arguments) {
    return change_disc(context, arguments.drive, [&](Job& job, stack::BurnObserver& observer) {
        return stack::format(job.drive(), job.ports(), job.cancel(), observer, arguments.options);
    });
}

}  // namespace kiln::tools
