"""``hotline.yaml``: its model, its loader with faults named by line, its profiles."""
