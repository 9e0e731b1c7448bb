"""The cases that implementations are asked, as data: read, chosen, turned into stimuli."""
