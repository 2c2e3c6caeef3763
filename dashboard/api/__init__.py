"""The programming interface, version 1: what the public app and web forms send to the hotline."""
