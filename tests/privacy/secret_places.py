"""The matrix of secrets: what they look like, and the places in texts and data in which they stand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

SECRETS = {
    "short password": "hunter2",
    "one lower-case word": "abracadabra",
    "password with symbols": "P@ss:w0rd!",
    "password with a hash and a slash": "zu#kunft/77",
    "password of digits": "90210417",
    "password in another script": "Пароль-ёж9",
    "hyphenated words": "correct-horse-battery-staple",
    "base64": "c2VjcmV0LXZhbHVlIQ==",
    "hexadecimal": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "uuid": "0b9c3a54-6b3e-4d5f-8e21-7a9d0c1e2f3b",
    "json web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "AWS key id": "AKIA" + "IOSFODNN7EXAMPLE",
    "AWS secret key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "GitHub token": "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a",
    "GitLab token": "glpat-" + "x9Tq2LmN4vRz7WcY1kPb",
    "Slack token": "xoxb-" + "2444333222111-abcDEF012ghiJKL",
    "Stripe key": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "Google key": "AIza" + "SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
    "OpenAI key": "sk-proj-" + "abcd1234EFGH5678ijkl9012MNOP",
    "basic credentials": "Ym9iOmh1bnRlcjItc2VjcmV0",
    "card number": "4111111111111111",
    "IBAN": "GB29NWBK60161331926819",
    "e-mail address": "bob.builder@example.com",
    "private key": "-----BEGIN PRIVATE KEY-----MIIEvQIBADANBgkqhkiG9w0BAQEF-----END PRIVATE KEY-----",
}

TELLS_ITSELF = (
    "json web token", "AWS key id", "GitHub token", "GitLab token", "Slack token", "Stripe key", "Google key",
    "OpenAI key", "card number", "IBAN", "e-mail address", "private key",
)  # fmt: skip


@dataclass
class Login:
    user: str
    password: str


@dataclass
class Hidden:
    user: str
    note: str = field(repr=False)


class WithSlots:
    __slots__ = ("password",)

    def __init__(self, password: str) -> None:
        self.password = password


NAMED_IN_TEXT: dict[str, Callable[[str], str]] = {
    "key=value": lambda s: f"login failed: password={s}",
    "key = value": lambda s: f"login failed: password = {s}",
    "key=value, then more": lambda s: f"login failed (password={s}, attempt=3)",
    "key: value": lambda s: f"login failed, password: {s}",
    "key:value": lambda s: f"login failed, password:{s} user:bob",
    "key => value": lambda s: f"'password' => '{s}'",
    "key := value": lambda s: f"password := {s}",
    "on a line of its own": lambda s: f"could not log in\npassword={s}\nuser=bob",
    "JSON": lambda s: "body: " + json.dumps({"user": "bob", "password": s}),
    "JSON, not ASCII alone": lambda s: "body: " + json.dumps({"user": "bob", "password": s}, ensure_ascii=False),
    "JSON with indents": lambda s: json.dumps({"user": "bob", "password": s, "x": 1}, indent=2),
    "JSON in JSON": lambda s: json.dumps({"body": json.dumps({"password": s, "x": 1})}),
    "JSON list": lambda s: json.dumps({"tokens": [s, "other"]}),
    "JSON in a field": lambda s: json.dumps({"credentials": {"user": "bob", "anything": s}}),
    "JSON, name and value apart": lambda s: json.dumps({"env": [{"name": "DB_PASSWORD", "value": s}, {"name": "A"}]}),
    "JSON, value before its name": lambda s: json.dumps([{"value": s, "name": "X-Api-Key"}]),
    "Python dict": lambda s: repr({"user": "bob", "password": s}),
    "Python dict of bytes": lambda s: repr({b"password": s.encode()}),
    "Python pairs": lambda s: repr([("accept", "*/*"), ("authorization", s)]),
    "Python pairs of bytes": lambda s: repr([(b"authorization", s.encode()), (b"accept", b"*/*")]),
    "Python call": lambda s: f"connect(host='db', password={s!r}, port=5432)",
    "dataclass in text": lambda s: repr(Login("bob", s)),
    "environment": lambda s: f"DB_PASSWORD={s} APP_ENV=prod python app.py",
    "shell export": lambda s: f"export STRIPE_API_KEY={s}",
    "option with sign": lambda s: f"mysql --user=bob --password={s} shop",
    "option with space": lambda s: f"mysql --user bob --password {s} shop",
    "argument list": lambda s: f"Command {['tool', '--token', s, '--verbose']!r} returned 1",
    "option and value apart": lambda s: f"iscsiadm {('-n', 'node.auth.password', '-v', s)!r} failed",
    "libpq": lambda s: f"host=db user=app password={s} dbname=shop",
    "libpq quoted": lambda s: f"host=db user=app password='{s}' dbname=shop",
    "ODBC": lambda s: f"Driver=x;Server=db;Uid=app;Pwd={s};Database=shop",
    "Azure connection string": lambda s: f"AccountName=shop;AccountKey={s};EndpointSuffix=core.windows.net",
    "database URL": lambda s: f"could not connect to postgresql://app:{s}@db:5432/shop",
    "database URL, escaped": lambda s: f"could not connect to postgresql://app:{quote(s, safe='')}@db:5432/shop",
    "URL without user": lambda s: f"redis://:{s}@cache:6379/0 timed out",
    "URL with a driver": lambda s: f"mysql+pymysql://app:{s}@db/shop?charset=utf8mb4",
    "URL in quotes": lambda s: f'Could not parse SQLAlchemy URL from string "postgresql//app:{s}@db/shop"',
    "web URL": lambda s: f"GET https://bob:{quote(s, safe='')}@example.com/v1 failed with 500",
    "web URL, not escaped": lambda s: f"GET https://bob:{s}@example.com/v1 failed with 500",
    "web URL, token as user": lambda s: f"https://{quote(s, safe='')}@github.com/org/repo.git not found",
    "user and host without scheme": lambda s: f"cannot reach app:{quote(s, safe='')}@db.internal:5432",
    "query": lambda s: f"GET /v1/users?page=2&access_token={quote(s)}&sort=name 500",
    "query not escaped": lambda s: f"GET https://example.com/v1?client_secret={s}",
    "query, its last": lambda s: f"https://example.com/v1?x=1&api_key={quote(s)}",
    "query in a query": lambda s: "GET /login?next=" + quote(f"/home?password={quote(s)}&x=1", safe=""),
    "form": lambda s: f"body was user=bob&password={quote(s)}&remember=1",
    "form with brackets": lambda s: f"user[name]=bob&user[password]={quote(s)}",
    "header": lambda s: f"> Host: example.com\n> X-Api-Key: {s}\n> Accept: */*",
    "authorization header": lambda s: f"Authorization: Bearer {s}",
    "authorization, another scheme": lambda s: f"Authorization: Token {s}",
    "authorization, digest": lambda s: f'Authorization: Digest username="bob", response="{s}"',
    "cookie header": lambda s: f"Cookie: theme=dark; sid={s}; lang=en",
    "set-cookie header": lambda s: f"Set-Cookie: sessionid={s}; Path=/; HttpOnly",
    "curl": lambda s: f"curl -H 'Authorization: Bearer {s}' -H 'Accept: */*' https://example.com",
    "XML element": lambda s: f"<login><user>bob</user><password>{s}</password></login>",
    "XML with attributes": lambda s: f'<wsse:Password Type="text">{s}</wsse:Password>',
    "XML attribute": lambda s: f'<login user="bob" password="{s}"/>',
    "XML, name and value apart": lambda s: f'<add key="DbPassword" value="{s}"/>',
    "TOML": lambda s: f'[db]\nuser = "app"\npassword = "{s}"\n',
    "YAML": lambda s: f"db:\n  user: app\n  password: {s}\n",
    "YAML, name and value apart": lambda s: f"env:\n- name: LOG\n  value: x\n- name: DB_PASSWORD\n  value: {s}\n",
    "netrc": lambda s: f"machine db login app password {s}",
    "spoken": lambda s: f"the password is {s}",
    "quoted after its name": lambda s: f'password "{s}" was refused',
    "SQL assignment": lambda s: f"UPDATE users SET password = '{s}' WHERE id = 7",
    "SQL values": lambda s: f"INSERT INTO users (name, password) VALUES ('bob', '{s}')",
    "SQL rows": lambda s: f"INSERT INTO users (token, n) VALUES ('a', 1), ('{s}', 2)",
    "SQL without columns": lambda s: f"INSERT INTO users VALUES (7, 'bob', '{s}')",
    "SQL parameters": lambda s: f"[SQL: INSERT INTO u (a, b) VALUES (?, ?)]\n[parameters: ('bob', '{s}')]",
    "SQL named parameters": lambda s: f"[parameters: {{'name': 'bob', 'password': '{s}'}}]",
    "SQL parameters, their names short": lambda s: (
        f"[SQL: INSERT INTO u (name, password) VALUES (%(n)s, %(p)s)]\n[parameters: {{'n': 'bob', 'p': '{s}'}}]"
    ),
    "SQL parameters of a condition": lambda s: (
        f"[SQL: SELECT * FROM u WHERE u.api_key = :k_1 AND id = :id_1]\n[parameters: [{{'k_1': '{s}', 'id_1': 7}}]]"
    ),
    "SQL list": lambda s: f"SELECT * FROM u WHERE u.api_key IN ('{s}', 'x') AND n IN (1, 2)",
    "SQL pattern": lambda s: f"select * from u where token like '{s}' limit 1",
    "SQL user": lambda s: f"CREATE USER bob WITH PASSWORD '{s}'",
    "SQL user, MySQL": lambda s: f"CREATE USER 'bob'@'%' IDENTIFIED BY '{s}'",
    "row of a database": lambda s: f"DETAIL:  Failing row contains (7, bob, {s}).",
    "key of a database": lambda s: f"DETAIL:  Key (api_key)=({s}) already exists.",
    "duplicate entry": lambda s: f"Duplicate entry '{s}' for key 'users.api_key'",
    "pydantic": lambda s: (
        "1 validation error for Login\npassword\n  String should have at least 99 characters "
        f"[type=string_too_short, input_value='{s}', input_type=str]"
    ),
    "jsonschema": lambda s: (
        f"'{s}' is too short\n\nFailed validating 'minLength' in schema['properties']['password']:\n"
        f"    {{'minLength': 99}}\n\nOn instance['password']:\n    '{s}'"
    ),
    "host of a torn URL": lambda s: f'could not translate host name "{quote(s, safe="")}@db" to address',
}

ALONE_IN_TEXT: dict[str, Callable[[str], str]] = {
    "in the middle": lambda s: f"the server answered {s} and closed",
    "at the start": lambda s: f"{s} is not allowed here",
    "at the end": lambda s: f"the server answered {s}",
    "in quotes": lambda s: f"unexpected reply '{s}'",
    "in parentheses": lambda s: f"unexpected reply ({s})",
    "after a harmless name": lambda s: f"reply={s} code=7",
    "in a JSON note": lambda s: json.dumps({"note": f"see {s}"}),
    "on a line of its own": lambda s: f"reply:\n{s}\nend",
    "before a full stop": lambda s: f"the server answered {s}.",
}

NAMED_IN_DATA: dict[str, Callable[[str], object]] = {
    "value": lambda s: {"password": s},
    "header name": lambda s: {"X-Api-Key": s},
    "camel case": lambda s: {"xApiKey": s, "userPassword": s},
    "prefixed": lambda s: {"db_password": s, "DB-PASSWORD": s, "aws_secret_access_key": s},
    "nested": lambda s: {"request": {"body": {"user": {"password": s}}}},
    "in a list": lambda s: {"users": [{"name": "bob", "password": s}]},
    "in a tuple": lambda s: {"users": ({"name": "bob", "password": s},)},
    "list under a name": lambda s: {"api_keys": [s, s]},
    "dict under a name": lambda s: {"credentials": {"user": s, "other": {"deep": s}}},
    "header pairs": lambda s: {"headers": [("Accept", "*/*"), ("Authorization", f"Bearer {s}")]},
    "header pairs of bytes": lambda s: {"headers": ((b"cookie", s.encode()), (b"accept", b"*/*"))},
    "header lists": lambda s: {"headers": [["Authorization", s]]},
    "one pair": lambda s: {"argument": ("password", s)},
    "bytes": lambda s: {"password": s.encode()},
    "bytearray": lambda s: {"password": bytearray(s.encode())},
    "name of bytes": lambda s: {b"password": s},
    "dataclass": lambda s: {"login": Login("bob", s)},
    "field that hides itself": lambda s: {"login": Hidden("bob", s)},
    "other object": lambda s: {"login": WithSlots(s)},
    "name and value apart": lambda s: {"env": [{"name": "DB_PASSWORD", "value": s}]},
    "text of a value": lambda s: {"command": f"mysql --password={s} shop"},
    "query of a value": lambda s: {"url": f"https://example.com/?token={quote(s)}"},
    "URL of a value": lambda s: {"url": f"amqp://guest:{s}@mq/vhost"},
    "bytes of a value": lambda s: {"body": b'{"password": "' + s.encode() + b'"}'},
    "name of an entry": lambda s: {f"password={s}": 1},
    "cookies": lambda s: {"cookies": {"sid": s}},
    "environ": lambda s: {"environ": {"HTTP_AUTHORIZATION": s, "HTTP_COOKIE": s}},
}

ALONE_IN_DATA: dict[str, Callable[[str], object]] = {
    "value": lambda s: {"reply": s},
    "list": lambda s: {"replies": ["ok", s]},
    "set": lambda s: {"replies": {"ok", s}},
    "bytes": lambda s: {"reply": s.encode()},
    "name": lambda s: {s: 1},
    "object": lambda s: {"login": Login(s, "x")},
}


def forms(secret: str) -> list[str]:
    """The secret as it may stand in an output: plain, and as JSON, `repr` and a URL write it."""
    written = (secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], quote(secret), quote(secret, safe=""))
    return list(dict.fromkeys(written))
