"""The command line: one file a noun, each loaded only when its command is given."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from io import TextIOWrapper
from typing import TYPE_CHECKING

from beholden.cli import printing
from beholden.errors import BeholdenError

if TYPE_CHECKING:
    from cyclopts import App

INTERRUPTED = 130  # 128 + SIGINT, as shells have it
USAGE = 2

# name, where its commands are, what it is for
COMMANDS = (
    ("init", "init:init", "Make a new, empty system."),
    ("sign-in", "sign_in:sign_in", "Sign in with your passphrase."),
    ("sign-out", "sign_in:sign_out", "End your session."),
    ("recovery", "recovery:app", "Bring back a lost last administrator, by custodians together."),
    ("api-key", "api_key:app", "Your own keys for programs."),
    ("people", "people:app", "Who works with the system, and in which roles."),
    ("source", "source:app", "Where images may come from, and under which authority."),
    ("gallery", "gallery:app", "References that are searched together."),
    ("enrol", "enrol:enrol", "Take a folder of images of a source into a gallery."),
    ("enrol-archive", "archive:enrol_archive", "Take the images of a web archive of a source into a gallery."),
    ("aside", "aside:app", "Files that were put aside at enrolment."),
    ("case", "case:app", "Investigations, each with one purpose."),
    ("exhibit", "exhibit:app", "Photographs of a case."),
    ("evidence", "evidence:app", "Registers of a case's evidence, which its probes are bound to."),
    ("sought", "sought:app", "The unknown person a search is about."),
    ("authority", "authority:app", "Authority to search: asked for by one, given by another."),
    ("exigent", "exigent:app", "Search before approval, alone and at once, and its review by somebody else."),
    ("search", "search:app", "Searches, and their leads once they are unsealed."),
    ("compare", "compare:app", "One sought with one reference, under an authority."),
    ("review", "review:app", "Go blind through a list."),
    ("examine", "examine:app", "Compare one pair, blind, and lock an opinion."),
    ("examination", "examination:app", "One pair to an examiner of another agency, and their signed opinion back."),
    ("disclose", "disclose:disclose", "Hand a lead on, with all that speaks for and against it."),
    ("disclosure", "disclosure:app", "What left before, and its files again."),
    ("notices", "notices:app", "What somebody outside must be told, until it is sent."),
    ("request", "request:app", "What data subjects ask for."),
    ("photograph", "photograph:app", "The photograph that somebody gives with a request."),
    ("erase", "erase:erase", "Erase what a granted request names."),
    ("dispose", "dispose:dispose", "Remove what is past its time, in a run that is on record."),
    ("evaluate", "evaluate:evaluate", "Measure how often the model errs, on labelled photographs of your own."),
    ("calibrate", "calibrate:app", "What lists quote of an evaluation: proposed by one, accepted by another."),
    ("model", "model:app", "Model packs: which there are, the card of each, and one of your own."),
    ("log", "log:app", "The log: export, check, seal."),
    (
        "statement-of-use",
        "statement:statement_of_use",
        "What it was used for, how often: counted from the log, signed.",
    ),
    ("incident", "incident:app", "What happened and must not, and how it was answered for."),
    ("pattern", "pattern:app", "For an auditor: uses of authority that are unlike the rest."),
    ("sample", "sample:app", "For an auditor: uses of authority drawn by lot, and what was found of each."),
    ("witness", "witness:app", "A witness that cosigns logs: made, served, asked by hand."),
    ("picture", "picture:app", "For an auditor: one picture, for a reason in writing."),
    ("policy", "policy:app", "The rules in force: what they are, and how both bodies sign others."),
    ("oversight", "oversight:app", "Orders of the oversight body: signed by it, carried out at once."),
    ("check", "check:check", "Look at every part of the system."),
    ("index", "index:app", "The index: its size, whether it agrees with the records, and made again from them."),
    ("keys", "keys:app", "For a custodian: one's share of what opens the keys."),
    ("backup", "backup:app", "Copies of data and keys, at two places."),
    ("restore", "backup:restore", "Put a backup back, or try it out."),
    ("serve", "serve:serve", "Pages and REST for everybody, from one process."),
    ("worker", "worker:worker", "Do what waits in the records."),
    ("bench", "bench:app", "How fast this machine does it, whole and in parts."),
    ("demo", "demo:demo", "The whole story, on people who do not exist."),
)
WITH_VALUE = ("--data", "--as")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Its exit code: 0 done, 1 fault, 2 usage,
    3 refused, 4 bad input, 5 missing, 6 changed, 7 not proven, 8 looser.
    """
    given = global_options_last(sys.argv[1:] if arguments is None else list(arguments))
    own = given[: given.index("--")] if "--" in given else given
    as_json = "--json" in own
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a name that the terminal cannot write must not fail what is done
            stream.reconfigure(errors="backslashreplace")
    code, tell = _outcome(given, as_json)
    try:
        tell()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough; what was done or refused stays so
        printing.forget(sys.stdout)
    except OSError as error:  # a full disk, say
        code, tell = _of_machine(error, as_json=False)
        tell()
        printing.forget(sys.stdout)
    return code


def global_options_last(given: list[str]) -> list[str]:
    """`beholden --data D case list` is `beholden case list --data D`."""
    options: list[str] = []
    place = 0
    while place < len(given):
        word = given[place]
        length = 2 if word in WITH_VALUE else 1
        if word != "--json" and word.partition("=")[0] not in WITH_VALUE:
            break
        options += given[place : place + length]
        place += length
    rest = given[place:]
    end = rest.index("--") if "--" in rest else len(rest)
    return [*rest[:end], *options, *rest[end:]] if rest else options


def application(asked_for: str = "") -> App:
    """All commands by name; the file of each is read when it is needed. The one that is asked for speaks for itself."""
    from cyclopts import App, Parameter

    from beholden import __version__

    app = App(
        name="beholden",
        help="Face search for finding victims, which answers for every search it runs.",
        version=__version__,
        help_format="plaintext",
        default_parameter=Parameter(negative="", show_default=False),
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    for order, (name, place, words) in enumerate(COMMANDS):
        own = name == asked_for and not place.endswith(":app")
        app.command(f"beholden.cli.{place}", name=name, help=None if own else words, sort_key=order)
    return app


def _outcome(given: list[str], as_json: bool) -> tuple[int, Callable[[], None]]:
    """Run the command: its exit code, and what prints its answer. The code stands before anything is printed."""
    try:
        from cyclopts import CycloptsError

        try:
            told = application(given[0] if given else "")(given, exit_on_error=False, print_error=False)
        except (CycloptsError, printing.WrongUse) as error:
            words = " ".join(str(error).split())
            return USAGE, _problem("WrongUse", "The command cannot be understood", 400, words, as_json)
        if isinstance(told, printing.Told):
            return told.exit_code, partial(printing.give, told, as_json)
        return 0, _nothing
    except BeholdenError as error:
        return error.exit_code, partial(printing.give_error, error, as_json)
    except KeyboardInterrupt:
        words = "Interrupted. What was done before is kept, with its log entries; what was under way was not done."
        return INTERRUPTED, _problem("Interrupted", "Interrupted", 499, words, as_json)
    except (BrokenPipeError, SystemExit):  # a page of help that nobody reads to its end; rich makes an exit of it
        printing.forget(sys.stdout)
        return 0, _nothing
    except OSError as error:
        return _of_machine(error, as_json)
    except Exception as error:  # noqa: BLE001 - the last line before the shell; what it says is all that a person sees
        if os.environ.get("BEHOLDEN_DEBUG") == "1":
            import traceback

            traceback.print_exc()
        words = f"an error that nobody foresaw ({type(error).__name__}); BEHOLDEN_DEBUG=1 shows where"
        return 1, _problem("Fault", "Beholden is at fault", 500, words, as_json)


def _of_machine(error: OSError, as_json: bool) -> tuple[int, Callable[[], None]]:
    words = f"{error.strerror or type(error).__name__}: {error.filename or 'a file'}; check the path and who owns it"
    return 1, _problem("Fault", "The machine is at fault", 503, words, as_json)


def _problem(kind: str, title: str, status: int, detail: str, as_json: bool) -> Callable[[], None]:
    return partial(printing.give_problem, kind, title, status, detail, as_json)


def _nothing() -> None:
    """Help is printed already."""
