"""Limits that the Linux kernel holds for this process and all it starts: Landlock and seccomp, by bare system calls.

Standard library only: this file also runs inside the sandbox, by an interpreter that has nothing else.
Sources: landlock(7), seccomp(2), `linux/landlock.h`, `linux/filter.h`, the kernel's system call tables.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import stat
import struct
from collections.abc import Sequence
from functools import lru_cache

_PR_SET_PDEATHSIG, _PR_SET_KEEPCAPS, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 1, 8, 36, 38, 47
_CAP_DAC_READ_SEARCH, _CAPABILITY_VERSION_3, _PR_CAP_AMBIENT_RAISE = 2, 0x20080522, 2
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446  # the same on every architecture

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_ALL_OF_ABI_1 = (1 << 13) - 1
_MAKE_DEVICES = (1 << 6) | (1 << 11)
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1 << 0, 1 << 1

# name: (x86_64, aarch64); None where the architecture does not have it.
_SYSCALLS: dict[str, tuple[int | None, int | None]] = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chmod": (90, None),
    "chown": (92, None),
    "chroot": (161, 51),
    "clone": (56, 220),
    "clone3": (435, 435),
    "delete_module": (176, 106),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "finit_module": (313, 273),
    "fremovexattr": (199, 16),
    "fsconfig": (431, 431),
    "fsetxattr": (190, 7),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "futimesat": (261, None),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lchown": (94, None),
    "lremovexattr": (198, 15),
    "lsetxattr": (189, 6),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "reboot": (169, 142),
    "removexattr": (197, 14),
    "request_key": (249, 218),
    "setns": (308, 268),
    "setxattr": (188, 5),
    "shmget": (29, 194),
    "socket": (41, 198),
    "swapon": (167, 224),
    "truncate": (76, 45),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "utime": (132, None),
    "utimensat": (280, 88),
    "utimes": (235, None),
}
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# Ways to reach the kernel's rarer parts, other processes' memory, or memory that no limit counts (memfd, shmget).
_ALWAYS_REFUSED = (
    *("add_key", "bpf", "chroot", "delete_module", "finit_module", "fsconfig", "fsmount", "fsopen", "init_module"),
    *("io_uring_enter", "io_uring_register", "io_uring_setup", "kcmp", "kexec_file_load", "kexec_load", "keyctl"),
    *("memfd_create", "memfd_secret", "mount", "mount_setattr", "move_mount", "open_by_handle_at", "open_tree"),
    *("perf_event_open", "pidfd_getfd", "pivot_root", "process_vm_readv", "process_vm_writev", "ptrace", "reboot"),
    *("request_key", "setns", "shmget", "swapon", "umount2", "unshare", "userfaultfd"),
)
# Landlock does not see these: sockets are refused, and changes of modes, owners and times seem to succeed and do
# nothing, since `shutil.copy` and its like need them to succeed.
_REFUSED_WITHOUT_NAMESPACES = ("socket", "truncate")
_IGNORED_WITHOUT_NAMESPACES = (
    *("chmod", "chown", "fchmod", "fchmodat", "fchmodat2", "fchown", "fchownat", "fremovexattr", "fsetxattr"),
    *("futimesat", "lchown", "lremovexattr", "lsetxattr", "removexattr", "setxattr", "utime", "utimensat", "utimes"),
)
_NEW_NAMESPACES = 0x7E020080  # CLONE_NEW{CGROUP,UTS,IPC,USER,PID,NET,NS,TIME}


@lru_cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(what: str, number: int, *arguments: object) -> int:
    _libc().syscall.restype = ctypes.c_long
    result: int = _libc().syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def _prctl(option: int, value: int, more: int = 0) -> None:
    if _libc().prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(more), ctypes.c_ulong(0), ctypes.c_ulong(0)):
        raise OSError(ctypes.get_errno(), f"prctl {option}")


def no_new_privileges() -> None:
    """No program that this process starts gains rights by its file's mode."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def die_with_parent(signal_number: int) -> None:
    """Have this process sent a signal when its parent ends."""
    _prctl(_PR_SET_PDEATHSIG, signal_number)


def adopt_orphans() -> None:
    """Make this process the parent of descendants whose own parent ends."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def become(uid: int, *, reach: bool) -> None:
    """From root to a user without any rights; with `reach`, but for the one to read what modes forbid, so that an
    interpreter in root's home can be started where Landlock says what may be read."""
    if reach:
        _prctl(_PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if reach:
        low = 1 << _CAP_DAC_READ_SEARCH
        header, data = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), struct.pack("=6I", low, low, low, 0, 0, 0)
        if _libc().capset(ctypes.c_char_p(header), ctypes.c_char_p(data)):
            raise OSError(ctypes.get_errno(), "capset")
        _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_READ_SEARCH)


def landlock_version() -> int:
    """The kernel's Landlock ABI, 0 where there is none."""
    try:
        return _call("landlock", _LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    except OSError:
        return 0


def landlock(readable: Sequence[str], writable: Sequence[str]) -> None:
    """Allow this process and its descendants files below `readable` and `writable` only, no TCP, and (from Linux 6.12)
    no signals to others. Paths that do not exist are left out. Needs `no_new_privileges`. OSError where it fails."""
    version = landlock_version()
    if version < 1:
        raise OSError(errno.ENOSYS, "this kernel has no Landlock")
    handled = _ALL_OF_ABI_1
    handled |= _REFER if version >= 2 else 0
    handled |= _TRUNCATE if version >= 3 else 0
    handled |= _IOCTL_DEV if version >= 5 else 0
    network = _BIND_TCP | _CONNECT_TCP if version >= 4 else 0
    scoped = _SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS if version >= 6 else 0
    attributes = struct.pack("=QQQ", handled, network, scoped)[: 8 if version < 4 else 16 if version < 6 else 24]
    rules = _call(
        "landlock_create_ruleset",
        _LANDLOCK_CREATE,
        ctypes.c_char_p(attributes),
        ctypes.c_size_t(len(attributes)),
        ctypes.c_uint32(0),
    )
    try:
        for paths, rights in (
            (readable, _EXECUTE | _READ_FILE | _READ_DIR),
            (writable, handled & ~_MAKE_DEVICES & ~_IOCTL_DEV),
        ):
            for path in paths:
                _allow(rules, path, rights)
        _call("landlock_restrict_self", _LANDLOCK_RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0))
    finally:
        os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= _OF_FILES
        rule = struct.pack("=Qi", rights, parent)
        arguments = (ctypes.c_int(rules), ctypes.c_int(1), ctypes.c_char_p(rule), ctypes.c_uint32(0))
        _call("landlock_add_rule", _LANDLOCK_ADD, *arguments)
    finally:
        os.close(parent)


def seccomp_supported() -> bool:
    """Whether the filter below is known for this machine's architecture."""
    return platform.machine() in _AUDIT_ARCH and ctypes.sizeof(ctypes.c_void_p) == 8


def seccomp(*, namespaces: bool) -> None:
    """Refuse system calls that tests do not need. `namespaces` says that network and files are walled off already;
    without, sockets are refused too. Needs `no_new_privileges`. OSError where it fails."""
    program = _program(platform.machine(), namespaces)
    buffer = ctypes.create_string_buffer(program, len(program))

    class Fprog(ctypes.Structure):
        _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    fprog = Fprog(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    # SECCOMP_SET_MODE_FILTER = 1; the number of seccomp(2) itself differs, prctl(PR_SET_SECCOMP=22, 2) does not.
    if _libc().prctl(22, ctypes.c_ulong(2), ctypes.byref(fprog), ctypes.c_ulong(0), ctypes.c_ulong(0)):
        raise OSError(ctypes.get_errno(), "seccomp")


def _program(machine: str, namespaces: bool) -> bytes:
    """The filter as BPF instructions (struct sock_filter: u16 code, u8 jt, u8 jf, u32 k)."""
    column = list(_AUDIT_ARCH).index(machine)
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, kill, refuse, ignore = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM, 0x00050000
    missing = 0x00050000 | errno.ENOSYS

    def number(name: str) -> int | None:
        return _SYSCALLS[name][column]

    refused = [*_ALWAYS_REFUSED, *(() if namespaces else _REFUSED_WITHOUT_NAMESPACES)]
    ignored = () if namespaces else _IGNORED_WITHOUT_NAMESPACES
    steps = [(load, 0, 0, 4), (equal, 1, 0, _AUDIT_ARCH[machine]), (answer, 0, 0, kill), (load, 0, 0, 0)]
    if machine == "x86_64":
        steps += [(at_least, 0, 1, 0x40000000), (answer, 0, 0, refuse)]  # the x32 table
    # clone3's flags lie in memory, where no filter sees them; with ENOSYS the C library falls back to clone.
    for name, result in [*((n, refuse) for n in refused), *((n, ignore) for n in ignored), ("clone3", missing)]:
        if (found := number(name)) is not None:
            steps += [(equal, 0, 1, found), (answer, 0, 0, result)]
    clone = number("clone")
    assert clone is not None
    steps += [(equal, 0, 3, clone), (load, 0, 0, 16), (any_bit, 0, 1, _NEW_NAMESPACES), (answer, 0, 0, refuse)]
    steps.append((answer, 0, 0, allow))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
