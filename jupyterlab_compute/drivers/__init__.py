"""One file per kind of scheduler; what they promise stands in `base`."""
