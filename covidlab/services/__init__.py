"""What the server does for many visitors at once: events of a run, HTTP routes. No Streamlit."""
