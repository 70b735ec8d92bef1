"""Leads TLS connections to an ad platform's servers to countonce's TLS door, and has them
trust the run's certificate authority: urllib3 and aiohttp ignore proxy variables, and
clients may bring their own list of authorities. Every other host is left alone.
Python loads a module of this name at its start; one that it hides is loaded by it."""
import os
import sys


def _lead():
    hosts = [one for one in os.environ.get("COUNTONCE_HOSTS", "").lower().split(",") if one]
    address, _, port = os.environ.get("COUNTONCE_TLS_DOOR", "").rpartition(":")
    address = address.strip("[]")
    if not hosts or not address or not port.isdigit():
        return
    try:
        import socket
        import ssl
    except ImportError:
        return
    try:
        with open(os.environ.get("COUNTONCE_CA_FILE", "")) as file:
            authority = file.read()
    except (IOError, OSError):
        authority = None

    def led(host):
        if isinstance(host, (bytes, bytearray)):
            host = host.decode("ascii", "replace")
        if not isinstance(host, str):
            return False
        host = host.lower().rstrip(".")
        return any(host == one or host.endswith("." + one) for one in hosts)

    look_up = socket.getaddrinfo

    def getaddrinfo(host, port_, family=0, type=0, proto=0, flags=0):
        if led(host) and str(port_) in ("443", "https"):
            return look_up(address, int(port), 0, type, proto, 0)
        return look_up(host, port_, family, type, proto, flags)

    socket.getaddrinfo = getaddrinfo
    if authority is None:
        return

    context = ssl.SSLContext
    load_locations = context.load_verify_locations
    load_defaults = context.load_default_certs
    set_defaults = context.set_default_verify_paths

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        load_locations(self, cafile, capath, cadata)
        load_locations(self, None, None, authority)

    def load_default_certs(self, purpose=ssl.Purpose.SERVER_AUTH):
        load_defaults(self, purpose)
        load_locations(self, None, None, authority)

    def set_default_verify_paths(self):
        set_defaults(self)
        load_locations(self, None, None, authority)

    context.load_verify_locations = load_verify_locations
    context.load_default_certs = load_default_certs
    context.set_default_verify_paths = set_default_verify_paths


def _load_hidden():
    import importlib.machinery
    import importlib.util

    here = os.path.dirname(os.path.abspath(__file__))
    others = [one for one in sys.path if os.path.abspath(one or ".") != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if sys.version_info >= (3, 0):
    _lead()
    _load_hidden()
