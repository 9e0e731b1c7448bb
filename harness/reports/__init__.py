"""What people and machines read of a run: terminal text, and one document as JSON, HTML or Markdown."""
