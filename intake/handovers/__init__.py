"""Cases in the hands of communes: packets, answers, links, and the programs of offices."""
