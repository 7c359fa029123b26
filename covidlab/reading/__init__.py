"""Reading a film with a trained model."""
