"""What may be booked, by whom, from when, and what follows. Pure: no table, no clock.

days         an instant of an ordinance: n months before, the next open day
reception    between when a use can be applied for
runs         slots next to one another are one use
availability the state of every slot of a day, with its reason
requests     every reason why a request is refused
quotas       how many uses are allowed
outcomes     what paying late and cancelling lead to
"""
