"""Cases: their way and its clocks, who must act, what happened, which reports are one incident."""
