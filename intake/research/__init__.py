"""What is given to research: rows without anybody's name, asked for by one and allowed by another."""
