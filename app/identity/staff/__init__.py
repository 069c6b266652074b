"""Who works for a municipality: members, their roles, and invitations."""
