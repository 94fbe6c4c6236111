"""How guessing passwords and reset codes is slowed down, and nobody locked out.

A guess counts for the account, whoever makes it, and for the network that it
comes from, whatever the account. Where too many were wrong, the next is not
looked at until a wait is over.

So strangers could make others wait: a few wrong guesses behind the address of
a school, or at the name of its head, would keep out those who know their
passwords. Therefore a *pair* of an account and a network that it was signed in
from before has an allowance of its own, which no guess at another account and
none from another network uses up. What it buys is that the password is looked
at. The answer to a wrong one stays the one that a pair nobody has ever heard of
would get, at the same moment: otherwise it would tell who has an account here
(P7).
"""

from collections import OrderedDict
from collections.abc import Iterable

from protocol.refusals import Refusal
from server.domain.errors import Busy, RequestRefused
from server.domain.user import username_key
from server.sessions.rate_limits import Throttle, network_of

FREE_GUESSES = 5
"""For an account, and for a pair, before one has to wait."""

FREE_OF_NETWORK = 20
"""Behind one address there may be a whole school that mistypes."""

LONGEST_ACCOUNT_WAIT_S = 60.0
LONGEST_NETWORK_WAIT_S = 900.0

CROWDED_RETRY_MS = 500
"""When to come again while others' tries are being decided: some hashes later."""

MAX_KNOWN_NETWORKS = 16
"""Remembered of each account; the one unused for longest is forgotten."""


class TooManyAttempts(RequestRefused):
    """Wait; the password was not looked at, or might as well not have been."""

    def __init__(self, wait_s: float) -> None:
        text = f"too many wrong passwords; wait {wait_s:.0f} s"
        super().__init__(Refusal.TOO_MANY_ATTEMPTS, text, max(1, round(wait_s * 1000)))


class SignInGuard:
    """Watches over sign-ins by password. On the reactor's thread.

    `known` are usernames and the addresses that they were signed in from, those
    of longest ago first.
    """

    def __init__(self, known: Iterable[tuple[str, str]] = ()) -> None:
        self.accounts = Throttle(FREE_GUESSES, LONGEST_ACCOUNT_WAIT_S)
        self.networks = Throttle(FREE_OF_NETWORK, LONGEST_NETWORK_WAIT_S)
        self.pairs = Throttle(FREE_GUESSES, LONGEST_ACCOUNT_WAIT_S)
        self.wrong = 0
        """Passwords and codes that were wrong, since the server started."""
        self._known: dict[str, OrderedDict[str, None]] = {}
        for username, address in known:
            self.signed_in(username, address)

    def begin(self, username: str, address: str, now: float) -> "Guess":
        """Count a password that is about to be tried, from here on."""
        account, network = username_key(username), network_of(address)
        wait_s = max(self.accounts.wait_s(account, now), self.networks.wait_s(network, now))
        refusal: RequestRefused | None = None
        if wait_s > 0:
            refusal = TooManyAttempts(wait_s)
        elif self.accounts.is_crowded(account, now) or self.networks.is_crowded(network, now):
            refusal = Busy(CROWDED_RETRY_MS)
        return Guess(self, account, network, refusal, now)

    def signed_in(self, username: str, address: str) -> None:
        """Note that this account's person was there, by whatever proof."""
        self.remember(username_key(username), network_of(address))

    def remember(self, account: str, network: str) -> None:
        """Do the same, by the keys of both."""
        networks = self._known.setdefault(account, OrderedDict())
        networks[network] = None
        networks.move_to_end(network)
        if len(networks) > MAX_KNOWN_NETWORKS:
            networks.popitem(last=False)

    def knows(self, account: str, network: str) -> bool:
        """Tell whether the account was signed in from there."""
        return network in self._known.get(account, ())


class Guess:
    """One try, from its beginning until it is `right`, `is_wrong` or `undecided`:
    exactly one of them has to be called.

    `is_looked_at` says whether it may be held against what is stored. `refusal` is
    what a stranger is told, whatever it is, and anybody unless it is right; None:
    there is nothing to hide.
    """

    def __init__(
        self,
        guard: SignInGuard,
        account: str,
        network: str,
        refusal: RequestRefused | None,
        now: float,
    ) -> None:
        self.refusal = refusal
        self._guard = guard
        self._pair = pair = (account, network)
        is_known = guard.knows(account, network)
        has_turn = not guard.pairs.wait_s(pair, now) and not guard.pairs.is_crowded(pair, now)
        self.is_looked_at = refusal is None or (is_known and has_turn)
        self._is_over = False
        self._counted: list[tuple[Throttle, object]] = []
        if refusal is None:
            # Where a stranger would be refused, nothing counts for a stranger.
            self._counted += [(guard.accounts, account), (guard.networks, network)]
        if self.is_looked_at and is_known:
            self._counted.append((guard.pairs, pair))
        for throttle, key in self._counted:
            throttle.enter(key)

    def is_wrong(self, now: float) -> None:
        """Count a wrong password or code, where one was looked at."""
        if not self._is_over and self.is_looked_at:
            self._guard.wrong += 1
            for throttle, key in self._counted:
                throttle.fail(key, now)
        self.undecided()

    def undecided(self) -> None:
        """Release the guess without counting it: nobody looked at it, say because the
        server was busy."""
        if not self._is_over:
            self._is_over = True
            for throttle, key in self._counted:
                throttle.leave(key)

    def right(self) -> None:
        """Forget the account's wrong guesses: this one was right. Those of the network
        stay: an account of one's own would wash off every guess at another's."""
        self.undecided()
        account, network = self._pair
        self._guard.accounts.forget(account)
        self._guard.pairs.forget(self._pair)
        self._guard.remember(account, network)
