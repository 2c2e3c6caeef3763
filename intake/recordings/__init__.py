"""The sound of calls: made smaller, sealed, looked after, brought to headquarters, played."""
