"""How a driver's commands reach the scheduler; what they promise stands in `base`."""
