"""The whole loop on one machine, with simulated people.

A chat service calls a local model server through the real ``openai`` client under a real
instrumentation; simulated people read, copy, edit, ask again and leave; everything they do
travels over OTLP to a real ``serve``.
"""
