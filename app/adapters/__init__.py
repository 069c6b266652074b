"""The outside world's words and ours: each adapter fills one port."""
