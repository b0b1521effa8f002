"""HTTP client for Google's pages, limited to allowed hosts, and in time and size."""
