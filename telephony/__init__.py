"""Everything that speaks with Asterisk: AMI in, call events out, actions back.

Asterisk's vocabulary stops at this package's edge; the rest of the house hears `hotline.events`.
"""
