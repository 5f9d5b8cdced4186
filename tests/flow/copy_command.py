#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""copy, ls, get and open as people use them: copy_command.py BIN_DIR

The real command and real jobs; the agent between them is tests/flow/copy_agent. Claims are the names of
the functions.
"""
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

PATIENCE = 240  # seconds: a safety net; nothing here is about speed
BIN = pathlib.Path(sys.argv[1]).resolve()
ENVIRONMENT = {"PATH": os.environ["PATH"], "TZ": "JST-9", "LC_ALL": "C.UTF-8"}
for sanitizer in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
    if sanitizer in os.environ:
        ENVIRONMENT[sanitizer] = os.environ[sanitizer]


class Stage:
    """A folder with medium/, in/ and an agent."""

    def __enter__(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="mg-"))
        for name in ("medium", "in"):
            (self.top / name).mkdir()
        (self.top / "in" / "a.txt").write_bytes(b"alpha\n" * 1000)
        (self.top / "in" / "給与.csv").write_bytes(b"")
        (self.top / "in" / "sub").mkdir()
        (self.top / "in" / "sub" / "new\nline").write_bytes(os.urandom(3_000_000))
        self.agent = subprocess.Popen([BIN / "copy_agent", self.top / "socket", self.top], stdout=subprocess.PIPE)
        assert self.agent.stdout.readline() == b"listening\n"
        return self

    def __exit__(self, *_):
        self.agent.kill()
        self.agent.wait()
        subprocess.run(["chmod", "-R", "u+rwX", self.top], check=False)
        shutil.rmtree(self.top)

    def command(self, *words):
        return [str(BIN / "mediagate"), "--socket", str(self.top / "socket"), *map(str, words)]

    def run(self, *words, user=None, **more):
        r = subprocess.run(self.command(*words), env=ENVIRONMENT, cwd=self.top, capture_output=True, text=True,
                           timeout=PATIENCE, stdin=subprocess.DEVNULL, user=user, **more)
        return r.returncode, r.stdout, r.stderr

    def copied(self, *words):
        status, out, err = self.run("copy", "USB-0007", *words, "--json")
        assert status == 0, err
        return json.loads(out)

    def medium(self):
        return sorted(x.name for x in (self.top / "medium").iterdir())

    def record(self):
        path = self.top / "record"
        return path.read_text() if path.exists() else ""


def terminal(stage, words, dialogue, interrupt=False):
    """Runs it on a terminal of its own; dialogue: what is awaited, what is typed then."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(stage.top)
        os.execve(BIN / "mediagate", stage.command(*words), ENVIRONMENT)
    seen, at = "", 0
    for wanted, typed in dialogue:
        until = time.monotonic() + PATIENCE
        while wanted not in seen[at:]:
            assert time.monotonic() < until, f"no {wanted!r} in {seen[at:]!r}"
            if select.select([fd], [], [], 1)[0]:
                try:
                    seen += os.read(fd, 65536).decode()
                except OSError:  # that was the end of it
                    raise AssertionError(f"no {wanted!r} in {seen[at:]!r}") from None
        at = seen.index(wanted, at) + len(wanted)
        os.write(fd, typed.encode())
    while True:
        try:
            more = os.read(fd, 65536)
        except OSError:
            break
        if not more:
            break
        seen += more.decode("utf-8", "replace")
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen


def stop(pid):
    os.kill(pid, signal.SIGSTOP)
    while pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        time.sleep(0.001)


# include/wire.h
ENTRY, ENTRIES_END, WANT, SECRET = 600, 602, 603, 604
SIOCOUTQ = 0x5411  # bytes that the other end has not taken yet


def same(a, b):
    return subprocess.run(["diff", "-r", a, b], check=False).returncode == 0


def test_a_copy_says_what_it_is_and_shows_its_password_once():
    with Stage() as s:
        status, out, err = s.run("copy", "USB-0007", "in")
        assert status == 0 and err == "", err
        assert "copy TEST1 is on USB-0007: 3 files, 3.0 MB, 3 parts\n" in out, out
        assert len(re.findall(r"^password: [0-9A-Z]{5}(-[0-9A-Z]{5}){4}$", out, re.M)) == 1, out
        assert "OPEN.txt" in out and "never together with the medium" in out
        assert s.medium() == ["MEDIAGATE-TEST1"]
        assert s.record() == "file in/a.txt\nfile in/sub/new\nline\nfile in/給与.csv\ndone ok\n"


def test_json_holds_the_password_and_nothing_is_said_beside_it():
    with Stage() as s:
        status, out, err = s.run("copy", "USB-0007", "in/a.txt", "--json")
        answer = json.loads(out)
        assert status == 0 and err == "" and answer["ok"] is True
        assert answer["files"] == 1 and answer["bytes"] == 6000 and answer["parts"] == 1
        assert answer["copy"] == "TEST1" and len(answer["password"]) == 29


def test_get_gives_back_what_was_copied():
    with Stage() as s:
        password = s.copied("in")["password"]
        (s.top / "pw").write_text(password + "\n")
        status, out, err = s.run("get", "USB-0007", "TEST1", "back", "--password-file", "pw")
        assert status == 0, err
        assert out == "3 files, 3.0 MB, are in back\nthe sender is verified, and nothing was altered\n", out
        assert same(s.top / "in", s.top / "back" / "in")
        assert sorted(x.name for x in s.top.iterdir() if x.name.startswith(".")) == []


def test_get_replaces_nothing():
    with Stage() as s:
        s.copied("in")
        status, out, err = s.run("get", "USB-0007", "TEST1", "in", "--password-file", "/dev/null")
        assert status == 2 and "in exists already" in err


def test_get_with_a_wrong_password_leaves_nothing():
    with Stage() as s:
        s.copied("in")
        (s.top / "pw").write_text("wrong\n")
        status, out, err = s.run("get", "USB-0007", "TEST1", "back", "--password-file", "pw", "--json")
        assert status == 6 and json.loads(out)["fault"] == "wrong-password", (out, err)
        assert "error: wrong password, or" in err and err.count("error:") == 1 and err.count("hint:") == 1
        assert not (s.top / "back").exists()
        assert not [x for x in s.top.iterdir() if x.name.startswith(".")]


def test_get_of_an_altered_copy_leaves_nothing():
    with Stage() as s:
        (s.top / "pw").write_text(s.copied("in")["password"])
        part = s.top / "medium" / "MEDIAGATE-TEST1" / "TEST1-002of003.p7m"
        content = bytearray(part.read_bytes())
        content[-5000] ^= 1
        part.write_bytes(content)
        status, out, err = s.run("get", "USB-0007", "TEST1", "back", "--password-file", "pw")
        assert status == 6 and "TEST1-002of003.p7m is damaged or was altered" in err, err
        assert not (s.top / "back").exists()
        assert not [x for x in s.top.iterdir() if x.name.startswith(".")]


def test_get_of_a_plain_file_and_of_a_folder():
    with Stage() as s:
        shutil.copytree(s.top / "in", s.top / "medium" / "loose")
        status, out, err = s.run("get", "USB-0007", "loose/a.txt", "one")
        assert status == 0 and "not written by mediagate" in out, err
        assert (s.top / "one").read_bytes() == (s.top / "in" / "a.txt").read_bytes()
        status, out, err = s.run("get", "USB-0007", "loose", "all")
        assert status == 0 and same(s.top / "in", s.top / "all"), err
        status, out, err = s.run("get", "USB-0007", "nothing", "none")
        assert status == 4 and "there is nothing called nothing" in err, err


def test_ls_tells_copies_from_the_rest():
    with Stage() as s:
        s.copied("in")
        (s.top / "medium" / "photo.jpg").write_bytes(b"x" * 700)
        (s.top / "medium" / "\x1b[31m").write_bytes(b"x")
        status, out, err = s.run("ls", "USB-0007")
        assert status == 0 and "\x1b" not in out, out
        assert re.search(r"^TEST1 .*3\.0 MB.*encrypted copy$", out, re.M), out
        assert re.search(r"^photo\.jpg .*700 B.*not written by mediagate$", out, re.M), out
        status, out, err = s.run("ls", "USB-0007", "--json")
        entries = json.loads(out)["entries"]
        assert [x["found"] for x in entries] == ["copy", "foreign", "foreign"]


def test_what_cannot_be_copied_is_named_before_anything_is_written():
    with Stage() as s:
        os.mkfifo(s.top / "in" / "sub" / "fifo")
        status, out, err = s.run("copy", "USB-0007", "in")
        assert status == 2 and "error: in/sub/fifo is neither a file nor a folder\n" in err, err
        (s.top / "in" / "sub" / "fifo").unlink()
        (s.top / "in" / "sub" / "link").symlink_to("/etc/passwd")
        status, out, err = s.run("copy", "USB-0007", "in")
        assert status == 2 and "error: in/sub/link is a link\n" in err, err
        status, out, err = s.run("copy", "USB-0007", "/dev/null")
        assert status == 2 and "/dev/null is neither" in err, err
        status, out, err = s.run("copy", "USB-0007", "nowhere")
        assert status == 4 and "nowhere cannot be read" in err, err
        (s.top / "void").mkdir()
        status, out, err = s.run("copy", "USB-0007", "void")
        assert status == 2 and "there is no file" in err, err
        assert s.medium() == [] and s.record() == ""


def test_a_file_without_read_permission_is_named():
    if os.geteuid() != 0:
        return
    with Stage() as s:
        for path in [s.top, *s.top.rglob("*")]:
            os.chown(path, 65534, 65534)
        (s.top / "in" / "sub" / "secret").write_text("x")
        (s.top / "in" / "sub" / "secret").chmod(0o600)
        status, out, err = s.run("copy", "USB-0007", "in", user=65534, extra_groups=[])
        assert status == 7 and "error: in/sub/secret cannot be read by you\n" in err, err
        assert s.medium() == [] and s.record() == ""


def test_two_files_of_one_name_are_refused():
    with Stage() as s:
        (s.top / "other").mkdir()
        (s.top / "other" / "a.txt").write_text("x")
        status, out, err = s.run("copy", "USB-0007", "in/a.txt", "other/a.txt")
        assert status == 2 and "two files would have the name a.txt" in err, err
        assert s.medium() == []


def test_the_present_folder_goes_by_its_real_name():
    with Stage() as s:
        r = subprocess.run(s.command("copy", "USB-0007", ".", "--json"), env=ENVIRONMENT, cwd=s.top / "in",
                           capture_output=True, text=True, timeout=PATIENCE, check=True)
        assert json.loads(r.stdout)["files"] == 3
        assert "file in/a.txt\n" in s.record()


def test_a_thousand_files_go_in_one_copy():
    with Stage() as s:
        for i in range(1000):
            (s.top / "in" / f"{i:04}").write_text(str(i))
        answer = s.copied("in")
        assert answer["files"] == 1003, answer
        (s.top / "pw").write_text(answer["password"])
        status, out, err = s.run("get", "USB-0007", "TEST1", "back", "--password-file", "pw")
        assert status == 0 and same(s.top / "in", s.top / "back" / "in"), err


def test_more_files_than_a_copy_holds_are_told_before_anything_is_begun():
    with Stage() as s:
        (s.top / "many").mkdir()
        for i in range(50001):
            os.close(os.open(s.top / "many" / str(i), os.O_CREAT))
        status, out, err = s.run("copy", "USB-0007", "many")
        assert status == 2 and "one copy holds at most 50,000 files" in err and "several copies" in err, err
        assert s.medium() == [] and s.record() == ""


def test_more_than_any_medium_holds_is_told_as_no_room():
    with Stage() as s:
        (s.top / "in" / "huge").touch()
        try:
            os.truncate(s.top / "in" / "huge", 8 << 40)
        except OSError:
            return  # this file system has no such files
        status, out, err = s.run("copy", "USB-0007", "in")
        assert status == 7 and "there is not enough room on USB-0007" in err, err
        assert s.medium() == []


def test_how_to_encrypt_is_said_after_the_last_entry_even_when_the_job_asks_ahead():
    """A job of our own, which asks for every entry before the command has heard that the first one went out."""
    with Stage() as s, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as agent:
        for i in range(37):
            (s.top / "in" / str(i)).write_text(str(i))
        agent.bind(str(s.top / "other"))
        agent.listen()
        agent.settimeout(PATIENCE)
        p = subprocess.Popen([BIN / "mediagate", "--socket", s.top / "other", "copy", "USB-0007", "in"],
                             env=ENVIRONMENT, cwd=s.top, stderr=subprocess.DEVNULL)
        client, _ = agent.accept()
        _, fds, _, _ = socket.recv_fds(client, 8192, 1)
        job = socket.socket(fileno=fds[0])
        job.settimeout(PATIENCE)
        opener = int(pathlib.Path(f"/proc/{p.pid}/task/{p.pid}/children").read_text())
        stop(p.pid)
        stop(opener)
        for i in range(41):
            job.send(struct.pack("IIQI4x", WANT, 16, i, 1))
        os.kill(p.pid, signal.SIGCONT)
        while struct.unpack("i", fcntl.ioctl(job, SIOCOUTQ, bytes(4)))[0]:
            time.sleep(0.001)
        # on one processor, where the command comes first: it hears of each entry before the next one is opened
        os.sched_setaffinity(p.pid, cpu := {min(os.sched_getaffinity(0))})
        os.sched_setaffinity(opener, cpu)
        os.sched_setscheduler(opener, os.SCHED_IDLE, os.sched_param(0))
        os.kill(opener, signal.SIGCONT)
        heard = []
        while not heard or heard[-1] != SECRET:
            packet, files, _, _ = socket.recv_fds(job, 8192, 4)
            heard.append(struct.unpack("I", packet[:4])[0])
            for fd in files:
                os.close(fd)
        assert heard == [ENTRY] * 40 + [ENTRIES_END, SECRET], heard
        job.close()
        client.close()
        assert p.wait(PATIENCE) == 5


def test_a_certificate_file_and_its_key():
    with Stage() as s:
        subprocess.run("openssl req -x509 -newkey rsa:3072 -nodes -keyout key -out crt -subj /CN=r -days 9",
                       shell=True, cwd=s.top, check=True, capture_output=True)
        answer = s.copied("in", "--recipient", "crt")
        assert "password" not in answer
        status, out, err = s.run("get", "USB-0007", "TEST1", "back", "--key-file", "key")
        assert status == 0 and same(s.top / "in", s.top / "back" / "in"), err
        status, out, err = s.run("get", "USB-0007", "TEST1", "again")
        assert status == 2 and "give its key with --key-file" in err, err
        status, out, err = s.run("copy", "USB-0007", "in", "--recipient", "nobody")
        assert status == 2 and "there is no recipient nobody" in err, err
        (s.top / "settings").write_text("recipient_files")
        status, out, err = s.run("copy", "USB-0007", "in", "--recipient", "crt")
        assert status == 3 and "takes no certificate from a file" in err, err


def test_an_own_password_is_not_shown_again():
    with Stage() as s:
        (s.top / "pw").write_text("correct horse battery staple\n")
        status, out, err = s.run("copy", "USB-0007", "in", "--password-file", "pw")
        assert status == 0 and "horse" not in out + err and "password:" not in out, out
        status, out, err = s.run("get", "USB-0007", "TEST1", "back", "--password-file", "pw")
        assert status == 0, err
        (s.top / "pw").write_text("short\n")
        status, out, err = s.run("copy", "USB-0007", "in", "--password-file", "pw")
        assert status == 2 and "the password has fewer than 20 characters" in err and "short" not in err, err
        for word, why in ((20 * "a", "fewer than 28 characters needs three of"), ("", "the password is empty"),
                          (7 * "Ab1_", "easy to guess")):
            (s.top / "pw").write_text(word + "\n")
            status, out, err = s.run("copy", "USB-0007", "in", "--password-file", "pw")
            assert status == 2 and why in err and err.count("hint:") == 1, err


def test_open_needs_no_agent_and_says_whether_the_sender_is_known():
    with Stage() as s:
        (s.top / "pw").write_text(s.copied("in")["password"])
        note = (s.top / "medium" / "MEDIAGATE-TEST1" / "TEST1.note").read_text()
        vkey = subprocess.run([BIN / "copy_agent", "--vkey"], capture_output=True, text=True, check=True).stdout
        status, out, err = s.run("open", "medium/MEDIAGATE-TEST1", "plain", "--password-file", "pw")
        assert status == 0 and "is not verified" in err and same(s.top / "in", s.top / "plain" / "in"), err
        status, out, err = s.run("open", "medium/MEDIAGATE-TEST1", "plain2", "--password-file", "pw", "--key", vkey)
        assert status == 0 and "the sender is verified" in out and err == "", err
        other = "x.example+" + vkey.split("+", 1)[1]
        status, out, err = s.run("open", "medium/MEDIAGATE-TEST1", "plain3", "--password-file", "pw", "--key", other)
        assert status == 2, err
        assert note.count("\n\n") == 1
        (s.top / "medium" / "MEDIAGATE-TEST1" / "TEST1.note").write_text(note.replace("— ", "- "))
        status, out, err = s.run("open", "medium/MEDIAGATE-TEST1", "plain4", "--password-file", "pw", "--key", vkey)
        assert status == 6 and not (s.top / "plain4").exists(), err
        (s.top / "medium" / "MEDIAGATE-TEST1" / "TEST1.note").unlink()
        status, out, err = s.run("open", "medium/MEDIAGATE-TEST1", "plain5", "--password-file", "pw")
        assert status == 6 and "is not whole" in err, err
        assert not [x for x in s.top.iterdir() if x.name.startswith(".")]


def test_open_takes_one_message_of_stock_openssl():
    with Stage() as s:
        subprocess.run("openssl req -x509 -newkey rsa:3072 -nodes -keyout key -out crt -subj /CN=r -days 9 && "
                       "openssl cms -encrypt -binary -aes-256-gcm -outform DER -in in/a.txt -out m.p7m "
                       "-recip crt -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256",
                       shell=True, cwd=s.top, check=True, capture_output=True)
        status, out, err = s.run("open", "m.p7m", "--key-file", "key")
        assert status == 0 and (s.top / "m").read_bytes() == (s.top / "in" / "a.txt").read_bytes(), err
        status, out, err = s.run("open", "m.p7m", "--key-file", "key")
        assert status == 2 and "m exists already" in err, err
        content = bytearray((s.top / "m.p7m").read_bytes())
        content[-1] ^= 1
        (s.top / "m.p7m").write_bytes(content)
        status, out, err = s.run("open", "m.p7m", "other", "--key-file", "key")
        assert status == 6 and not (s.top / "other").exists(), err


def test_ctrl_c_leaves_the_medium_clean_and_ends_with_130():
    with Stage() as s:
        with open(s.top / "in" / "large", "wb") as f:
            f.truncate(3 << 30)
        p = subprocess.Popen(s.command("copy", "USB-0007", "in/large"), env=ENVIRONMENT, cwd=s.top,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        until = time.monotonic() + PATIENCE
        while not any(x.stat().st_size > 1 << 20 for x in (s.top / "medium").glob(".MEDIAGATE-*/*.p7m")):
            assert time.monotonic() < until and p.poll() is None
            time.sleep(0.01)
        p.send_signal(signal.SIGINT)
        out, err = p.communicate(timeout=PATIENCE)
        assert p.returncode == 130 and out == "", out
        assert "error: stopped as asked\nhint: nothing half-done is left on the medium\n" == err, err
        assert s.medium() == [] and s.record() == "failed cancelled\n"


def test_a_command_killed_in_mid_copy_leaves_the_medium_clean():
    with Stage() as s:
        with open(s.top / "in" / "large", "wb") as f:
            f.truncate(3 << 30)
        p = subprocess.Popen(s.command("copy", "USB-0007", "in/large"), env=ENVIRONMENT, cwd=s.top,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE
        while not list((s.top / "medium").glob(".MEDIAGATE-*/*.p7m")):
            assert time.monotonic() < until and p.poll() is None
            time.sleep(0.01)
        p.kill()
        p.wait()
        while s.record() == "":
            assert time.monotonic() < until
            time.sleep(0.01)
        assert s.medium() == [] and s.record() == "failed cancelled\n"


def test_without_an_agent_it_says_so():
    with Stage() as s:
        (s.top / "socket").unlink()
        status, out, err = s.run("copy", "USB-0007", "in")
        assert status == 5 and "the agent does not answer" in err, err


def test_alone_without_a_terminal_it_is_a_usage_error():
    with Stage() as s:
        status, out, err = s.run("copy")
        assert status == 2 and "no terminal" in err, err
        status, out, err = s.run("copy", "USB-0007")
        assert status == 2, err


def test_alone_it_asks_step_by_step():
    with Stage() as s:
        status, seen = terminal(s, ["copy"], [
            ("USB-0007", ""), ("> ", "nowhere\n"), ("nowhere cannot be read", ""), ("> ", "in\n"),
            ("3 files, 3.0 MB", ""), ("> ", "\n"), ("empty line for 1: ", "9\n"),
            ("a number from 1 to 2", ""), ("empty line for 1: ", "\n"), ("password: ", "")])
        assert status == 0, seen
        assert "copy TEST2 is on USB-0007" in seen, seen
        status, seen = terminal(s, ["copy"], [
            ("> ", "in/a.txt\n"), ("> ", "\n"), ("empty line for 1: ", "2\n"),
            ("Password, 20 characters or more (", "short\n"), ("fewer than 20 characters", ""),
            ("one is made): ", 20 * "a" + "\n"), ("needs three of: ", ""),
            ("one is made): ", "correct horse battery staple\n"), ("Once more: ", "correct horse battery stable\n"),
            ("not the same", ""), ("one is made): ", "correct horse battery staple\n"),
            ("Once more: ", "correct horse battery staple\n"), ("OPEN.txt", "")])
        assert status == 0 and "horse" not in seen and "aaa" not in seen, seen


def test_alone_it_asks_for_what_the_policy_says():
    with Stage() as s:
        (s.top / "settings").write_text("own_password_length")
        status, seen = terminal(s, ["copy"], [
            ("> ", "in/a.txt\n"), ("> ", "\n"), ("empty line for 1: ", "2\n"),
            ("Password, 24 characters or more (", "Password of 23 or so on\n"), ("fewer than 24 characters", ""),
            ("one is made): ", "Password of 23 or soo on\n"), ("Once more: ", "Password of 23 or soo on\n"),
            ("OPEN.txt", "")])
        assert status == 0 and s.record().endswith("done ok\n"), (seen, s.record())
        (s.top / "settings").write_text("own_password")
        status, seen = terminal(s, ["copy"], [
            ("> ", "in/a.txt\n"), ("> ", "\n"), ("empty line for 1: ", "2\n"), ("a number from 1 to 1", ""),
            ("empty line for 1: ", "1\n"), ("password: ", "")])
        assert status == 0 and "that you choose" not in seen, seen


def test_ctrl_c_in_the_dialogue_ends_it():
    with Stage() as s:
        # the terminal drops output around a Ctrl-C, so what was said is not looked at
        status, seen = terminal(s, ["copy"], [("> ", "\x03")])
        assert status == 130, (status, seen)


def test_a_terminal_shows_how_far_it_is_and_ctrl_c_typed_there_stops_it():
    with Stage() as s:
        with open(s.top / "in" / "large", "wb") as f:
            f.truncate(3 << 30)
        status, seen = terminal(s, ["copy", "USB-0007", "in/large", "in/a.txt"], [
            (" of 3.2 GB, file 1 of 2", ""), (" of 3.2 GB, file 1 of 2", "\x03"), ("leave the medium in", "")])
        assert status == 130 and s.medium() == [], (status, seen[-500:])
        percents = [int(x) for x in re.findall(r"\r\x1b\[K *(\d+) %  ", seen)]
        assert len(percents) >= 2 and percents == sorted(percents) and percents[-1] < 100, seen
        assert "leave the medium in\r\x1b[K" in seen, "the line is cleared at the end"
        status, out, err = s.run("copy", "USB-0007", "in/a.txt")
        assert status == 0 and err == "", "without a terminal there is no progress"


def test_ctrl_c_in_get_leaves_nothing_where_it_was_to_go():
    with Stage() as s:
        with open(s.top / "in" / "large", "wb") as f:
            f.truncate(1 << 30)
        (s.top / "pw").write_text(s.copied("in/large")["password"])
        before = s.medium()
        status, seen = terminal(s, ["get", "USB-0007", "TEST1", "back", "--password-file", "pw"], [
            ("B of 1.0 GB", "\x03")])
        assert status == 130 and not (s.top / "back").exists(), (status, seen[-500:])
        assert not [x for x in s.top.iterdir() if x.name.startswith(".")] and s.medium() == before


def test_get_asks_for_the_password_without_showing_it():
    with Stage() as s:
        password = s.copied("in")["password"]
        status, seen = terminal(s, ["get", "USB-0007", "TEST1", "back"], [
            ("Password of the copy: ", "wrong\n"), ("Wrong. Password of the copy: ", password.lower() + "\n")])
        assert status == 0 and password.lower() not in seen, seen
        assert same(s.top / "in", s.top / "back" / "in")


def main() -> int:
    bad = 0
    tests = [(n, f) for n, f in globals().items() if n.startswith("test_")]
    wanted = sys.argv[2:]
    for name, test in tests:
        if wanted and not any(w in name for w in wanted):
            continue
        try:
            test()
            print(f"ok {name}")
        except Exception as e:  # one claim that does not hold must not hide the others
            bad += 1
            print(f"FAILED {name}: {type(e).__name__}: {e}", flush=True)
    print(f"{bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
