"""One intention of a resident, a clerk or the service is one function and one transaction.

choosing   hold rooms and times, let them go, keep them longer
applying   make a booking of a basket: number, fee, ledger, one letter
applying_for a program applies for somebody, all or nothing
asking_once what a program sends again is done once and answered the same
cancelling cancel rooms of a booking, by the applicant or for them
receiving  enter a payment at the counter
lapsing    let unpaid bookings go at their deadline
signing_in ask for a code, sign in with it, sign out
delivering send a letter that was promised
sweeping   clear away what nobody needs any more
"""
