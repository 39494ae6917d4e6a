"""What the journal's kinds mean, and what to do about them."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.run.journal import Kind, Note
from jalon.vocab.text import N_, Text


@dataclass(frozen=True, slots=True)
class Words:
    """A kind in a sentence, and what a person may do; `hint` is None when there is nothing to
    do."""

    sentence: Text
    hint: Text | None = None


def words(note: Note) -> Words:
    """The sentence and the hint of one line. Names and topics stand in the note itself."""
    return of_kind(note.kind)


def of_kind(kind: Kind) -> Words:
    """The sentence and the hint of a kind."""
    sentence, hint = _WORDS[kind]
    return Words(Text(sentence), Text(hint) if hint else None)


_WORDS: dict[Kind, tuple[str, str]] = {
    Kind.UNKNOWN_IDENTITY: (
        N_("Refused: nobody of this name is known."),
        N_("Add the device to the fleet, or correct the user name in it."),
    ),
    Kind.WRONG_SECRET: (
        N_("Refused: the secret is wrong."),
        N_("Put the device's secret into it again, or renew it if it is lost."),
    ),
    Kind.NO_CREDENTIAL: (
        N_("Refused: it has no secret yet."),
        N_("Issue a credential and put it into the device."),
    ),
    Kind.REVOKED: (
        N_("Refused: its credential was revoked."),
        N_("Issue a new one if the device is to come in again; if not, find who still uses it."),
    ),
    Kind.EXPIRED: (
        N_("Refused: its credential has expired."),
        N_("Renew the credential and put the new one into the device."),
    ),
    Kind.RETIRED: (
        N_("Refused: the device is out of service."),
        N_("Switch it off, or remove its date of retirement from the fleet."),
    ),
    Kind.UNTRUSTED_CERTIFICATE: (
        N_("Refused: the certificate is not one that lets this device in."),
        N_("Issue a certificate here, or add its authority to the folder authorities."),
    ),
    Kind.CLIENT_ID_OF_ANOTHER: (
        N_("Refused: the MQTT client id belongs to somebody else."),
        N_("Give every device a client id of its own; its id is the best one."),
    ),
    Kind.NOT_ENCRYPTED: (
        N_("Refused: the connection is not encrypted."),
        N_("Set the device to TLS and give it this solution's certificate authority."),
    ),
    Kind.OVER_RATE: (
        N_("Kept out: too many messages or too many attempts."),
        N_("Look for a loop in the device's programme; if it is right, raise the limit."),
    ),
    Kind.PUBLISH_DENIED: (
        N_("A message was dropped: the topic is not open to its sender."),
        N_("Correct the topic in the device; the device itself is not told."),
    ),
    Kind.SUBSCRIBE_DENIED: (
        N_("A subscription was refused: the topic is not open to who asked."),
        N_("Correct the topic in the device: it may read its own commands."),
    ),
    Kind.PAYLOAD_REFUSED: (
        N_("A request was refused: what it carried cannot be used."),
        N_("Look at the refused messages for the reason."),
    ),
    Kind.REPLAYED: (
        N_("A frame was refused: its counter was used before."),
        N_("Harmless when a network server repeats itself; else somebody replays old frames."),
    ),
    Kind.CODEC_SUSPENDED: (
        N_("The codec was set aside: it takes too much time or memory."),
        N_("Mend the codec; the frames wait among the refused messages and can be replayed."),
    ),
    Kind.CREDENTIAL_ISSUED: (N_("A credential was issued."), ""),
    Kind.CREDENTIAL_RENEWED: (N_("The credential was renewed."), ""),
    Kind.CREDENTIAL_REVOKED: (N_("Credentials were revoked."), ""),
    Kind.CLAIM_KEY_CREATED: (N_("A provisioning key was made."), ""),
    Kind.CLAIM_KEY_REVOKED: (N_("A provisioning key was revoked."), ""),
    Kind.CLAIMED: (N_("The device came with a provisioning key and has its credential."), ""),
    Kind.CLAIM_REFUSED: (
        N_("A claim was refused."),
        N_("The reason tells whether the key or the hardware is the matter."),
    ),
    Kind.ANNOUNCED: (
        N_("An unknown device announced itself."),
        N_("Accept or reject it in the waiting room."),
    ),
    Kind.ACCEPTED: (N_("The device was accepted from the waiting room."), ""),
    Kind.REJECTED: (N_("A device in the waiting room was rejected."), ""),
    Kind.ADDED: (N_("The device was added to the fleet."), ""),
    Kind.MOVED: (N_("The device was moved."), ""),
    Kind.TAGGED: (N_("Its tags were changed."), ""),
    Kind.DESIRED: (N_("Its desired state was changed."), ""),
    Kind.DESIRE_REFUSED: (
        N_("A desired state was refused: the device's type does not take it."),
        N_("Correct the rule or the Thing Model; the reason says which property."),
    ),
    Kind.STATE_REFUSED: (
        N_("A part of the state it reported was not kept."),
        N_("It reports too many properties, too long values, or names that are none."),
    ),
    Kind.REPLACED: (N_("The hardware was replaced; the history goes on."), ""),
    Kind.WITHDRAWN: (N_("The device was taken out of service."), ""),
    Kind.DISCONNECTED_BY_US: (N_("Its connection was ended by Jalon."), ""),
    Kind.JOINED: (N_("The device joined the LoRaWAN network."), ""),
    Kind.DOWNLINK_QUEUED: (N_("A message to the device waits at the network server."), ""),
    Kind.DOWNLINK_SENT: (N_("A message to the device was sent."), ""),
    Kind.DOWNLINK_ACKNOWLEDGED: (N_("The device has acknowledged a message."), ""),
    Kind.DOWNLINK_FAILED: (
        N_("A message to the device did not arrive."),
        N_("Send it again when the device was heard; look at its radio link if it fails often."),
    ),
    Kind.LINK_UP: (N_("The link is up."), ""),
    Kind.LINK_DOWN: (
        N_("The link is down."),
        N_("Check the other side; the link is tried again by itself."),
    ),
    Kind.UPDATED: (N_("It runs a new version."), ""),
    Kind.UPDATE_FAILED: (
        N_("An update of it went wrong."),
        N_("The campaign's page says at which step and why; what it ran before is named there."),
    ),
    Kind.COMMAND_ASKED: (N_("The device is to do something."), ""),
    Kind.COMMAND_COMPLETED: (N_("The device has done what it was told."), ""),
    Kind.COMMAND_NOT_DONE: (
        N_("A command was not carried out, or nobody knows."),
        N_("Its page says why, and what happened to it step by step."),
    ),
    Kind.DEVICE_EVENT: (N_("The device tells that something happened."), ""),
    Kind.DECISION_FAILED: (
        N_("A decision could not be carried out."),
        N_("Look at what it says; correct the rule or the device it is about."),
    ),
    Kind.RULE_SAVED: (N_("A file of rules was changed in the pages."), ""),
    Kind.DESIGN_SAVED: (N_("An entry of the design was changed in the pages."), ""),
    Kind.DATA_ERASED: (
        N_("Readings older than the record of processing allows were erased."),
        N_("“jalon design duties map” shows which are kept how long, and why."),
    ),
    Kind.NOTICE_TO_NOBODY: (
        N_("A message reached nobody: no person or channel fits."),
        N_("Look at people, channels and rotas in notifications.yaml."),
    ),
    Kind.NOTICE_FAILED: (
        N_("A message to a person could not be delivered."),
        N_("Look at the page Notifications for what the outlet said, and send it again."),
    ),
    Kind.LINK_NOTE: (N_("The link has something to say."), ""),
}
