"""Every limit on the requests to one endpoint: how long, how many, how often again."""

# --- time ---

# For the TCP connection and the handshake of TLS, each.
CONNECT_S = 5.0
# An endpoint that failed is tried by a real request, which must not lose much by it.
PROBE_CONNECT_S = 1.0
# A server that loads its model is silent for minutes, with the connection standing all the while.
FIRST_TOKEN_S = 180.0
# Between two pieces of an answer; comments such as `: ping` count as pieces.
SILENCE_S = 90.0
# For whole answers. Nobody waits longer for ghost text, which is gone with the next key.
INFILL_S = 7.0
CHAT_S = 300.0
# How long to wait for token counts and the end of the stream, once the answer itself is whole.
DRAIN_S = 0.5

# --- number ---

# Requests to one endpoint at a time, of one editor. llama.cpp serves 4 by default; servers that
# batch take more, but one person asks for no more, and what exceeds it would only share the GPU.
RUNNING = 4
# One of them is kept for what a person waits for.
RUNNING_AUTOMATIC = 3

# --- how often again ---

# So many failures in a row, and the endpoint is left alone for a while.
FAILURES = 3
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
# Where a server that is overloaded does not say how long.
REST_S = 1.0
LONGEST_REST_S = 600.0
# What was measured longer ago says nothing of now.
LATENCY_VALID_S = 300.0
