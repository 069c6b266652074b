"""Programs that stand in for the outside world, speaking its wire formats on this machine only."""
