"""AMI headers as typed events, in all the spellings of Asterisk 11 to 22."""

from datetime import timedelta

import pytest

from telephony import messages
from telephony import vocabulary as ami
from telephony.headers import MalformedMessage, our_variables, plain_value, state_number
from telephony.vocabulary import ChannelFacts

ONE = ChannelFacts("u1", "SIP/a-1")
TWO = ChannelFacts("u2", "SIP/b-2")


@pytest.mark.parametrize("event", ["VarSet", "RTCPSent", "Newexten", "PeerStatus", "NoSuchThing", ""])
def test_what_does_not_concern_calls_is_nothing(event: str) -> None:
    assert messages.parse({"Event": event, "Channel": "SIP/a-1"}) is None


def test_response_to_an_action_is_nothing() -> None:
    assert messages.parse({"Response": "Success", "ActionID": "1"}) is None
    assert messages.parse({"RESPONSE": "Error"}) is None


def test_event_header_may_come_repeated_or_in_any_case() -> None:
    said = {"Channel": "SIP/a-1", "Uniqueid": "u1", "Cause": "16"}
    expected = ami.HungUp(ONE, 16)
    assert messages.parse({"Event": ["Hangup", "Hangup"], **said}) == expected
    assert messages.parse({"event": "hangup", **said}) == expected
    assert messages.parse({"Event": []}) is None


@pytest.mark.parametrize(
    ("headers", "fault"),
    [
        ({"Channel": "SIP/a-1"}, "neither an Event nor a Response header"),
        ({"Event": 7}, "the Event header is not text"),
        ({"Event": "Hangup"}, "Hangup without a channel"),
        ({"Event": "Newchannel", "Channel": "<unknown>"}, "Newchannel without a channel"),
        ({"Event": "BridgeEnter", "Channel": "SIP/a-1"}, "BridgeEnter without BridgeUniqueid"),
        ({"Event": "DialBegin", "Channel": "SIP/a-1"}, "DialBegin without DestChannel"),
        ({"Event": "Rename", "Channel": "SIP/a-1"}, "Rename without Newname"),
        ({"Event": "ConfbridgeJoin", "Channel": "SIP/a-1"}, "ConfbridgeJoin without Conference"),
        ({"Event": "UnParkedCall", "Channel": "SIP/a-1"}, "UnParkedCall without a retriever"),
    ],
)
def test_malformed_message_says_what_is_missing(headers: dict[str, str], fault: str) -> None:
    with pytest.raises(MalformedMessage, match=fault):
        messages.parse(headers)


def test_channel_with_everything_said() -> None:
    event = messages.parse(
        {
            "Event": "Newstate",
            "Channel": "PJSIP/hn01-00000001",
            "Uniqueid": "offer-1",
            "Linkedid": "hn-1.1",
            "ChannelState": "5",
            "CallerIDNum": " 0912 ",
            "Exten": "s",
            "Context": "td-pull",
            "ChanVariable": ["TD_CALL=hn-1.1", "TD_OFFER=offer-1", "OTHER=x"],
        }
    )
    assert event == ami.ChannelSeen(
        ChannelFacts(
            "offer-1", "PJSIP/hn01-00000001", 5, "0912", "s", "td-pull", "hn-1.1", "hn-1.1", "offer-1"
        )
    )


def test_variables_in_their_old_spelling() -> None:
    event = messages.parse(
        {
            "Event": "Newstate",
            "Channel": "SIP/a-1",
            "Uniqueid": "u1",
            "ChanVariable(SIP/a-1)": "TD_CALL=u1",
        }
    )
    assert isinstance(event, ami.ChannelSeen)
    assert event.channel.call == "u1"


def test_unset_variables_are_nothing() -> None:
    assert our_variables(["TD_CALL=", "TD_OFFER=(null)"]) == (None, None)
    assert our_variables("TD_OFFER=o") == (None, "o")


@pytest.mark.parametrize("nothing", ["", " ", "<unknown>", "(null)", "<Unknown>", None, []])
def test_asterisks_ways_to_say_nothing(nothing: object) -> None:
    assert plain_value(nothing) is None


def test_values_that_are_no_text() -> None:
    assert plain_value(16) == "16"
    assert plain_value([" a ", "b"]) == "a"


@pytest.mark.parametrize(
    ("number", "description", "state"),
    [
        ("4", "Ring", 4),
        (6, None, 6),
        (None, "Ringing", 5),
        ("Up", None, 6),
        ("", "", None),
        (None, "Strange", None),
        (None, "Dialing Offhook", 8),
    ],
)
def test_state_by_number_or_by_name(number: object, description: object, state: int | None) -> None:
    assert state_number(number, description) == state


@pytest.mark.parametrize(
    ("headers", "event"),
    [
        (
            {"Event": "Dial", "SubEvent": "Begin", "Channel": "SIP/a-1", "UniqueID": "u1",
             "Destination": "SIP/b-2", "DestUniqueID": "u2"},
            ami.DialBegan(ONE, TWO),
        ),
        (
            {"Event": "Dial", "Source": "SIP/a-1", "SrcUniqueID": "u1", "Destination": "SIP/b-2",
             "DestUniqueID": "u2"},
            ami.DialBegan(ONE, TWO),
        ),
        (
            {"Event": "Dial", "SubEvent": "End", "Channel": "SIP/a-1", "UniqueID": "u1",
             "DialStatus": "answer"},
            ami.DialEnded(ONE, None, "ANSWER"),
        ),
        (
            {"Event": "DialEnd", "DestChannel": "SIP/b-2", "DestUniqueid": "u2"},
            ami.DialEnded(None, TWO, ""),
        ),
        (
            {"Event": "AgentCalled", "ChannelCalling": "SIP/a-1", "Uniqueid": "u1",
             "DestinationChannel": "SIP/b-2"},
            ami.DialBegan(ChannelFacts("u1", ""), ChannelFacts("", "SIP/b-2")),
        ),
        ({"Event": "AgentCalled", "Uniqueid": "u1", "Agent": "x"}, None),
        (
            {"Event": "Bridge", "Bridgestate": "Link", "Channel1": "SIP/a-1", "Uniqueid1": "u1",
             "Channel2": "SIP/b-2", "Uniqueid2": "u2"},
            ami.ChannelsLinked(ONE, TWO),
        ),
        (
            {"Event": "Bridge", "Bridgestate": "Unlink", "Channel1": "SIP/a-1", "Uniqueid1": "u1",
             "Channel2": "SIP/b-2", "Uniqueid2": "u2"},
            ami.ChannelsUnlinked(ONE, TWO),
        ),
        (
            {"Event": "Link", "Channel1": "SIP/a-1", "Uniqueid1": "u1", "Channel2": "SIP/b-2",
             "Uniqueid2": "u2"},
            ami.ChannelsLinked(ONE, TWO),
        ),
        (
            {"Event": "Unlink", "Channel1": "SIP/a-1", "Uniqueid1": "u1", "Channel2": "SIP/b-2",
             "Uniqueid2": "u2"},
            ami.ChannelsUnlinked(ONE, TWO),
        ),
        (
            {"Event": "LocalBridge", "Channel1": "SIP/a-1", "Uniqueid1": "u1", "Channel2": "SIP/b-2",
             "Uniqueid2": "u2"},
            ami.LocalPaired(ONE, TWO),
        ),
        ({"Event": "Join", "Channel": "SIP/a-1", "Uniqueid": "u1"}, ami.CallerHeld(ONE)),
        ({"Event": "Leave", "Channel": "SIP/a-1", "Uniqueid": "u1"}, ami.CallerReleased(ONE)),
        (
            {"Event": "QueueCallerAbandon", "Channel": "SIP/a-1", "Uniqueid": "u1"},
            ami.QueueAbandoned(ONE),
        ),
        (
            {"Event": "Hold", "Status": "Off", "Channel": "SIP/a-1", "Uniqueid": "u1"},
            ami.HoldReleased(ONE),
        ),
        (
            {"Event": "DTMFEnd", "Channel": "SIP/a-1", "Uniqueid": "u1", "Digit": "1",
             "DurationMs": "100", "Direction": "Received"},
            ami.KeyHeard(ONE, "1"),
        ),
        (
            {"Event": "DTMFEnd", "Channel": "SIP/a-1", "Uniqueid": "u1", "Digit": "1",
             "Direction": "Sent"},
            None,
        ),
        ({"Event": "DTMFEnd", "Channel": "SIP/a-1", "Uniqueid": "u1", "Digit": "A"}, None),
        (
            {"Event": "Transfer", "TransferType": "Blind", "Channel": "SIP/a-1", "Uniqueid": "u1",
             "TargetChannel": "SIP/b-2", "TargetUniqueid": "u2", "TransferExten": "300"},
            ami.BlindTransferred(ONE, TWO, "300"),
        ),
        (
            {"Event": "Transfer", "TransferType": "Attended", "Channel": "SIP/a-1", "Uniqueid": "u1",
             "TargetChannel": "SIP/b-2", "TargetUniqueid": "u2"},
            ami.AttendedTransferred(ONE, TWO, None, None, ""),
        ),
        ({"Event": "BlindTransfer", "Result": "Fail", "TransfererChannel": "SIP/a-1"}, None),
        ({"Event": "AttendedTransfer", "Result": "Invalid"}, None),
        (
            {"Event": "AttendedTransfer", "TransfererChannel": "SIP/a-1", "TransfererUniqueid": "u1",
             "SecondTransfererExten": "s", "TransferTargetCallerIDNum": "300"},
            ami.AttendedTransferred(ONE, None, None, None, "300"),
        ),
        ({"Event": "ParkedCall", "Channel": "SIP/a-1", "Uniqueid": "u1"}, ami.CallParked(ONE)),
        (
            {"Event": "UnParkedCall", "Channel": "SIP/a-1", "Uniqueid": "u1", "From": "SIP/b-2"},
            ami.CallUnparked(ONE, ChannelFacts("", "SIP/b-2")),
        ),
        (
            {"Event": "MeetmeJoin", "Channel": "SIP/a-1", "Uniqueid": "u1", "Meetme": "7"},
            ami.BridgeEntered(ONE, "conference:7", conference=True),
        ),
        (
            {"Event": "ConfbridgeLeave", "Channel": "SIP/a-1", "Uniqueid": "u1", "Conference": "7"},
            ami.BridgeLeft(ONE, "conference:7"),
        ),
        (
            {"Event": "BridgeEnter", "Channel": "SIP/a-1", "Uniqueid": "u1", "BridgeUniqueid": "b",
             "BridgeTechnology": "holding_bridge", "SwapUniqueid": "u2"},
            ami.BridgeEntered(ONE, "b", holding=True, swapped_out="u2"),
        ),
        ({"Event": "BridgeDestroy", "BridgeUniqueid": "b"}, ami.BridgeClosed("b")),
        (
            {"Event": "BridgeMerge", "ToBridgeUniqueid": "b", "FromBridgeUniqueid": "c"},
            ami.BridgesMerged("b", "c"),
        ),
        ({"Event": "Hangup", "Uniqueid": "u1", "Channel": "SIP/a-1", "Cause": "x"}, ami.HungUp(ONE, 0)),
        ({"Event": "OriginateResponse", "Uniqueid": "<unknown>", "Channel": "SIP/a"}, None),
        (
            {"Event": "OriginateResponse", "Uniqueid": "u1", "Channel": "SIP/a-1"},
            ami.Originated(ONE),
        ),
        ({"Event": "UserEvent", "UserEvent": "Other", "Uniqueid": "u1"}, None),
        ({"Event": "UserEvent", "UserEvent": "HoldJoin"}, None),
        ({"Event": "FullyBooted", "Uptime": "12"}, ami.Booted(12.0)),
        ({"Event": "FullyBooted"}, ami.Booted(None)),
        ({"Event": "Shutdown"}, ami.ShutDown()),
    ],
)  # fmt: skip
def test_events_of_all_versions(headers: dict[str, str], event: ami.AmiEvent | None) -> None:
    assert messages.parse(headers) == event


def test_row_of_core_show_channels() -> None:
    row = messages.channel_snapshot(
        {
            "Event": "CoreShowChannel",
            "Channel": "PJSIP/telco-00000001",
            "Uniqueid": "hn-1.1",
            "ChannelState": "6",
            "Application": "Wait",
            "BridgeId": "",
            "Duration": "01:02:03",
            "ChanVariable": "TD_CALL=hn-1.1",
        }
    )
    assert (row.application, row.bridge, row.td_call) == ("Wait", None, "hn-1.1")
    assert row.duration == timedelta(hours=1, minutes=2, seconds=3)
    assert row.facts.state == 6
    assert messages.channel_snapshot({"Channel": "SIP/a-1", "Seconds": "?"}).duration == timedelta(0)
    assert messages.channel_snapshot({"Channel": "SIP/a-1"}).uniqueid == "SIP/a-1"
