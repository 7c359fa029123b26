"""What the pages share: how a page begins, cached readers, film cards, plain words, charts. The one place for Streamlit."""
