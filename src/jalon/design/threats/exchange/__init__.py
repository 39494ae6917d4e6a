"""The model in the formats of other threat modelling tools, and theirs as a draft of ours."""
