"""The program that people run: its commands and its pages.

What the libraries below are told is read when they are loaded, so it stands here, before anything loads them; whoever runs the
program may have told them otherwise.
"""

import os

# Polars keeps what it has let go for its own next need, for ever as it counts: half a gigabyte beside what a country's records
# take. Given back after a tenth of a second, a refresh takes as long and the machine has the room.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:100,muzzy_decay_ms:0")
# Nothing here multiplies matrices. The threads that numpy would keep for it do nothing but burn up to a quarter of every start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
