r"""Which address a class is told: one that it can reach."""

import socket
from collections import namedtuple

import psutil
import pytest

from dnt_core.serving import address as address_module
from dnt_core.serving.address import address, own_addresses, url

Entry = namedtuple("Entry", "family address")
State = namedtuple("State", "isup flags")
NETWORKS = {
    "lo": ("127.0.0.1", True, "up,loopback"), "tun0": ("10.8.0.6", True, "up,pointopoint"),
    "docker0": ("172.17.0.1", True, "up"), "eth1": ("141.30.1.1", True, "up"),
    "wlan0": ("192.168.1.20", True, "up"), "eth0": ("10.1.2.3", True, "up"),
    "eth9": ("192.168.9.9", False, ""), "auto0": ("169.254.7.7", True, "up"),
}  # fmt: skip


@pytest.fixture
def vpn(monkeypatch):
    r"""A machine in a WLAN and a wired network whose way out is a VPN."""
    far = Entry(socket.AF_INET6, "fe80::1")
    told = {name: [Entry(socket.AF_INET, ip), far] for name, (ip, *_) in NETWORKS.items()}
    state = {name: State(up, flags) for name, (_, up, flags) in NETWORKS.items()}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: told)
    monkeypatch.setattr(psutil, "net_if_stats", lambda: state)
    monkeypatch.setattr(address_module, "_outward_address", lambda: "10.8.0.6")
    return monkeypatch


def test_behind_a_vpn_the_lan_comes_first_and_all_are_named(vpn):
    assert [ip for ip, _ in own_addresses()] == [
        "10.1.2.3", "192.168.1.20", "141.30.1.1", "10.8.0.6", "172.17.0.1"
    ]  # fmt: skip
    assert url("0.0.0.0", 8866) == "http://10.1.2.3:8866/"
    said = address("0.0.0.0", 8866, "for a class")
    assert said.startswith("The page is at http://10.1.2.3:8866/ for everybody")
    assert "http://192.168.1.20:8866/ (wlan0)" in said and "http://10.8.0.6:8866/ (tun0)" in said


def test_of_two_lans_the_one_that_leads_out_comes_first(vpn):
    vpn.setattr(address_module, "_outward_address", lambda: "192.168.1.20")
    assert url("0.0.0.0", 8866) == "http://192.168.1.20:8866/"


def test_a_machine_without_networks_is_called_by_its_name(vpn):
    vpn.setattr(psutil, "net_if_addrs", dict)
    vpn.setattr(address_module, "_outward_address", lambda: "box")
    assert address("0.0.0.0", 80, "") == "The page is at http://box:80/ for everybody on this network"


def test_loopback_is_this_machine_only():
    assert address("127.0.0.1", 80, "for a class") == (
        "The page is at http://127.0.0.1:80/ (this machine only; for a class: --host 0.0.0.0)"
    )
