"""A whole house with Asterisk's own app_queue beside it, to be measured against each other.

Both are in one Asterisk and take the same way in. Callers of the native queue come from an address and
through a context of their own, and Asterisk tells the switchboard nothing about them: it neither rings
anybody for them nor has any work with them.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
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
ROUTER, NATIVE = "router", "app_queue"
NUMBERS = {ROUTER: "111", NATIVE: "999"}
HOSTS = {ROUTER: TELCO, NATIVE: "127.0.0.112"}
"""The address that each one's callers come from."""
_TRUNK = f"""
[native](trunk)
context = from-native
[native]
type = identify
endpoint = native
match = {HOSTS[NATIVE]}
"""
_DIALPLAN = """
[from-native]
exten => 999,1,Set(CALLERID(num)=${FILTER(0-9+,${CALLERID(num):0:24})})
 same => n,Set(FILE=${TD_SPOOL}/${UNIQUEID})
 same => n,MixMonitor(${FILE}.wav,bSr(${FILE}-in.wav)t(${FILE}-out.wav))
 same => n,Queue(bench,r,,,60)
 same => n,Hangup()
"""
_UNHEARD = """
eventfilter(action(exclude),header(Channel),method(regex)) = ^PJSIP/(native|%s)-
"""
_QUEUE = """
[bench]
strategy = rrmemory
ringinuse = no
timeout = 10
retry = 1
wrapuptime = 0
"""


@contextmanager
def house(router: Sequence[int], native: Sequence[int], sites: int = 1) -> Iterator[House]:
    """The switchboard runs. `router`: numbers of the counselors' phones; `native`: of the queue's.
    `sites`: how many centers it listens to; the calls are all at the first."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="td-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        pbx = _pbxs(stack, folder, [_account(number) for number in sorted((*router, *native))], sites)
        url = stack.enter_context(own_valkey.running(folder))
        os.environ["TONGDAI_REDIS_URL"] = url  # what desks say goes out here
        _add_native_queue(pbx, native)
        engine = db.make_engine(f"sqlite:///{folder / 'bench.db'}")
        migrate.load_models()
        db.Base.metadata.create_all(engine)
        built = House(pbx, engine, url, folder, counselors=len(router), lead_phone=None)
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


def _account(number: int) -> PhoneAccount:
    return PhoneAccount(Phone(f"hn{number:02}"), f"bench-{number:02}", f"Máy {number}", "hn")


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


def _add_native_queue(pbx: Pbx, phones: Sequence[int]) -> None:
    names = [f"hn{number:02}" for number in phones]
    unheard = _UNHEARD % "|".join(names)
    configure(pbx, pjsip=_TRUNK, extensions=_DIALPLAN, queues=_QUEUE, manager=unheard)
    for name in names:
        product.console(pbx.settings, f"queue add member PJSIP/{name} to bench")
