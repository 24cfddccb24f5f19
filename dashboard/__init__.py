"""The program that people run: its commands and its pages."""

import os

# Polars keeps what it has let go for its own next need, for ever as it counts: half a gigabyte beside what a country's records
# take. Given back after a tenth of a second, a refresh takes as long and the machine has the room. Read once, when polars is
# loaded, so it stands before anything here loads it; whoever runs the program may have set it otherwise.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:100,muzzy_decay_ms:0")
