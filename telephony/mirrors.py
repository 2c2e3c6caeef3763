"""What each site's Asterisk keeps of us, for when nobody routes: whom its fallback queue rings, whom it
rings when nobody can be reached, whether others may take its callers, and what phones may log in.

Only what has changed is told. Nothing here waits: `beside` runs the actions beside the loop.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hotline.ids import Phone
from routing.policy import Counselor, Steering, on_duty
from routing.rules import penalty
from telephony import actions
from telephony.site import Site, Sites
from telephony.tasks import Beside


@dataclass(slots=True)
class _Told:
    """What one site was told last; None: it is not known what it keeps."""

    members: Mapping[Phone, int] | None = None
    """Phones of the fallback queue and their penalties."""
    on_call: tuple[str, ...] | None = None
    elsewhere: bool | None = None


class Mirrors:
    """Of all sites. `on_call`: site → mobiles to ring in turn; `credentials`: phone → HA1; `shut`: the
    same of phones that may not log in. All as SQL had them last."""

    def __init__(self, sites: Sites, beside: Beside) -> None:
        self._sites = sites
        self._beside = beside
        self._told = {site.code: _Told() for site in sites.all}
        self.on_call: Mapping[str, tuple[str, ...]] = {}
        self.credentials: Mapping[Phone, str] = {}
        self.shut: Mapping[Phone, str] = {}

    def forget(self, site: Site) -> None:
        """Somebody else may have told it something since."""
        self._told[site.code] = _Told()

    def keep(
        self,
        site: Site,
        counselors: Iterable[Counselor],
        rung: Collection[Phone],
        steering: Steering,
        now: datetime,
    ) -> None:
        """Keep a site's fallback queue equal to who is on duty there, and whom to ring when nobody is.

        Who talks or wraps up stays a member: the queue rings no phone in use, and a counselor whose talk
        ends while no switchboard lives is rung again. `rung`: phones that are being offered a call.
        """
        ami, told = site.ami, self._told[site.code]
        if ami is None:
            return
        ours, elsewhere = dict[Phone, int](), False
        for each in counselors:
            here, duty = self._sites.of_phone(each.phone) is site, on_duty(each, now)
            elsewhere |= duty and not here
            if here and (duty or each.phone in rung):
                ours[each.phone] = penalty(each, site.code, steering)
        on_call = self.on_call.get(site.code)
        if on_call not in (None, told.on_call):
            told.on_call = on_call
            self._beside(actions.mirror_on_call(ami, on_call or ()))
        if elsewhere != told.elsewhere:
            told.elsewhere = elsewhere
            self._beside(actions.mirror_elsewhere(ami, reached=elsewhere))
        if ours != told.members:
            told.members = ours
            self._beside(actions.mirror_queue(ami, ours))

    def keep_credentials(self, site: Site) -> None:
        """With what phones in browsers may log in there now, and which phones may not."""
        if (ami := site.hand) is not None:
            known = {**self.credentials, **self.shut}
            here = {phone: ha1 for phone, ha1 in known.items() if self._sites.of_phone(phone) is site}
            self._beside(actions.mirror_credentials(ami, here, self.shut.keys()))
