"""Programs that stand in for the outside world, speaking its wire formats on this machine only.

clock, kept, serving, courier, posting   what every stand-in is made of
stripe           payments
locks            the locks of doors
mail, authenticator   a resident's letters, a member of staff's six digits
"""
