"""What is wanted: problem, people, stories, requirements, and how far they are covered."""
