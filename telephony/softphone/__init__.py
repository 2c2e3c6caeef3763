"""A SIP phone and a SIP caller made of this project's own code: for demos, tests and benchmarks.

    phone = SoftPhone("hn01", secret, host="127.0.0.1", port=5060)
    await phone.register()
    caller = await Caller.ring(number="0912345678", to="111", host="127.0.0.1", port=5060)
    call = await phone.rang(within=5)
    call.answer()
    await caller.answered

Why it is our own: docs/adr/0003-own-softphone.md.
"""

from telephony.softphone.call import Call, Ending
from telephony.softphone.caller import Caller
from telephony.softphone.phone import Answer, SoftPhone
from telephony.softphone.sound import Sound, silence, tone, wav

__all__ = ["Answer", "Call", "Caller", "Ending", "SoftPhone", "Sound", "silence", "tone", "wav"]
