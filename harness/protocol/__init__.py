"""The words: events, chunks, readings, transcripts. No judgement here."""
