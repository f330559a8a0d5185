"""What speaks with Kubernetes: requests, copies of what there is, the Lease, and events."""
