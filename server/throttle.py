"""How guessing passwords is slowed down, and asking too fast.

After FREE_ATTEMPTS wrong passwords each further one makes the next wait twice
as long, for the account that was tried and for the address that tried. Whether
the account exists makes no difference (P7). It lives in memory: a restart
forgives, and costs an attacker more than it gives.

Nobody can lock somebody else out. An account's wait is short; it does not hold
where the account has been signed in from before; and a session token, by which
a signed-in client comes back, is not asked for a password at all.
"""

import ipaddress
from collections import OrderedDict

from protocol.refusals import Refusal
from server.rejection import Rejected
from server.user import username_key

FREE_ATTEMPTS = 5
FIRST_WAIT_S = 1.0
LONGEST_ACCOUNT_WAIT_S = 60.0
LONGEST_ADDRESS_WAIT_S = 900.0

FORGET_AFTER_S = 1800.0
"""Twice the longest wait: who waits it out does not begin anew."""

MAX_KEYS = 10_000
"""Remembered at most of each kind; the one unused for longest is forgotten."""


class TooManyAttempts(Rejected):
    """Wait; the password was not looked at."""

    def __init__(self, wait_s: float) -> None:
        text = f"too many wrong passwords; wait {wait_s:.0f} s"
        super().__init__(Refusal.TOO_MANY_ATTEMPTS, text, max(1, round(wait_s * 1000)))


class Throttle:
    """Counts failures by key. Times are in seconds of one steady clock."""

    def __init__(self, longest_wait_s: float) -> None:
        self._longest_wait_s = longest_wait_s
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()
        """How many, and when the last was."""

    def __len__(self) -> int:
        return len(self._failures)

    def wait_s(self, key: str, now: float) -> float:
        """How long until this key may try again; 0: now."""
        count, last = self._failures.get(key, (0, now))
        if count < FREE_ATTEMPTS or now - last > FORGET_AFTER_S:
            return 0.0
        # The exponent is bounded, or the wait would outgrow a float.
        wait = FIRST_WAIT_S * 2.0 ** min(count - FREE_ATTEMPTS, 30)
        return max(0.0, last + min(wait, self._longest_wait_s) - now)

    def count(self, key: str, now: float) -> None:
        """One more failure."""
        count, last = self._failures.pop(key, (0, now))
        if now - last > FORGET_AFTER_S:
            count = 0
        self._failures[key] = (count + 1, now)
        if len(self._failures) > MAX_KEYS:
            self._failures.popitem(last=False)

    def take_back(self, key: str) -> None:
        """The last one was none."""
        count, last = self._failures.get(key, (0, 0.0))
        if count:
            self._failures[key] = (count - 1, last)

    def forget(self, key: str) -> None:
        """There were none."""
        self._failures.pop(key, None)


class Pace:
    """How fast one session may ask: a token bucket that holds one second's
    worth. Times are in seconds of one steady clock."""

    __slots__ = ("_left", "_rate", "_seen")

    def __init__(self, per_second: int, now: float) -> None:
        self._rate = float(per_second)
        self._left = self._rate
        self._seen = now

    def take(self) -> None:
        """One was asked."""
        self._left -= 1.0

    def wait_s(self, now: float) -> float:
        """How long until the next may be asked; 0: now."""
        self._left = min(self._rate, self._left + (now - self._seen) * self._rate)
        self._seen = now
        return 0.0 if self._left >= 1.0 else (1.0 - self._left) / self._rate


class SignInGuard:
    """Watches over sign-ins by password. On the reactor's thread."""

    def __init__(self) -> None:
        self._accounts = Throttle(LONGEST_ACCOUNT_WAIT_S)
        self._addresses = Throttle(LONGEST_ADDRESS_WAIT_S)
        self.failures = 0
        """Passwords and codes that were wrong, since the server started."""
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        """Accounts and the addresses from which they were signed in."""

    def begin(self, username: str, address: str, now: float) -> None:
        """A password is about to be tried. For the account it counts as wrong
        from here on, so that many at once are no way around. Raises
        TooManyAttempts."""
        account, network = username_key(username), network_of(address)
        wait_s = self._addresses.wait_s(network, now)
        if (account, network) not in self._known:
            wait_s = max(wait_s, self._accounts.wait_s(account, now))
        if wait_s > 0:
            raise TooManyAttempts(wait_s)
        self._accounts.count(account, now)

    def failed(self, address: str, now: float) -> None:
        """It was wrong. For the address it counts only now: many people may
        sign in at once from behind one."""
        self.failures += 1
        self._addresses.count(network_of(address), now)

    def undecided(self, username: str) -> None:
        """Nobody has looked at it: the server was too busy, say."""
        self._accounts.take_back(username_key(username))

    def succeeded(self, username: str, address: str) -> None:
        """It was the right one. The address is not forgiven: an account of one's
        own would wash off every guess at another's."""
        account, network = username_key(username), network_of(address)
        self._accounts.forget(account)
        self._known[account, network] = None
        self._known.move_to_end((account, network))
        if len(self._known) > MAX_KEYS:
            self._known.popitem(last=False)


def network_of(address: str) -> str:
    """What one person is taken to have: an IPv4 address, or an IPv6 /64, of
    which a single machine has all addresses (RFC 4291, section 2.5.4)."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, 64), strict=False))
