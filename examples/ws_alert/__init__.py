"""A WebSocket alert bot: receives alerts as JSON, hands them to handlers, survives its server.

A small program as a user of the library would write it. Start with `ws_alert.client.WebSocketClient`.
"""
