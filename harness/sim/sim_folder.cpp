#include "harness/sim/sim_folder.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transports/os/small_files.h"
#include "transports/os/unique_fd.h"

#include "harness/sim/sim_folder_blocks.h"
#include "harness/sim/sim_folder_journal.h"
#include "harness/sim/sim_folder_state.h"

namespace kiln::harness {

namespace {

namespace fs = std::filesystem;
using transports::UniqueFd;
template <typename T>
using SimResult = mmc::Result<T, SimError>;

constexpr const char* kState = "kiln-sim.json";
constexpr const char* kNewState = "kiln-sim.json.new";
constexpr const char* kLock = "lock";
/// Some 50,000 commands, 3 GB of a burn: replayed in a second, and rarely put away.
constexpr std::size_t kLongJournal = std::size_t{4} << 20U;
/// No state file is as large; what is, is not one.
constexpr std::size_t kMostState = std::size_t{256} << 20U;

SimError os_error(const std::string& doing, const std::string& path, int code) {
    using Kind = SimError::Kind;
    const Kind kind = code == EACCES || code == EPERM || code == EROFS ? Kind::NotPermitted
                      : code == ENOENT || code == ENOTDIR              ? Kind::NoSuch
                                                                       : Kind::Failed;
    return {.kind = kind,
            .detail = fmt::format("{} {}: {}", doing, path, std::generic_category().message(code))};
}

SimError damaged(const std::string& path, const std::string& what) {
    return {.kind = SimError::Kind::Damaged,
            .detail = fmt::format("{} is a damaged simulated drive: {}", path, what)};
}

SimResult<std::string> read_whole(const std::string& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.open()) {
        return tl::make_unexpected(os_error("read", path, errno));
    }
    std::string text;
    for (;;) {
        const std::size_t had = text.size();
        text.resize(had + 65536);
        const ssize_t got = ::read(fd.get(), text.data() + had, 65536);
        if (got < 0 && errno != EINTR) {
            return tl::make_unexpected(os_error("read", path, errno));
        }
        text.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got == 0) {
            return text;
        }
        if (text.size() > kMostState) {
            return tl::make_unexpected(os_error("read", path, EFBIG));
        }
    }
}

bool write_bytes(int fd, mmc::ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t done = ::write(fd, bytes.data(), bytes.size());
        if (done < 0 && errno != EINTR) {
            return false;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(std::max<ssize_t>(done, 0)));
    }
    return true;
}

mmc::ByteView bytes_of(const std::string& text) {
    // The bytes of a string may be looked at as what they are.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The state file as a whole, or the one before: never a part of one.
SimResult<void> replace_state(const std::string& path, const std::string& text) {
    const std::string fresh = path + "/" + kNewState;
    const UniqueFd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!fd.open()) {
        return tl::make_unexpected(os_error("write", fresh, errno));
    }
    if (!write_bytes(fd.get(), bytes_of(text)) || ::fsync(fd.get()) != 0) {
        return tl::make_unexpected(os_error("write", fresh, errno));
    }
    if (::rename(fresh.c_str(), (path + "/" + kState).c_str()) != 0) {
        return tl::make_unexpected(os_error("replace", path + "/" + kState, errno));
    }
    const UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.open()) {
        (void)::fsync(folder.get());  // so that the new name outlives the machine's power, too
    }
    return {};
}

std::string journal_name(const std::string& path, std::uint64_t generation) {
    return fmt::format("{}/journal.{}", path, generation);
}

SimResult<NumberedState> read_state(const std::string& path) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
        return tl::make_unexpected(SimError{
            .kind = SimError::Kind::NoSuch,
            .detail = fmt::format("there is no folder {}; `kiln sim new` makes one", path)});
    }
    auto text = read_whole(path + "/" + kState);
    if (!text && text.error().kind == SimError::Kind::NoSuch) {
        return tl::make_unexpected(
            SimError{.kind = SimError::Kind::NoSuch,
                     .detail = fmt::format("{} holds no simulated drive; `kiln sim new` makes one "
                                           "in a new or empty folder",
                                           path)});
    }
    if (!text) {
        return tl::make_unexpected(text.error());
    }
    auto state = state_from_json(*text);
    if (!state) {
        return tl::make_unexpected(damaged(path, fmt::format("{}: {}", kState, state.error())));
    }
    return *std::move(state);
}

/// "kiln (process 123)"
std::string holder_of(const std::string& lock) {
    const auto text = read_whole(lock);
    long process = 0;
    if (text) {
        std::from_chars(text->data(), text->data() + text->size(), process);
    }
    if (process <= 0) {
        return "another program";
    }
    const std::string name = transports::line_of_file(fmt::format("/proc/{}/comm", process));
    return fmt::format("{} (process {})", name.empty() ? "another program" : name, process);
}

SimResult<UniqueFd> take_lock(const std::string& path) {
    const std::string name = path + "/" + kLock;
    UniqueFd fd(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (!fd.open()) {
        return tl::make_unexpected(os_error("open", name, errno));
    }
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            return tl::make_unexpected(os_error("lock", name, errno));
        }
        return tl::make_unexpected(
            SimError{.kind = SimError::Kind::InUse,
                     .detail = fmt::format("{} is in use by {}; wait for its end, or end it", path,
                                           holder_of(name))});
    }
    // For the message above only: the lock itself is what counts.
    const std::string process = fmt::format("{}\n", ::getpid());
    if (::ftruncate(fd.get(), 0) == 0) {
        (void)::pwrite(fd.get(), process.data(), process.size(), 0);
    }
    return fd;
}

class OpenFolder final : public SimFolder {
public:
    OpenFolder(std::string path, UniqueFd lock, NumberedState state,
               std::shared_ptr<FolderBlocks> blocks)
        : path_(std::move(path)),
          lock_(std::move(lock)),
          state_(std::move(state)),
          blocks_(std::move(blocks)) {}

    /// Reads what was left behind and goes on behind it.
    SimResult<void> open_journal() {
        const std::string name = journal_name(path_, state_.generation);
        auto bytes = read_whole(name);
        if (!bytes && bytes.error().kind != SimError::Kind::NoSuch) {
            return tl::make_unexpected(bytes.error());
        }
        std::size_t whole = 0;
        if (bytes) {
            left_behind_ = read_records(bytes_of(*bytes));
            std::vector<std::uint8_t> record;
            for (const JournalEntry& entry : left_behind_) {
                record.clear();
                append_record(entry, record);
                whole += record.size();
            }
        }
        journal_ = UniqueFd(::open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
        // A torn record at the end would hide all that come behind it.
        if (!journal_.open() || ::ftruncate(journal_.get(), static_cast<off_t>(whole)) != 0) {
            return tl::make_unexpected(os_error("write", name, errno));
        }
        journal_size_ = whole;
        return {};
    }

    [[nodiscard]] const FolderState& state() const override { return state_.state; }
    [[nodiscard]] const std::vector<JournalEntry>& left_behind() const override {
        return left_behind_;
    }
    [[nodiscard]] std::unique_ptr<MediumStore> make_store() override {
        return make_folder_store(blocks_);
    }
    void set_replaying(bool replaying) override { blocks_->set_replaying(replaying); }
    [[nodiscard]] bool is_long() const override { return journal_size_ > kLongJournal; }

    transports::Result<void, transports::TransportError> record(mmc::ByteView cdb,
                                                                mmc::ByteView sent,
                                                                std::size_t received, Instant start,
                                                                Instant end) override {
        JournalEntry entry{.cdb = {cdb.begin(), cdb.end()},
                           .sent = {},
                           .sent_size = sent.size(),
                           .received_size = received,
                           .start = start,
                           .end = end};
        if (!writes_blocks(cdb)) {
            entry.sent.assign(sent.begin(), sent.end());
        }
        record_.clear();
        append_record(entry, record_);
        if (!write_bytes(journal_.get(), record_)) {
            return tl::make_unexpected(transports::TransportError{
                .kind = transports::TransportError::Kind::HostFailure,
                .os_code = errno,
                .detail = os_error("write", journal_name(path_, state_.generation), errno).detail});
        }
        journal_size_ += record_.size();
        return {};
    }

    SimResult<void> put_away(const FolderState& state) override {
        const NumberedState next{.state = state, .generation = state_.generation + 1};
        const std::string name = journal_name(path_, next.generation);
        UniqueFd journal(
            ::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666));
        if (!journal.open()) {
            return tl::make_unexpected(os_error("write", name, errno));
        }
        auto text = state_to_json(next);
        if (!text) {
            return tl::make_unexpected(damaged(path_, text.error()));
        }
        KILN_RETURN_IF_ERROR(replace_state(path_, *text));
        (void)::unlink(journal_name(path_, state_.generation).c_str());
        journal_ = std::move(journal);
        journal_size_ = 0;
        state_ = next;
        left_behind_.clear();
        return {};
    }

private:
    std::string path_;
    UniqueFd lock_;
    NumberedState state_;
    std::shared_ptr<FolderBlocks> blocks_;
    UniqueFd journal_;
    std::size_t journal_size_ = 0;
    std::vector<JournalEntry> left_behind_;
    std::vector<std::uint8_t> record_;
};

}  // namespace

SimResult<void> SimFolder::create(const std::string& path, const FolderState& state) {
    if (::mkdir(path.c_str(), 0777) != 0) {
        if (errno != EEXIST) {
            return tl::make_unexpected(os_error("make", path, errno));
        }
        std::error_code failed;
        if (!fs::is_directory(path, failed) || !fs::is_empty(path, failed) || failed) {
            return tl::make_unexpected(
                SimError{.kind = SimError::Kind::Exists,
                         .detail = fmt::format("{} exists already; a new simulated drive needs a "
                                               "new name or an empty folder",
                                               path)});
        }
    }
    KILN_ASSIGN_OR_RETURN(const UniqueFd lock, take_lock(path));
    const auto blocks = FolderBlocks::open(path, state.block_size, FolderBlocks::Open::Create);
    if (!blocks) {
        return tl::make_unexpected(
            SimError{.kind = SimError::Kind::Failed, .detail = blocks.error().detail});
    }
    const auto text = state_to_json({.state = state, .generation = 1});
    if (!text) {
        return tl::make_unexpected(damaged(path, text.error()));
    }
    return replace_state(path, *text);
}

SimResult<std::unique_ptr<SimFolder>> SimFolder::open(const std::string& path) {
    // Once without the lock, so that a folder that is none is not littered with one.
    KILN_RETURN_IF_ERROR(read_state(path));
    KILN_ASSIGN_OR_RETURN(UniqueFd lock, take_lock(path));
    KILN_ASSIGN_OR_RETURN(NumberedState state, read_state(path));
    auto blocks = FolderBlocks::open(path, state.state.block_size, FolderBlocks::Open::Existing);
    if (!blocks) {
        const int code = blocks.error().os_code;
        return tl::make_unexpected(code == ENOENT || code == EBADMSG
                                       ? damaged(path, blocks.error().detail)
                                       : os_error("open the blocks of", path, code));
    }
    auto folder =
        std::make_unique<OpenFolder>(path, std::move(lock), std::move(state), *std::move(blocks));
    KILN_RETURN_IF_ERROR(folder->open_journal());
    return folder;
}

SimResult<FolderState> SimFolder::peek(const std::string& path) {
    KILN_ASSIGN_OR_RETURN(NumberedState state, read_state(path));
    return std::move(state.state);
}

}  // namespace kiln::harness
