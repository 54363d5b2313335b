"""Which exception classes stand above a class, where that is certain: the interpreter's, and the standard library's.

Nothing is imported: what the standard library defines is written down here, by base class, and a test holds it against
the interpreter. Of any other class nothing is known.
"""

from __future__ import annotations

import builtins
from functools import lru_cache

from policy_engine.model import short_name

_BELOW = {
    "ArithmeticError": "decimal.DecimalException",
    "AttributeError": "dataclasses.FrozenInstanceError",
    "BaseException": "asyncio.exceptions.CancelledError",
    "ConnectionResetError": "http.client.RemoteDisconnected",
    "EOFError": "asyncio.exceptions.IncompleteReadError",
    "Exception": """
        argparse.ArgumentError argparse.ArgumentTypeError asyncio.exceptions.InvalidStateError
        asyncio.exceptions.LimitOverrunError asyncio.queues.QueueEmpty asyncio.queues.QueueFull configparser.Error
        copy.Error ctypes.ArgumentError email.errors.MessageError ftplib.Error http.client.HTTPException locale.Error
        multiprocessing.context.ProcessError multiprocessing.managers.RemoteError optparse.OptParseError _queue.Empty
        queue.Full sqlite3.Error sqlite3.Warning struct.error subprocess.SubprocessError tarfile.TarError
        xml.dom.DOMException xml.parsers.expat.ExpatError xmlrpc.client.Error zipfile.BadZipFile zipfile.LargeZipFile
        zlib.error""",
    "ModuleNotFoundError": "importlib.metadata.PackageNotFoundError",
    "OSError": """
        gzip.BadGzipFile io.UnsupportedOperation shutil.Error shutil.ReadError smtplib.SMTPException socket.gaierror
        socket.herror ssl.SSLError urllib.error.URLError""",
    "RuntimeError": "asyncio.exceptions.BrokenBarrierError threading.BrokenBarrierError",
    "SyntaxError": "xml.etree.ElementTree.ParseError",
    "ValueError": """
        binascii.Error email.errors.MessageDefect io.UnsupportedOperation ipaddress.AddressValueError
        ipaddress.NetmaskValueError json.decoder.JSONDecodeError plistlib.InvalidFileException
        ssl.SSLCertVerificationError statistics.StatisticsError tomllib.TOMLDecodeError""",
    "ZeroDivisionError": "decimal.DivisionByZero decimal.DivisionUndefined",
    "configparser.Error": """
        configparser.DuplicateOptionError configparser.DuplicateSectionError configparser.InterpolationError
        configparser.NoOptionError configparser.NoSectionError configparser.ParsingError""",
    "configparser.InterpolationError": """
        configparser.InterpolationDepthError configparser.InterpolationMissingOptionError
        configparser.InterpolationSyntaxError""",
    "configparser.ParsingError": "configparser.MissingSectionHeaderError",
    "decimal.DecimalException": "decimal.Clamped decimal.DivisionByZero decimal.InvalidOperation",
    "decimal.InvalidOperation": "decimal.ConversionSyntax decimal.DivisionImpossible decimal.DivisionUndefined",
    "email.errors.MessageError": "email.errors.MessageParseError",
    "ftplib.Error": "ftplib.error_perm ftplib.error_proto ftplib.error_reply ftplib.error_temp",
    "http.client.BadStatusLine": "http.client.RemoteDisconnected",
    "http.client.HTTPException": """
        http.client.BadStatusLine http.client.ImproperConnectionState http.client.IncompleteRead http.client.InvalidURL
        http.client.LineTooLong http.client.NotConnected http.client.UnknownProtocol""",
    "http.client.ImproperConnectionState": """
        http.client.CannotSendHeader http.client.CannotSendRequest http.client.ResponseNotReady""",
    "multiprocessing.context.ProcessError": """
        multiprocessing.context.AuthenticationError multiprocessing.context.BufferTooShort
        multiprocessing.context.TimeoutError""",
    "shutil.Error": "shutil.SameFileError",
    "smtplib.SMTPException": """
        smtplib.SMTPNotSupportedError smtplib.SMTPRecipientsRefused smtplib.SMTPResponseException
        smtplib.SMTPServerDisconnected""",
    "smtplib.SMTPResponseException": """
        smtplib.SMTPAuthenticationError smtplib.SMTPConnectError smtplib.SMTPDataError smtplib.SMTPHeloError
        smtplib.SMTPSenderRefused""",
    "sqlite3.DatabaseError": """
        sqlite3.DataError sqlite3.IntegrityError sqlite3.InternalError sqlite3.NotSupportedError
        sqlite3.OperationalError sqlite3.ProgrammingError""",
    "sqlite3.Error": "sqlite3.DatabaseError sqlite3.InterfaceError",
    "ssl.SSLError": """
        ssl.SSLCertVerificationError ssl.SSLEOFError ssl.SSLSyscallError ssl.SSLWantReadError ssl.SSLWantWriteError
        ssl.SSLZeroReturnError""",
    "subprocess.SubprocessError": "subprocess.CalledProcessError subprocess.TimeoutExpired",
    "tarfile.TarError": "tarfile.CompressionError tarfile.ExtractError tarfile.HeaderError tarfile.ReadError",
    "urllib.error.URLError": "urllib.error.ContentTooShortError urllib.error.HTTPError",
    "xmlrpc.client.Error": "xmlrpc.client.Fault xmlrpc.client.ProtocolError xmlrpc.client.ResponseError",
}


def _by_class() -> dict[str, tuple[str, ...]]:
    bases: dict[str, tuple[str, ...]] = {}
    for base, names in _BELOW.items():
        for name in names.split():
            bases[name] = (*bases.get(name, ()), base)
    return bases


BASES = _by_class()
"""The base classes of each class of the standard library that is known here; builtin ones are asked themselves."""


@lru_cache(maxsize=4096)
def ancestors(name: str) -> frozenset[str]:
    """Return ``name`` and the names of all classes that every class of that name certainly descends from."""
    own = getattr(builtins, name, None)
    if isinstance(own, type) and issubclass(own, BaseException):
        return frozenset({name, *(short_name(f"{each.__module__}.{each.__qualname__}") for each in own.__mro__[:-1])})
    return frozenset({name}).union(*map(ancestors, BASES.get(name, ())))
