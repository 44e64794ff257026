#include "tools/kiln/line_writer.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>

#include <poll.h>
#include <unistd.h>

namespace kiln::tools {

bool LineWriter::write(std::string_view text, transports::Duration patience) {
    // A line that was begun is finished, or the next one would be glued to its half.
    bool begun = false;
    while (!text.empty() && !broken_) {
        pollfd wanted{.fd = descriptor_, .events = POLLOUT, .revents = 0};
        const transports::Duration wait = begun ? kPatient : patience;
        const auto milliseconds =
            std::chrono::duration_cast<std::chrono::milliseconds>(wait).count();
        const int ready = poll(&wanted, 1, static_cast<int>(milliseconds));
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready == 0) {
            broken_ = begun;
            os_code_ = EAGAIN;
            return false;
        }
        // POLLOUT on a pipe promises room for PIPE_BUF bytes and no more.
        const ssize_t written =
            ::write(descriptor_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
        if (written < 0 && errno != EINTR && errno != EAGAIN) {
            os_code_ = errno;
            broken_ = true;
        } else if (written > 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
            begun = true;
        }
    }
    return !broken_;
}

bool LineWriter::is_terminal() const {
    return isatty(descriptor_) == 1;
}

}  // namespace kiln::tools
