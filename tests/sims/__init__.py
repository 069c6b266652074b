"""The simulators, asked in the way the service and its users ask."""
