"""Training of encoders and masked language models."""
