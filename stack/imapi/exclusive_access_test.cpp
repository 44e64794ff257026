#include "stack/imapi/exclusive_access.h"

#include <string>

#include <gtest/gtest.h>

#include "stack/hresult.h"

namespace kiln::stack::imapi {
namespace {

const int kOne = 1;
const int kOther = 2;

TEST(ExclusiveAccess, IsCounted) {
    ExclusiveAccess access;
    EXPECT_EQ(access.acquire(&kOne, "one"), HResult::Ok);
    EXPECT_EQ(access.acquire(&kOne, "again"), HResult::Ok);
    EXPECT_EQ(access.owner(), "one") << "the name it was taken under";
    EXPECT_EQ(access.release(&kOne), HResult::Ok);
    EXPECT_EQ(access.may_use(&kOther), HResult::Locked);
    EXPECT_EQ(access.release(&kOne), HResult::Ok);
    EXPECT_EQ(access.may_use(&kOther), HResult::Ok);
    EXPECT_EQ(access.owner(), "");
}

TEST(ExclusiveAccess, HasOneOwner) {
    ExclusiveAccess access;
    ASSERT_EQ(access.acquire(&kOne, "one"), HResult::Ok);
    EXPECT_EQ(access.acquire(&kOther, "other"), HResult::Locked);
    EXPECT_EQ(access.release(&kOther), HResult::InvalidHandle);
    EXPECT_EQ(access.release(&kOne), HResult::Ok);
    EXPECT_EQ(access.release(&kOne), HResult::Fail) << "nobody has it";
    EXPECT_EQ(access.acquire(&kOther, "other"), HResult::Ok);
}

TEST(ExclusiveAccess, TakesTheNamesThatTheIoctlTakes) {
    ExclusiveAccess access;
    for (const char* name : {"a", "Kiln 1.0", ".,:;-_ 09AZaz"}) {
        EXPECT_EQ(access.acquire(&kOne, name), HResult::Ok) << name;
    }
    EXPECT_EQ(access.acquire(&kOne, std::string(63, 'x')), HResult::Ok);
    for (const char* name : {"", "a/b", "a\nb", "\xC3\xA4", "(kiln)"}) {
        EXPECT_EQ(access.acquire(&kOne, name), HResult::InvalidArgument) << name;
    }
    EXPECT_EQ(access.acquire(&kOne, std::string(64, 'x')), HResult::InvalidArgument);
}

TEST(DriveUse, IsForOneAtATimeAndThoseWhoMay) {
    ExclusiveAccess access;
    {
        const DriveUse first(access, &kOne);
        EXPECT_EQ(first.code(), HResult::Ok);
        const DriveUse again(access, &kOne);
        EXPECT_EQ(again.code(), HResult::Locked) << "a handler is refused too";
    }
    ASSERT_EQ(access.acquire(&kOther, "other"), HResult::Ok);
    EXPECT_EQ(DriveUse(access, &kOne).code(), HResult::Locked);
    EXPECT_EQ(DriveUse(access, &kOther).code(), HResult::Ok);
}

}  // namespace
}  // namespace kiln::stack::imapi
