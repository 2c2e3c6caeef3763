"""The ground every room stands on: settings, errors, ids, time, database, staff, audit, bus.

Imports none of the other rooms (checked by import-linter).
"""
