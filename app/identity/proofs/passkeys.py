"""Passkeys (WebAuthn level 3): what browsers are asked for, and whether their answer is right."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.identity.proofs.models import Passkey
from app.kernel.refusals import Refusal, Refused

MOST = 10  # of one account
_ODD = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys are good: the host name, and the origin that pages have there."""

    host: str
    origin: str
    name: str


def to_register(
    site: Site, *, account_id: int, email: str, known: Sequence[Passkey] = ()
) -> tuple[dict[str, Any], str]:
    """Return what a browser needs to make a passkey, and the challenge to keep till it answers."""
    found = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=f"account-{account_id}".encode(),
        user_name=email,
        user_display_name=email,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential) for one in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return json.loads(options_to_json(found)), bytes_to_base64url(found.challenge)


def registered(
    site: Site, answer: Mapping[str, Any], challenge: str, *, name: str, now: datetime
) -> Passkey:
    """Return the passkey that a browser made; raises Refused when its answer is not right."""
    try:
        found = verify_registration_response(
            credential=dict(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except _ODD:
        raise Refused(Refusal("passkey.not_made")) from None
    return Passkey(
        credential=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        name=name,
        created_at=now,
    )


def to_sign_in(site: Site) -> tuple[dict[str, Any], str]:
    """Return what a browser needs to sign in with any passkey of this site, and the challenge."""
    found = generate_authentication_options(
        rp_id=site.host, user_verification=UserVerificationRequirement.REQUIRED
    )
    return json.loads(options_to_json(found)), bytes_to_base64url(found.challenge)


def account_of(
    session: Session, site: Site, answer: Mapping[str, Any], challenge: str, *, now: datetime
) -> int:
    """Return whose passkey signed the challenge; raises Refused when none of ours did."""
    wrong = Refused(Refusal("passkey.not_known"))
    try:
        credential_id = base64url_to_bytes(str(answer["rawId"]))
    except _ODD:
        raise wrong from None
    kept = session.scalar(
        select(Passkey).where(Passkey.credential == credential_id).with_for_update()
    )
    if kept is None:
        raise wrong
    try:
        found = verify_authentication_response(
            credential=dict(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=kept.public_key,
            credential_current_sign_count=kept.sign_count,
            require_user_verification=True,
        )
    except _ODD:
        raise wrong from None
    kept.sign_count, kept.used_at = found.new_sign_count, now
    return kept.account_id


def of_account(session: Session, account_id: int) -> list[Passkey]:
    """Return an account's passkeys, the first made first."""
    mine = select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)
    return list(session.scalars(mine))


def remove(session: Session, account_id: int, passkey_id: int) -> None:
    """Take a passkey away; asked twice it is done once."""
    mine = (Passkey.account_id == account_id, Passkey.id == passkey_id)
    session.execute(delete(Passkey).where(*mine))
