#include "mmc/sense.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "mmc/bytes.h"
#include "mmc/hex.h"
#include "mmc/responses/catalog.h"
#include "mmc/sense_codes.h"

#include "harness/testing/effort.h"
#include "harness/testing/test_data.h"

namespace kiln::mmc {
namespace {

// A DVD+RW's background format, as cdrtools' drv_dvdplus.c quotes it.
constexpr const char* kFormatProgress = "f0 00 00 00 24 1c 10 0c 00 00 00 00 04 04 00 80 03 f6";

TEST(Sense, FixedFormatIsReadFieldByField) {
    const Sense sense = decode_sense(from_hex(kFormatProgress));
    EXPECT_EQ(sense.key, SenseKey::NoSense);
    EXPECT_EQ(sense.additional(), 0x0404);
    EXPECT_FALSE(sense.deferred);
    EXPECT_EQ(sense.information, 0x00241C10U) << "VALID is set, bytes 3 to 6";
    EXPECT_EQ(sense.progress, 0x03F6);
    EXPECT_EQ(to_hex(sense.bytes()), kFormatProgress);
}

TEST(Sense, InformationCountsOnlyWithValid) {
    EXPECT_EQ(
        decode_sense(from_hex("70 00 03 00 01 02 03 0a 00 00 00 00 0c 00 00 00 00 00")).information,
        std::nullopt);
    EXPECT_EQ(
        decode_sense(from_hex("f0 00 03 00 01 02 03 0a 00 00 00 00 0c 00 00 00 00 00")).information,
        0x00010203U);
}

TEST(Sense, DeferredErrorKeepsTheFailingAddress) {
    const Sense sense =
        decode_sense(from_hex("f1 00 04 00 02 61 37 0a 00 00 00 00 03 01 00 00 00 00"));
    EXPECT_TRUE(sense.deferred);
    EXPECT_TRUE(sense.is(SenseKey::HardwareError, 0x0301));
    EXPECT_EQ(sense.information, 0x026137U);
}

TEST(Sense, ProgressNeedsSksvAndAKeyThatHasOne) {
    EXPECT_EQ(
        decode_sense(from_hex("70 00 02 00 00 00 00 0a 00 00 00 00 04 08 00 00 80 00")).progress,
        std::nullopt)
        << "SKSV is clear";
    EXPECT_EQ(
        decode_sense(from_hex("70 00 05 00 00 00 00 0a 00 00 00 00 24 00 00 c0 00 02")).progress,
        std::nullopt)
        << "with ILLEGAL REQUEST the same bytes point at a field";
    EXPECT_EQ(
        decode_sense(from_hex("70 00 02 00 00 00 00 0a 00 00 00 00 04 08 00 80 80 00")).progress,
        0x8000);
}

TEST(Sense, IncorrectLengthIsRead) {
    EXPECT_TRUE(
        decode_sense(from_hex("70 00 25 00 00 00 00 0a 00 00 00 00 24 00")).incorrect_length);
}

TEST(Sense, DescriptorFormatIsReadThroughItsDescriptors) {
    const Sense sense = decode_sense(from_hex(
        "73 03 0c 00 00 00 00 14  00 0a 80 00 00 00 00 01 02 03 04 05  02 06 00 00 80 12 34 00"));
    EXPECT_TRUE(sense.deferred);
    EXPECT_TRUE(sense.is(SenseKey::MediumError, 0x0C00));
    EXPECT_EQ(sense.information, 0x0102030405U) << "all 64 bits";
    EXPECT_EQ(sense.progress, std::nullopt) << "a medium error has a retry count there";
}

TEST(Sense, DescriptorProgressComesFromEitherDescriptor) {
    EXPECT_EQ(decode_sense(from_hex("72 02 04 04 00 00 00 08  02 06 00 00 80 12 34 00")).progress,
              0x1234);
    EXPECT_EQ(decode_sense(from_hex("72 02 04 04 00 00 00 08  0a 06 02 04 04 00 ab cd")).progress,
              0xABCD);
    EXPECT_EQ(
        decode_sense(
            from_hex("72 02 04 04 00 00 00 10  0a 06 02 04 04 00 ab cd  02 06 00 00 80 12 34 00"))
            .progress,
        0x1234);
}

TEST(Sense, DescriptorWithoutEndStopsAtTheLastByte) {
    const Sense sense = decode_sense(from_hex("72 02 04 04 00 00 00 ff  02 ff 00 00 80 12 34"));
    EXPECT_EQ(sense.progress, 0x1234);
}

TEST(Sense, AdditionalLengthCutsButNeverLengthens) {
    EXPECT_EQ(decode_sense(from_hex("70 00 02 00 00 00 00 ff 00 00 00 00 3a")).additional(),
              0x3A00);
    EXPECT_EQ(decode_sense(from_hex("70 00 02 00 00 00 00 00 00 00 00 00 3a 01")).additional(), 0)
        << "what stands behind the end may be the buffer's old content";
}

TEST(Sense, NothingAndNonsenseAreNoSense) {
    EXPECT_EQ(decode_sense({}), Sense{});
    const Sense vendor = decode_sense(from_hex("7f 00 03 00 00 00 00 0a 00 00 00 00 0c 00"));
    EXPECT_EQ(vendor.key, SenseKey::NoSense);
    EXPECT_EQ(vendor.raw_size, 14);
}

TEST(Sense, RawBytesAreCutAt64) {
    std::vector<std::uint8_t> bytes(252, 0);
    bytes[0] = 0x70;
    bytes[2] = 0x06;
    bytes[7] = 244;
    bytes[12] = 0x28;
    const Sense sense = decode_sense(bytes);
    EXPECT_EQ(sense.raw_size, 64);
    EXPECT_TRUE(sense.is(SenseKey::UnitAttention, 0x2800));
}

TEST(Sense, MadeSenseIsTheBytesOfTheStandard) {
    EXPECT_EQ(to_hex(make_sense(SenseKey::IllegalRequest, 0x2400).bytes()),
              "70 00 05 00 00 00 00 0a 00 00 00 00 24 00 00 00 00 00");
    const Sense full = make_sense(SenseKey::NotReady, 0x0404, 0x00241C10, 0x03F6, true);
    EXPECT_EQ(to_hex(full.bytes()), "f1 00 02 00 24 1c 10 0a 00 00 00 00 04 04 00 80 03 f6");
    EXPECT_EQ(full.information, 0x00241C10U);
    EXPECT_EQ(full.progress, 0x03F6);
    EXPECT_TRUE(full.deferred);
}

TEST(Sense, IsDescribedInOneLine) {
    EXPECT_EQ(describe(make_sense(SenseKey::NotReady, 0x0408)),
              "02/04/08 logical unit not ready, long write in progress");
    EXPECT_EQ(describe(make_sense(SenseKey::NotReady, 0x0404, {}, 0x4000)),
              "02/04/04 logical unit not ready, format in progress, 25 % done");
    EXPECT_EQ(describe(make_sense(SenseKey::MediumError, 0x0C00, 0x026137, {}, true)),
              "deferred 03/0c/00 write error, information 155959");
    EXPECT_EQ(describe(make_sense(SenseKey::MediumError, 0x64C0)),
              "03/64/c0 medium error, vendor specific code");
    EXPECT_EQ(describe(make_sense(SenseKey::MediumError, 0x0C7F)),
              "03/0c/7f medium error, unknown code");
    EXPECT_EQ(describe(make_sense(SenseKey::HardwareError, 0)), "04/00/00 hardware error");
    EXPECT_EQ(describe(decode_sense({})), "00/00/00 no sense");
}

TEST(SenseCodes, RangesCarryTheirNumber) {
    EXPECT_EQ(additional_sense_in_words(0x4083), "diagnostic failure on component 83");
    EXPECT_EQ(additional_sense_in_words(0x4D05), "tagged overlapped commands (queue tag 05)");
    EXPECT_EQ(additional_sense_in_words(0x70AB),
              "decompression exception short algorithm ID of ab");
}

TEST(SenseCodes, VendorCodesAreOutsideTheStandardsRanges) {
    EXPECT_TRUE(is_vendor_specific(0x64C0));
    EXPECT_TRUE(is_vendor_specific(0xA804));
    EXPECT_FALSE(is_vendor_specific(0x4083));
    EXPECT_FALSE(is_vendor_specific(0x0408));
    EXPECT_EQ(additional_sense_in_words(0x64C0), "");
}

// Every line of the table by another hand, whatever the generator made of it.
TEST(SenseCodes, EveryCodeOfTheGoldenTableHasItsWords) {
    const auto lines = harness::read_lines(harness::fixtures() / "golden" / "sense-codes.csv");
    ASSERT_GE(lines.size(), 768U);
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto parts = harness::split(lines[i], ';');
        ASSERT_EQ(parts.size(), 4U) << lines[i];
        const auto code = std::stoul(parts[0] + parts[1].substr(0, 2), nullptr, 16);
        const auto words = additional_sense_in_words(static_cast<AdditionalSense>(code));
        ASSERT_FALSE(words.empty()) << lines[i];
        if (parts[1].size() == 2) {
            EXPECT_EQ(words.substr(1), parts[2].substr(1)) << lines[i];
        }
    }
}

TEST(Sense, RealDrivesSenseIsWhatItsFileNameSays) {
    const auto folder = harness::real_data();
    if (!folder) {
        GTEST_SKIP() << harness::kNoRealData;
    }
    // opCC_KK_AA_QQ[_deferred]_N.bin
    int count = 0;
    for (const auto& file : std::filesystem::directory_iterator(*folder / "sense-corpus")) {
        if (file.path().extension() != ".bin") {
            continue;
        }
        const std::string name = file.path().stem().string();
        const auto parts = harness::split(name, '_');
        ASSERT_GE(parts.size(), 5U) << name;
        const harness::ExactCopy bytes(harness::read_bytes(file.path()));
        const Sense sense = decode_sense(bytes.view());
        EXPECT_EQ(static_cast<unsigned>(sense.key), std::stoul(parts[1], nullptr, 16)) << name;
        EXPECT_EQ(sense.additional(), std::stoul(parts[2] + parts[3], nullptr, 16)) << name;
        EXPECT_EQ(sense.deferred, parts[4] == "deferred") << name;
        ++count;
    }
    EXPECT_GE(count, 27);
}

// ---- As fields ------------------------------------------------------------------------------

std::optional<std::int64_t> number_in(const Answer& answer, std::string_view name) {
    const Field* const field = find(answer.fields, name);
    const auto* const number =
        field != nullptr ? std::get_if<std::int64_t>(&field->value) : nullptr;
    return number != nullptr ? std::optional(*number) : std::nullopt;
}

// SPC: SKSV, C/D and BPV are bits 7, 6 and 3 of byte 15, the bit pointer is below, the field
// pointer in bytes 16 and 17.
TEST(SenseFields, AnIllegalRequestPointsAtItsField) {
    const auto sense =
        explain_sense(from_hex("70 00 05 00 00 00 00 0a 01 02 03 04 24 00 07 cd 00 02")).value();
    EXPECT_EQ(sense.name, "FIXED FORMAT SENSE DATA");
    EXPECT_TRUE(sense.complete);
    EXPECT_EQ(number_in(sense, "sksv"), 1);
    EXPECT_EQ(number_in(sense, "c_d"), 1);
    EXPECT_EQ(number_in(sense, "bpv"), 1);
    EXPECT_EQ(number_in(sense, "bit_pointer"), 5);
    EXPECT_EQ(number_in(sense, "field_pointer"), 2);
    EXPECT_EQ(number_in(sense, "command_specific_information"), 0x01020304);
    EXPECT_EQ(number_in(sense, "field_replaceable_unit_code"), 7);
    EXPECT_EQ(number_in(sense, "additional_sense_length"), 10);
}

TEST(SenseFields, MeanWhatTheKeySays) {
    const auto progress = explain_sense(from_hex(kFormatProgress)).value();
    EXPECT_EQ(number_in(progress, "progress_indication"), 0x03F6);
    EXPECT_EQ(number_in(progress, "field_pointer"), std::nullopt);
    EXPECT_FALSE(progress.complete) << "byte 7 says 20 bytes, 18 are there";
    const auto retries =
        explain_sense(from_hex("f0 00 a3 00 00 10 00 0a 00 00 00 00 11 00 00 80 00 09")).value();
    EXPECT_EQ(number_in(retries, "actual_retry_count"), 9);
    EXPECT_EQ(number_in(retries, "filemark"), 1);
    EXPECT_EQ(number_in(retries, "ili"), 1);
    EXPECT_EQ(number_in(retries, "eom"), 0);
    const auto none =
        explain_sense(from_hex("70 00 05 00 00 00 00 0a 00 00 00 00 24 00 00 00 00 02")).value();
    EXPECT_EQ(number_in(none, "sksv"), 0);
    EXPECT_EQ(number_in(none, "field_pointer"), std::nullopt);
}

TEST(SenseFields, AreFoundInDescriptors) {
    const auto sense =
        explain_sense(from_hex("72 05 24 00 80 00 00 1a  01 0a 00 00 00 00 00 00 00 00 01 02"
                               "  02 06 00 00 88 00 04 00  03 02 00 07"))
            .value();
    EXPECT_EQ(sense.name, "DESCRIPTOR FORMAT SENSE DATA");
    EXPECT_EQ(number_in(sense, "sense_key"), 5);
    EXPECT_EQ(number_in(sense, "sdat_ovfl"), 1);
    EXPECT_EQ(number_in(sense, "command_specific_information"), 0x0102);
    EXPECT_EQ(number_in(sense, "c_d"), 0);
    EXPECT_EQ(number_in(sense, "bit_pointer"), 0);
    EXPECT_EQ(number_in(sense, "field_pointer"), 4);
    EXPECT_EQ(number_in(sense, "field_replaceable_unit_code"), 7);
}

TEST(SenseFields, AreThoseThatCame) {
    const auto sense = explain_sense(from_hex("70 00 05 00 00 00 00 0a 00")).value();
    EXPECT_FALSE(sense.complete);
    EXPECT_EQ(number_in(sense, "command_specific_information"), std::nullopt);
    EXPECT_EQ(number_in(sense, "sksv"), std::nullopt);
    EXPECT_EQ(explain_sense(from_hex("00 01")).error(), ExplainError::WrongType);
    EXPECT_EQ(explain_sense({}).error(), ExplainError::TooShort);
}

TEST(Sense, NoTruncationOrByteFlipIsReadPastItsEnd) {
    std::vector<std::vector<std::uint8_t>> seeds{
        from_hex(kFormatProgress),
        from_hex("72 02 04 04 00 00 00 20  00 0a 80 00 00 00 00 01 02 03 04 05"
                 "  0a 06 02 04 04 00 ab cd  02 06 00 00 80 12 34 00  05 02 00 20")};
    if (const auto folder = harness::real_data()) {
        for (const auto& file : std::filesystem::directory_iterator(*folder / "sense-corpus")) {
            seeds.push_back(harness::read_bytes(file.path()));
        }
    }
    std::mt19937 random(2);
    for (const auto& seed : seeds) {
        for (std::size_t length = 0; length <= std::min<std::size_t>(seed.size(), 64); ++length) {
            for (int flip = 0; flip < harness::testing::effort(50); ++flip) {
                auto bytes =
                    std::vector(seed.begin(), seed.begin() + static_cast<std::ptrdiff_t>(length));
                if (flip != 0 && length != 0) {
                    bytes[random() % length] = static_cast<std::uint8_t>(random());
                }
                const harness::ExactCopy exact(bytes);
                EXPECT_FALSE(describe(decode_sense(exact.view())).empty());
                (void)explain_sense(exact.view());
            }
        }
    }
}

}  // namespace
}  // namespace kiln::mmc
