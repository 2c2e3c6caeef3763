"""Who protects children in each commune and province, and on which number."""
