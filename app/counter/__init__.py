"""The counter of a hall (窓口): who came and left, with which key, and what staff tell each other.

rules     which mark may follow which; pure
models    the actual use of a line, hand-over notes
uses      marks set, taken back, and put right
notes     written and seen to
"""
