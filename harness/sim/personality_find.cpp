#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "harness/sim/personality.h"
#include "harness/sim/personality_embedded.h"

namespace kiln::harness {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".toml";

/// Folders that may hold personalities, those that count first at the front.
std::vector<fs::path> folders() {
    std::vector<fs::path> found;
    if (const char* const fixtures = std::getenv("KILN_FIXTURES");
        fixtures != nullptr && *fixtures != '\0') {
        found.push_back(fs::path(fixtures) / "drives");
    }
    std::error_code ignored;
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
    if (!ignored) {
        found.push_back(program.parent_path().parent_path() / "share/kiln/drives");
    }
    return found;
}

/// A name is the stem of a file in one of the folders, never a way out of them.
bool is_a_name(std::string_view name) {
    return !name.empty() && name.front() != '.' && name.size() < 100 &&
           std::ranges::all_of(
               name,
               [](char character) {
                   return (character >= 'a' && character <= 'z') ||
                          (character >= '0' && character <= '9') || character == '-' ||
                          character == '+' || character == '.' || character == '_';
               });
}

std::optional<std::string> text_of_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return std::nullopt;
    }
    return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

std::optional<std::string> text_of(std::string_view name) {
    for (const fs::path& folder : folders()) {
        if (auto text = text_of_file(folder / (std::string(name) + std::string(kEnding)))) {
            return text;
        }
    }
    const auto embedded = embedded_personalities();
    const auto found = std::ranges::find(embedded, name, &EmbeddedText::name);
    if (found == embedded.end()) {
        return std::nullopt;
    }
    return std::string(found->text);
}

}  // namespace

mmc::Result<Personality, PersonalityError> find_personality(std::string_view name) {
    const auto text = is_a_name(name) ? text_of(name) : std::nullopt;
    if (!text) {
        return tl::make_unexpected(PersonalityError{
            fmt::format("no such drive personality '{}'; `kiln sim list` names them", name)});
    }
    return parse_personality(name, *text);
}

mmc::Result<Personality, PersonalityError> default_personality(MediumKind kind) {
    for (const std::string& name : personality_names()) {
        KILN_ASSIGN_OR_RETURN(Personality drive, find_personality(name));
        if (std::ranges::find(drive.default_for, kind) != drive.default_for.end()) {
            return drive;
        }
    }
    return tl::make_unexpected(
        PersonalityError{fmt::format("no drive is the default for {}", facts_of(kind).name)});
}

std::vector<std::string> personality_names() {
    std::set<std::string> names;
    for (const EmbeddedText& text : embedded_personalities()) {
        names.emplace(text.name);
    }
    for (const fs::path& folder : folders()) {
        std::error_code none;
        for (fs::directory_iterator entry(folder, none), end; !none && entry != end;
             entry.increment(none)) {
            const fs::path& path = entry->path();
            if (path.extension() == kEnding && is_a_name(path.stem().string())) {
                names.insert(path.stem().string());
            }
        }
    }
    return {names.begin(), names.end()};
}

}  // namespace kiln::harness
