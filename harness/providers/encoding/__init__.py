"""Source events → each wire's own messages: for synthetic cassettes and for the hunt, never for a live provider."""
