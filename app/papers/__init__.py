"""Papers as PDF: what stands on each, typed, and the one renderer that prints them.

documents  what stands on each paper, in words
glyphs     which characters the fonts can print
printing   documents to PDF (Typst), one or many in one file

It knows nothing of bookings or money: whoever prints has looked everything up and said it in words.
"""
