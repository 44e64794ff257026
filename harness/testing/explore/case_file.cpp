#include "harness/testing/explore/case_file.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "stack/policy.h"

namespace kiln::harness {
namespace {

constexpr std::array<std::string_view, 3> kJobs = {"burn", "blank", "format"};
constexpr std::array<std::string_view, 4> kSpares = {"default", "none", "max", "blocks"};

/// What a run has room and time for: a case file is typed by people too.
constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20U;
constexpr std::uint32_t kMostChunkBlocks = 512;
constexpr std::uint32_t kMostSlots = 1024;
constexpr std::uint32_t kMostMediumBlocks = 64'000'000;
constexpr std::uint64_t kMostNanoseconds = std::uint64_t{86'400} * 1'000'000'000;

template <typename Enum>
std::string_view word_of(Enum value) {
    if constexpr (std::is_same_v<Enum, Job>) {
        return kJobs.at(static_cast<std::size_t>(value));
    } else if constexpr (std::is_same_v<Enum, stack::SpareAreas>) {
        return kSpares.at(static_cast<std::size_t>(value));
    } else if constexpr (std::is_same_v<Enum, stack::CancelPolicy>) {
        return stack::name_of(value);
    } else {
        return name_of(value);
    }
}

/// The value of `Enum` below `count` with this name.
template <typename Enum>
std::optional<Enum> named(std::string_view word, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        if (word_of(static_cast<Enum>(i)) == word) {
            return static_cast<Enum>(i);
        }
    }
    return std::nullopt;
}

std::string text_of(const Cut& cut) {
    std::string text = fmt::format("{{ where = \"{}\"", name_of(cut.where));
    if (cut.n != 0) {
        text += fmt::format(", n = {}", cut.n);
    }
    if (cut.percent != 0) {
        text += fmt::format(", percent = {}", cut.percent);
    }
    if (cut.delay != transports::Duration{}) {
        text += fmt::format(", delay_ns = {}", cut.delay.count());
    }
    return text + " }";
}

/// Reads a table's keys; the first thing wrong is kept.
class Reader {
public:
    explicit Reader(const toml::table& table) : table_(table) {}

    template <typename Number>
    void number(
        std::string_view key, Number& out, std::uint64_t least = 0,
        std::uint64_t most = static_cast<std::uint64_t>(std::numeric_limits<Number>::max())) {
        const auto value = take<std::int64_t>(key);
        if (!value) {
            return;
        }
        if (*value < 0 || static_cast<std::uint64_t>(*value) < least ||
            static_cast<std::uint64_t>(*value) > most) {
            wrong(fmt::format("{} is from {} to {}", key, least, most));
            return;
        }
        out = static_cast<Number>(*value);
    }
    template <typename Value>
    void optional(std::string_view key, std::optional<Value>& out) {
        Value value{};
        if constexpr (std::is_floating_point_v<Value>) {
            if (const auto taken = take<double>(key)) {
                out = *taken;
            }
        } else if (table_.contains(key)) {
            number(key, value);
            out = value;
        }
    }
    void flag(std::string_view key, bool& out) { out = take<bool>(key).value_or(out); }
    void text(std::string_view key, std::string& out) {
        out = take<std::string>(key).value_or(out);
    }
    void time(std::string_view key, transports::Duration& out) {
        if (table_.contains(key)) {
            std::uint64_t nanoseconds = 0;
            number(key, nanoseconds, 0, kMostNanoseconds);
            out = transports::Duration(nanoseconds);
        }
    }
    template <typename Enum>
    void word(std::string_view key, std::size_t count, Enum& out) {
        const auto value = take<std::string>(key);
        if (!value) {
            return;
        }
        if (const auto found = named<Enum>(*value, count)) {
            out = *found;
        } else {
            wrong(fmt::format("{}: there is no '{}'", key, *value));
        }
    }
    void cut(std::string_view key, std::optional<Cut>& out) {
        const auto* const table = table_[key].as_table();
        known_ += table_.contains(key) ? 1U : 0U;
        if (table == nullptr) {
            return;
        }
        Reader reader(*table);
        Cut cut;
        reader.word("where", kWheres, cut.where);
        reader.number("n", cut.n);
        reader.number("percent", cut.percent);
        reader.time("delay_ns", cut.delay);
        out = cut;
        if (auto error = reader.finish(key)) {
            wrong(*std::move(error));
        }
    }
    void medium(std::string_view key, MediumKind& out) {
        const auto value = take<std::string>(key);
        if (value && !medium_named(*value)) {
            wrong(fmt::format("{}: there is no medium '{}'", key, *value));
        }
        out = value ? medium_named(*value).value_or(out) : out;
    }

    [[nodiscard]] std::optional<std::string> finish(std::string_view name) const {
        if (error_.empty() && known_ != table_.size()) {
            return fmt::format("{}: there is a key that is not known", name);
        }
        return error_.empty() ? std::nullopt : std::optional(fmt::format("{}.{}", name, error_));
    }

private:
    template <typename Value>
    std::optional<Value> take(std::string_view key) {
        if (!table_.contains(key)) {
            return std::nullopt;
        }
        ++known_;
        const auto value = table_[key].value_exact<Value>();
        if (!value) {
            wrong(fmt::format("{} is of another type", key));
        }
        return value;
    }
    void wrong(std::string words) {
        if (error_.empty()) {
            error_ = std::move(words);
        }
    }

    const toml::table& table_;
    std::size_t known_ = 0;
    std::string error_;
};

void read(Reader& reader, Scenario& it) {
    reader.text("name", it.name);
    reader.word("face", 2, it.face);
    reader.word("job", kJobs.size(), it.job);
    reader.medium("medium", it.medium);
    reader.text("personality", it.personality);
    reader.flag("append", it.options.append);
    reader.flag("overwrite", it.options.overwrite);
    reader.flag("close", it.options.close);
    reader.flag("verify", it.options.verify);
    reader.flag("simulate", it.options.simulate);
    reader.flag("eject", it.options.eject);
    bool full = it.blank == stack::BlankKind::Full || it.format.full;
    reader.flag("full", full);
    it.blank = full ? stack::BlankKind::Full : stack::BlankKind::Fast;
    it.format.full = full;
    reader.word("spare", kSpares.size(), it.format.spare);
    reader.number("spare_blocks", it.format.spare_blocks);
    reader.optional("speed_x", it.options.speed_x);
    reader.optional("size", it.options.size);
    reader.number("medium_blocks", it.medium_blocks, 0, kMostMediumBlocks);
    reader.flag("formatted", it.formatted);
    reader.flag("left_open", it.left_open);
    reader.flag("holds_data", it.holds_data);
    reader.number("bytes", it.bytes, 0, kMostBytes);
    reader.flag("size_known", it.size_known);
    reader.time("read_time_ns", it.read_time);
    reader.number("section_start", it.section_start);
    reader.number("chunk_blocks", it.chunk_blocks, 1, kMostChunkBlocks);
    reader.number("slots", it.slots, 1, kMostSlots);
    reader.number("buffer_bytes", it.buffer_bytes);
}

void read(Reader& reader, Trial& it) {
    reader.cut("cut", it.cut);
    reader.word("way", kWays, it.way);
    reader.word("policy", stack::kCancelPolicies, it.policy);
    reader.cut("again", it.again);
    reader.word("trouble", kTroubles, it.trouble);
    reader.number("trouble_at", it.trouble_at);
}

class Writer {
public:
    template <typename Value>
    void put(std::string_view key, const Value& value, const Value& usual) {
        if (value != usual) {
            text += fmt::format("{} = {}\n", key, value);
        }
    }
    void quoted(std::string_view key, std::string_view value) {
        if (!value.empty()) {
            text += fmt::format("{} = \"{}\"\n", key, value);
        }
    }
    std::string text;
};

void write(Writer& out, const Scenario& it) {
    const Scenario usual;
    out.text += "[scenario]\n";
    out.quoted("name", it.name);
    out.quoted("face", name_of(it.face));
    out.quoted("job", word_of(it.job));
    out.quoted("medium", facts_of(it.medium).name);
    out.quoted("personality", it.personality);
    out.put("append", it.options.append, false);
    out.put("overwrite", it.options.overwrite, false);
    out.put("close", it.options.close, false);
    out.put("verify", it.options.verify, false);
    out.put("simulate", it.options.simulate, false);
    out.put("eject", it.options.eject, false);
    out.put("full", it.blank == stack::BlankKind::Full || it.format.full, false);
    if (it.format.spare != usual.format.spare) {
        out.quoted("spare", word_of(it.format.spare));
    }
    out.put("spare_blocks", it.format.spare_blocks, usual.format.spare_blocks);
    if (it.options.speed_x) {
        out.text += fmt::format("speed_x = {:.3f}\n", *it.options.speed_x);
    }
    if (it.options.size) {
        out.text += fmt::format("size = {}\n", *it.options.size);
    }
    out.put("medium_blocks", it.medium_blocks, usual.medium_blocks);
    out.put("formatted", it.formatted, false);
    out.put("left_open", it.left_open, false);
    out.put("holds_data", it.holds_data, false);
    out.put("bytes", it.bytes, usual.bytes);
    out.put("size_known", it.size_known, true);
    out.put("read_time_ns", it.read_time.count(), usual.read_time.count());
    out.put("section_start", it.section_start, usual.section_start);
    out.put("chunk_blocks", it.chunk_blocks, usual.chunk_blocks);
    out.put("slots", it.slots, usual.slots);
    out.put("buffer_bytes", it.buffer_bytes, usual.buffer_bytes);
}

void write(Writer& out, const Trial& it) {
    out.text += "\n[trial]\n";
    if (it.cut) {
        out.text += fmt::format("cut = {}\n", text_of(*it.cut));
    }
    out.quoted("way", name_of(it.way));
    out.quoted("policy", stack::name_of(it.policy));
    if (it.again) {
        out.text += fmt::format("again = {}\n", text_of(*it.again));
    }
    out.quoted("trouble", name_of(it.trouble));
    out.put("trouble_at", it.trouble_at, std::uint32_t{0});
}

}  // namespace

std::string to_toml(const CaseFile& it) {
    Writer out;
    write(out, it.scenario);
    write(out, it.trial);
    return std::move(out.text);
}

mmc::Result<CaseFile, std::string> parse_case(std::string_view toml) {
    const toml::parse_result parsed = toml::parse(toml);
    if (!parsed) {
        return tl::make_unexpected(std::string(parsed.error().description()));
    }
    CaseFile it;
    const auto* const scenario = parsed.table()["scenario"].as_table();
    const auto* const trial = parsed.table()["trial"].as_table();
    if (scenario == nullptr || trial == nullptr) {
        return tl::make_unexpected(std::string("a case has [scenario] and [trial]"));
    }
    Reader scenario_reader(*scenario);
    read(scenario_reader, it.scenario);
    Reader trial_reader(*trial);
    read(trial_reader, it.trial);
    for (auto error : {scenario_reader.finish("scenario"), trial_reader.finish("trial")}) {
        if (error) {
            return tl::make_unexpected(*std::move(error));
        }
    }
    return it;
}

}  // namespace kiln::harness
