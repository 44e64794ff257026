"""A copy of the tree to break, with one build that follows it."""

import os
import pathlib
import resource
import shutil
import subprocess

# A copy of tools/test's optimised build where there is one, as deep in its tree as the original: ninja
# finds nothing to do there but what a fault changes. Else one of its own, as quick to build as can be.
BUILD = "build/release"
ARGUMENTS = ("-Dbuildtype=plain", "-Dcpp_args=-O0", "-Db_pch=false")
LINKERS = ("mold", "ld.gold")  # a fault is mostly linking
# What takes only a sample of its runs by itself.
SAMPLED = ("checkers", "explore", "harness")
# A fault that collects without an end is to end itself, not the machine.
MOST_MEMORY = 4 << 30


def files_of(root: pathlib.Path) -> list[str]:
    """What git knows or would add; without git, everything but build/ and dot folders."""
    command = ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"]
    listed = subprocess.run(command, capture_output=True)
    if listed.returncode == 0:
        return [name for name in listed.stdout.decode().split("\0") if name]
    return files_below(root)


def files_below(root: pathlib.Path) -> list[str]:
    paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return [str(path) for path in paths if path.parts[0] not in ("build", ".git", ".cache")]


def linker() -> list[str]:
    """The quickest that there is."""
    for name in LINKERS:
        if shutil.which(name):
            return [f"-Dcpp_link_args=-fuse-ld={name.removeprefix('ld.')}"]
    return []


def bound_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


class Scratch:
    def __init__(self, root: pathlib.Path, folder: pathlib.Path, jobs: int):
        self.root = root
        self.tree = folder / "tree"
        self.build = self.tree / BUILD
        self.jobs = jobs
        self.patched: tuple[str, ...] = ()

    def copy_tree(self) -> str:
        """What went wrong, if something did."""
        original = self.root / BUILD
        names = {name for name in files_of(self.root) if (self.root / name).is_file()}
        if (original / "build.ninja").exists():
            # The copy cannot be configured anew, for its build.ninja names the original's folders.
            if error := run_quietly(["ninja", "-C", str(original), "build.ninja"]):
                return error
            shutil.rmtree(self.tree, ignore_errors=True)
            for name in names:
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(self.root / name, self.tree / name)
            shutil.copytree(original, self.build, symlinks=True)
            return ""
        self.copy_what_has_changed(names)
        return ""

    def copy_what_has_changed(self, names: set[str]) -> None:
        """So that little is built again."""
        for name in names:
            self.restore(name)
        for name in files_below(self.tree):
            if name not in names:
                (self.tree / name).unlink()

    def restore(self, name: str) -> None:
        source, target = self.root / name, self.tree / name
        if target.exists() and target.read_bytes() == source.read_bytes():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        shutil.copymode(source, target)

    def apply(self, files: tuple[str, ...], patch: str) -> str:
        """Takes the last fault out and this one in. What went wrong, if something did."""
        for name in self.patched:
            self.restore(name)
        self.patched = files
        return apply_patch(self.tree, patch)

    def make(self, tests: set[str]) -> str:
        """Builds these test executables. The end of the output, if that fails."""
        if not (self.build / "build.ninja").exists():
            shutil.rmtree(self.build, ignore_errors=True)
            setup = ["meson", "setup", str(self.build), str(self.tree), *ARGUMENTS, *linker()]
            if error := run_quietly(setup):
                return error
        targets = sorted(f"{test}_test" for test in tests)
        return run_quietly(["ninja", "-C", str(self.build), f"-j{self.jobs}", *targets])

    def run(self, test: str, cases: str, seconds: float) -> tuple[str, int | None]:
        """Output and status; no status where it did not end in time."""
        command = [str(self.build / f"{test}_test"), f"--gtest_filter={cases}"]
        environment = {
            **os.environ,
            **({"KILN_TEST_LONG": "1"} if test in SAMPLED else {}),
            "KILN_FIXTURES": str(self.tree / "fixtures"),
            "GTEST_COLOR": "no",
        }
        try:
            done = subprocess.run(
                command,
                cwd=self.build,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                preexec_fn=bound_memory,
            )
        except subprocess.TimeoutExpired as late:
            return (late.stdout or b"").decode(errors="replace"), None
        return done.stdout.decode(errors="replace"), done.returncode


def apply_patch(tree: pathlib.Path, patch: str, check: bool = False) -> str:
    command = ["git", "apply", "--whitespace=nowarn", *(["--check"] if check else []), "-"]
    # The copy is no repository, and is not to be taken for a part of the one around it.
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.parent)}
    done = subprocess.run(
        command, cwd=tree, env=environment, input=patch.encode(), capture_output=True
    )
    return "" if done.returncode == 0 else done.stderr.decode(errors="replace").strip()


def run_quietly(command: list[str]) -> str:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode == 0:
        return ""
    return "\n".join(done.stdout.decode(errors="replace").splitlines()[-30:]) or "no output"
