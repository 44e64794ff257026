// Codes as imapi2error.h and winerror.h print them, by hand.

#include "stack/hresult.h"

#include <cstdint>
#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace kiln::stack {
namespace {

struct Printed {
    std::uint32_t value;
    std::string_view name;
};

// One of each range, and those whose severity is not what their neighbours have.
constexpr Printed kPrinted[] = {
    {0x00000000, "S_OK"},
    {0x00000001, "S_FALSE"},
    {0x80004001, "E_NOTIMPL"},
    {0x80004003, "E_POINTER"},
    {0x80004005, "E_FAIL"},
    {0x8007000E, "E_OUTOFMEMORY"},
    {0x80070057, "E_INVALIDARG"},
    {0xC0AA0002, "E_IMAPI_REQUEST_CANCELLED"},
    {0xC0AA0003, "E_IMAPI_RECORDER_REQUIRED"},
    {0x00AA0005, "S_IMAPI_ROTATIONADJUSTED"},
    {0x00AA0200, "S_IMAPI_COMMAND_HAS_SENSE_DATA"},
    {0xC0AA020C, "E_IMAPI_RECORDER_GET_CONFIGURATION_NOT_SUPPORTED"},
    {0xC0AA0210, "E_IMAPI_RECORDER_LOCKED"},
    {0xC0AA02FF, "E_IMAPI_RECORDER_INVALID_RESPONSE_FROM_DEVICE"},
    {0xC0AA0300, "E_IMAPI_LOSS_OF_STREAMING"},
    {0xC0AA0301, "E_IMAPI_UNEXPECTED_RESPONSE_FROM_DEVICE"},
    {0x00AA0302, "S_IMAPI_WRITE_NOT_IN_PROGRESS"},
    {0xC0AA0400, "E_IMAPI_DF2DATA_WRITE_IN_PROGRESS"},
    {0xC0AA0401, "E_IMAPI_DF2DATA_WRITE_NOT_IN_PROGRESS"},
    {0xC0AA0501, "E_IMAPI_DF2TAO_WRITE_NOT_IN_PROGRESS"},
    {0xC0AA0601, "E_IMAPI_DF2RAW_WRITE_NOT_IN_PROGRESS"},
    {0x80AA0900, "E_IMAPI_ERASE_RECORDER_IN_USE"},
    {0x80AA0908, "E_IMAPI_ERASE_DRIVE_FAILED_SPINUP_COMMAND"},
    {0xC0AA0909, "E_IMAPI_ERASE_MEDIA_IS_NOT_SUPPORTED"},
    {0x80AA0A00, "E_IMAPI_RAW_IMAGE_IS_READ_ONLY"},
    {0x00AA0A08, "S_IMAPI_RAW_IMAGE_TRACK_INDEX_ALREADY_EXISTS"},
};

TEST(HResult, HasTheHeadersNumbers) {
    for (const Printed& it : kPrinted) {
        EXPECT_EQ(name_of(static_cast<HResult>(it.value)), it.name);
    }
}

TEST(HResult, IsASuccessWhereItsNameBeginsWithS) {
    for (const HResult code : all_hresults()) {
        EXPECT_EQ(succeeded(code), name_of(code).starts_with("S_")) << name_of(code);
    }
    EXPECT_TRUE(succeeded(HResult::WriteNotInProgress)) << "the trap that the contract warns of";
}

TEST(HResult, HasOneNameForEachNumber) {
    std::set<std::string_view> names;
    std::set<HResult> codes;
    for (const HResult code : all_hresults()) {
        names.insert(name_of(code));
        codes.insert(code);
    }
    EXPECT_EQ(names.size(), all_hresults().size());
    EXPECT_EQ(codes.size(), all_hresults().size());
    EXPECT_EQ(all_hresults().size(), 100U) << "ten common ones, and all of imapi2error.h";
}

TEST(HResult, ACodeOfAStreamNeedNotBeInTheTable) {
    EXPECT_EQ(name_of(static_cast<HResult>(0x80030005U)), "unknown");  // STG_E_ACCESSDENIED
}

}  // namespace
}  // namespace kiln::stack
