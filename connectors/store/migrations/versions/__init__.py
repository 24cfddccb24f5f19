"""One module per revision, `rNNNN_what.py`, each building on the one before. A released revision is never edited."""
