#include "stack/failure_codes.h"

#include <gtest/gtest.h>

#include "mmc/sense.h"

#include "transports/error.h"

#include "stack/failure.h"
#include "stack/hresult.h"
#include "stack/outcome.h"

namespace kiln::stack {
namespace {

using mmc::SenseKey;

TEST(FailureCodes, MapSenseByWhatWasAsked) {
    struct Row {
        SenseKey key;
        mmc::AdditionalSense additional;
        Asked asked;
        HResult code;
    };
    const Row rows[] = {
        {SenseKey::NotReady, 0x3A00, Asked::Query, HResult::NoMedia},
        {SenseKey::NotReady, 0x3A02, Asked::Writing, HResult::NoMedia},
        {SenseKey::NotReady, 0x0401, Asked::Query, HResult::MediaBecomingReady},
        {SenseKey::NotReady, 0x0404, Asked::Query, HResult::MediaFormatInProgress},
        {SenseKey::NotReady, 0x0407, Asked::Query, HResult::MediaBusy},
        {SenseKey::NotReady, 0x0408, Asked::Query, HResult::MediaBusy},
        {SenseKey::IllegalRequest, 0x3010, Asked::Query, HResult::MediaNotFormatted},
        {SenseKey::IllegalRequest, 0x3002, Asked::Query, HResult::MediaIncompatible},
        {SenseKey::NotReady, 0x3000, Asked::Writing, HResult::MediaIncompatible},
        {SenseKey::DataProtect, 0x2700, Asked::Writing, HResult::MediaWriteProtected},
        {SenseKey::IllegalRequest, 0x2600, Asked::SetModePage, HResult::InvalidModeParameters},
        {SenseKey::MediumError, 0x0C09, Asked::Writing, HResult::LossOfStreaming},
        {SenseKey::IllegalRequest, 0x2400, Asked::ModePage, HResult::NoSuchModePage},
        {SenseKey::IllegalRequest, 0x2400, Asked::DiscStructure, HResult::NoDvdStructure},
        {SenseKey::IllegalRequest, 0x2400, Asked::Query, HResult::InvalidResponse},
        {SenseKey::IllegalRequest, 0x2400, Asked::Writing, HResult::UnexpectedResponse},
        {SenseKey::IllegalRequest, 0x2000, Asked::Feature, HResult::NoGetConfiguration},
        {SenseKey::IllegalRequest, 0x2000, Asked::ModePage, HResult::InvalidResponse},
        {SenseKey::HardwareError, 0x4400, Asked::Writing, HResult::UnexpectedResponse},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(code_of(mmc::make_sense(row.key, row.additional), row.asked), row.code)
            << mmc::describe(mmc::make_sense(row.key, row.additional));
    }
}

TEST(FailureCodes, HaveAnAnswerForEverySense) {
    const SenseCode& last = sense_codes().back();
    EXPECT_FALSE(last.key || last.asc || last.ascq || last.asked);
}

TEST(FailureCodes, MapWhatTheTransportSays) {
    using Kind = transports::TransportError::Kind;
    EXPECT_EQ(code_of(Kind::TimedOut), HResult::CommandTimeout);
    EXPECT_EQ(code_of(Kind::Gone), HResult::DeviceNotExist);
    EXPECT_EQ(code_of(Kind::NoSuchDevice), HResult::DeviceNotExist);
    EXPECT_EQ(code_of(Kind::InUse), HResult::Locked);
    EXPECT_EQ(code_of(Kind::NotPermitted), HResult::AccessDenied);
    EXPECT_EQ(code_of(Kind::TooLarge), HResult::InvalidArgument);
    EXPECT_EQ(code_of(Kind::Unsupported), HResult::NotImplemented);
    EXPECT_EQ(code_of(Kind::HostFailure), HResult::UnexpectedResponse);
}

TEST(FailureCodes, OfAFailureThatHasACodeAreThatCode) {
    Failure failure = make_failure(FailureKind::Unsuitable, "planning", "too large");
    EXPECT_EQ(code_of(failure), HResult::DataInvalidMediaState);
    failure.code = HResult::DataStreamTooLarge;
    EXPECT_EQ(code_of(failure), HResult::DataStreamTooLarge);
}

}  // namespace
}  // namespace kiln::stack
