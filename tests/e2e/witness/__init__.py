"""What is asked inside a worker's pod, where the store and the journal can be reached."""
