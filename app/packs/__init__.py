"""Packs: everything that makes the service a given municipality's, as files that people read.

format   what may be written, as pydantic models          ← start here
tree     a YAML file -> values, with the line of each
wording  what pydantic found -> a sentence for the writer
reader   a folder -> a pack and all its problems
checks   what must agree between the parts of a pack
memory   a pack -> the catalogue that rules read, without a database
cases    the pack's own example bookings, worked out
checker  check(): all of the above as one report
loader   load(): a checked pack into the database
exporter export(): the database as a pack again
shipped  the packs that come with the service (data)
"""
