"""What a source is: readers over bytes, the codec tables, the source matrix, routing, and the facts of a probe."""
