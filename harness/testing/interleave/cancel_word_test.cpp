// Every interleaving of the cancel word: who asks, and who issues the WRITEs.

#include "stack/cancel_word.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include "stack/hresult.h"
#include "stack/policy.h"

#include "harness/testing/effort.h"
#include "harness/testing/interleave/broken_words.h"
#include "harness/testing/interleave/explored_sync.h"
#include "harness/testing/interleave/explorer.h"

namespace kiln::harness::interleave {
namespace {

using stack::CancelPolicy;
using stack::HResult;

using Word = stack::CancelWord<ExploredSync>;

template <typename T>
std::unique_ptr<Scenario> make() {
    return std::make_unique<T>();
}

template <typename T>
void expect_clean(const Limits& limits = {.spurious = 2}) {
    const Exploration found = explore(make<T>, limits);
    EXPECT_FALSE(found.violation) << *found.violation;
    std::cout << "             " << found.summary() << '\n';
}

template <typename T>
void expect_caught(const Limits& limits = {}) {
    EXPECT_TRUE(explore(make<T>, limits).violation) << "this fault is not seen";
}

// --- cancel_write() against the WRITEs ----------------------------------------------------------

/// The engine issues `kWrites` WRITEs; `kCancels` threads call cancel_write() once each.
template <typename W, unsigned kWrites, unsigned kCancels>
class Writing : public Scenario {
public:
    [[nodiscard]] std::size_t threads() const override { return kCancels + 1; }

    void run(std::size_t thread) override {
        if (thread == 0) {
            write();
        } else {
            cancel(thread - 1);
        }
    }

    void ended() override {
        const bool any = answered(HResult::Ok);
        require(all_issued_ != any, "one side wins, and only one");
        if (!any) {
            require(!word_.requested(), "a refused cancel is remembered");
        }
    }

private:
    /// As the runner does: the first and the last are swapped for, before each it looks.
    void write() {
        for (unsigned i = 0; i < kWrites; ++i) {
            const bool first = i == 0;
            const bool last = i + 1 == kWrites;
            if ((first && !word_.first_write_issued()) || (last && !word_.last_write_issued()) ||
                (!last && word_.requested())) {
                return;
            }
            if (last) {
                last_on_the_wire_.store(true);
            }
        }
        all_issued_ = true;
    }

    void cancel(std::size_t who) {
        answers_.at(who) = word_.cancel_write();
        if (answers_.at(who) == HResult::Ok) {
            require(!last_on_the_wire_.load(), "S_OK, and the last WRITE is out");
            require(word_.cancel_write() == HResult::Ok, "S_OK once, S_OK always");
            require(word_.requested() == CancelPolicy::FastestRelease, "accepted, and not seen");
        }
    }

    [[nodiscard]] bool answered(HResult code) const {
        for (const auto& answer : answers_) {
            if (answer == code) {
                return true;
            }
        }
        return false;
    }

    W word_;
    Atomic<bool> last_on_the_wire_{false};
    std::array<std::optional<HResult>, kCancels> answers_;
    bool all_issued_ = false;
};

TEST(EveryInterleaving, OfACancelAndTheOnlyWrite) {
    expect_clean<Writing<Word, 1, 1>>();
}
TEST(EveryInterleaving, OfACancelAndTwoWrites) {
    expect_clean<Writing<Word, 2, 1>>();
}
TEST(EveryInterleaving, OfACancelAndThreeWrites) {
    expect_clean<Writing<Word, 3, 1>>();
}
TEST(EveryInterleaving, OfTwoCancelsAndTwoWrites) {
    expect_clean<Writing<Word, 2, 2>>();
}
TEST(EveryInterleaving, OfTwoCancelsAndThreeWrites) {
    expect_clean<Writing<Word, 3, 2>>({.spurious = 1});
}

TEST(EveryInterleaving, CatchesALastWriteThatIsNotSwappedFor) {
    expect_caught<Writing<LastWriteIsStored, 2, 1>>();
}
TEST(EveryInterleaving, CatchesARefusedCancelThatIsRemembered) {
    expect_caught<Writing<RefusedIsRemembered, 2, 1>>();
}
TEST(EveryInterleaving, CatchesACancelThatStoresInsteadOfSwapping) {
    expect_caught<Writing<CancelIsStored, 2, 1>>();
}
TEST(EveryInterleaving, CatchesASecondCancelThatIsRefused) {
    expect_caught<Writing<SecondIsRefused, 2, 1>>();
}

// --- the last WRITE, refused by a busy drive ----------------------------------------------------

/// The drive answers 02/04/08 to the last WRITE: it is taken back, and issued once more.
template <typename W>
class Refused : public Scenario {
public:
    [[nodiscard]] std::size_t threads() const override { return 2; }

    void run(std::size_t thread) override {
        if (thread == 1) {
            answer_ = word_.cancel_write();
            return;
        }
        if (word_.first_write_issued() && word_.last_write_issued()) {
            word_.last_write_refused();
            again_ = word_.last_write_issued();
        }
    }

    void ended() override {
        const bool accepted = answer_ == HResult::Ok;
        require(!accepted || !again_, "S_OK, and the last WRITE was issued again");
        require(accepted || again_, "00AA0302, and the last WRITE was not issued");
        require(accepted == word_.requested().has_value(), "what is remembered is what was S_OK");
    }

private:
    W word_;
    std::optional<HResult> answer_;
    bool again_ = false;
};

/// The same with a request, which is latched whatever the drive answers.
template <typename W>
class RefusedAndRequested : public Scenario {
public:
    [[nodiscard]] std::size_t threads() const override { return 2; }

    void run(std::size_t thread) override {
        if (thread == 1) {
            word_.request(CancelPolicy::LeaveResumable);
        } else if (word_.first_write_issued() && word_.last_write_issued()) {
            word_.last_write_refused();
            seen_ = word_.requested().has_value();
            again_ = word_.last_write_issued();
        }
    }

    void ended() override {
        require(word_.requested() == CancelPolicy::LeaveResumable, "a request was lost");
        require(!seen_ || !again_, "a request, and the last WRITE was issued again");
    }

private:
    W word_;
    bool seen_ = false;
    bool again_ = false;
};

TEST(EveryInterleaving, OfARequestAndALastWriteThatIsRefused) {
    expect_clean<RefusedAndRequested<Word>>();
}
TEST(EveryInterleaving, OfACancelAndALastWriteThatIsRefused) {
    expect_clean<Refused<Word>>();
}
TEST(EveryInterleaving, CatchesARefusalThatForgetsTheCancel) {
    expect_caught<Refused<RefusalForgets>>();
}

// --- request() and its escalation ---------------------------------------------------------------

/// Threads that ask; the engine looks meanwhile.
template <typename W, bool kEscalates>
class Requests : public Scenario {
public:
    [[nodiscard]] std::size_t threads() const override { return 3; }

    void run(std::size_t thread) override {
        if (thread == 0) {
            look();
        } else if (thread == 1) {
            word_.request(CancelPolicy::LeaveResumable);
        } else if (kEscalates) {
            word_.request_or_escalate(CancelPolicy::MakeReadable);
        } else {
            word_.request(CancelPolicy::Emergency);
        }
    }

    void ended() override {
        const auto latched = word_.requested();
        require(latched && *latched >= CancelPolicy::LeaveResumable, "a request was lost");
        if (kEscalates) {
            require(*latched <= CancelPolicy::FastestRelease, "one step at a time");
        } else {
            require(latched == CancelPolicy::Emergency, "the gravest request was lost");
        }
        require(!word_.first_write_issued(), "a WRITE after a request");
    }

private:
    void look() {
        std::optional<CancelPolicy> before;
        for (int i = 0; i < 3; ++i) {
            const auto now = word_.requested();
            require(now >= before, "a request only ever escalates");
            before = now;
        }
    }

    W word_;
};

TEST(EveryInterleaving, OfTwoRequests) {
    expect_clean<Requests<Word, false>>();
}
TEST(EveryInterleaving, OfARequestAndAnEscalation) {
    expect_clean<Requests<Word, true>>();
}
TEST(EveryInterleaving, CatchesARequestThatIsStored) {
    expect_caught<Requests<RequestIsStored, false>>();
}
TEST(EveryInterleaving, CatchesARequestThatGoesBack) {
    expect_caught<Requests<RequestGoesBack, false>>();
}

/// Two escalations and a whole job: WRITEs, their end, and the word made new for the next job.
template <typename W, unsigned kWrites>
class WholeJob : public Scenario {
public:
    [[nodiscard]] std::size_t threads() const override { return 3; }

    void run(std::size_t thread) override {
        if (thread == 0) {
            job();
        } else {
            word_.request_or_escalate(CancelPolicy::LeaveResumable);
            asked_.at(thread - 1).store(true);
        }
    }

    void ended() override {
        require(word_.requested() == CancelPolicy::FastestRelease,
                "two escalations are two steps, whatever the job does meanwhile");
        word_.reset();
        require(!word_.requested() && word_.first_write_issued(), "as new for the next job");
    }

private:
    void job() {
        const bool asked = asked_[0].load() || asked_[1].load();
        for (unsigned i = 0; i < kWrites; ++i) {
            const bool issued = (i != 0 || word_.first_write_issued()) &&
                                (i + 1 != kWrites || word_.last_write_issued());
            require(!issued || !asked || i != 0, "a first WRITE after a request");
            if (!issued || word_.requested()) {
                break;
            }
        }
        word_.write_ended();
        require(word_.cancel_write() == HResult::WriteNotInProgress, "it has ended");
    }

    W word_;
    std::array<Atomic<bool>, 2> asked_{false, false};
};

/// Failures for no reason multiply what there is to go through by a hundred here.
Limits whole_job_limits() {
    return {.spurious = testing::effort(1) > 1 ? 1U : 0U};
}

TEST(EveryInterleaving, OfTwoEscalationsAndAJobOfOneWrite) {
    expect_clean<WholeJob<Word, 1>>(whole_job_limits());
}
TEST(EveryInterleaving, OfTwoEscalationsAndAJobOfTwoWrites) {
    expect_clean<WholeJob<Word, 2>>(whole_job_limits());
}
TEST(EveryInterleaving, OfTwoEscalationsAndAJobOfThreeWrites) {
    expect_clean<WholeJob<Word, 3>>(whole_job_limits());
}
TEST(EveryInterleaving, CatchesAnEndThatForgetsTheRequest) {
    expect_caught<WholeJob<EndForgets, 2>>({.spurious = 0});
}
TEST(EveryInterleaving, CatchesAFirstWriteThatLooksAndThenStores) {
    expect_caught<WholeJob<FirstWriteIsStored, 1>>({.spurious = 0});
}

}  // namespace
}  // namespace kiln::harness::interleave
