"""The programming interface, version 1: reports of the app and web forms, handovers to offices."""

VERSION = "/api/v1"
REPORTS = f"{VERSION}/reports"
"""Where a report is sent to."""
HANDOVERS = f"{VERSION}/handovers"
"""Where an office's program fetches what was handed to it."""
