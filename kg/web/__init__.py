"""The graph over HTTP: a server that evaluates nothing, over worker processes that may be killed."""
