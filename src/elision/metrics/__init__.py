"""How good explanations are: faithfulness, plausibility, agreement, sanity, each with its interval."""
