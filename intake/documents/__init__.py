"""The statutory forms as data, filled in, and as documents on paper."""
