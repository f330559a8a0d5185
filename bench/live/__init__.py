"""Scaling on a real cluster: ours, KEDA and an HPA side by side, each with a pool of its own under the same load."""
