"""The word lists of scrubbing: names of secret fields, words that make a name harmless, words of prose.

Data only. All in lower case; a field of several words is written with spaces.
"""

from __future__ import annotations

FIELDS = (
    "password", "passwd", "passphrase", "passcode", "pass", "pwd", "dbpass", "dbpwd", "userpass", "passwort",
    "kennwort", "senha", "mot de passe",
    "secret", "token", "jwt", "otp", "totp", "pin", "cvv", "cvc", "ssn", "mnemonic", "seed phrase", "recovery code",
    "api key", "access key", "secret key", "private key", "encryption key", "signing key", "signature key",
    "ssh key", "account key", "shared key", "master key", "license key", "subscription key", "functions key",
    "deploy key", "hmac key", "aes key", "auth key", "app key", "application key", "session key", "service key",
    "webhook key", "client key", "host key", "storage key", "consumer key", "shared access signature",
    "authorization", "auth", "cookie", "session", "session id", "sessid", "phpsessid", "jsessionid", "connect sid",
    "csrf", "xsrf", "credential", "cred", "dsn", "connection string", "connect string", "conn str", "card number",
    "credit card", "social security number", "bearer", "access code", "auth code", "verification code", "security code",
    "security answer", "x amz signature", "x goog signature", "saml response", "sas", "sig", "signature",
)  # fmt: skip
"""Fields that are masked without any policy."""

NOT_A_FIELD = frozenset({"session", "cookie", "bearer", "mnemonic"})
"""Fields that count only as whole words: `obsession` ends like one of them."""

RANDOM_WHEN_LONG = frozenset({"key", "salt", "nonce", "hmac", "seed", "code", "hash", "digest"})
"""Last words of a name that promise nothing: the value is masked when it looks random."""

SIGNATURES = frozenset({"sig", "signature", "signatures"})
"""Fields that in a sentence may be a function's or a document's; there, their value is masked when it looks random."""

COUNTED_BY = frozenset({
    "max", "min", "num", "total", "prompt", "completion", "unexpected", "illegal", "used", "remaining", "available",
    "reasoning", "cached",
})  # fmt: skip
"""Words that, before a sensitive one, speak of tokens that are counted or read, and hide nothing: "prompt tokens"."""

QUALIFIED_BY = COUNTED_BY | {"has", "is", "no", "missing", "needs", "requires"}
"""Words that, in a name, make a count or a statement of the sensitive one after them: `max_tokens`, `has_password`."""

FAULTS = frozenset({"error", "errors", "exception", "exceptions", "warning", "warnings", "failure", "failures"})
"""Last words of a name that speaks of what went wrong: `TokenExpiredError`."""

DESCRIBED_BY = frozenset({
    "policy", "policies", "count", "counts", "counter", "length", "len", "size", "min", "max", "limit", "limits",
    "expiry", "expires", "expired", "expiration", "expire", "exp", "ttl", "age", "lifetime", "timeout", "duration",
    "interval", "type", "types", "kind", "name", "names", "status", "state", "valid", "validity", "invalid",
    "required", "enabled", "disabled", "strength", "score", "reset", "resets", "changed", "updated", "created",
    "issued", "at", "on", "url", "uri", "endpoint", "host", "port", "path", "paths", "file", "files", "filename",
    "dir", "directory", "error", "errors", "exception", "field", "fields", "label", "attempts", "attempt", "retries",
    "format", "algorithm", "alg", "strategy", "provider", "providers", "version", "present", "missing", "manager",
    "rotation", "rules", "rule", "usage", "used", "remaining", "budget", "issuer", "audience", "scope", "scopes",
    "model", "models", "store", "storage", "backend", "backends", "service", "server", "class", "function",
    "handler", "generator", "validator", "validators", "checker", "location", "method", "methods", "mode", "scheme",
    "schemes", "module", "flow", "domain", "samesite", "secure", "httponly", "jar", "config", "configuration",
    "settings", "options", "factory", "pool", "middleware", "plugin", "client", "failed", "failure", "failures",
    "success", "ok", "rate", "per", "index", "position", "stream", "bucket", "buckets", "set", "verified",
    "confirmed", "needed", "management", "page", "form", "view", "tracker", "worker", "listener", "interceptor",
    "filter", "registry", "repository", "event", "monitor", "cleaner", "reader", "writer", "loader", "parser",
    "builder", "renewer", "template", "user", "users", "username", "userid", "email", "login", "scan", "layer",
    "level", "levels", "time", "date", "bytes", "engine", "maker", "ref", "reference", "py", "pyi", "pyc", "go",
    "rs", "js", "ts", "java", "rb", "php", "cpp", "toml", "yaml", "yml", "json", "txt", "log", "md", "html", "xml",
    "sh", "lock",
})  # fmt: skip
"""Words that, right after a sensitive one, make the name speak of something else."""

PROSE = frozenset({
    "a", "accepted", "already", "also", "an", "and", "any", "are", "as", "at", "authentication", "available", "bad",
    "be", "because", "been", "before", "blank", "blocked", "bool", "both", "broken", "but", "by", "bytes", "can",
    "can't", "cannot", "changed", "checked", "cleared", "compromised", "configured", "confirmed", "corrupt",
    "corrupted", "could", "couldn't", "created", "defined", "deleted", "denied", "detected", "did", "disabled", "does",
    "doesn't", "don't", "either", "empty", "encrypted", "ensure", "entered", "error", "exceeded", "expected",
    "expired", "expires", "failed", "failure", "false", "field", "for", "forbidden", "found", "from", "given", "got",
    "had", "has", "hashed", "have", "if", "ignored", "illegal", "in", "included", "incorrect", "int", "invalid", "is",
    "isn't", "issued", "it", "its", "lacks", "leaked", "line", "locked", "login", "longer", "malformed", "may",
    "mismatch", "missing", "must", "name", "needed", "needs", "neither", "never", "no", "none", "nor", "not", "null",
    "object", "of", "ok", "omitted", "on", "only", "optional", "or", "outdated", "permission", "please", "present",
    "provided", "received", "refresh", "refused", "rejected", "removed", "renewed", "request", "requested", "required",
    "requires", "reset", "revoked", "rotated", "saved", "sent", "set", "shorter", "should", "skipped", "specified",
    "stored", "str", "string", "submitted", "success", "supplied", "than", "that", "the", "then", "this", "timed",
    "timeout", "to", "too", "true", "type", "unable", "unauthorized", "undefined", "unexpected", "unknown", "unset",
    "unsupported", "unused", "updated", "use", "used", "using", "valid", "value", "verification", "verified", "was",
    "wasn't", "were", "when", "which", "while", "whose", "will", "with", "without", "wrong", "yes", "you", "your",
})  # fmt: skip
"""Words that open a sentence about a secret, as in `password: must be longer`; none of them is one."""

NOTHING = frozenset({
    "", "none", "null", "nil", "true", "false", "undefined", "nan", "n/a", "-", "***", "****", "*****",
})  # fmt: skip
"""Values that hide nothing, whatever their field."""
