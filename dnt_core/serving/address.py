r"""Where a page is, for a browser and in a sentence."""

from __future__ import annotations

import ipaddress
import re
import socket

EVERYBODY = ("0.0.0.0", "::")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


_VIRTUAL = re.compile(
    r"tun|tap|utun|wg|ppp|ipsec|vpn|zt|tailscale|nordlynx|docker|br-|veth|virbr|vmnet|vboxnet|vethernet|bridge|lxc|lxd|"
    r"cni|flannel|cali|podman|hyper-v|virtualbox|vmware|openvpn|wireguard|cisco|anyconnect|fortinet|globalprotect"
)


def url(host: str, port: int, code: str = "", page: str = "") -> str:
    r"""The page's address, as a browser takes it; the code stands behind ``#``, which goes to no server."""
    if host in EVERYBODY:
        host = own_addresses()[0][0]
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/{page}" + (f"#{code}" if code else "")


def addresses(host: str, port: int, code: str = "", page: str = "") -> list[str]:
    r"""All of the page's addresses, those that a class can reach first."""
    names = [ip for ip, _ in own_addresses()] if host in EVERYBODY else [host]
    return [url(name, port, code, page) for name in names]


def address(host: str, port: int, who: str, code: str = "") -> str:
    r"""Where the page is and who can reach it, in a sentence; ``who`` says what ``--host 0.0.0.0`` is for."""
    if host in EVERYBODY:
        others = ", ".join(f"{url(ip, port, code)} ({name})" for ip, name in own_addresses()[1:])
        also = f"; where that does not open, this machine is also {others}" if others else ""
        return f"The page is at {url(host, port, code)} for everybody on this network{also}"
    only = f" (this machine only; {who}: --host 0.0.0.0)" if host in LOOPBACK else ""
    return f"The page is at {url(host, port, code)}{only}"


def own_addresses() -> list[tuple[str, str]]:
    r"""This machine's IPv4 addresses and their networks' names, those that a class can reach first.

    The networks of VPNs, containers and virtual machines come last, whatever their addresses; before them
    public addresses, and first the private ones of a LAN, of these the one that the way out leaves by.
    """
    import psutil

    state, outward = psutil.net_if_stats(), _outward_address()
    found = []
    for name, entries in psutil.net_if_addrs().items():
        up = state.get(name)
        if up is not None and not up.isup:
            continue
        flags = getattr(up, "flags", "") or ""
        for entry in entries:
            if entry.family != socket.AF_INET:
                continue
            ip = ipaddress.ip_address(entry.address)
            if ip.is_loopback or ip.is_link_local:
                continue
            virtual = bool(_VIRTUAL.match(name.lower()) or "pointopoint" in flags)
            rank = (virtual, not ip.is_private, entry.address != outward, name, entry.address)
            found.append((rank, (entry.address, name)))
    return [known for _, known in sorted(found)] or [(outward, "")]


def _outward_address() -> str:
    r"""The address that packets to other networks leave by; behind a VPN that is the VPN's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: asks which of our addresses would be used
            return probe.getsockname()[0]
        except OSError:
            return socket.gethostname()
