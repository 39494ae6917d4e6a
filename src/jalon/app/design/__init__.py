"""What the design writes into the folder, and reads from elsewhere than its files of today."""
