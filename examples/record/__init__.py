"""Records an hour of a service that really fails, as the log it writes and as JSON Lines of its errors.

The service is an alert bot's surroundings: an alert feed over WebSocket, HTTP upstreams, SQLite, files, and its own
mistakes. Nothing is made up: sockets are refused, files are corrupt, servers hang up. Only three things are arranged:
what fails when (`record.hour`), the clock in the log (`record.service_time`), and paths (`record.anonymise`).

Needs the standard library and websockets alone.
"""
