"""A past that is made up: years of calls, records and cases that agree with what the hotline published.

For trying the system at its size, for its reports' tests and benchmarks; never beside real data.
"""
