#include "transports/os/small_files.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "transports/os/unique_fd.h"

namespace kiln::transports {

std::vector<std::string> names_in(const std::string& folder) {
    const auto close = [](DIR* open) { ::closedir(open); };
    const std::unique_ptr<DIR, decltype(close)> directory(::opendir(folder.c_str()), close);
    std::vector<std::string> names;
    while (directory != nullptr) {
        const dirent* entry = ::readdir(directory.get());
        if (entry == nullptr) {
            break;
        }
        const std::string_view name(static_cast<const char*>(entry->d_name));
        if (!name.starts_with('.')) {
            names.emplace_back(name);
        }
    }
    std::ranges::sort(names);
    return names;
}

std::string content_of_file(const std::string& path) {
    constexpr std::size_t kMost = std::size_t{1} << 20U;
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    std::string content;
    std::array<char, 4096> piece{};
    while (fd.open() && content.size() < kMost) {
        const ssize_t count = ::read(fd.get(), piece.data(), piece.size());
        if (count <= 0) {
            break;
        }
        content.append(piece.data(), static_cast<std::size_t>(count));
    }
    return content;
}

std::string line_of_file(const std::string& path) {
    const std::string content = content_of_file(path);
    const std::string_view line = std::string_view(content).substr(0, content.find('\n'));
    const auto first = line.find_first_not_of(' ');
    const auto last = line.find_last_not_of(' ');
    return first == std::string_view::npos ? std::string()
                                           : std::string(line.substr(first, last - first + 1));
}

std::string link_target(const std::string& path) {
    std::array<char, 4096> target{};
    const ssize_t count = ::readlink(path.c_str(), target.data(), target.size());
    return count <= 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(count));
}

}  // namespace kiln::transports
