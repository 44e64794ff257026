#include "harness/model/machine_table.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "mmc/sense.h"

#include "transports/error.h"
#include "transports/transport.h"

#include "stack/facts.h"
#include "stack/plan.h"
#include "stack/ports.h"
#include "stack/recipe.h"

namespace kiln::harness {
namespace {

using stack::CancelPolicy;
using stack::Milestone;
using transports::TransportError;
using Signature = std::uint64_t;

constexpr std::uint8_t kWrite = 0x2A;
constexpr std::uint8_t kTray = 0x1E;
/// Events after which two copies that are told apart by none are one state.
constexpr int kLookAhead = 3;

stack::Plan plan_of(unsigned writes) {
    stack::Plan plan;
    plan.recipe = &stack::recipe(stack::RecipeId::BdRe);
    plan.family = stack::MediumFamily::BdRe;
    plan.capacity_blocks = 1000;
    plan.medium_capacity = mmc::BlockCount{1000};
    plan.payload_bytes = std::uint64_t{writes} * plan.chunk_blocks * stack::kBlockSize;
    plan.write_kilobytes = 8991;
    return plan;
}

/// A machine somewhere on its way, and what it waits for.
struct Walk {
    stack::BurnMachine machine;
    transports::Instant now;
    std::optional<stack::ReadBlocks> read;
    ModelCommand command = ModelCommand::None;  // out
    std::uint8_t operation_code = 0;            // its, or the last one's
    bool recover = false;
    bool interrupt_asked = false;
    int told = -1;  // the policy
};

bool is_write(ModelCommand command) {
    return command >= ModelCommand::PlainWrite;
}
bool is_announced(ModelCommand command) {
    return command >= ModelCommand::FirstWrite;
}

ModelCommand kind_of(const stack::Execute& command) {
    const auto bytes = command.cdb.bytes();
    if (bytes[0] == kWrite) {
        switch (command.milestone) {
            case Milestone::None:
                return ModelCommand::PlainWrite;
            case Milestone::FirstWrite:
                return ModelCommand::FirstWrite;
            case Milestone::MiddleWrite:
                return ModelCommand::MiddleWrite;
            case Milestone::LastWrite:
                return ModelCommand::LastWrite;
            case Milestone::OnlyWrite:
                return ModelCommand::OnlyWrite;
        }
    }
    if (bytes[0] == kTray) {
        return (bytes[4] & 1U) != 0 ? ModelCommand::Lock : ModelCommand::Unlock;
    }
    return ModelCommand::Other;
}

bool can_happen(const Walk& walk, ModelEvent event) {
    const int policy = (static_cast<int>(event) - static_cast<int>(ModelEvent::Cancel0)) % 4;
    switch (event) {
        case ModelEvent::Good:
        case ModelEvent::Busy:
        case ModelEvent::Refused:
        case ModelEvent::Gone:
            return walk.command != ModelCommand::None;
        case ModelEvent::TimedOut:
            return is_write(walk.command);
        case ModelEvent::Interrupted:
            return is_write(walk.command) && walk.interrupt_asked;
        case ModelEvent::Recovered:
            return walk.recover;
        case ModelEvent::Read:
        case ModelEvent::SourceBroken:
            return walk.read.has_value();
        case ModelEvent::SourceInterrupted:
            return walk.read.has_value() && walk.told >= 0;
        case ModelEvent::Tick:
            return true;
        case ModelEvent::Cancel0:
        case ModelEvent::Cancel1:
        case ModelEvent::Cancel2:
        case ModelEvent::Cancel3:
            return policy > walk.told;
        default:
            return is_announced(walk.command) && policy > walk.told;
    }
}

stack::Event answered(mmc::SenseKey key, mmc::AdditionalSense additional) {
    transports::Completion completion;
    completion.status = transports::Status::CheckCondition;
    completion.sense = mmc::make_sense(key, additional);
    return stack::Completed{.completion = completion, .error = {}, .answer = {}};
}
stack::Event broken(TransportError::Kind kind) {
    return stack::Completed{.completion = {}, .error = TransportError{.kind = kind}, .answer = {}};
}

stack::Event event_of(const Walk& walk, ModelEvent event) {
    const int cancel = static_cast<int>(event) - static_cast<int>(ModelEvent::Cancel0);
    switch (event) {
        case ModelEvent::Good:
            return stack::Completed{
                .completion = transports::Completion{}, .error = {}, .answer = {}};
        case ModelEvent::Busy:
            return answered(mmc::SenseKey::NotReady, 0x0408);
        case ModelEvent::Refused:
            return answered(mmc::SenseKey::MediumError, 0x0C00);
        case ModelEvent::TimedOut:
            return broken(TransportError::Kind::TimedOut);
        case ModelEvent::Interrupted:
            return broken(TransportError::Kind::Interrupted);
        case ModelEvent::Gone:
            return broken(TransportError::Kind::Gone);
        case ModelEvent::Recovered:
            return stack::Recovered{};
        case ModelEvent::Read:
            return stack::BlocksRead{.slot = walk.read->slot, .bytes = walk.read->bytes};
        case ModelEvent::SourceInterrupted:
            return stack::SourceFailed{{.interrupted = true, .os_code = 0, .detail = {}}};
        case ModelEvent::SourceBroken:
            return stack::SourceFailed{{.detail = "read image: Input/output error"}};
        case ModelEvent::Tick:
            return stack::Tick{};
        default:
            return stack::CancelSeen{.policy = static_cast<CancelPolicy>(cancel % 4),
                                     .withdrawn = cancel >= 4};
    }
}

/// What is no longer out when this has come.
void settle(Walk& walk, ModelEvent event) {
    if (event <= ModelEvent::Gone || event >= ModelEvent::Withdrawn0) {
        walk.command = ModelCommand::None;
    } else if (event == ModelEvent::Recovered) {
        walk.recover = false;
    } else if (event <= ModelEvent::SourceBroken) {
        walk.read.reset();
    }
    if (event >= ModelEvent::Cancel0) {
        walk.told = (static_cast<int>(event) - static_cast<int>(ModelEvent::Cancel0)) % 4;
    }
}

ModelActions feed(Walk& walk, const stack::Event& event) {
    stack::ActionList actions;
    walk.machine.step(event, walk.now, actions);
    ModelActions did;
    for (const stack::Action& action : actions) {
        if (const auto* command = std::get_if<stack::Execute>(&action)) {
            walk.command = did.command = kind_of(*command);
            walk.operation_code = command->cdb.bytes()[0];
        } else if (const auto* read = std::get_if<stack::ReadBlocks>(&action)) {
            walk.read = *read;
            did.read = true;
        } else if (std::holds_alternative<stack::Interrupt>(action)) {
            walk.interrupt_asked = did.interrupt = true;
        } else if (std::holds_alternative<stack::Recover>(action)) {
            walk.recover = did.recover = true;
        } else if (std::holds_alternative<stack::LastWriteRefused>(action)) {
            did.last_refused = true;
        }
    }
    return did;
}

/// Until the machine does something; where it does not, it is as it was. What it tells its observer
/// every half second is nothing here.
ModelActions let_time_pass(Walk& walk) {
    constexpr int kMostWakes = 4;
    Walk later = walk;
    for (int i = 0; i < kMostWakes; ++i) {
        later.now = std::max(later.now, later.machine.wake_at());
        const ModelActions did = feed(later, stack::Tick{});
        if (!(did == ModelActions{})) {
            walk = later;
            return did;
        }
    }
    return {};
}

ModelActions step(Walk& walk, ModelEvent event) {
    if (event == ModelEvent::Tick) {
        return let_time_pass(walk);
    }
    const stack::Event happened = event_of(walk, event);
    settle(walk, event);
    return feed(walk, happened);
}

Signature mix(Signature hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15U;
    return hash ^ (hash >> 29U);
}

std::uint64_t number_of(const ModelActions& it) {
    return (static_cast<std::uint64_t>(it.command) << 4U) | (it.read ? 1U : 0U) |
           (it.interrupt ? 2U : 0U) | (it.recover ? 4U : 0U) | (it.last_refused ? 8U : 0U);
}

/// What a walk says of itself.
Signature said_by(const Walk& walk) {
    const stack::MachineEnd end = walk.machine.end();
    Signature hash = mix(static_cast<std::uint64_t>(walk.machine.stage()) + 1,
                         static_cast<std::uint64_t>(walk.command));
    hash = mix(hash, static_cast<std::uint64_t>(walk.told + 1) * 8 + (walk.read ? 4U : 0U) +
                         (walk.recover ? 2U : 0U) + (walk.interrupt_asked ? 1U : 0U));
    hash = mix(hash, walk.operation_code);
    hash = mix(hash, end.accepted_blocks);
    hash =
        mix(hash, (end.failure ? 1U : 0U) + (end.wrote ? 2U : 0U) + (end.write_failed ? 4U : 0U) +
                      (end.gone ? 8U : 0U) + (end.ending_done ? 16U : 0U));
    hash = mix(hash, static_cast<std::uint64_t>(end.outcome));
    return mix(hash, end.cancelled ? 1U + static_cast<std::uint64_t>(*end.cancelled) : 0U);
}

Signature signature_of(const Walk& walk, int look_ahead) {
    Signature hash = said_by(walk);
    if (walk.machine.ended()) {
        // Nothing follows, however it came here.
        return mix(0, static_cast<std::uint64_t>(walk.machine.end().outcome));
    }
    for (std::size_t i = 0; i < kModelEvents && look_ahead > 0; ++i) {
        const auto event = static_cast<ModelEvent>(i);
        if (can_happen(walk, event)) {
            Walk copy = walk;
            const ModelActions did = step(copy, event);
            hash = mix(hash, i * 1000 + number_of(did));
            hash = mix(hash, signature_of(copy, look_ahead - 1));
        }
    }
    return hash;
}

class Walker {
public:
    explicit Walker(unsigned writes) : writes_(writes) {}

    MachineTable walk() {
        Walk first{.machine = {plan_of(writes_), 1, CancelPolicy::MakeReadable}};
        table_.at_begin = feed(first, stack::Begin{});
        (void)met(std::move(first));
        for (std::size_t done = 0; !to_do_.empty(); ++done) {
            const Walk walk = std::move(to_do_.front());
            to_do_.pop_front();
            const auto rows = rows_of(walk);  // which may add states
            table_.states[done].rows = rows;
        }
        return table_;
    }

    /// Rows of states that were met again that are not as they were the first time.
    std::size_t count_wrong() {
        const auto again = std::move(again_);
        std::size_t wrong = 0;
        for (const auto& [state, walk] : again) {
            const auto rows = rows_of(walk);
            for (std::size_t i = 0; i < kModelEvents; ++i) {
                const ModelRow& before = table_.states[state].rows.at(i);
                const bool same =
                    rows.at(i).next == before.next && rows.at(i).actions == before.actions;
                wrong += same ? 0 : 1;
            }
        }
        return wrong;
    }

private:
    std::array<ModelRow, kModelEvents> rows_of(const Walk& walk) {
        std::array<ModelRow, kModelEvents> rows;
        for (std::size_t i = 0; i < kModelEvents && !walk.machine.ended(); ++i) {
            const auto event = static_cast<ModelEvent>(i);
            if (can_happen(walk, event)) {
                Walk copy = walk;
                rows.at(i).actions = step(copy, event);
                rows.at(i).next = met(std::move(copy));
            }
        }
        return rows;
    }

    std::uint32_t met(Walk walk) {
        const Signature signature = signature_of(walk, kLookAhead);
        const auto next = static_cast<std::uint32_t>(table_.states.size());
        const auto [it, is_new] = states_.try_emplace(signature, next);
        if (is_new) {
            table_.states.push_back(
                {.stage = walk.machine.stage(), .outcome = walk.machine.end().outcome, .rows = {}});
            to_do_.push_back(std::move(walk));
        } else {
            again_.emplace_back(it->second, std::move(walk));
        }
        return it->second;
    }

    unsigned writes_;
    MachineTable table_;
    std::unordered_map<Signature, std::uint32_t> states_;
    std::deque<Walk> to_do_;
    std::vector<std::pair<std::uint32_t, Walk>> again_;
};

constexpr std::array<std::string_view, kModelEvents> kEventNames{
    "Good",       "Busy",       "Refused",    "TimedOut",          "Interrupted",
    "Gone",       "Recovered",  "Read",       "SourceInterrupted", "SourceBroken",
    "Tick",       "Cancel0",    "Cancel1",    "Cancel2",           "Cancel3",
    "Withdrawn0", "Withdrawn1", "Withdrawn2", "Withdrawn3",
};

}  // namespace

std::string_view name_of(ModelEvent event) {
    return kEventNames.at(static_cast<std::size_t>(event));
}

WalkedMachine walk_machine(unsigned writes) {
    Walker walker(writes);
    MachineTable table = walker.walk();
    const std::size_t wrong = walker.count_wrong();
    return {.table = std::move(table), .wrong = wrong};
}

}  // namespace kiln::harness
