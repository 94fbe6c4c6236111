"""The servers that are measured: Rostrum, and what people would otherwise run."""
