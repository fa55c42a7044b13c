"""What several exercises share: cases, sentences, sizes."""
