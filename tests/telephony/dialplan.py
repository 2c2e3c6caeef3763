"""Reads extensions.conf and walks where a caller's channel can get to in it.

Knows the applications that the dialplan uses and what of them goes on where; one that it does not know
is an error, so that nobody adds one without asking what becomes of the caller in it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

GOES_ON = frozenset(
    (
        "Answer", "CELGenUserEvent", "Dial", "ExecIf", "Gosub", "MixMonitor", "NoOp", "Playback",
        "Queue", "Record", "Ringing", "Set", "StartMusicOnHold", "StopMixMonitor", "StopMusicOnHold",
        "UserEvent", "Wait", "WaitExten",
    )
)  # fmt: skip
"""Dial and Queue go on for a caller with whom nobody spoke."""
OF_A_CALLER = {
    '"${TD_PARTY}" = "${UNIQUEID}"': True,
    '"${TD_PARTY}" != "${UNIQUEID}"': False,
    '"${TD_DESK}" = "1"': False,
    '"${DIALSTATUS}" = "ANSWER"': False,
    '"${QUEUESTATUS}" = "CONTINUE"': False,
}
"""Conditions that are settled for the channel of a caller with whom nobody spoke."""
_LINE = re.compile(r"(?:exten\s*=>\s*([^,]+),1|same\s*=>\s*n)(?:\((\w+)\))?,(\w+)\((.*)\)\s*$")


@dataclass(frozen=True, slots=True)
class Place:
    """One priority, counted from 0."""

    context: str
    exten: str
    priority: int


@dataclass
class Extension:
    steps: list[tuple[str, str]] = field(default_factory=list)
    """Application and its arguments."""
    labels: dict[str, int] = field(default_factory=dict)


class Dialplan:
    def __init__(self, text: str) -> None:
        self.contexts: dict[str, dict[str, Extension]] = {}
        self.includes: dict[str, list[str]] = {}
        context = exten = ""
        for raw in text.splitlines():
            line = raw.split(";")[0].strip()
            if line.startswith("["):
                context = line.strip("[]")
                self.contexts[context] = {}
            elif line.startswith("include"):
                self.includes.setdefault(context, []).append(line.split("=>")[1].strip())
            elif line.startswith(("exten", "same")):
                found = _LINE.match(line)
                assert found is not None, f"not understood: {line}"
                exten = (found[1] or exten).strip()
                extension = self.contexts[context].setdefault(exten, Extension())
                if found[2]:
                    extension.labels[found[2]] = len(extension.steps)
                extension.steps.append((found[3], found[4]))

    def entries(self, context: str) -> list[Place]:
        """Every extension of a context and of those it includes."""
        inner = [place for each in self.includes.get(context, []) for place in self.entries(each)]
        return [Place(context, exten, 0) for exten in self.contexts[context]] + inner

    def dead_ends(self, beginnings: list[Place]) -> dict[Place, str]:
        """Places at which a caller who comes this way is hung up on, and why."""
        ends: dict[Place, str] = {}
        seen: set[Place] = set()
        ahead = list(beginnings)
        while ahead:
            place = ahead.pop()
            if place in seen:
                continue
            seen.add(place)
            extension = self.contexts.get(place.context, {}).get(place.exten)
            if extension is None or place.priority >= len(extension.steps):
                ends[place] = "nothing is here"
                continue
            application, arguments = extension.steps[place.priority]
            if application in ("Goto", "GotoIf", "Return") or application in GOES_ON:
                ahead += self._after(place, application, arguments)
            else:
                ends[place] = application
        return ends

    def _after(self, place: Place, application: str, arguments: str) -> Iterator[Place]:
        following = Place(place.context, place.exten, place.priority + 1)
        if application == "Goto":
            yield from self._target(place, arguments)
        elif application == "GotoIf":
            condition, yes, no = _branches(arguments)
            settled = OF_A_CALLER.get(condition)
            if settled is not False:
                yield from self._target(place, yes) if yes else [following]
            if settled is not True:
                yield from self._target(place, no) if no else [following]
        elif application == "ExecIf":
            _, yes, no = _branches(arguments)
            for done in filter(None, (yes, no)):
                assert done.split("(")[0] in GOES_ON, done
            yield following
        elif application != "Return":
            if application == "Gosub":
                yield from self._target(place, arguments)
            elif application == "WaitExten":
                yield from self._keys(place.context)
            elif application == "Dial" and re.search(r",d", arguments):
                yield from self._keys("hold111")
            elif application == "Queue":
                yield from self._keys("hold111-keys")
            yield following

    def _keys(self, context: str) -> list[Place]:
        if context not in self.contexts:
            return [Place(context, "any key", 0)]
        return [place for place in self.entries(context) if place.exten != "s"]

    def _target(self, place: Place, text: str) -> list[Place]:
        parts = text.split(",")
        context = parts[-3] if len(parts) > 2 else place.context
        exten = parts[-2] if len(parts) > 1 else place.exten
        if exten == "${EXTEN}":
            return self._keys(context)
        extension = self.contexts.get(context, {}).get(exten, Extension())
        label = parts[-1]
        priority = int(label) - 1 if label.isdecimal() else extension.labels.get(label, 10_000)
        return [Place(context, exten, priority)]


def _branches(arguments: str) -> tuple[str, str, str]:
    """The condition (without its brackets) and what follows when it holds and when not."""
    depth, cut = 0, [len(arguments)] * 2
    for index, letter in enumerate(arguments):
        depth += (letter in "([{") - (letter in ")]}")
        if not depth and letter == "?" and cut[0] == len(arguments):
            cut[0] = index
        elif not depth and letter == ":" and cut[0] < index < cut[1]:
            cut[1] = index
    condition = arguments[: cut[0]].removeprefix("$[").removesuffix("]")
    return condition, arguments[cut[0] + 1 : cut[1]], arguments[cut[1] + 1 :]
