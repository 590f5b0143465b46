"""Makes what runs at the edge. Nothing of this folder is in it."""
