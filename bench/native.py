"""A whole house with Asterisk's own app_queue beside it, to be measured against each other.

Both are in one Asterisk and take the same way in; both have every call in Asterisk's event log. Callers
of the native queue come from an address and through a context of their own. Of those of `NATIVE`
Asterisk tells the switchboard nothing: it neither rings anybody for them nor has any work with them.
Those of `HEARD` it hears as it does its own, and writes into the database what becomes of them, as must
be done in a hotline that has no router: what remains is what the routing costs.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from hotline import db, migrate
from hotline.ids import Phone
from telephony import pbx as product
from telephony.phones import PhoneAccount
from tests import own_valkey
from tests.pbx import TELCO, Pbx
from tests.stories.house import House
from tests.waiting import until

CENTERS = {"hn": "127.0.0.1", "dn": "127.0.1.2", "ag": "127.0.1.3"}
"""The address of each one's Asterisk."""
ROUTER, NATIVE, HEARD = "router", "app_queue", "heard"
NUMBERS = {ROUTER: "111", NATIVE: "999", HEARD: "998"}
HOSTS = {ROUTER: TELCO, NATIVE: "127.0.0.112", HEARD: "127.0.0.114"}
"""The address that each one's callers come from."""
_PREFIXES = {ROUTER: "hn", NATIVE: "aq", HEARD: "ah"}
"""What each one's phones are called."""
_TRUNK = """
[native-{side}](trunk)
context = from-native
[native-{side}]
type = identify
endpoint = native-{side}
match = {host}
"""
_DIALPLAN = """
[from-native]
exten => _99[89],1,Set(CALLERID(num)=${FILTER(0-9+,${CALLERID(num):0:24})})
 same => n,Set(FILE=${TD_SPOOL}/${UNIQUEID})
 same => n,MixMonitor(${FILE}.wav,bSr(${FILE}-in.wav)t(${FILE}-out.wav))
 same => n,Queue(bench-${EXTEN},r,,,60)
 same => n,Hangup()
"""
_UNHEARD = f"""
eventfilter(action(exclude),header(Channel),method(starts_with)) = PJSIP/native-{NATIVE}
eventfilter(action(exclude),header(Channel),method(starts_with)) = PJSIP/{_PREFIXES[NATIVE]}
eventfilter(action(exclude),header(Device),method(starts_with)) = PJSIP/{_PREFIXES[NATIVE]}
eventfilter(action(exclude),header(Device),method(starts_with)) = PJSIP/native-{NATIVE}
"""
_QUEUE = """
[bench-{number}]
strategy = rrmemory
ringinuse = no
timeout = 10
retry = 1
wrapuptime = 0
"""


@contextmanager
def house(phones: Mapping[str, Sequence[int]], sites: int = 1) -> Iterator[House]:
    """The switchboard runs. `phones`: their numbers, by side: the counselors' and the queues'.
    `sites`: how many centers it listens to; the calls are all at the first."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="td-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        accounts = [_account(name) for side in phones for name in names(phones, side)]
        pbx = _pbxs(stack, folder, accounts, sites)
        url = stack.enter_context(own_valkey.running(folder))
        os.environ["TONGDAI_REDIS_URL"] = url  # what desks say goes out here
        _add_native_queues(pbx, phones)
        engine = db.make_engine(f"sqlite:///{folder / 'bench.db'}")
        migrate.load_models()
        db.Base.metadata.create_all(engine)
        built = House(pbx, engine, url, folder, counselors=len(phones[ROUTER]), lead_phone=None)
        stack.callback(built.stop)
        built.start()
        until(lambda: built.times_in_step() == sites, within=20)
        yield built


def _pbxs(stack: ExitStack, folder: Path, phones: list[PhoneAccount], sites: int) -> Pbx:
    """The Asterisks, joined by trunks; the first one, where the phones are."""
    codes = list(CENTERS)[:sites]
    pbxs = [Pbx(folder / code, code, CENTERS[code]) for code in codes]
    secret = pbxs[0].settings.ami_secret
    known = [pbx.settings for pbx in pbxs]
    named = [f"{each.site}={each.sip_host}:{each.sip_port}:{each.ami_port}" for each in known]
    os.environ["TONGDAI_SITES"] = ",".join(named) if sites > 1 else ""
    for pbx in pbxs:
        own = {"ami_secret": secret, "ami_host": pbx.settings.sip_host, "sites": ",".join(named)}
        pbx.settings = pbx.settings.model_copy(update=own if sites > 1 else {})
        pbx.accounts = phones
        stack.callback(pbx.stop)
        pbx.start()
    return pbxs[0]


def names(phones: Mapping[str, Sequence[int]], side: str) -> list[str]:
    """What this side's phones are called."""
    return [f"{_PREFIXES[side]}{number:02}" for number in phones[side]]


def _account(name: str) -> PhoneAccount:
    return PhoneAccount(Phone(name), f"bench-{name}", f"Máy {name}", "hn")


def configure(pbx: Pbx, **files: str) -> None:
    """Add lines to files of Asterisk's configuration (`extensions` is extensions.conf), and reload."""
    for name, text in files.items():
        with (pbx.settings.pbx_dir / "etc" / f"{name}.conf").open("a") as file:
            file.write(text)
    reload(pbx)


def reload(pbx: Pbx) -> None:
    """Let Asterisk read phones, trunks, queues, dialplan and (for who logs in then) manager anew."""
    for what in ("res_pjsip.so", "res_pjsip_endpoint_identifier_ip.so", "pbx_config.so", "app_queue.so"):
        product.console(pbx.settings, f"module reload {what}")
    product.console(pbx.settings, "manager reload")


def _add_native_queues(pbx: Pbx, phones: Mapping[str, Sequence[int]]) -> None:
    queues = [side for side in phones if side != ROUTER]
    trunks = [_TRUNK.format(side=side, host=HOSTS[side]) for side in queues]
    rules = [_QUEUE.format(number=NUMBERS[side]) for side in queues]
    configure(
        pbx,
        pjsip="".join(trunks),
        extensions=_DIALPLAN,
        queues="".join(rules),
        manager=_UNHEARD,
    )
    for side in queues:
        for name in names(phones, side):
            product.console(pbx.settings, f"queue add member PJSIP/{name} to bench-{NUMBERS[side]}")
