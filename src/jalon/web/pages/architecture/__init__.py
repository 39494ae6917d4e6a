"""How the solution is built, and whether what runs is what was declared."""
