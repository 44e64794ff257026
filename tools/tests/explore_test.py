"""kiln-explore: what it counts, how it is split, and what it says to bad input."""

import json
import os
import pathlib
import subprocess

import kiln_cases
from kiln_cases import Kiln

KEYS = ["event", "runs", "distinct", "cut_points", "media", "policies", "faces", "fraction",
        "violations", "runs_per_second"]
FEW = ["--filter", "bd-r/burn", "--sample", "1/40", "--pairs", "1/200", "--seconds", "none"]


def explore(kiln: Kiln, *arguments, expect: int = 0) -> subprocess.CompletedProcess:
    done = subprocess.run([kiln.program, *map(str, arguments)], capture_output=True, text=True,
                          timeout=kiln_cases.LONGEST_S)
    assert done.returncode == expect, f"{done.returncode}: {done.stdout}{done.stderr}"
    return done


def summary(kiln: Kiln, *arguments, expect: int = 0) -> dict:
    said = json.loads(explore(kiln, *arguments, expect=expect).stdout.splitlines()[-1])
    assert list(said) == KEYS, said
    return said


def refused(kiln: Kiln, *arguments, status: int = 2, says: str) -> None:
    done = explore(kiln, *arguments, expect=status)
    assert done.stdout == "" and says in done.stderr, done.stdout + done.stderr
    assert done.stderr.startswith("kiln-explore: ") and done.stderr.count("\n") == 1, done.stderr


def case(kiln: Kiln, text: str) -> pathlib.Path:
    path = kiln.place / "case.toml"
    path.write_text(text)
    return path


def test_the_summary_is_the_last_line(kiln: Kiln):
    for arguments in (FEW, [*FEW, "--json"]):
        said = summary(kiln, *arguments)
        assert said["event"] == "summary" and said["violations"] == 0
        assert said["runs"] == said["distinct"] > 10 and said["cut_points"] > 100
        assert said["media"] == ["bd-r"] and said["faces"] == ["kiln"]
        assert len(said["policies"]) == 4 and 0 < said["fraction"] < 1


def test_every_line_is_an_event(kiln: Kiln):
    lines = explore(kiln, *FEW, "--json").stdout.splitlines()
    events = [json.loads(line) for line in lines]
    assert events[0]["schema"] == 1 and [it["event"] for it in events] == ["cell"] * 4 + ["summary"]
    assert sum(it["runs"] for it in events[:-1]) == events[-1]["runs"]


def test_what_is_asked_for_is_taken(kiln: Kiln):
    said = summary(kiln, "--medium", "dvd+r", "--policy", "emergency", "--face", "kiln", "--drive",
                   "pioneer-dvr-111d", "--limit", "60")
    assert said["media"] == ["dvd+r"] and said["policies"] == ["emergency"], said
    assert 30 < said["runs"] <= 60, said
    said = summary(kiln, "--medium", "dvd+r", "--face", "imapi", "--limit", "50", "--jobs", "3")
    assert said["faces"] == ["imapi"] and 20 < said["runs"] <= 50, said


def test_a_limit_is_spread_over_all_media(kiln: Kiln):
    said = summary(kiln, "--limit", "1200")
    assert len(said["media"]) == 16 and len(said["faces"]) == 2, said
    assert 600 < said["runs"] <= 1200 and said["violations"] == 0, said


def test_polls_that_are_like_others_are_left_out(kiln: Kiln):
    few = ["--filter", "cd-rw/blank-fast", "--sample", "1/40", "--pairs", "none", "--json"]

    def cells(*arguments):
        lines = explore(kiln, *few, *arguments).stdout.splitlines()
        return [json.loads(line) for line in lines][:-1]

    for some, every in zip(cells(), cells("--every-poll"), strict=True):
        assert every["cut_points"] == some["cut_points"] + some["alike_polls"]
        assert some["alike_polls"] > 100 and every["alike_polls"] == 0


def test_progress_is_for_a_terminal(kiln: Kiln):
    assert explore(kiln, *FEW).stderr == ""


def test_shards_are_the_whole(kiln: Kiln):
    whole = summary(kiln, *FEW)
    for parts in (("1/3", "2/3", "3/3"), ("0/3", "1/3", "2/3")):
        shards = [summary(kiln, *FEW, "--shard", part) for part in parts]
        assert all(it["runs"] > 0 for it in shards)
        assert sum(it["distinct"] for it in shards) == whole["distinct"], shards
        assert all(it["cut_points"] == whole["cut_points"] for it in shards)


def test_a_run_is_the_same_again(kiln: Kiln):
    def counts(*arguments):
        said = summary(kiln, *FEW, *arguments)
        return {key: value for key, value in said.items() if key != "runs_per_second"}

    assert counts() == counts("--jobs", "1")
    assert counts("--seed", "7") != counts("--seed", "8")


def test_cases_run_again(kiln: Kiln):
    for path in sorted(pathlib.Path(os.environ["KILN_FIXTURES"], "cases").iterdir()):
        said = summary(kiln, "--case", path)
        assert said["runs"] == 1 and said["violations"] == 0, f"{path}: {said}"


def test_wrong_usage(kiln: Kiln):
    refused(kiln, "--medium", "dvd", status=4, says='no medium "dvd"')
    refused(kiln, "--policy", "later", says='no policy "later"')
    refused(kiln, "--face", "ide", says='no face "ide"')
    refused(kiln, "--drive", "none", status=4, says='no personality "none"')
    refused(kiln, "--filter", "bd-r/nothing", says="no scenario fits")
    refused(kiln, "--policy", "emergency", "--face", "imapi", says="no scenario fits")
    refused(kiln, "--drive", "plextor-px-w4824a", "--medium", "bd-r", says="no scenario fits")
    for limit in ("many", "0", "-5", "1e3"):
        refused(kiln, "--limit", limit, says="--limit")
    for jobs in ("0", "-1", "1000000"):
        refused(kiln, "--jobs", jobs, says="--jobs")
    refused(kiln, "--seed", "-1", says="--seed")
    refused(kiln, "--nothing", says="--nothing")
    refused(kiln, "--sample", "0/5", says="1/N")
    for shard in ("4/3", "1/0", "1", "-1/2", "a/b"):
        refused(kiln, "--shard", shard, says="I/N")


def test_wrong_cases(kiln: Kiln):
    refused(kiln, "--case", kiln.place / "none", status=4, says="cannot read")
    refused(kiln, "--case", kiln.place, status=4, says="cannot read")
    refused(kiln, "--case", case(kiln, '[scenario]\nbytes = -1\n[trial]\n'), says="bytes is from")
    refused(kiln, "--case", case(kiln, "not toml"), says="case.toml")
    refused(kiln, "--case", case(kiln, "[scenario]\n"), says="case.toml")
    refused(kiln, "--case", case(kiln, '[scenario]\nmedium = "dvd"\n[trial]\n'), says="no medium")
    # A drive that does not write the medium is a problem, and told.
    path = case(kiln, '[scenario]\nname = "x"\nmedium = "bd-r"\n'
                      'personality = "plextor-px-w4824a"\n[trial]\n')
    assert summary(kiln, "--case", path, expect=1)["violations"] == 1


if __name__ == "__main__":
    kiln_cases.main(globals())
