// Mode parameters.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "mmc/bytes.h"
#include "mmc/layout.h"
#include "mmc/mode_pages.h"
#include "mmc/responses/catalog.h"
#include "mmc/responses/explain.h"
#include "mmc/responses/tables.h"

namespace kiln::mmc::explain {
namespace {

constexpr std::size_t kIsrcEnd = 45;

void add_lists(const ModePage& page, std::size_t received, Fields& fields) {
    if (const auto write = page_as<WriteParametersPage>(page); write && received >= kIsrcEnd) {
        fields.add_text("mcn", write->catalogue_number);
        fields.add_text("isrc", write->isrc);
        fields.as_hex("sub_header", 8);
    }
    constexpr std::size_t kWriteSpeeds = 32;
    if (const auto capabilities = page_as<CapabilitiesPage>(page);
        capabilities && received >= kWriteSpeeds) {
        std::vector<std::string> speeds;
        for (const WriteSpeed& speed : capabilities->write_speeds) {
            speeds.push_back(std::to_string(speed.rotation_control) + '/' +
                             std::to_string(speed.speed_kb_s));
        }
        fields.add_list("write_speeds", std::move(speeds));
    }
}

/// The numbers of the fixed part, read straight from the bytes by the page's table.
void add_page(const ModePage& page, Fields& fields) {
    std::vector<std::uint8_t> bytes(ModePage::kHeaderSize);
    bytes.insert(bytes.end(), page.body.begin(), page.body.end());
    fields.add("page_code", static_cast<std::int64_t>(page.code), words(page.code));
    fields.add("ps", page.savable ? 1 : 0);
    fields.add("page_length", page.page_length);
    if (page.sub_page) {
        return;
    }
    for (const Row& row : rows_of(page.code)) {
        if (row.end() <= bytes.size()) {
            const std::int64_t number = value_in(row, bytes);
            fields.add(row.name, number, word_for(row, number));
        }
    }
    add_lists(page, bytes.size(), fields);
}

void add_pages(const ModeParameters& parameters, Fields& fields) {
    // A list of one page, as MODE SELECT sends it, needs no names in front of its fields.
    const bool alone = parameters.pages.size() == 1;
    for (const ModePage& page : parameters.pages) {
        Fields one(alone ? std::string()
                         : "page_" + hex_number(static_cast<unsigned>(page.code), 2) + '_');
        add_page(page, one);
        fields.add_all(one.take());
    }
}

void fill_mode(const ModeParameters& parameters, Fields& fields) {
    fields.rows(tables::mode_parameters(), &parameters, parameters.extent.received);
    fields.add("block_descriptor_length",
               static_cast<std::int64_t>(parameters.block_descriptors.size()));
    add_pages(parameters, fields);
}

}  // namespace

Explained mode_sense(const Format&, ByteView bytes) {
    return answer("MODE SENSE (10)", decode_mode_parameters(bytes), 0, fill_mode);
}

Explained mode_select(const Format&, ByteView bytes) {
    constexpr std::size_t kHeader = 8;
    const bool zero =
        bytes.size() >= kHeader &&
        std::ranges::all_of(bytes.first(kHeader), [](auto byte) { return byte == 0; });
    return answer("MODE SELECT (10)", decode_mode_parameters(bytes), 0,
                  [&](const ModeParameters& parameters, Fields& fields) {
                      fields.add("header_zero", zero ? 1 : 0);
                      fill_mode(parameters, fields);
                  });
}

}  // namespace kiln::mmc::explain

namespace kiln::mmc {

Result<Answer, ExplainError> explain_mode_page(ByteView bytes) {
    const auto page = decode_mode_page(bytes);
    if (!page) {
        return tl::make_unexpected(explain::error_of(page.error()));
    }
    explain::Fields fields;
    explain::add_page(*page, fields);
    return Answer{.name = words(page->code), .fields = fields.take(), .complete = page->complete()};
}

}  // namespace kiln::mmc
