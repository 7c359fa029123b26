"""What a trained model says of an X-ray."""
