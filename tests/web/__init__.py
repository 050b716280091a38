"""The pages, through a browser that is a test client."""
