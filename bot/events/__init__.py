"""What is announced, and who comes."""
