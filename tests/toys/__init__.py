"""What tests share: tiny models and tokenizers, the command, plain computations, and sets of explanations."""
