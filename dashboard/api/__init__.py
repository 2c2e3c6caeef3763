"""The programming interface, version 1: what the public app and web forms send to the hotline."""

VERSION = "/api/v1"
REPORTS = f"{VERSION}/reports"
"""Where a report is sent to."""
