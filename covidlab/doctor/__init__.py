"""What works on this machine, and what to do about what does not. No module here imports a package before it is asked."""
