"""How staff prove who they are: password with an authenticator app, passkey, recovery codes."""
