"""Who answers which message, and who may ask: the one table of P6."""

from protocol.messages import (
    GetHistory,
    Hello,
    Ping,
    Post,
    Register,
    Resume,
    SignIn,
    SignOut,
    Sync,
)
from server.handlers import accounts, connection, messages
from server.session import Handler, Handlers
from server.user import Action

HANDLERS: Handlers = {
    Hello: Handler(connection.hello),
    Ping: Handler(connection.ping),
    Register: Handler(accounts.register, alone=True),
    SignIn: Handler(accounts.sign_in, alone=True),
    Resume: Handler(accounts.resume, alone=True),
    SignOut: Handler(accounts.sign_out, alone=True),
    Sync: Handler(messages.sync, Action.READ, alone=True),
    GetHistory: Handler(messages.history, Action.READ, alone=True),
    Post: Handler(messages.post, Action.POST),
}
