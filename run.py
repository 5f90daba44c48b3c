"""Set everything up from nothing but Python and run it: `python3 run.py demo`.

    demo        the bot with a sample community, in the browser, without a token
    test        every check: style, types, tests      (test --quick: the fast tests alone)
    lock        resolve the dependencies again and write the lock files
    run, import, migrate, …   what `tableronde` does, from the sources

The environment is made in .venv, from the lock files, and made again when they change.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
UV = BIN / ("uv.exe" if os.name == "nt" else "uv")
LOCKS = {"demo": "requirements-demo.lock", "test": "requirements-dev.lock"}
EXTRAS = {
    "requirements.lock": ("--no-dev", "--extra", "postgres"),
    "requirements-demo.lock": ("--no-dev", "--extra", "demo"),
    "requirements-dev.lock": ("--all-extras",),
}
# Each check as it can be run by hand, in the order of how soon they tell.
CHECKS = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy",),
    ("pyright", "--pythonpath", str(PYTHON)),
    ("pytest", "-n", "2", "--cov", "--cov-report", "term"),
)
QUICK = ("pytest", "-n", "2", "-m", "not wire and not browser and not postgres and not slow")


def main(arguments: list[str]) -> int:
    """Set up, then run; the exit code is that of what was run."""
    if sys.version_info < (3, 11):  # noqa: UP036 # whoever runs this may have an older one
        print("Tableronde needs Python 3.11 or newer; this is", sys.version.split()[0])
        return 2
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(__doc__)
        return 0
    command, *rest = arguments
    if command == "lock":
        return lock()
    prepare(LOCKS.get(command, "requirements.lock"))
    if command == "test":
        return test(rest)
    return call(PYTHON, "-m", "bot", command, *rest)


def test(arguments: list[str]) -> int:
    """Run every check, all of them even if one fails; or the fast tests alone."""
    if arguments[:1] == ["--quick"]:
        return call(PYTHON, "-m", *QUICK, *arguments[1:])
    failed: list[str] = []
    for check in CHECKS:
        print(f"\n$ {' '.join(check)}", flush=True)
        if call(PYTHON, "-m", *check):
            failed.append(check[0])
    print("\nFailed: " + ", ".join(failed) if failed else "\nAll checks passed.")
    return 1 if failed else 0


def prepare(name: str) -> None:
    """Make the environment hold what a lock file names, unless it does already."""
    wanted = hashlib.sha256((ROOT / name).read_bytes()).hexdigest()
    mark = VENV / f"{name}.installed"
    if mark.exists() and mark.read_text() == wanted:
        return
    if not PYTHON.exists():
        make_environment()
    if not UV.exists():
        call(PYTHON, "-m", "pip", "install", "-q", *hashed("requirements-uv.lock"))
    print(f"Installing from {name} …", flush=True)
    if UV.exists():
        check(UV, "pip", "install", "-q", "--python", PYTHON, *hashed(name))
    else:
        check(PYTHON, "-m", "pip", "install", "-q", *hashed(name))
    mark.write_text(wanted)


def make_environment() -> None:
    """Make .venv; on a Debian without python3-venv, install that first where we may."""
    if call(sys.executable, "-m", "venv", VENV, quiet=True) == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        print(f"Installing {package} …", flush=True)
        call("apt-get", "update", "-qq", quiet=True)
        call("apt-get", "install", "-y", "-qq", package, quiet=True)
    if call(sys.executable, "-m", "venv", VENV):
        sys.exit(f"Python cannot make an environment. Install {package}, then try again.")


def lock() -> int:
    """Resolve the dependencies of pyproject.toml, and write the lock files without any host."""
    prepare("requirements-dev.lock")
    check(UV, "lock", "-q", "--upgrade")
    options = ("--format", "requirements-txt", "--no-emit-project", "--no-header", "--no-annotate")
    for name, extras in EXTRAS.items():
        check(UV, "export", "-q", *options, *extras, "-o", name)
    (ROOT / "uv.lock").unlink()
    return 0


def hashed(name: str) -> tuple[str, ...]:
    """The options that install a lock file, refusing whatever is not as it was locked."""
    return ("--require-hashes", "-r", str(ROOT / name))


def check(*command: object) -> None:
    """Run a command, and stop here if it fails."""
    if code := call(*command):
        sys.exit(code)


def call(*command: object, quiet: bool = False) -> int:
    """Run a command in the project's folder; Ctrl-C is the command's to deal with."""
    output = subprocess.DEVNULL if quiet else None
    process = subprocess.Popen(
        [str(word) for word in command], cwd=ROOT, stdout=output, stderr=output
    )
    # A service manager ends this process only; Ctrl-C in a terminal reaches both by itself.
    signal.signal(signal.SIGTERM, lambda _number, _frame: process.terminate())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
