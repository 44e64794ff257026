#include "harness/testing/explore/cut_world.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>
#include <variant>

namespace kiln::harness {
namespace {

using transports::Instant;
using transports::TransportError;

/// Events at one instant, before a job counts as one that never ends.
constexpr std::uint32_t kStandstill = 10'000;

constexpr std::uint64_t kNextSeed = 0x2e87;
constexpr std::uint32_t kNextBlocks = 64;  // of its medium
constexpr std::uint64_t kNextBytes = std::uint64_t{3} * 2048 + 100;

bool is_of_command(Where where) {
    return where >= Where::BeforeCommand && where <= Where::InPause && where != Where::AfterCommand;
}

}  // namespace

transports::Result<std::size_t, transports::SourceError> CutSource::read(
    mmc::MutableByteView buffer) {
    moment_(Where::InRead);
    if (interrupted_) {
        return tl::make_unexpected(
            transports::SourceError{.interrupted = true, .detail = "read the source: interrupted"});
    }
    if (std::exchange(fails_, false)) {
        on_failure();
        return tl::make_unexpected(
            transports::SourceError{.interrupted = false, .detail = "read the source: an error"});
    }
    const std::size_t count = std::min(buffer.size(), prepared_.pattern.size() - given_);
    std::memcpy(buffer.data(), prepared_.pattern.data() + given_, count);
    given_ += count;
    return count;
}

std::optional<std::uint64_t> CutSource::size() const {
    return prepared_.scenario.size_known ? std::optional<std::uint64_t>(prepared_.pattern.size())
                                         : std::nullopt;
}

void CutSource::interrupt() noexcept {
    interrupted_ = true;
    if (on_interrupt) {
        on_interrupt();
    }
}

CutWorld::CutWorld(const Prepared& prepared, const Trial& trial)
    : prepared_(prepared),
      trial_(trial),
      clock_(prepared.now),
      drive_(prepared.drive),
      source_(prepared, [this](Where where) { source_moment(where); }) {
    const Scenario& scenario = prepared.scenario;
    sim_.emplace(SimTransport::Parts{.drive = &drive_, .clock = &clock_, .pace = Pace::LeaveClock},
                 prepared.personality->link);
    device_.emplace(CutDevice::Parts{.sim = &*sim_,
                                     .clock = &clock_,
                                     .max_transfer = std::size_t{scenario.chunk_blocks} * 2048});
    host_.emplace(*device_, clock_, waker_);
    ports_.emplace(VirtualPorts::Parts{
        .transport = &*device_,
        .clock = &clock_,
        .waker = &waker_,
        .set_pace = [this](Pace pace) { device_->set_pace(pace); },
        .slots = scenario.slots,
        .slot_bytes = std::size_t{scenario.chunk_blocks} * 2048,
        .read_time =
            [this] { return next_ ? transports::Duration{} : prepared_.scenario.read_time; },
        .on_event = [this](const stack::Event& event) { ports_event(event); },
        .on_next = [this] { look_for_standstill(); }});
    switch_.emplace(waker_, &source_);
    if (scenario.face == Face::Imapi) {
        section_.emplace(*device_, clock_, waker_, *ports_,
                         [this](const stack::Progress& progress) { on_update(progress); });
    }
    source_.on_interrupt = [this] { ports_->interrupt_read(); };
    source_.on_failure = [this] { evidence_.source_failed = clock_.now(); };
}

CutWorld::~CutWorld() = default;

std::uint32_t CutWorld::commands_sent() const {
    return static_cast<std::uint32_t>(device_->commands().size());
}

void CutWorld::arm(const Cut& cut, void (CutWorld::*ask)()) {
    armed_.push_back({.cut = cut, .ask = ask});
}

void CutWorld::moment(Where where, std::uint32_t n) {
    if (next_) {
        return;
    }
    for (const Armed& armed : armed_) {
        if (armed.cut.where == where && armed.cut.n == n) {
            (this->*armed.ask)();
        }
    }
}

void CutWorld::source_moment(Where where) {
    if (next_) {
        return;
    }
    read_commands_.push_back(commands_sent());
    reading_ = true;
    moment(where, ++counts_.reads);
    reading_ = false;
    for (const Armed& armed : armed_) {
        if (armed.cut.where == Where::DuringRead && armed.cut.n == counts_.reads) {
            clock_.at(clock_.now() + armed.cut.delay, [this, ask = armed.ask] { (this->*ask)(); });
        }
    }
}

void CutWorld::ports_event(const stack::Event& event) {
    const auto* const completed = std::get_if<stack::Completed>(&event);
    if (completed != nullptr) {
        if (completed->error && completed->error->kind == TransportError::Kind::Interrupted) {
            device_->give_up();
        }
        moment(Where::AfterCommand, commands_sent());
    } else if (std::holds_alternative<stack::BlocksRead>(event)) {
        moment(Where::AfterRead, counts_.reads);
    }
}

void CutWorld::on_plan(const stack::PlanSummary& /*plan*/) {
    counts_.planned = true;
    moment(Where::InPlan, 0);
}

void CutWorld::on_phase(stack::Phase phase) {
    if (!next_) {
        evidence_.phases.push_back(phase);
        phase_commands_.push_back(commands_sent());
        moment(Where::InPhase, ++counts_.phases);
    }
}

void CutWorld::on_update(const stack::Progress& progress) {
    if (!next_) {
        evidence_.updates.push_back({.at = clock_.now(),
                                     .progress = progress,
                                     .commands_before = device_->commands().size()});
        moment(Where::InUpdate, ++counts_.updates);
    }
}

void CutWorld::request(stack::CancelPolicy policy, void (CutWorld::*ask)(stack::CancelPolicy)) {
    CancelCall& call = evidence_.cancels.emplace_back();
    call.at = clock_.now();
    call.commands_before = device_->commands().size();
    call.inside = device_->inside_a_command();
    if (evidence_.cancels.size() == 1) {
        counts_at_cancel_ = counts_;
        counts_at_cancel_.commands = commands_sent();
    }
    // A read is in the middle of the machine's actions, where the forecast is no promise.
    if (forecast_ != nullptr && !reading_) {
        call.predicted = forecast_->if_cancelled(policy);
    }
    (this->*ask)(policy);
    call.policy = switch_->word().requested();
}

void CutWorld::call_cancel_write(stack::CancelPolicy /*none*/) {
    evidence_.cancels.back().answered = section_->cancel();
}

/// CancelWrite has no policy, and another thread's call differs in nothing.
void CutWorld::cancel_write() {
    request(trial_.policy, &CutWorld::call_cancel_write);
    evidence_.cancels.back().policy.reset();
}

void CutWorld::cancel() {
    if (section_) {
        cancel_write();
        if (trial_.way == Way::Twice) {
            cancel_write();
        }
        return;
    }
    switch (trial_.way) {
        case Way::InPlace:
            request(trial_.policy, &CutWorld::set_by_switch);
            return;
        case Way::Twice:
            request(trial_.policy, &CutWorld::set_by_switch);
            request(trial_.policy, &CutWorld::set_by_switch);
            return;
        case Way::OtherThread:
            request(trial_.policy, &CutWorld::set_word);
            return;
    }
}

/// As another thread that was stopped behind the swap of the word, until time moves.
void CutWorld::set_word(stack::CancelPolicy policy) {
    switch_->word().request(policy);
    clock_.at(clock_.now(), [this] {
        source_.interrupt();
        waker_.wake();
    });
}

void CutWorld::escalate() {
    if (section_) {
        cancel_write();
        return;
    }
    const auto now = switch_->word().requested();
    const auto next = !now ? trial_.policy
                      : *now == stack::CancelPolicy::Emergency
                          ? *now
                          : static_cast<stack::CancelPolicy>(static_cast<unsigned>(*now) + 1);
    request(next, &CutWorld::set_by_escalation);
}

/// What the drive does with the command that trouble comes to.
Answer CutWorld::trouble_answer() {
    Answer answer = carry_out;
    switch (trial_.trouble) {
        case Trouble::MediumError:
            answer = FailWith(0x3, 0x0C00);
            break;
        case Trouble::NotReady:
            answer = FailWith(0x2, 0x0408);
            break;
        case Trouble::Deferred:
            answer = FailDeferred(0x3, 0x0C00);
            break;
        case Trouble::UnitAttention:
            answer = [this](const Command& command) {
                drive_.reset(Reset::Bus, clock_.now());
                return carry_out(command);
            };
            break;
        case Trouble::TimeOut:
            answer = TimeOut();
            break;
        case Trouble::LostAnswer:
            answer = LoseAnswer();
            break;
        case Trouble::LostDrive:
            answer = LoseDrive();
            break;
        case Trouble::PowerCut:
            answer = [this, lose = LoseDrive()](const Command& command) {
                drive_.power_cut(clock_.now());
                return lose(command);
            };
            break;
        case Trouble::StreamError:
            answer = [this](const Command& command) {
                source_.fail_next();
                return carry_out(command);
            };
            break;
        case Trouble::None:
            return answer;
    }
    return [this, answer = std::move(answer)](const Command& command) {
        evidence_.fault_injected = true;
        evidence_.drive_lost =
            trial_.trouble == Trouble::LostDrive || trial_.trouble == Trouble::PowerCut;
        return answer(command);
    };
}

namespace {

/// An engine for the vocabulary: one of the world's two requests.
struct Asking {
    CutWorld& world;
    void (CutWorld::*ask)();
    void cancel() { (world.*ask)(); }
};

}  // namespace

Answer CutWorld::placed(const Armed& armed, Answer answer) {
    // It lives as long as the answer that refers to it.
    const auto engine = std::make_shared<Asking>(Asking{.world = *this, .ask = armed.ask});
    const auto keep = [engine](Answer inner) -> Answer {
        return
            [engine, inner = std::move(inner)](const Command& command) { return inner(command); };
    };
    switch (armed.cut.where) {
        case Where::BeforeCommand:
            return keep(CancelBefore(*engine, std::move(answer)));
        case Where::AtEntry:
            return keep(CancelAtEntry(*engine, std::move(answer)));
        case Where::DuringData:
            return keep(CancelDuring(*engine, {armed.cut.percent}, std::move(answer)));
        case Where::BeforeStatus:
            return keep(CancelBetweenDataAndStatus(*engine, std::move(answer)));
        case Where::AtCompletion:
            return keep(CancelAtCompletion(*engine, std::move(answer)));
        case Where::InPause:
            return keep(CancelAfter(*engine, armed.cut.delay, std::move(answer)));
        default:
            return answer;
    }
}

/// What is to happen at commands becomes actions of the mock.
void CutWorld::place_on_commands() {
    const auto on_command = [this](std::uint32_t number) {
        Answer answer = trial_.trouble != Trouble::None && trial_.trouble_at == number
                            ? trouble_answer()
                            : Answer(carry_out);
        for (const Armed& armed : armed_) {
            if (is_of_command(armed.cut.where) && armed.cut.n == number) {
                answer = placed(armed, std::move(answer));
            }
        }
        ON_CALL(*device_, execute(IsCommand(number))).WillByDefault(std::move(answer));
    };
    std::vector<std::uint32_t> numbers;
    if (trial_.trouble != Trouble::None) {
        numbers.push_back(trial_.trouble_at);
    }
    for (const Armed& armed : armed_) {
        if (is_of_command(armed.cut.where)) {
            numbers.push_back(armed.cut.n);
        }
    }
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    for (const std::uint32_t number : numbers) {
        on_command(number);
    }
    if (!set_by_hand_) {
        device_->mock_only(std::move(numbers));
    }
}

const Evidence& CutWorld::run(Next next) {
    if (trial_.cut) {
        arm(*trial_.cut, &CutWorld::cancel);
    }
    if (trial_.again) {
        arm(*trial_.again, &CutWorld::escalate);
    }
    place_on_commands();
    evidence_.before = drive_;
    evidence_.began = clock_.now();
    moment(Where::BeforeCall, 0);
    run_job();
    evidence_.ended = clock_.now();
    clock_.forget_alarms();
    moment(Where::AfterEnd, 0);
    take_evidence();
    if (next == Next::Run && evidence_.completions == 1) {
        run_next();
    }
    return evidence_;
}

/// Time is made to pass, so that the job ends all the same; it is told that it stood still.
void CutWorld::look_for_standstill() {
    if (clock_.now() != stands_since_) {
        stands_since_ = clock_.now();
        asked_ = 0;
    } else if (++asked_ > kStandstill) {
        stood_still_ = true;
        clock_.advance(std::chrono::milliseconds(500));
    }
}

void CutWorld::run_job() {
    section_ ? run_imapi() : run_kiln();
    evidence_.completions += stood_still_ ? 0U : 1U;
    forecast_ = nullptr;
}

void CutWorld::run_kiln() {
    const Scenario& scenario = prepared_.scenario;
    stack::BurnOptions options = scenario.options;
    options.on_cancel = trial_.policy;
    evidence_.options = options;
    switch (scenario.job) {
        case Job::Burn:
            evidence_.report = stack::burn({.drive = *host_,
                                            .ports = *ports_,
                                            .source = source_,
                                            .cancel = *switch_,
                                            .observer = *this,
                                            .options = options});
            break;
        case Job::Blank:
            evidence_.report = stack::blank(*host_, *ports_, *switch_, *this, scenario.blank);
            break;
        case Job::Format:
            evidence_.report = stack::format(*host_, *ports_, *switch_, *this, scenario.format);
            break;
    }
    evidence_.returned = evidence_.report->code;
}

void CutWorld::run_imapi() {
    const auto blocks = static_cast<std::int32_t>(prepared_.pattern.size() / 2048);
    evidence_.returned = section_->write(source_, prepared_.scenario.section_start, blocks);
    evidence_.exclusive_access_held = section_->exclusive_access_held();
}

void CutWorld::take_evidence() {
    const Scenario& scenario = prepared_.scenario;
    evidence_.face = scenario.face;
    evidence_.job = scenario.job;
    evidence_.medium = scenario.medium;
    evidence_.personality = prepared_.personality->name;
    evidence_.scenario = scenario.name;
    evidence_.seed = kScenarioSeed;
    evidence_.source_bytes = prepared_.pattern.size();
    evidence_.section_start = scenario.section_start;
    evidence_.section_blocks = static_cast<std::int32_t>((prepared_.pattern.size() + 2047) / 2048);
    evidence_.commands = device_->take_commands();
    evidence_.resets = device_->resets();
    drive_.run_until(clock_.now());
    evidence_.after = drive_;
    times_ = device_->take_times();
    counts_.commands = static_cast<std::uint32_t>(evidence_.commands.size());
    if (evidence_.cancels.empty()) {
        counts_at_cancel_ = counts_;
    }
}

/// The same drive, the same ports, another medium; the cable is in again where it was pulled.
void CutWorld::run_next() {
    next_ = true;
    (void)waker_.wait_for(transports::Duration::zero());
    sim_.emplace(SimTransport::Parts{.drive = &drive_, .clock = &clock_, .pace = Pace::LeaveClock},
                 prepared_.personality->link);
    device_->start_anew(*sim_);
    section_ ? run_next_section() : run_next_burn();
    if (stood_still_) {
        evidence_.next_outcome = stack::Outcome::Failed;
        evidence_.next_words = "it asks again and again for events, and lets no time pass";
    }
}

/// On a medium as the first one was.
void CutWorld::run_next_section() {
    drive_ = prepared_.drive;
    CutSource source(prepared_, [](Where) {});
    const auto code = section_->write(source, prepared_.scenario.section_start,
                                      static_cast<std::int32_t>(prepared_.pattern.size() / 2048));
    const bool ok = code == stack::HResult::Ok;
    evidence_.next_outcome = ok ? stack::Outcome::Completed : stack::Outcome::Failed;
    evidence_.next_words = ok ? "" : std::string(stack::name_of(code));
}

void CutWorld::run_next_burn() {
    drive_.insert_ready(
        small_medium(prepared_.scenario.medium, *prepared_.personality, kNextBlocks),
        make_memory_store(), clock_.now());
    const stack::BurnReport report = next_burn();
    evidence_.next_outcome = report.outcome;
    evidence_.next_words = report.failure ? report.failure->message() : "";
}

stack::BurnReport CutWorld::next_burn() {
    GeneratedSource source(kNextSeed, kNextBytes);
    stack::CancelSwitch untouched(waker_, &source);
    return stack::burn({.drive = *host_,
                        .ports = *ports_,
                        .source = source,
                        .cancel = untouched,
                        .observer = *this,
                        .options = {}});
}

}  // namespace kiln::harness
