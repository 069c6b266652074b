"""What staff read of bookings, and files made of it. Nothing here changes a booking.

lines    bookings of a period, filtered, sorted, paged, added up       ← start here
money    what a line was assessed and what of it was collected
days     a hall's day and week for the desk
finding  the booking somebody on the telephone speaks of
bookings one booking with everything around it
history  who did what to which booking, from the audit
usage    how much a month used of what was open
letters  letters that did not arrive, jobs that were given up
columns  a table as a file: headings, kinds, values
as_csv   the same as CSV, safe for spreadsheets
as_xlsx  the same as an Excel workbook
exporting  who took which file is written down

Every query names its municipality, although the database would see to it alone.
"""
