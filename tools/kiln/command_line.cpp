#include "tools/kiln/command_line.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "stack/outcome.h"

namespace kiln::tools {
namespace {

constexpr std::string_view kDriveHelp =
    "sg:/dev/sr0, usb:BUS-PORT, usb:VID:PID, sim:MEDIUM[,KEY=VALUE...] or "
    "sim:PATH/[,KEY=VALUE...]";

/// An option whose text `parse` must take; a usage error shows what was written instead. (CLI11's
/// own conversions report by exceptions.)
template <typename Parse, typename Store>
CLI::Option* add_parsed(CLI::App* verb, const std::string& name, const std::string& expected,
                        Parse parse, Store store) {
    return verb
        ->add_option_function<std::string>(
            name, [parse, store](const std::string& text) { store(*parse(text)); })
        ->check([parse, expected](const std::string& text) {
            return parse(text) ? std::string() : fmt::format("'{}' is not {}", text, expected);
        });
}

CLI::App* add_verb(CLI::App& program, const std::string& name, const std::string& text,
                   Arguments& all) {
    CLI::App* verb = program.add_subcommand(name, text);
    verb->add_flag("--json", all.json, "JSON Lines on standard output");
    verb->add_option("--log", all.log, "write every command to FILE, a line each")
        ->option_text("FILE");
    return verb;
}

void add_drive(CLI::App* verb, std::string& drive) {
    verb->add_option("DRIVE", drive, std::string(kDriveHelp))->required();
}

void add_burn(CLI::App& program, Arguments& all, BurnArguments& burn) {
    CLI::App* verb = add_verb(program, "burn", "burns an image", all);
    stack::BurnOptions& options = burn.options;
    verb->add_option("SOURCE", burn.source, "a file, a device, a pipe, or - for standard input")
        ->required();
    add_drive(verb, burn.drive);
    verb->add_flag("--append", options.append, "add a session to a disc that holds data");
    verb->add_flag("--overwrite", options.overwrite, "what is on a rewritable disc may go")
        ->excludes("--append");
    verb->add_flag("--close", options.close, "finalise: nothing can be added afterwards");
    add_parsed(
        verb, "--speed", "a speed in x of the medium, or 'max'",
        [](const std::string& text) {
            return text == "max" ? std::optional<double>(0) : parse_speed(text);
        },
        [&options](double x) { options.speed_x = x > 0 ? std::optional<double>(x) : std::nullopt; })
        ->description("in x of the medium; the nearest real speed is used")
        ->type_name("N|max");
    verb->add_flag("--verify", options.verify, "read back and compare");
    verb->add_flag("--simulate", options.simulate, "test write: the laser stays off");
    add_parsed(
        verb, "--on-cancel", "one of make-readable, leave-resumable, fastest-release, emergency",
        [](const std::string& text) { return stack::cancel_policy_named(text); },
        [&options](stack::CancelPolicy policy) { options.on_cancel = policy; })
        ->description(
            "what a cancel leaves: make-readable (default), leave-resumable, fastest-release, "
            "emergency")
        ->type_name("POLICY");
    add_parsed(verb, "--cancel-after", "like 37%, 64MiB or 30s", parse_cancel_after,
               [&burn](const CancelAfter& after) { burn.cancel_after = after; })
        ->description("cancel on its own: 37% of the blocks, 64MiB, or 30s of the drive's clock")
        ->type_name("WHEN");
    add_parsed(verb, "--size", "a size like 25000000000, 700MB or 64MiB", parse_size,
               [&options](std::uint64_t size) { options.size = size; })
        ->description("bytes that will come, where the medium must know it first")
        ->type_name("SIZE");
    verb->add_flag("--eject", options.eject, "open the tray afterwards");
    verb->final_callback([&all, &burn] { all.verb = burn; });
}

void add_blank(CLI::App& program, Arguments& all, BlankArguments& blank) {
    CLI::App* verb = add_verb(program, "blank", "blanks a CD-RW or DVD-RW", all);
    add_drive(verb, blank.drive);
    verb->add_flag_callback(
        "--full", [&blank] { blank.kind = stack::BlankKind::Full; },
        "all of the disc, not only its lists; takes as long as a burn");
    verb->final_callback([&all, &blank] { all.verb = blank; });
}

/// "none", "default", "max" or a number of blocks.
std::optional<stack::FormatOptions> parse_spare(const std::string& text) {
    stack::FormatOptions options;
    if (text == "default") {
        options.spare = stack::SpareAreas::Default;
    } else if (text == "none") {
        options.spare = stack::SpareAreas::None;
    } else if (text == "max") {
        options.spare = stack::SpareAreas::Max;
    } else if (const auto blocks = parse_count(text)) {
        options.spare = stack::SpareAreas::Blocks;
        options.spare_blocks = *blocks;
    } else {
        return std::nullopt;
    }
    return options;
}

void add_format(CLI::App& program, Arguments& all, FormatArguments& format) {
    CLI::App* verb = add_verb(program, "format", "formats what can be formatted", all);
    add_drive(verb, format.drive);
    verb->add_flag("--full", format.options.full, "certify all of the disc");
    add_parsed(verb, "--spare", "none, default, max or a number of blocks", parse_spare,
               [&format](const stack::FormatOptions& spare) {
                   format.options.spare = spare.spare;
                   format.options.spare_blocks = spare.spare_blocks;
               })
        ->description("spare areas where the medium has them")
        ->type_name("none|default|max|N");
    verb->final_callback([&all, &format] { all.verb = format; });
}

std::optional<std::uint16_t> parse_track(const std::string& text) {
    constexpr std::uint64_t kHighest = 9999;
    const auto number = parse_count(text);
    return number && *number >= 1 && *number <= kHighest
               ? std::optional(static_cast<std::uint16_t>(*number))
               : std::nullopt;
}

void add_read(CLI::App& program, Arguments& all, ReadArguments& read) {
    CLI::App* verb = add_verb(program, "read", "reads a disc into a file", all);
    add_drive(verb, read.drive);
    verb->add_option("FILE", read.file, "where to; - is standard output; what it holds is kept")
        ->required();
    CLI::Option* track = add_parsed(verb, "--track", "a track number", parse_track,
                                    [&read](std::uint16_t number) { read.track = number; });
    track->description("this track only")->type_name("N");
    add_parsed(verb, "--blocks", "FIRST+COUNT", parse_blocks,
               [&read](BlockRange blocks) { read.blocks = blocks; })
        ->description("these blocks only")
        ->type_name("FIRST+COUNT")
        ->excludes(track);
    verb->final_callback([&all, &read] { all.verb = read; });
}

void add_tray(CLI::App& program, Arguments& all, TrayArguments& tray) {
    for (const auto& [name, text, to] : {std::tuple{"load", "closes the tray", Tray::Load},
                                         std::tuple{"eject", "opens the tray", Tray::Eject}}) {
        CLI::App* verb = add_verb(program, name, text, all);
        add_drive(verb, tray.drive);
        verb->final_callback([&all, &tray, to = to] {
            tray.to = to;
            all.verb = tray;
        });
    }
}

/// One string of all hex words, so that they need no quotes.
void add_bytes(CLI::App* verb, std::string& bytes, const std::string& help) {
    verb->add_option_function<std::vector<std::string>>(
            "HEX",
            [&bytes](const std::vector<std::string>& words) {
                bytes = fmt::format("{}", fmt::join(words, " "));
            },
            help)
        ->required()
        ->type_name("TEXT")
        ->take_all();
}

std::optional<std::uint64_t> parse_transfer(const std::string& text) {
    constexpr std::uint64_t kMost = 16U << 20U;
    const auto bytes = parse_size(text);
    return bytes && *bytes > 0 && *bytes <= kMost ? bytes : std::nullopt;
}

std::optional<std::uint64_t> parse_timeout(const std::string& text) {
    constexpr std::uint64_t kDay = 86400;
    const auto seconds = parse_count(text);
    return seconds && *seconds > 0 && *seconds <= kDay ? seconds : std::nullopt;
}

void add_cmd(CLI::App& program, Arguments& all, CmdArguments& cmd) {
    CLI::App* verb = add_verb(program, "cmd", "sends one raw command", all);
    add_drive(verb, cmd.drive);
    add_bytes(verb, cmd.bytes, "the command's bytes, \"12 00 00 00 24 00\"");
    CLI::Option* in =
        add_parsed(verb, "--in", "a number of bytes up to 16 MiB", parse_transfer,
                   [&cmd](std::uint64_t bytes) { cmd.in = static_cast<std::uint32_t>(bytes); });
    in->description("bytes that the drive sends")->type_name("BYTES");
    verb->add_option("--out", cmd.out_file, "a file whose bytes are sent to the drive")
        ->type_name("FILE")
        ->excludes(in);
    add_parsed(verb, "--timeout", "a number of seconds up to a day", parse_timeout,
               [&cmd](std::uint64_t seconds) { cmd.timeout = std::chrono::seconds(seconds); })
        ->description("how long the drive may take; 60 unless told")
        ->type_name("SECONDS");
    verb->add_flag("--destructive", cmd.destructive,
                   "needed for what writes, erases, formats or loads firmware, and for vendor "
                   "commands");
    verb->final_callback([&all, &cmd] { all.verb = cmd; });
}

void add_explain(CLI::App& program, Arguments& all, ExplainArguments& explain) {
    CLI::App* verb = add_verb(program, "explain", "says what bytes mean, without a drive", all);
    add_bytes(verb, explain.bytes, "a command's bytes, or @FILE");
    CLI::Option* sense = verb->add_flag("--sense", explain.sense, "they are sense data");
    verb->add_option("--answer", explain.answer_to,
                     "they are the answer to this command: its name, or its bytes")
        ->type_name("COMMAND")
        ->excludes(sense);
    verb->final_callback([&all, &explain] { all.verb = explain; });
}

std::optional<std::uint16_t> parse_port(const std::string& text) {
    const auto number = parse_count(text);
    return number && *number <= std::numeric_limits<std::uint16_t>::max()
               ? std::optional(static_cast<std::uint16_t>(*number))
               : std::nullopt;
}

struct SimArguments {
    SimNewArguments fresh;
    SimShowArguments show;
    SimRunArguments run;
    SimServeArguments serve;
};

void add_sim_serve(CLI::App& program, Arguments& all, SimServeArguments& serve) {
    CLI::App* verb =
        program.add_subcommand("serve", "shows the simulated drive as a USB device, by USB/IP");
    verb->add_flag("--json", all.json, "JSON Lines on standard output");
    verb->add_option("PATH", serve.path, "the folder; time=real unless told")->required();
    CLI::Option* listen =
        verb->add_option("--listen", serve.listen,
                         "the address to listen at: any but the default lets other machines in")
            ->type_name("ADDRESS")
            ->capture_default_str();
    CLI::Option* port = add_parsed(verb, "--port", "a port number", parse_port,
                                   [&serve](std::uint16_t number) { serve.port = number; });
    port->description("3240 unless told; 0 is any that is free")->type_name("PORT");
    verb->add_flag("--attach", serve.attach, "plug it into this machine, through vhci_hcd; root")
        ->excludes(listen)
        ->excludes(port);
    verb->add_option_function<std::string>(
            "--speed", [&serve](const std::string& speed) { serve.super_speed = speed == "super"; },
            "of the bus: high (default) or super")
        ->check(CLI::IsMember({"high", "super"}))
        ->type_name("SPEED");
    verb->footer(
        "orders on standard input, one a line: unplug, plug, silence, speak, eject, power-cut, "
        "quit");
    verb->final_callback([&all, &serve] { all.verb = serve; });
}

void add_sim(CLI::App& program, Arguments& all, SimArguments& sim) {
    CLI::App* verb = program.add_subcommand("sim", "simulated drives");
    verb->require_subcommand(1);
    CLI::App* fresh = add_verb(*verb, "new", "makes a folder with a simulated drive", all);
    fresh->add_option("PATH", sim.fresh.path, "must not exist, or be an empty folder")->required();
    fresh->add_option("--medium", sim.fresh.medium, "what is in it; see `kiln sim list`")
        ->required();
    fresh->add_option("--drive", sim.fresh.drive, "its personality; see `kiln sim list`");
    fresh->final_callback([&all, &sim] { all.verb = sim.fresh; });
    CLI::App* list = add_verb(*verb, "list", "lists personalities and media", all);
    list->final_callback([&all] { all.verb = SimListArguments{}; });
    CLI::App* show = add_verb(*verb, "show", "shows what is in a folder", all);
    show->add_option("PATH", sim.show.path)->required();
    show->final_callback([&all, &sim] { all.verb = sim.show; });
    CLI::App* run = verb->add_subcommand(
        "run", "runs any program with the simulated drive as its /dev/sr0 and /dev/sg0");
    run->add_option("PATH", sim.run.path, "the folder")->required();
    run->footer("kiln sim run PATH -- COMMAND...");
    run->final_callback([&all, &sim] { all.verb = sim.run; });
    add_sim_serve(*verb, all, sim.serve);
}

/// All structs that the options of a command line are stored in while it is read.
struct Stores {
    DrivesArguments drives;
    InfoArguments info;
    BurnArguments burn;
    BlankArguments blank;
    FormatArguments format;
    ReadArguments read;
    TrayArguments tray;
    CmdArguments cmd;
    ExplainArguments explain;
    SimArguments sim;
};

void add_all(CLI::App& program, Arguments& all, Stores& stores) {
    program.require_subcommand(1);
    program.set_help_all_flag("--help-all", "help on every verb");
    program.set_version_flag("--version", fmt::format("kiln {}", version()));
    CLI::App* drives = add_verb(program, "drives", "lists the drives of this machine", all);
    drives->add_flag("--watch", stores.drives.watch,
                     "goes on, and tells of USB burners that come and go, until a signal");
    drives->final_callback([&all, &stores] { all.verb = stores.drives; });
    CLI::App* info = add_verb(program, "info", "what a drive is and what is in it", all);
    add_drive(info, stores.info.drive);
    info->final_callback([&all, &stores] { all.verb = stores.info; });
    add_burn(program, all, stores.burn);
    add_blank(program, all, stores.blank);
    add_format(program, all, stores.format);
    add_read(program, all, stores.read);
    add_tray(program, all, stores.tray);
    add_cmd(program, all, stores.cmd);
    add_explain(program, all, stores.explain);
    add_sim(program, all, stores.sim);
}

/// Takes what follows the first `--` of `kiln sim run PATH -- COMMAND...` off `words`.
std::vector<std::string> take_command(std::vector<std::string>& words) {
    const bool is_run = words.size() > 1 && words[0] == "sim" && words[1] == "run";
    const auto dashes = std::find(words.begin(), words.end(), "--");
    if (!is_run || dashes == words.end()) {
        return {};
    }
    std::vector<std::string> command(dashes + 1, words.end());
    words.erase(dashes, words.end());
    return command;
}

/// What the options do not say one by one; empty where it makes sense.
std::string complaint(const Arguments& all) {
    if (const auto* read = std::get_if<ReadArguments>(&all.verb);
        read != nullptr && read->file == "-" && all.json) {
        return "--json: standard output is taken by the data";
    }
    if (const auto* run = std::get_if<SimRunArguments>(&all.verb);
        run != nullptr && run->command.empty()) {
        return "kiln sim run PATH -- COMMAND...: no command";
    }
    return {};
}

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    while (!text.empty() && text.back() == ' ') {
        text.pop_back();
    }
    return text;
}

/// CLI11 says of a verb that there is not only that one is required.
std::string unknown_verb(const CLI::App& program, std::span<const std::string> words) {
    const CLI::App* verb = &program;
    for (const std::string& word : words) {
        if (word.starts_with('-')) {
            continue;
        }
        const auto verbs = verb->get_subcommands(
            [&word](const CLI::App* each) { return each->get_name() == word; });
        if (verbs.empty()) {
            return verb->get_require_subcommand_min() > 0
                       ? fmt::format("there is no verb '{}'", word)
                       : std::string();
        }
        verb = verbs.front();
    }
    return {};
}

tl::unexpected<CommandLineEnd> wrong(std::span<const std::string> words, const std::string& text) {
    return tl::make_unexpected(
        CommandLineEnd{.wrong_usage = true,
                       .text = fmt::format("{} (see kiln --help)", text),
                       .json = std::find(words.begin(), words.end(), "--json") != words.end()});
}

}  // namespace

std::string_view version() {
    return KILN_VERSION;
}

mmc::Result<Arguments, CommandLineEnd> parse_command_line(std::span<const std::string> words) {
    Arguments all;
    Stores stores;
    CLI::App program("Burns optical discs, and stops burning them, in a way that can be proved.",
                     "kiln");
    std::vector<std::string> rest(words.begin(), words.end());
    stores.sim.run.command = take_command(rest);
    // CLI11 reports by exceptions; they end here.
    try {
        add_all(program, all, stores);
        std::reverse(rest.begin(), rest.end());
        program.parse(rest);
    } catch (const CLI::CallForHelp&) {
        return tl::make_unexpected(CommandLineEnd{.text = program.help()});
    } catch (const CLI::CallForAllHelp&) {
        return tl::make_unexpected(
            CommandLineEnd{.text = program.help("", CLI::AppFormatMode::All)});
    } catch (const CLI::CallForVersion&) {
        return tl::make_unexpected(CommandLineEnd{.text = fmt::format("kiln {}\n", version())});
    } catch (const CLI::ParseError& error) {
        const std::string verb = unknown_verb(program, words);
        return wrong(words, verb.empty() ? one_line(error.what()) : verb);
    }
    if (const std::string text = complaint(all); !text.empty()) {
        return wrong(words, text);
    }
    return all;
}

}  // namespace kiln::tools
