"""Bytes ⇄ messages, no meaning attached. Every stage here takes bytes cut anywhere and gives the same items."""
